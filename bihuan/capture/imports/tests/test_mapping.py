"""A mapping with mistakes is refused as a whole: every complaint with its place, and nothing written."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bihuan.base.access import Actor, Reach, Role
from bihuan.base.importing import nouns
from bihuan.capture.imports.actions import MappingRefused, load_mapping, run_import
from bihuan.capture.imports.actions.mappings import fields_of
from bihuan.capture.imports.models import ImportRun
from bihuan.capture.imports.rules import parse_mapping
from bihuan.capture.imports.tests.desk import BY, Desk, accounts
from bihuan.know.accounts.models import Account
from tests.cast import NOW

ROWS = [["no", "name", "class"], ["a", "甲", "x"]]


def refusal(desk: Desk, *tables: dict[str, Any]) -> str:
    desk.write("f.csv", ROWS)
    with pytest.raises(MappingRefused) as refused:
        desk.load(*tables)
    assert not Account.objects.exists()
    assert not ImportRun.objects.exists()
    return str(refused.value)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            {"noun": "acounts"},
            "nothing called 'acounts' can be imported; there is: events, account_scores, account_team",
        ),
        ({"noun": None}, "`noun` is missing"),
        ({"feilds": 1}, "unknown entry 'feilds'"),
        ({"file": "f.doc"}, "cannot read 'f.doc'; a file ends in"),
        ({"file": None}, "`file` is missing"),
        ({"zone": "Asia/Atlantis"}, "unknown time zone 'Asia/Atlantis'"),
        ({"types": {"no": "integer"}}, "`types` gives column 'no' a kind"),
        ({"types": {"num": "int"}}, "types: there is no column 'num'"),
        ({"unique": "num"}, "unique: there is no column 'num'; the file has: no, name, class"),
        ({"source": "web"}, "`source` and `product` belong to the noun events"),
        ({"skip": "row.no =="}, "skip: The rule cannot be read"),
        ({"skip": "other.no == 'a'"}, "skip: unknown name 'other'; an expression reads row.<column>"),
        ({"skip": "row.num == 'a'"}, "skip: there is no column 'num'"),
        ({"suspicious": [{"when": "true"}]}, "each entry of `suspicious` has `reason`"),
        ({"lookup": {"x": {"table": "people", "by": "no"}}}, "no earlier table is called 'people'"),
        ({"lookup": {"row": {"table": "accounts", "by": "no"}}}, "choose another name"),
        ({"fields": {"name": "name"}}, "field key: it is required and not mapped"),
        ({"fields": {"tire": "class"}}, "field tire: accounts has no such field; there is: key, name"),
        (
            {"fields": {"tier": "klass"}},
            "field tier: there is no column 'klass'; the file has: no, name, class",
        ),
        ({"fields": {"tier": {"const": "D"}}}, "field tier: 'D' is not one of S, A, B, C"),
        (
            {"fields": {"tier": {"column": "class", "map": {"x": "Z"}}}},
            "field tier: 'Z' is not one of S, A, B, C",
        ),
        (
            {"fields": {"tier": {"column": "class", "cel": "row.no"}}},
            "exactly one of column, columns, const, cel",
        ),
        ({"fields": {"tier": {"col": "class"}}}, "unknown entry 'col'"),
        ({"fields": {"tier": 3}}, "write a column name"),
        ({"fields": {"tier": {"columns": ["class"]}}}, "`columns` makes an object, and the field is text"),
        ({"fields": {"size": {"column": "no", "plus": {"days": "no"}}}}, "`plus` adds to a date or time"),
        ({"fields": {"size": {"column": "no", "plus": {"weeks": "no"}}}}, "`plus` is one of days, hours"),
        ({"fields": {"city": {"cel": "row.no.map(x, x)"}}}, "field city"),
    ],
)
def test_a_mistake_is_named_with_its_place(desk: Desk, change: dict[str, Any], complaint: str) -> None:
    table = accounts("f.csv")
    if "fields" in change and "name" not in change["fields"]:
        change = {"fields": {**table["fields"], **change["fields"]}}
    text = refusal(desk, {**table, **change})
    assert complaint in text
    assert "table 1" in text


def test_all_complaints_come_at_once(desk: Desk) -> None:
    text = refusal(desk, accounts("f.csv", fields={"tire": "class"}), accounts("g.csv", id="more"))
    assert "tire" in text
    assert "there is no file 'g.csv'" in text
    text = refusal(desk, accounts("f.csv"), accounts("f.csv"))
    assert "a second table is called 'accounts'; give one of them an `id`" in text


def test_events_need_a_source_and_an_id(desk: Desk) -> None:
    text = refusal(desk, {"noun": "events", "file": "f.csv", "fields": {"name": "name", "ts": "no"}})
    assert "events need a `source`" in text
    assert "field event_id: it is required" in text


@pytest.mark.parametrize(
    "document", ["", "[1, 2]", "tables: []", "tables: 3\nname: x", "name: x\ntables: [3]"]
)
def test_a_document_that_is_no_mapping_is_refused(document: str) -> None:
    with pytest.raises(MappingRefused, match=r"m\.yaml"):
        parse_mapping(yaml.safe_load(document), origin="m.yaml")


def test_a_mapping_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("a: [1\nb: }")
    (tmp_path / "bomb.yaml").write_text("a: &a [1, 2]\nname: [*a, *a]")
    (tmp_path / "latin.yaml").write_bytes(b"name: \xe9\xff")
    (tmp_path / "long.yaml").write_text("#" * 1_000_001)
    for name, complaint in (
        ("none.yaml", "there is no mapping file"),
        (".", "is a folder"),
        ("bad.yaml", "is not YAML"),
        ("bomb.yaml", "aliases .* are not allowed"),
        ("latin.yaml", "save it as UTF-8"),
        ("long.yaml", "at most 1,000,000"),
    ):
        with pytest.raises(MappingRefused, match=complaint):
            load_mapping(tmp_path / name)


def test_who_may_not_edit_a_noun_may_not_import_it(desk: Desk) -> None:
    desk.write("f.csv", ROWS)
    analyst = Actor(name="An", user_id=None, roles=frozenset({Role.ANALYST}), reach=Reach.ALL)
    with pytest.raises(MappingRefused, match=r"An may not import accounts; it needs accounts\.edit"):
        desk.load(accounts("f.csv"), by=analyst)


def test_a_column_may_be_called_no_and_booleans_map_in_any_spelling(desk: Desk) -> None:
    desk.text("f.csv", "no,on,lost\na,甲,true\nb,乙,FALSE\n")
    (desk.folder / "mapping.yaml").write_text(
        "name: x\ntables: [{noun: accounts, file: f.csv, fields: {key: no, name: on,"
        " stage: {column: lost, map: {true: lost, false: value}}}}]"
    )
    run_import(mapping_path=desk.folder / "mapping.yaml", by=BY, at=NOW)
    assert dict(Account.objects.values_list("key", "stage")) == {"a": "lost", "b": "value"}


def test_the_document_names_every_noun_and_field() -> None:
    text = (Path(__file__).resolve().parents[4] / "docs" / "how-to" / "import.md").read_text()
    lines = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `")}
    for name in [*nouns(), "events"]:
        documented = lines[name].replace("*", "")
        for field in fields_of(name):
            assert f" {field.name}" in documented, (name, field.name)

"""A file that was made to do harm is refused, or its cells are: it fills no memory, takes no minutes and breaks no page."""

import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bihuan.capture.imports.actions import FileRefused, look, mapping_text, nouns_for
from bihuan.capture.imports.actions.files import MOST_NAMES, MOST_PACKED, MOST_ROWS, PACKED_FROM
from bihuan.capture.imports.actions.rows import columns_named
from bihuan.capture.imports.models import ImportDraft, KeptMapping
from bihuan.capture.imports.rules.convert import MOST_DIGITS, Zone, convert, for_rules
from bihuan.capture.imports.rules.draft import document, spelled
from bihuan.capture.imports.rules.guess import draft_mapping
from bihuan.capture.imports.tests.desk import BY, Desk, accounts
from tests.cast import Cast

SHANGHAI, NEW_YORK = Zone("Asia/Shanghai"), Zone("America/New_York")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def test_a_sheet_whose_row_is_numbered_far_below_ends(tmp_path: Path) -> None:
    changed_sheet(tmp_path / "a.xlsx", lambda xml: xml.replace('<row r="2"', '<row r="99999999999999"'))
    with pytest.raises(FileRefused, match=f"a.xlsx.*{MOST_ROWS:,} rows at most"):
        look(tmp_path / "a.xlsx")


def test_a_small_file_that_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    blanks = " " * (PACKED_FROM + 1)
    changed_sheet(tmp_path / "a.xlsx", lambda xml: xml.replace("</worksheet>", f"{blanks}</worksheet>"))
    with pytest.raises(FileRefused, match=f"more than {MOST_PACKED} times as large; save the table as CSV"):
        look(tmp_path / "a.xlsx")


def test_a_workbook_with_a_password_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    changed_sheet(path, str)
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(mark), bytes(content)):
            content[found.start() + place] |= 1
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=r"a\.xlsx"):
        look(path)


def changed_sheet(path: Path, change: Callable[[str], str]) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["a", "b"])
    book.active.append([1, 2])
    book.save(path)
    with zipfile.ZipFile(path) as packed:
        parts = {part.filename: packed.read(part) for part in packed.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            if name.endswith("sheet1.xml"):
                content = change(re.sub("<dimension[^>]*/>", "", content.decode())).encode()
            packed.writestr(name, content)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_more_columns_than_any_table_has_are_refused_at_once(tmp_path: Path, name: str) -> None:
    names = [f"c{n}" for n in range(MOST_NAMES * 4)]
    lines = [",".join(names)] if name == "a.csv" else [f'{{"{one}": 1}}' for one in names]
    (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(FileRefused, match=rf"{name}.*{MOST_NAMES:,} are the most; leave out"):
        look(tmp_path / name)


def test_a_parquet_file_that_is_broken_inside_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"key": [f"k{n}" for n in range(5000)]}), path)
    content = bytearray(path.read_bytes())
    content[50:3000] = bytes(byte ^ 0x5A for byte in content[50:3000])
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=r"a\.parquet, row 1: the file cannot be read on"):
        look(path)


def test_a_time_zone_that_nobody_has_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"at": pa.array([1], pa.timestamp("us", tz="Mars/Olympus"))}), path)
    with pytest.raises(FileRefused, match=r"a\.parquet"):
        look(path)


def test_a_column_of_parquet_is_found_without_the_spaces_of_its_name(tmp_path: Path) -> None:
    pq.write_table(pa.table({" key": ["a"], "name ": ["b"]}), tmp_path / "a.parquet")
    assert look(tmp_path / "a.parquet").columns == {"key": ["a"], "name": ["b"]}


@pytest.mark.parametrize(
    "text", ["1e999999999", "-1e99999", "1e-999999999", f"1e{MOST_DIGITS + 1}", "9" * 5000]
)
@pytest.mark.parametrize(("kind", "form"), [("int", ""), ("decimal", ""), ("datetime", "unix")])
def test_a_number_beyond_any_use_is_a_refused_cell(text: str, kind: str, form: str) -> None:
    with pytest.raises(ValueError, match=f"at most {MOST_DIGITS} digits|not a time written as unix"):
        convert(value=text, kind=kind, formats=(form,) if form else (), zone=SHANGHAI)


CELLS = st.one_of(
    st.text(max_size=12),
    st.floats(),
    st.datetimes(),
    st.sampled_from(
        ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1e99999999", "[" * 9999, "nan"]
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    cell=CELLS,
    kind=st.sampled_from(["int", "decimal", "date", "datetime", "bool", "json", "text"]),
    form=st.sampled_from(["", "unix", "unix_us", "excel", "%Y%Y", "%", "%d %d", "1,234.56"]),
    zone=st.sampled_from([SHANGHAI, NEW_YORK]),
)
def test_any_cell_is_a_value_or_refused(cell: Any, kind: str, form: str, zone: Zone) -> None:
    """Only a ValueError is the refusal of a cell; everything else would end the import."""
    formats = (form,) if form else ()
    for read in (convert, for_rules):
        with suppress(ValueError):
            assert read(value=cell, kind=kind, formats=formats, zone=zone) is not object


def test_the_edge_of_the_calendar_refuses_a_row_and_not_the_file(cast: Cast, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(
        "a.csv", [["no", "name", "day"], ["a", "A", "0001-01-01T00:00:00+14:00"], ["b", "B", "2026-01-01"]]
    )
    report = desk.load(accounts("a.csv", fields={"signed_up_on": "day"}))
    assert (report.created, report.rejected) == (1, 1)


@pytest.mark.parametrize("cell", ["1e999999", "NaN", "Infinity", "1e999", "0"])
def test_numbers_without_end_are_shown_as_they_are(cast: Cast, cell: str) -> None:
    """In the preview of a file, where they are refused."""
    rows = f'{{"key": "a", "name": "A", "size": {cell}}}\n'.encode()
    client, row = sent(cast, "customers.jsonl", rows)
    page = client.get(reverse("imports:preview", args=[row.pk]))
    assert page.status_code == 200
    assert ("import-wrong" in page.content.decode()) == (cell != "0")


def test_a_format_that_is_none_refuses_the_cells(cast: Cast) -> None:
    client, row = sent(cast, "customers.csv", b"key,name,signed_up_on\na,A,2026-01-01\n")
    address = reverse("imports:draft", args=[row.pk])
    assert client.post(address, {"field_2": "signed_up_on", "format_2": "%Y%Y"}).status_code == 200
    page = client.get(reverse("imports:preview", args=[row.pk]))
    assert "Not a day or moment in the chosen format" in page.content.decode()


def sent(cast: Cast, name: str, content: bytes) -> tuple[Any, ImportDraft]:
    client = cast.client("mei")
    client.post(reverse("imports:new"), {"file": SimpleUploadedFile(name, content), "noun": "accounts"})
    return client, ImportDraft.objects.get()


def test_a_draft_is_there_for_nobody_else(cast: Cast) -> None:
    _client, row = sent(cast, "customers.csv", b"key,name\na,A\n")
    for who in ("oli", "song"):
        other = cast.client(who)
        for name in ("draft", "preview", "mapping"):
            assert other.get(reverse(f"imports:{name}", args=[row.pk])).status_code in (403, 404)
        assert other.post(reverse("imports:draft", args=[row.pk]), {"do": "discard"}).status_code in (
            403,
            404,
        )
    assert ImportDraft.objects.filter(pk=row.pk).exists()


HEADINGS = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).map(str.strip).filter(bool)
)


@settings(max_examples=60, deadline=None)
@given(headings=st.lists(HEADINGS, min_size=1, max_size=3, unique=True))
@example(headings=["key", "客户名称\ntables: []\nzone: Mars"])
def test_the_mapping_file_says_what_the_draft_does_whatever_columns_are_called(headings: list[str]) -> None:
    """Its comments end where their line does: a heading of several lines adds nothing to it."""
    every = nouns_for(BY)
    draft = draft_mapping(file="customers.csv", columns={one: ["x"] for one in headings}, nouns=every)
    assert yaml.safe_load(mapping_text(draft, every)) == document(draft, every)


@given(column=HEADINGS)
def test_a_column_that_is_spelled_in_an_expression_is_found_there(column: str) -> None:
    text = spelled(column)
    assert not text or columns_named(text, "row") == {column}


def test_an_amount_under_a_heading_with_an_apostrophe_is_read(cast: Cast, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write("a.csv", [["no", "Customer's name"], ["a", "A"]])
    table = {
        "noun": "accounts",
        "file": "a.csv",
        "fields": {"key": "no", "name": {"cel": """row["Customer's name"]"""}},
    }
    assert desk.load(table).created == 1


def test_moments_at_the_edge_are_kept_for_rules_or_refused() -> None:
    with pytest.raises(ValueError, match="out of the range of the calendar"):
        for_rules(value=datetime(1, 1, 1), kind=None, zone=SHANGHAI, formats=())


@pytest.mark.parametrize(
    "text", ["a\x00b", '["a\\u0000"]', '{"b": NaN}', "[1e999]", '{"a": [{"b": -Infinity}]}']
)
def test_what_no_database_takes_is_no_property(text: str) -> None:
    with pytest.raises(ValueError, match="NUL|not JSON|not a finite number"):
        convert(value=text, kind="json", zone=SHANGHAI)


def test_a_property_that_cannot_be_stored_refuses_its_row_only(cast: Cast, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.text("a.csv", "no,name,about\na,A,x\x00y\nb,B,z\n")
    report = desk.load(accounts("a.csv", fields={"props": {"columns": ["about"]}}))
    assert (report.created, report.rejected) == (1, 1)


def test_who_may_not_import_a_noun_puts_no_mapping_in_the_place_of_one_for_it(cast: Cast) -> None:
    """A kept mapping decides how the next file is read: that of the administrator is not an operator's to change."""
    regions = SimpleUploadedFile("regions.csv", b"code,name\na,A\n")
    root = cast.client("root")
    root.post(reverse("imports:new"), {"file": regions, "noun": "regions"})
    address = reverse("imports:draft", args=[ImportDraft.objects.get().pk])
    root.post(address, {"do": "keep", "keep_as": "monthly"})
    oli = cast.client("oli")
    oli.post(
        reverse("imports:new"), {"file": SimpleUploadedFile("c.csv", b"key,name\na,A\n"), "noun": "accounts"}
    )
    mine = ImportDraft.objects.get(by=cast.oli)
    page = oli.post(reverse("imports:draft", args=[mine.pk]), {"do": "keep", "keep_as": "monthly"})
    assert "choose another name" in page.content.decode()
    assert KeptMapping.objects.get(name="monthly").noun == "regions"


def test_who_lost_the_right_to_import_a_noun_does_not_see_its_draft(cast: Cast) -> None:
    regions = SimpleUploadedFile("regions.csv", b"code,name\na,A\n")
    root = cast.client("root")
    root.post(reverse("imports:new"), {"file": regions, "noun": "regions"})
    row = ImportDraft.objects.get()
    cast.root.roles = ["operator"]
    cast.root.save()
    client = cast.client("root")
    for name in ("draft", "preview", "mapping"):
        assert client.get(reverse(f"imports:{name}", args=[row.pk])).status_code == 403
    assert client.post(reverse("imports:draft", args=[row.pk]), {"do": "import"}).status_code == 403

"""What becomes of each row: stored, unchanged, rejected, duplicate, repeat, skipped; it all adds up."""

from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.capture.imports.rules import TableReport
from bihuan.capture.imports.tests.desk import Desk, accounts
from bihuan.know.accounts.models import Account


def adds_up(table: TableReport) -> bool:
    kept = table.created + table.updated + table.unchanged
    return table.read == kept + table.rejected + table.duplicates + table.repeats + table.skipped


def test_every_row_is_accounted_for(desk: Desk) -> None:
    desk.text(
        "f.csv",
        "no,name,class,staff,kind\n"
        "a,甲,A+,12,x\n"  # 2 stored, its class mapped
        "b,乙,B,many,x\n"  # 3 rejected: not a number
        "a,甲,A+,12,x\n"  # 4 duplicate, the same
        "a,甲甲,A+,12,x\n"  # 5 duplicate, different
        ",无,B,1,x\n"  # 6 rejected: no key
        "c,丙,Z,,x\n"  # 7 rejected: no such tier
        "d,丁,-,,test\n"  # 8 skipped
        "e,戊,-,,x\n"  # 9 stored without a class
        "f\n",  # 10 rejected: too short
    )
    table = accounts(
        "f.csv",
        unique="no",
        empty=["-"],
        skip='row.kind == "test"',
        fields={"tier": {"column": "class", "map": {"A+": "S"}}, "size": "staff"},
        suspicious=[{"reason": "more than ten", "when": "int(row.staff) > 10"}],
    )
    report = desk.load(table).of("accounts")
    assert adds_up(report)
    assert (report.read, report.created, report.rejected) == (9, 2, 4)
    assert (report.duplicates, report.duplicates_same, report.skipped) == (2, 1, 1)
    assert [(p.line, p.field, p.value) for p in report.problems] == [
        (10, "row", ""),
        (3, "size", "many"),
        (6, "key", ""),
        (7, "tier", "Z"),
    ]
    assert report.mapped == {("tier", "A+", "S"): 1}
    assert [(d.line, d.first_line, d.same) for d in report.duplicate_rows] == [(4, 2, True), (5, 2, False)]
    assert (report.suspicious[0].count, report.suspicious[0].lines) == (3, [2, 4, 5])
    assert list(Account.objects.order_by("key").values_list("key", "tier", "size")) == [
        ("a", "S", 12),
        ("e", "", None),
    ]


def test_one_row_with_two_mistakes_is_one_rejected_row(desk: Desk) -> None:
    desk.write("f.csv", [["no", "name", "staff", "since"], ["a", "甲", "x", "y"]])
    report = desk.load(accounts("f.csv", fields={"size": "staff", "signed_up_on": "since"})).of("accounts")
    assert (report.rejected, len(report.problems)) == (1, 2)
    assert adds_up(report)


def test_a_row_the_noun_refuses_is_named_by_its_line(desk: Desk) -> None:
    desk.write(
        "f.csv", [["no", "name", "area"], ["a", "甲", "moon"], ["b", "x" * 300, None], ["c", "丙", None]]
    )
    report = desk.load(accounts("f.csv", fields={"region_code": "area"})).of("accounts")
    assert adds_up(report)
    assert (report.created, report.rejected) == (1, 2)
    assert {(p.line, p.field) for p in report.problems} == {(2, "region_code"), (3, "name")}


def test_a_parent_that_is_missing_leaves_the_row_stored(desk: Desk) -> None:
    desk.write("f.csv", [["no", "name", "head"], ["a", "甲", "b"], ["b", "乙", None], ["c", "丙", "nobody"]])
    report = desk.load(accounts("f.csv", fields={"parent_key": "head"})).of("accounts")
    assert adds_up(report)
    assert (report.created, report.rejected) == (3, 0)
    assert [(p.line, p.value) for p in report.problems] == [(4, "nobody")]
    assert Account.objects.get(key="a").parent == Account.objects.get(key="b")


def test_a_change_in_the_file_is_an_update_and_an_empty_cell_clears(desk: Desk) -> None:
    table = accounts("f.csv", fields={"size": "staff", "city": "city", "tier": "class"})
    desk.write(
        "f.csv",
        [["no", "name", "staff", "city", "class"], ["a", "甲", 12, "杭州", "S"], ["b", "乙", 1, "", "B"]],
    )
    desk.load(table)
    desk.write(
        "f.csv", [["no", "name", "staff", "city", "class"], ["a", "甲", "", "", ""], ["b", "乙", 1, "", "B"]]
    )
    report = desk.load(table).of("accounts")
    assert (report.created, report.updated, report.unchanged) == (0, 1, 1)
    changed = Account.objects.get(key="a")
    assert (changed.size, changed.city, changed.tier) == (None, "", "S")  # a choice is left as it is


def test_distinct_makes_one_row_of_each_value(desk: Desk) -> None:
    desk.write("f.csv", [["person", "office"], ["a", "East"], ["b", "West"], ["c", "East"]])
    table = {
        "noun": "regions",
        "file": "f.csv",
        "distinct": "office",
        "fields": {"code": "office", "name": "office"},
    }
    report = desk.load(table).of("regions")
    assert (report.created, report.repeats, report.duplicates) == (2, 1, 0)
    assert report.unused_columns == ["person"]
    assert adds_up(report)


def test_a_lookup_reads_an_earlier_table_and_reports_what_it_misses(desk: Desk) -> None:
    desk.write("a.csv", [["no", "name", "since"], ["a", "甲", "01.03.2024"], ["b", "乙", ""]])
    desk.write("t.csv", [["id", "cust", "at", "wait"], [1, "a", "2024-02-28", 90], [2, "a", "2024-03-02", ""],
                         [3, "b", "2024-01-01", 5], [4, "zzz", "2024-01-01", 5]])  # fmt: skip
    report = desk.load(
        accounts("a.csv", fields={"signed_up_on": {"column": "since", "format": "%d.%m.%Y"}},
                 types={"since": {"kind": "date", "format": "%d.%m.%Y"}}),
        {
            "noun": "tickets",
            "file": "t.csv",
            "lookup": {"customer": {"table": "accounts", "by": "cust", "key": "no"}},
            "fields": {
                "key": "id",
                "account_key": "cust",
                "subject": "customer.name",
                "opened_at": {"column": "at", "zone": "UTC"},
                "first_response_at": {"column": "at", "zone": "UTC", "plus": {"minutes": "wait"}},
            },
            "suspicious": [{"reason": "before signup", "when": "row.at < customer.since"}],
        },
    ).of("tickets")  # fmt: skip
    tickets = apps.get_model("tickets", "Ticket").objects  # the room lies above this one
    assert {suspect.reason: suspect.lines for suspect in report.suspicious} == {
        "before signup": [2],
        "no row of accounts whose no is this row's cust": [5],
    }
    first = tickets.get(key="1")
    assert (first.subject, first.first_response_at) == ("甲", datetime(2024, 2, 28, 1, 30, tzinfo=UTC))
    assert tickets.get(key="2").first_response_at is None
    assert (report.created, report.rejected) == (3, 1)
    assert adds_up(report)


def test_an_expression_makes_a_value_and_its_failure_rejects_the_row(desk: Desk) -> None:
    desk.write("f.csv", [["no", "name", "n"], ["a", "甲", "1"], ["b", "乙", "x"]])
    report = desk.load(accounts("f.csv", fields={"size": {"cel": "int(row.n) * 10"}})).of("accounts")
    assert Account.objects.get(key="a").size == 10
    assert (report.created, report.rejected) == (1, 1)
    assert report.problems[0].line == 3


def test_a_rule_that_fails_is_told_and_rejects_nothing(desk: Desk) -> None:
    desk.write("f.csv", [["no", "name"], ["a", "甲"]])
    rule = {"reason": "odd", "when": "row.name > 3"}
    report = desk.load(accounts("f.csv", suspicious=[rule])).of("accounts")
    assert report.created == 1
    assert report.notes[0].startswith("the rule (odd) failed, first on line 2")


def test_a_skip_that_fails_skips_nothing_and_is_told(desk: Desk) -> None:
    desk.write("f.csv", [["no", "name"], ["a", "甲"], ["b", "乙"]])
    report = desk.load(accounts("f.csv", skip="int(row.name) > 3")).of("accounts")
    assert (report.created, report.skipped) == (2, 0)
    assert [note[:30] for note in report.notes] == ["the rule of `skip` failed, fir"]


def test_a_cell_that_is_not_of_its_type_rejects_its_row_alone(desk: Desk) -> None:
    desk.write("f.csv", [["no", "name", "n"], ["a", "甲", "1"], ["b", "乙", "x"]])
    rule = {"reason": "one", "when": "row.n == 1"}
    table = accounts(
        "f.csv", types={"n": "int"}, suspicious=[rule], fields={"props": {"columns": {"count": "n"}}}
    )
    report = desk.load(table).of("accounts")
    assert Account.objects.get(key="a").props == {"count": 1}
    assert (report.created, report.rejected, report.suspicious[0].count) == (1, 1, 1)


def test_rows_with_objects_in_them_are_compared_too(desk: Desk) -> None:
    line = '{"no": "a", "name": "甲", "tags": ["x"]}\n'
    desk.text("f.jsonl", line + line + '{"no": "a", "name": "甲", "tags": ["y"]}\n')
    report = desk.load(accounts("f.jsonl", unique="no", fields={"props": {"columns": ["tags"]}})).of(
        "accounts"
    )
    assert (report.duplicates, report.duplicates_same) == (2, 1)
    assert Account.objects.get(key="a").props == {"tags": ["x"]}


def test_the_report_reads_as_text(desk: Desk) -> None:
    desk.text("f.csv", "no,name,class,more\na,甲,A+,\na,乙,A+,\nb,丙,Q,\n")
    tier = {"column": "class", "map": {"A+": "S"}}
    rule = {"reason": "odd", "when": 'row.no == "a"'}
    table = accounts("f.csv", unique="no", suspicious=[rule], fields={"tier": tier})
    text = desk.load(table).as_text()
    for words in (
        "accounts: 3 rows read, 1 created, 0 updated, 0 unchanged",
        "1 rows rejected",
        "f.csv, line 4, tier = 'Q': not one of S, A, B, C; give the field a `map`",
        "1 duplicates left out, the first row of each was kept (1 differ from it, 0 are the same)",
        "suspicious: 2 × odd (first on line 2)",
        "mapped: 1 × tier 'A+' → 'S'",
        "columns not used: more",
    ):
        assert words in text


CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.sampled_from("abcde"), CELLS, CELLS), max_size=12))
def test_whatever_is_in_the_cells_the_report_adds_up_and_a_second_import_changes_nothing(
    desk: Desk, rows: list[tuple[str, str, str]]
) -> None:
    Account.objects.all().delete()
    desk.write(
        "f.parquet", [["no", "name", "staff"], *map(list, rows)] if rows else [["no", "name", "staff"]]
    )
    table: dict[str, Any] = accounts("f.parquet", unique="no", fields={"size": "staff"})
    first = desk.load(table).of("accounts")
    assert adds_up(first)
    assert Account.objects.count() == first.created
    second = desk.load(table).of("accounts")
    assert adds_up(second)
    assert (second.created, second.updated, second.unchanged) == (0, 0, first.created)

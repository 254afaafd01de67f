"""Every kind of file is read; every row that cannot be is named with its line and a reason."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from bihuan.capture.imports.actions import FileRefused, MappingRefused
from bihuan.capture.imports.tests.desk import Desk, accounts
from bihuan.know.accounts.models import Account

ROWS = [["no", "name", "staff", "since"], ["a", "甲", 12, "2024-03-01"], ["b", "乙", None, None]]
TABLE = {"fields": {"size": "staff", "signed_up_on": "since"}}


@pytest.mark.parametrize("file", ["f.csv", "f.tsv", "f.csv.gz", "f.xlsx", "f.parquet"])
def test_every_kind_of_file_gives_the_same_rows(desk: Desk, file: str) -> None:
    report = desk.load(accounts(desk.write(file, ROWS), **TABLE))
    assert (report.of("accounts").read, report.of("accounts").created) == (2, 2)
    stored = dict(Account.objects.values_list("key", "size"))
    assert stored == {"a": 12, "b": None}
    assert Account.objects.get(key="a").signed_up_on == date(2024, 3, 1)
    again = desk.load(accounts(file, **TABLE))
    assert (again.created, again.updated) == (0, 0)


def test_json_lines_are_read_with_the_keys_of_inner_objects(desk: Desk) -> None:
    lines = [{"no": "a", "name": "甲", "of": {"staff": 12}}, {"no": "b", "name": "乙", "extra": 1}]
    desk.text("f.jsonl", "".join(json.dumps(line) + "\n" for line in lines) + "\n[1]\n{oops\n")
    report = desk.load(accounts("f.jsonl", fields={"size": "of.staff"}))
    assert Account.objects.get(key="a").size == 12
    assert [(problem.line, problem.reason) for problem in report.of("accounts").problems] == [
        (4, "the line is not a JSON object"),
        (5, "the line is not JSON"),
    ]


def test_a_sheet_is_found_by_name_and_its_dates_are_dates(desk: Desk) -> None:
    rows = [["no", "name", "since"], ["a", "甲", datetime(2024, 3, 1)], [None, None, None], ["b", 17.0, None]]
    desk.write("f.xlsx", rows, sheet="Kunden")
    desk.load(accounts("f.xlsx", sheet="Kunden", fields={"signed_up_on": "since"}))
    assert Account.objects.get(key="a").signed_up_on == date(2024, 3, 1)
    assert Account.objects.get(key="b").name == "17"
    with pytest.raises(MappingRefused, match="no sheet 'Other'; there is: cover, Kunden"):
        desk.load(accounts("f.xlsx", sheet="Other"))


def test_several_files_fill_one_table(desk: Desk) -> None:
    desk.write("1.csv", [["no", "name"], ["a", "甲"]])
    desk.write("2.csv", [["name", "no"], ["乙", "b"], ["again", "a"]])
    table = accounts("", files=["1.csv", "2.csv"], unique="no")
    report = desk.load({key: value for key, value in table.items() if key != "file"}).of("accounts")
    assert (report.read, report.created, report.duplicates) == (3, 2, 1)
    assert report.duplicate_rows[0].file == "2.csv"


def test_names_of_columns_in_another_encoding_are_refused_with_the_encoding_to_write(desk: Desk) -> None:
    desk.text("f.csv", "编号,名称\na,云杉仪器\n", encoding="gb18030")
    named = {"key": "编号", "name": "名称"}
    with pytest.raises((FileRefused, MappingRefused), match="encoding: gb18030"):
        desk.load(accounts("f.csv", fields=named))
    desk.load(accounts("f.csv", fields=named, encoding="gb18030"))
    assert Account.objects.get(key="a").name == "云杉仪器"


def test_an_encoding_may_be_given_and_a_wrong_one_is_reported_by_line(desk: Desk) -> None:
    desk.text("f.csv", "no,name\na,云杉仪器\nb,plain\n", encoding="gb18030")
    report = desk.load(accounts("f.csv")).of("accounts")
    assert (report.created, report.rejected) == (1, 1)
    assert report.problems[0].line == 2
    assert "encoding" in report.problems[0].reason
    desk.load(accounts("f.csv", encoding="gb18030"))
    assert Account.objects.get(key="a").name == "云杉仪器"
    with pytest.raises(MappingRefused, match="unknown encoding 'klingon'"):
        desk.load(accounts("f.csv", encoding="klingon"))


def test_a_row_of_another_width_is_rejected_and_quoted_line_breaks_count_as_lines(desk: Desk) -> None:
    desk.text("f.csv", 'no,name\na,"two\nlines"\nb,x,y\n\nc\nd,ok\n')
    report = desk.load(accounts("f.csv")).of("accounts")
    assert [(problem.line, problem.reason) for problem in report.problems] == [
        (4, "the row has 3 cells, the first line names 2"),
        (6, "the row has 1 cells, the first line names 2"),
    ]
    assert (report.read, report.created, report.rejected) == (4, 2, 2)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("f.csv", "", "holds no column names"),
        ("f.csv", "no,no\n1,2\n", "two columns are called 'no'"),
        ("f.xlsx", "not a workbook", "not an XLSX file"),
        ("f.parquet", "not parquet", "not a Parquet file"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused_before_anything_is_written(
    desk: Desk, name: str, content: str, complaint: str
) -> None:
    desk.write("good.csv", [["no", "name"], ["a", "甲"]])
    desk.text(name, content)
    with pytest.raises(MappingRefused, match=complaint):
        desk.load(accounts("good.csv"), accounts(name, id="second"))
    assert not Account.objects.exists()


def test_a_file_that_breaks_off_is_named_with_its_line(desk: Desk) -> None:
    desk.write("f.csv.gz", [["no", "name"], *([n, f"name {n} {n * 7919}"] for n in range(3_000))])
    whole = (desk.folder / "f.csv.gz").read_bytes()
    (desk.folder / "f.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileRefused, match=r"f.csv.gz, line \d+: the file cannot be read on"):
        desk.load(accounts("f.csv.gz"))


@pytest.mark.parametrize("name", ["../secret.csv", "inner/../../secret.csv", "link.csv"])
def test_a_file_outside_the_data_folder_is_refused(desk: Desk, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.csv").write_text("no,name\na,甲\n")
    (desk.folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(MappingRefused, match="lies outside the data folder"):
        desk.load(accounts(name))
    with pytest.raises(MappingRefused, match="lies outside the data folder"):
        desk.load(accounts(str(tmp_path / "secret.csv")))


def test_the_data_may_lie_in_another_folder_than_the_mapping(desk: Desk, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "f.csv").write_text("no,name\na,甲\n")
    assert desk.load(accounts("f.csv"), data_dir=data).created == 1
    with pytest.raises(MappingRefused, match=r"there is no file 'f\.csv'"):
        desk.load(accounts("f.csv"))

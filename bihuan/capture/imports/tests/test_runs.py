"""Each import leaves a record of who, when and what came of it."""

import pytest

from bihuan.base.bus.models import OutboxFact
from bihuan.capture.imports.actions import FileRefused
from bihuan.capture.imports.models import ImportRun
from bihuan.capture.imports.tests.desk import Desk, accounts
from tests.cast import Cast


def facts() -> list[str]:
    return list(OutboxFact.objects.filter(name__startswith="import_").values_list("name", flat=True))


def test_a_run_keeps_its_report_and_who_it_was(desk: Desk, cast: Cast) -> None:
    desk.write("f.csv", [["no", "name"], ["a", "甲"], ["", "乙"]])
    desk.load(accounts("f.csv"), by=cast.actor("oli"))
    run = ImportRun.objects.get()
    assert (run.mapping, run.state, run.by, run.by_name) == ("desk", "done", cast.oli, "Oli")
    assert run.totals == {
        "read": 2, "created": 1, "updated": 0, "unchanged": 0, "rejected": 1, "duplicates": 0,
        "suspicious": 0,
    }  # fmt: skip
    assert run.report["tables"][0]["rejected"]["rows"][0]["line"] == 3
    assert facts() == ["import_finished"]


def test_a_check_leaves_no_record(desk: Desk) -> None:
    desk.write("f.csv", [["no", "name"], ["a", "甲"]])
    desk.load(accounts("f.csv"), check=True)
    assert not ImportRun.objects.exists()
    assert facts() == []


def test_a_file_that_breaks_off_leaves_a_failed_run_with_the_reason(desk: Desk) -> None:
    desk.write("f.csv.gz", [["no", "name"], *([n, f"name {n} {n * 7919}"] for n in range(3_000))])
    whole = (desk.folder / "f.csv.gz").read_bytes()
    (desk.folder / "f.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileRefused):
        desk.load(accounts("f.csv.gz"))
    run = ImportRun.objects.get()
    assert run.state == ImportRun.State.FAILED
    assert run.error.startswith("f.csv.gz, line")
    assert facts() == ["import_failed"]


def test_progress_is_told_by_table(desk: Desk) -> None:
    desk.write("f.csv", [["no", "name"], ["a", "甲"], ["b", "乙"]])
    told: list[tuple[str, int, int]] = []
    desk.load(accounts("f.csv"), progress=lambda *step: told.append(step))
    assert told == [("accounts", 2, 2)]

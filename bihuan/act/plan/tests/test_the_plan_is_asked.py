"""The question `kind: plan` says the week by account and by person, within what the reader may see."""

import pytest
from cast import NOW, SYSTEM

from bihuan.act.plan import actions
from bihuan.act.plan.tests.conftest import MONDAY
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.queries import ask

pytestmark = pytest.mark.django_db
WEEK = {"kind": "plan", "week": str(MONDAY)}


@pytest.fixture
def planned(cast, rescue):
    actions.solve_week(monday=MONDAY, by=SYSTEM, at=NOW)
    return cast


def test_by_account_it_names_play_person_and_worth(planned) -> None:
    found = ask(question=WEEK | {"week": "2026-11-25"}, actor=planned.actor("mei"), at=NOW)
    names = [column.name for column in found.columns]
    first = dict(zip(names, found.rows[0], strict=True))
    assert (first["account"], first["play"], first["person"], first["minutes"]) == (
        "云杉仪器",
        "Rescue",
        "Song",
        90,
    )
    assert first["worth"] == 4_800 and first["state"] == "planned"
    assert found.summary == {"plays": 2, "minutes": 180, "worth": 5_400, "state": "draft"}


def test_by_person_it_names_minutes_planned_and_there(planned) -> None:
    found = ask(question=WEEK | {"by": "person"}, actor=planned.actor("mei"), at=NOW)
    rows = {row[1]: row[2:] for row in found.rows}
    assert rows["song"] == (1, 90, 1_500, 4_800) and rows["oli"][0] == 0
    behind = ask(question=WEEK | {"list": {"person": "song"}}, actor=planned.actor("mei"), at=NOW)
    assert [row[0] for row in behind.rows] == [planned.yunshan.name] or behind.summary["units"] == 1


def test_it_says_only_what_the_reader_may_see(planned) -> None:
    mine = ask(question=WEEK, actor=planned.actor("song"), at=NOW)
    assert [row[1] for row in mine.rows] == ["云杉仪器"] and mine.summary["plays"] == 1
    assert planned.rest("pan").post("/api/v1/ask", WEEK, content_type="application/json").status_code == 403


def test_a_week_that_is_not_planned_has_no_rows_and_a_wrong_field_is_named(planned) -> None:
    empty = ask(question=WEEK | {"week": "2027-01-04"}, actor=planned.actor("mei"), at=NOW)
    assert empty.rows == () and empty.summary["state"] == "none"
    with pytest.raises(QuestionError, match="person"):
        ask(question=WEEK | {"person": 7}, actor=planned.actor("mei"), at=NOW)

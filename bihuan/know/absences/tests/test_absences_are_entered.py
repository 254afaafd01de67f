"""Absences on their pages and over REST: one's own by everybody, those of others by managers."""

from datetime import date, timedelta

import pytest
from cast import NOW, SYSTEM
from django.utils import timezone

from bihuan.base.bus.models import OutboxFact
from bihuan.know.absences.actions import enter_absence
from bihuan.know.absences.models import Absence
from bihuan.know.absences.queries import absence_of, present_for

pytestmark = pytest.mark.django_db


def days(first: int = 0, last: int = 4) -> dict[str, str]:
    today = timezone.localdate()
    return {"first_day": str(today + timedelta(days=first)), "last_day": str(today + timedelta(days=last))}


def test_it_works(cast) -> None:
    qin = cast.client("qin")
    assert qin.get("/absences/new/").status_code == 200
    assert qin.post("/absences/new/", days() | {"deputy": cast.song.pk})["Location"] == "/absences/"
    row = Absence.objects.get()
    assert (row.staff, row.deputy, row.state, row.entered_by_name) == (cast.qin, cast.song, "away", "Qin")
    assert "Qin" in cast.client("an").get("/absences/").content.decode()
    assert [f.name for f in OutboxFact.objects.filter(name__startswith="absence").order_by("pk")] == [
        "absence_entered", "absence_began",
    ]  # fmt: skip
    assert qin.post(f"/absences/{row.pk}/end/").status_code == 302
    row.refresh_from_db()
    assert row.state == "over"
    assert "over" in qin.post(f"/absences/{row.pk}/end/", follow=True).content.decode()


def test_one_that_has_not_begun_is_withdrawn(cast) -> None:
    qin = cast.client("qin")
    qin.post("/absences/new/", days(3))
    row = Absence.objects.get()
    assert row.state == "planned"
    qin.post(f"/absences/{row.pk}/end/")
    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert OutboxFact.objects.get(name="absence_ended").payload["withdrawn"] is True


def test_managers_enter_those_of_others_and_nobody_else_does(cast) -> None:
    cast.client("mei").post("/absences/new/", days() | {"staff": cast.qin.pk})
    row = Absence.objects.get()
    assert row.staff == cast.qin
    cast.client("song").post("/absences/new/", days() | {"staff": cast.bei.pk})
    assert Absence.objects.get(staff=cast.song)
    for path in (f"/absences/{row.pk}/", f"/absences/{row.pk}/end/"):
        assert cast.client("song").post(path, {}).status_code == 404
    refused = cast.rest("song").post(
        "/api/v1/absences", days() | {"staff_id": cast.bei.pk}, content_type="application/json"
    )
    assert refused.status_code == 403


def test_partners_see_their_own_only(cast) -> None:
    cast.client("mei").post("/absences/new/", days() | {"staff": cast.qin.pk})
    assert "Qin" not in cast.client("pan").get("/absences/").content.decode()
    assert cast.rest("pan").get("/api/v1/absences").json()["items"] == []


@pytest.mark.parametrize(("change", "field"), [
    ({"last_day": "2020-01-01"}, "not before"), ({"first_day": "2020-01-01", "last_day": "2020-01-02"}, "day is over"),
    ({"deputy": "self"}, "somebody else"), ({"last_day": "2090-01-01"}, "at most 400"),
])  # fmt: skip
def test_what_cannot_be_is_said(cast, change, field) -> None:
    if change.get("deputy"):
        change = {"deputy": cast.qin.pk}
    answer = cast.client("qin").post("/absences/new/", days() | change)
    assert field in answer.content.decode() and not Absence.objects.exists()


def test_nobody_is_away_twice_at_once(cast) -> None:
    qin = cast.client("qin")
    qin.post("/absences/new/", days())
    assert "away on these days already" in qin.post("/absences/new/", days(4, 6)).content.decode()
    assert qin.post("/absences/new/", days(5, 6)).status_code == 302


def test_the_last_day_changes_and_the_first_stays_once_it_has_begun(cast) -> None:
    qin = cast.client("qin")
    qin.post("/absences/new/", days())
    row = Absence.objects.get()
    assert qin.get(f"/absences/{row.pk}/").status_code == 200
    qin.post(f"/absences/{row.pk}/", days(0, 9) | {"deputy": cast.song.pk, "note": "ill"})
    row.refresh_from_db()
    assert (row.deputy, row.note, str(row.last_day)) == (cast.song, "ill", days(0, 9)["last_day"])
    assert "has begun" in qin.post(f"/absences/{row.pk}/", days(1, 9)).content.decode()


def test_programs_do_the_same_over_rest(cast) -> None:
    qin = cast.rest("qin")
    made = qin.post("/api/v1/absences", days() | {"deputy_id": cast.song.pk}, content_type="application/json")
    assert made.status_code == 201 and made.json()["state"] == "away"
    where = f"/api/v1/absences/{made.json()['id']}"
    changed = qin.patch(
        where, {"deputy_id": None, "last_day": days(0, 7)["last_day"]}, content_type="application/json"
    )
    assert (changed.json()["deputy_id"], changed.json()["last_day"]) == (None, days(0, 7)["last_day"])
    assert len(cast.rest("an").get(f"/api/v1/absences?on={timezone.localdate()}").json()["items"]) == 1
    assert qin.post(f"{where}/end").json()["state"] == "over"
    assert qin.post(f"{where}/end").status_code == 422
    wrong = qin.post("/api/v1/absences", days() | {"deputy_id": 987654}, content_type="application/json")
    assert wrong.status_code == 422


def test_a_day_is_the_organisation_s(cast) -> None:
    first = date(2026, 11, 19)
    enter_absence(staff=cast.qin, first_day=first, last_day=first, by=SYSTEM, at=NOW)
    before, after = NOW.replace(hour=15, minute=59), NOW.replace(hour=16, minute=1)
    assert absence_of(cast.qin.pk, at=before) is None
    assert absence_of(cast.qin.pk, at=after) is not None
    assert present_for(cast.qin.pk, at=after).staff_id is None
    assert present_for(cast.qin.pk, at=before).staff_id == cast.qin.pk


def test_why_somebody_is_away_is_told_to_them_and_to_managers_only(cast) -> None:
    today = timezone.localdate()
    enter_absence(
        staff=cast.song, first_day=today, last_day=today, note="in hospital", by=SYSTEM, at=timezone.now()
    )
    for name, sees in (("bei", False), ("an", False), ("mei", True), ("song", True)):
        found = cast.rest(name).get("/api/v1/absences").json()["items"]
        assert [one["note"] for one in found] == (["in hospital"] if sees else [""]), name
        assert "hospital" not in cast.client(name).get("/absences/").content.decode()


def test_a_partner_names_no_deputy(cast) -> None:
    program = cast.rest("pan")
    refused = program.post(
        "/api/v1/absences", days() | {"deputy_id": cast.song.pk}, content_type="application/json"
    )
    assert refused.status_code == 403
    assert program.post("/api/v1/absences", days(), content_type="application/json").status_code == 201
    row = Absence.objects.get()
    path = f"/api/v1/absences/{row.pk}"
    assert (
        program.patch(path, {"deputy_id": cast.song.pk}, content_type="application/json").status_code == 403
    )
    said = {"deputy_id": cast.song.pk}
    assert cast.rest("mei").patch(path, said, content_type="application/json").status_code == 200
    assert program.patch(path, {"note": "a walk"}, content_type="application/json").status_code == 200
    row.refresh_from_db()
    assert (row.deputy, row.note) == (cast.song, "a walk")

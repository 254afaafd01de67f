"""Business calendars are kept, changed from a day on, chosen, tried and looked at, on pages and by REST."""

import json
from datetime import date

import pytest

from bihuan.base.bus.models import OutboxFact
from bihuan.base.calendars.models import BusinessCalendar
from bihuan.base.calendars.queries import calendar_for

pytestmark = pytest.mark.django_db
JSON = "application/json"
HOURS = {"hours": {"mon": ["09:00-12:00", "13:00-17:00"], "fri": ["09:00-17:00"]}, "holidays": "CN"}


def added(cast, **more):
    said = {"key": "office", "name": "Office", "definition": HOURS} | more
    made = cast.rest("mei").post("/api/v1/calendars", said, JSON)
    assert made.status_code == 201, made.content
    return BusinessCalendar.objects.get(pk=made.json()["id"])


def test_a_manager_adds_a_calendar_by_the_form_and_sees_its_year(cast):
    client = cast.client("mei")
    said = {"name": "Office", "key": "office", "zone": "Asia/Shanghai", "mon": "09:00-12:00 13:00-17:00",
            "fri": "9:00-17:00", "holidays": "CN", "closed": "2026-11-06\n", "open": "2026-11-07 09:00-12:00"}  # fmt: skip
    wrong = client.post("/calendars/new/", said | {"fri": "17:00-09:00", "closed": "soon"}).content.decode()
    assert "Write spans in order" in wrong and "Write one day a line" in wrong
    assert client.post("/calendars/new/", said).status_code == 302
    row = BusinessCalendar.objects.get()
    html = client.get(f"/calendars/{row.pk}/?year=2026").content.decode()
    for words in (
        "Make-up workday",
        "Closed on this day",
        "Open on this day · 9:00–12:00",
        "Spring Festival",
    ):
        assert words in html
    assert "are not announced yet" not in html
    assert "are not announced yet" in client.get(f"/calendars/{row.pk}/?year=2031").content.decode()
    assert OutboxFact.objects.get(name="calendar_added").actor_name == "Mei"
    assert [one.key for one in BusinessCalendar.objects.all()] == ["office"]
    assert "Office" in client.get("/calendars/").content.decode()


def test_it_is_tried_on_its_page(cast):
    row = added(cast, definition={"hours": ["09:00-17:00"]})
    html = (
        cast.client("an")
        .get(f"/calendars/{row.pk}/", {"start": "2026-11-06T16:30", "hours": "1"})
        .content.decode()
    )
    assert "Due Monday, 2026-11-09 09:30." in html
    shipped = cast.client("an").get("/calendars/shipped/", {"start": "2026-02-13T17:30", "hours": "1"})
    assert "Due Saturday, 2026-02-14 09:30." in shipped.content.decode(), "a make-up workday"


def test_a_change_from_a_day_on_leaves_earlier_days_as_they_were(cast):
    row = added(cast)
    client = cast.client("mei")
    said = {"valid_from": "2026-12-01", "mon": "10:00-16:00", "note": "winter"}
    assert client.post(f"/calendars/{row.pk}/version/", said).status_code == 302
    client.post("/calendars/use/", {"default": row.pk})
    found = calendar_for()
    assert found.hours(date(2026, 11, 30)) == ((540, 720), (780, 1020)) and found.hours(
        date(2026, 12, 7)
    ) == ((600, 960),)
    fact = OutboxFact.objects.get(name="calendar_version_set")
    assert fact.payload["before"] is None and fact.payload["after"] == {"hours": {"mon": ["10:00-16:00"]}}
    version = row.versions.last()
    client.post(f"/calendars/versions/{version.pk}/", said | {"mon": "11:00-16:00"})
    assert calendar_for().hours(date(2026, 12, 7)) == ((660, 960),), "corrected, and not one more"
    client.post(f"/calendars/versions/{version.pk}/remove/")
    assert calendar_for().hours(date(2026, 12, 7)) == ((540, 720), (780, 1020))
    first = row.versions.get()
    client.post(f"/calendars/versions/{first.pk}/remove/")
    assert row.versions.count() == 1, "the first one stays"


def test_the_customers_own_calendar_is_chosen_on_its_page_and_named_where_it_is_used(cast):
    row = added(cast)
    assert (
        cast.client("mei").post(f"/accounts/{cast.yunshan.pk}/calendar/", {"calendar": row.pk}).status_code
        == 302
    )
    assert calendar_for(account_id=cast.yunshan.pk).hours(date(2026, 11, 18)) == ()
    assert calendar_for(account_id=cast.songtao.pk).hours(date(2026, 11, 18))
    fact = OutboxFact.objects.get(name="calendar_use_changed")
    assert fact.account_id == cast.yunshan.pk and fact.payload["after"] == "Office"
    assert "Office" in cast.client("mei").get(f"/accounts/{cast.yunshan.pk}/").content.decode()
    name = cast.yunshan.name
    assert name in cast.client("song").get(f"/calendars/{row.pk}/").content.decode()
    assert name not in cast.client("bei").get(f"/calendars/{row.pk}/").content.decode(), (
        "not of her territory"
    )
    cast.client("mei").post(f"/calendars/{row.pk}/remove/")
    assert BusinessCalendar.objects.exists(), "in use"
    cast.rest("mei").put(f"/api/v1/accounts/{cast.yunshan.pk}/calendar", {"calendar_id": None}, JSON)
    cast.client("mei").post(f"/calendars/{row.pk}/remove/")
    assert not BusinessCalendar.objects.exists()


def test_rest_reckons_in_service_time_both_ways(cast):
    rest = cast.rest("an")
    said = {"start": "2026-11-06T17:30:00+08:00", "minutes": 60}
    found = rest.get("/api/v1/calendars/service-time", said).json()
    assert found["end"].startswith("2026-11-09T01:30:00")
    back = rest.get("/api/v1/calendars/service-time", {"start": said["start"], "end": found["end"]}).json()
    assert back["minutes"] == 60
    for wrong in (
        {"start": said["start"]},
        said | {"end": found["end"]},
        said | {"start": "2026-11-06T17:30:00"},
    ):
        assert rest.get("/api/v1/calendars/service-time", wrong).status_code == 422


def test_rest_keeps_versions_and_refuses_what_cannot_be_read(cast):
    rest, row = cast.rest("mei"), added(cast)
    put = rest.put(
        f"/api/v1/calendars/{row.pk}/versions", {"valid_from": "2027-01-01", "definition": HOURS}, JSON
    )
    assert put.status_code == 200 and put.json()["valid_from"] == "2027-01-01"
    read = rest.get(f"/api/v1/calendars/{row.pk}").json()
    assert [one["valid_from"] for one in read["versions"]] == [None, "2027-01-01"]
    for wrong in ({"hours": ["soon"]}, {"hours": {"mun": []}}, {"holidays": "Utopia"}):
        refused = rest.put(f"/api/v1/calendars/{row.pk}/versions", {"definition": wrong}, JSON)
        assert refused.status_code == 422, json.loads(refused.content)
    assert (
        rest.put("/api/v1/calendars/use", {"calendar_id": row.pk, "role": "service"}, JSON).status_code == 204
    )
    assert rest.put("/api/v1/calendars/use", {"calendar_id": row.pk, "role": "chef"}, JSON).status_code == 422
    assert rest.delete(f"/api/v1/calendars/{row.pk}").status_code == 422
    assert cast.rest("song").put("/api/v1/calendars/use", {}, JSON).status_code == 403


def test_the_list_says_in_words_when_the_coming_years_make_up_workdays_are_not_known(cast, monkeypatch):
    from bihuan.base.calendars import pages

    for last, said in ((2020, True), (2050, False)):
        monkeypatch.setattr(pages, "announced_until", lambda country, last=last: last)
        monkeypatch.setattr("bihuan.base.calendars.year.announced_until", lambda country, last=last: last)
        html = cast.client("an").get("/calendars/").content.decode()
        assert ("make-up workdays of" in html) == said

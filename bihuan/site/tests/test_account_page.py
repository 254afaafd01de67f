"""The account page and its panels, through HTTP."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bihuan.base.ui.panel import every_panel
from bihuan.know.accounts.actions import add_follow_up
from bihuan.site import usage


def page(cast, name, tail="", **params):
    return cast.client(name).get(f"/accounts/{cast.yunshan.pk}/{tail}", params)


def test_the_header_holds_the_facts(cards):
    text = page(cards, "song").content.decode()
    for fact in ("云杉仪器", "¥480,000", "2027-01-09", "制造", "1,200", "Song"):
        assert fact in text
    assert "champion silent" in text


def test_an_account_without_a_card_still_opens(cast, event_home):
    assert page(cast, "song").status_code == 200


def test_another_territory_finds_nothing(cards):
    assert page(cards, "bei").status_code == 404
    assert page(cards, "bei", "panels/usage/").status_code == 404
    assert page(cards, "bei", "timeline/").status_code == 404


@pytest.mark.parametrize("name", [panel.name for panel in every_panel() if panel.slot == "account"])
def test_every_panel_answers_with_and_without_use(cards, use, name):
    assert page(cards, "mei", f"panels/{name}/").status_code == 200
    other = cards.client("mei").get(f"/accounts/{cards.songtao.pk}/panels/{name}/")
    assert other.status_code == 200


def test_an_unknown_panel_is_not_found(cards):
    assert page(cards, "mei", "panels/none/").status_code == 404


@pytest.mark.parametrize("days", ["30", "90", "365", "abc"])
def test_the_usage_panel_draws_and_lists(use, contracts, days):
    text = page(use, "song", "panels/usage/", days=days).content.decode()
    assert "report_opened" in text
    assert 'type="application/json"' in text
    assert "Show as table" in text


def test_people_say_who_is_active(use, contracts):
    text = page(use, "song", "panels/people/").content.decode()
    assert "1 of 1 active" in text
    assert "林云" in text


def test_the_time_line_holds_use_money_people_and_the_team(use, contracts):
    add_follow_up(
        account=use.yunshan, kind="note", text="They like it", by=use.actor("mei"), at=timezone.now()
    )
    text = page(use, "song", "timeline/").content.decode()
    for part in ("1 person · 3 events", "starts: ¥40,000 a month", "Joined: 林云", "They like it"):
        assert part in text


@pytest.mark.parametrize(
    ("kind", "there", "absent"),
    [
        ("usage", "report_opened", "They like it"),
        ("team", "They like it", "report_opened"),
        ("money", "¥40,000", "Joined"),
    ],
)
def test_the_time_line_filters_by_kind(use, contracts, kind, there, absent):
    add_follow_up(
        account=use.yunshan, kind="note", text="They like it", by=use.actor("mei"), at=timezone.now()
    )
    text = page(use, "song", "timeline/", kind=kind).content.decode()
    assert there in text
    assert absent not in text


def test_the_time_line_pages_back_and_bears_a_wrong_moment(use, contracts):
    assert (
        "report_opened"
        not in page(use, "song", "timeline/", before="2020-01-01T00:00:00+00:00").content.decode()
    )
    assert page(use, "song", "timeline/", before="yesterday").status_code == 200


def test_the_time_line_of_a_customer_who_fell_silent_goes_back_to_their_last_use(use):
    later = timezone.now() + timedelta(days=60)
    rows = usage.daily_use(account_id=use.yunshan.pk, before=later, days=30)
    assert [(row["events"], row["top"]) for row in rows] == [(3, ["report_opened"]), (1, ["signed_in"])]
    latest = usage.daily_use(account_id=use.yunshan.pk, before=later, days=1)
    assert [row["top"] for row in latest] == [["report_opened"]]


def test_a_partner_sees_no_notes(use, contracts):
    add_follow_up(
        account=use.yunshan, kind="note", text="They like it", by=use.actor("mei"), at=timezone.now()
    )
    assert "They like it" not in page(use, "pan", "timeline/").content.decode()
    assert page(use, "pan", "panels/follow-ups/").status_code == 404

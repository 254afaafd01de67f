"""Who is online, within whose territory, with which version; and how many of the members log in each week."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.presence.queries import forget, online_for, territory_of, versions_in_use, weekly_logins
from bihuan.capture.presence.rules import Online, counted, share, version_of
from bihuan.capture.store import close_store, get_store
from tests.cast import NOW, TODAY
from tests.events import happened, store_events


@pytest.fixture
def used(cast, event_home):
    """Lin is online with version 5.2, He was a quarter of an hour ago, somebody without an account is online."""
    forget()
    store_events(
        happened(
            "open",
            ts=NOW - timedelta(minutes=4),
            account=cast.yunshan,
            person=cast.lin,
            props={"version": "5.1"},
        ),
        happened(
            "open",
            ts=NOW - timedelta(minutes=1),
            account=cast.yunshan,
            person=cast.lin,
            props={"version": "5.2"},
        ),
        happened(
            "open",
            ts=NOW - timedelta(minutes=15),
            account=cast.songtao,
            person=cast.he,
            props={"version": "4.9"},
        ),
        happened("open", ts=NOW - timedelta(days=9), account=cast.songtao, person=cast.he, props={}),
    )
    get_store().wait_applied(get_store().log.head())
    yield cast
    forget()


def test_online_is_an_event_within_five_minutes(used):
    (one,) = online_for(actor=used.mei.actor(), at=NOW)
    assert (one.person_id, one.account_id, one.version) == (used.lin.pk, used.yunshan.pk, "5.2")
    forget()
    assert online_for(actor=used.mei.actor(), at=NOW + timedelta(minutes=6)) == []


def test_an_old_event_that_arrives_late_makes_nobody_online(used):
    store_events(
        happened("open", ts=NOW - timedelta(hours=3), account=used.songtao, person=used.he, received_at=NOW)
    )
    get_store().wait_applied(get_store().log.head())
    forget()
    assert [one.person_id for one in online_for(actor=used.mei.actor(), at=NOW)] == [used.lin.pk]


def test_a_territory_shows_its_own_people_only(used):
    assert territory_of(used.mei.actor()) is None
    assert territory_of(used.bei.actor()) == {used.songtao.pk}
    assert online_for(actor=used.bei.actor(), at=NOW) == []
    assert len(online_for(actor=used.song.actor(), at=NOW)) == 1


def test_versions_are_those_of_the_latest_event_that_names_one(used):
    assert versions_in_use(day=TODAY, accounts=None) == [("4.9", 1), ("5.2", 1)]
    assert versions_in_use(day=TODAY, accounts={used.songtao.pk}) == [("4.9", 1)]


def test_the_login_rate_counts_active_people_of_the_members_of_that_week(used):
    weeks = weekly_logins(day=TODAY, accounts=None)
    assert (len(weeks), weeks[-1].monday, weeks[0].monday) == (12, date(2026, 11, 16), date(2026, 8, 31))
    assert [(w.active, w.members) for w in weeks[-2:]] == [(1, 2), (2, 2)]
    assert [(w.active, w.members) for w in weekly_logins(day=TODAY, accounts={used.songtao.pk})[-2:]] == [
        (1, 1),
        (1, 1),
    ]
    memberships = used.he.memberships.get()
    memberships.ends_on = date(2026, 11, 17)
    memberships.save()
    forget()
    assert weekly_logins(day=TODAY, accounts=None)[-1].members == 1


def test_a_store_that_cannot_be_asked_is_said_and_not_remembered(used, monkeypatch):
    from bihuan.capture.store import StoreNotReady

    forget()
    with monkeypatch.context() as broken:

        def refuse(*_args, **_more):
            raise StoreNotReady("not now")

        broken.setattr("bihuan.capture.presence.queries.get_store", refuse)
        assert online_for(actor=used.mei.actor(), at=NOW) is None
    assert online_for(actor=used.mei.actor(), at=NOW) is not None
    close_store()


def test_the_pages_and_rest_show_it(used, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    forget()
    page = used.client("mei").get("/presence/").content.decode()
    assert "云杉仪器" in page and "5.2" in page and "Login rate" in page
    assert "云杉仪器" not in used.client("bei").get("/presence/").content.decode()
    told = used.rest("song").get("/api/v1/presence").json()
    assert (told["people"], told["accounts"]) == (1, [{"account_id": used.yunshan.pk, "people": 1}])
    assert told["weeks"][-1] == {"monday": "2026-11-16", "active": 1, "members": 1, "rate": 100.0}
    assert used.client("pan").get("/presence/").status_code == 403


@pytest.mark.parametrize(("props", "version"), [
    ('{"version": "5.2"}', "5.2"), ('{"$app_version": "1", "version": "2"}', "1"), ('{"app_version": 3.1}', "3.1"),
    ('{"version": true}', ""), ('{"version": ""}', ""), ('{"conversion": 1}', ""), ("{", ""), ('["version"]', ""),
    (None, ""), ('{"version": "' + "9" * 99 + '"}', "9" * 40),
])  # fmt: skip
def test_a_version_is_read_from_what_products_send(props, version):
    assert version_of(props) == version


PEOPLE = st.lists(st.builds(Online, person_id=st.integers(1, 9), account_id=st.sampled_from([None, 1, 2, 3]),
                            product_id=st.none(), version=st.sampled_from(["", "a"]), last_at=st.just(NOW)))  # fmt: skip


@given(people=PEOPLE)
def test_counts_add_up_to_everybody_and_fall(people):
    rows = counted(people, lambda one: one.account_id)
    assert sum(n for _key, n in rows) == len(people)
    assert [n for _key, n in rows] == sorted((n for _key, n in rows), reverse=True)


@given(pairs=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))))
def test_a_share_is_none_of_nothing_and_never_over_a_hundred(pairs):
    for (_part, whole), rate in zip(
        pairs, share([p for p, _w in pairs], [w for _p, w in pairs]), strict=True
    ):
        assert (rate is None) == (whole == 0)
        assert rate is None or 0 <= rate <= 100

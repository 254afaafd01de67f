"""Each kind that ships with the product is raised by what it speaks of and by nothing else, in a sentence with numbers."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from cast import NOW, SYSTEM, TODAY
from django.conf import settings
from django.utils import translation
from events import happened, store_events

from bihuan.base.notices.models import Notice
from bihuan.earn.contracts.actions import add_contract
from bihuan.foresee.signals.actions import look_for_signals
from bihuan.foresee.signals.actions.shipped import SHIPPED
from bihuan.foresee.signals.models import Signal
from bihuan.foresee.signals.queries import told
from bihuan.foresee.signals.rules import placeholders
from bihuan.know.accounts import actions as accounts
from bihuan.know.accounts.models import Membership
from bihuan.know.chain.actions import set_chain_member
from bihuan.know.chain.models import ChainMember
from bihuan.know.products.actions import add_product
from bihuan.know.staff.models import Staff

pytestmark = pytest.mark.django_db


def noon(days_ago: int) -> datetime:
    """At twelve, some days before the cast's day."""
    return datetime.combine(TODAY - timedelta(days=days_ago), time(12), tzinfo=ZoneInfo(settings.TIME_ZONE))


def did(number: int, days_ago: int, name: str = "look", **more):
    """So many events of one day; what is older than a day is known today only, as of an import."""
    return [
        happened(name, ts=noon(days_ago) + timedelta(seconds=n), received_at=noon(1), **more)
        for n in range(number)
    ]


def look(key: str) -> list[Signal]:
    """The signals of one kind after looking for it."""
    looked = look_for_signals(day=TODAY, by=SYSTEM, at=NOW, keys=[key])
    assert looked.failed == {}
    return list(Signal.objects.filter(kind=key).order_by("pk"))


def words(signal: Signal, language: str = "en") -> str:
    with translation.override(language):
        (one,) = told([signal])
        return one.said


def test_usage_fell_by_a_fifth_against_its_own_past(cast, event_home) -> None:
    store_events(*did(100, 40, account=cast.yunshan), *did(60, 5, account=cast.yunshan),
                 *did(100, 40, account=cast.songtao), *did(90, 5, account=cast.songtao))  # fmt: skip
    (one,) = look("usage_fell")
    assert (one.account, one.severity, one.owner) == (cast.yunshan, 2, cast.song)
    assert words(one) == "Use −40 % against its own past: 60 events in 28 days, 100 in the 28 days before."
    assert "近 28 天 60 次" in words(one, "zh-hans")


def test_a_customer_without_use_for_three_weeks(cast, event_home) -> None:
    rows = [
        happened("look", ts=noon(23), account=cast.yunshan),
        happened("look", ts=noon(20), account=cast.songtao),
    ]
    store_events(*rows)
    (one,) = look("no_use")
    assert (one.account, words(one)) == (cast.yunshan, "No use for 23 days.")


def test_the_time_line_of_the_customer_tells_it(cast, event_home) -> None:
    store_events(happened("look", ts=noon(23), account=cast.yunshan))
    look("no_use")
    page = (
        cast.client("song").get(f"/accounts/{cast.yunshan.pk}/panels/timeline/?kind=signals").content.decode()
    )
    assert "Signal: No use" in page
    assert (
        "Signal: No use"
        not in cast.client("pan").get(f"/accounts/{cast.yunshan.pk}/panels/timeline/").content.decode()
    )


def test_the_owner_among_us_left(cast, event_home) -> None:
    assert look("owner_left") == []
    Staff.objects.filter(pk=cast.song.pk).update(is_active=False)
    (one,) = look("owner_left")
    assert (one.account, words(one)) == (
        cast.yunshan,
        "Song owned this customer and is not with us any more.",
    )


def test_a_member_of_the_chain_left_the_customer(cast, event_home) -> None:
    for account, person in ((cast.yunshan, cast.lin), (cast.songtao, cast.he)):
        set_chain_member(account=account, person=person, role="decision_maker", stance=1, influence=3,
                         last_contact_on=TODAY, by=SYSTEM, at=NOW)  # fmt: skip
    ChainMember.objects.update(known_since=NOW - timedelta(days=300))
    assert look("key_person_left") == []
    Membership.objects.filter(person=cast.lin).update(ends_on=TODAY - timedelta(days=3))
    Membership.objects.filter(person=cast.he).update(ends_on=TODAY - timedelta(days=40))
    (one,) = look("key_person_left")
    assert one.account == cast.yunshan
    assert words(one) == "Members of the decision chain who left in the last 28 days: 1."


def test_a_champion_was_silent_for_a_month(cast, event_home) -> None:
    for account, person, days in ((cast.yunshan, cast.lin, 34), (cast.songtao, cast.he, 12)):
        set_chain_member(account=account, person=person, role="user", stance=2, influence=3,
                         last_contact_on=TODAY - timedelta(days=days), by=SYSTEM, at=NOW)  # fmt: skip
    (one,) = look("champion_silent")
    assert (one.account, words(one)) == (cast.yunshan, "No contact with a champion for 34 days.")
    assert "34 天" in words(one, "zh-hans")


def test_one_person_in_touch_is_a_single_thread(cast, event_home) -> None:
    second = accounts.add_person(
        account=cast.songtao, starts_on=TODAY, key="xu", name="徐", by=SYSTEM, at=NOW
    )
    for account, person in ((cast.yunshan, cast.lin), (cast.songtao, cast.he), (cast.songtao, second)):
        set_chain_member(account=account, person=person, role="user", stance=1, influence=2,
                         last_contact_on=TODAY, by=SYSTEM, at=NOW)  # fmt: skip
    (one,) = look("single_thread")
    assert (one.account, one.severity) == (cast.yunshan, 1)
    assert words(one) == "One person in touch in 90 days; 20 % of the decision chain is known."


def test_a_payment_is_late_until_it_comes(cast, event_home) -> None:
    store_events(*did(2, 5, "payment_overdue", account=cast.yunshan), *did(1, 6, "payment_overdue", account=cast.songtao),
                 *did(1, 2, "payment_received", account=cast.songtao))  # fmt: skip
    (one,) = look("payment_late")
    assert (one.account, one.needs, one.owner) == (cast.yunshan, "contracts.view", cast.song)
    assert words(one) == "Reminders of late payments in 28 days: 2; payments received: 0."


def test_seats_are_unused_before_the_renewal(cast, event_home) -> None:
    for key, account, days in (("A", cast.yunshan, 52), ("B", cast.songtao, 90)):
        add_contract(account=account, key=key, starts_on=TODAY - timedelta(days=300), ends_on=TODAY + timedelta(days=days),
                     lines=[{"name": "Pro", "seats": 10, "mrr": Decimal(1000)}], by=SYSTEM, at=NOW)  # fmt: skip
    store_events(
        *did(1, 3, account=cast.yunshan, person=cast.lin), *did(1, 3, account=cast.songtao, person=cast.he)
    )
    (one,) = look("seats_unused")
    assert (one.account, one.severity) == (cast.yunshan, 3)
    assert words(one) == "10 % of seats are active, 52 days before the renewal."


def test_a_key_user_stopped(cast, event_home) -> None:
    for account, person in ((cast.yunshan, cast.lin), (cast.songtao, cast.he)):
        set_chain_member(account=account, person=person, role="user", stance=1, influence=3,
                         last_contact_on=TODAY, by=SYSTEM, at=NOW)  # fmt: skip
    store_events(*did(12, 40, account=cast.yunshan, person=cast.lin), *did(12, 40, account=cast.songtao, person=cast.he),
                 *did(1, 3, account=cast.songtao, person=cast.he))  # fmt: skip
    (one,) = look("key_user_stopped")
    assert (one.person, one.account, one.subject) == (cast.lin, cast.yunshan, f"person:{cast.lin.pk}")
    assert words(one) == "No use in 28 days, 12 events in the 28 days before; influence 3 of 3."
    assert Notice.objects.get().args["about"] == "云杉仪器", "a notice outlives the erasure of a person"


def test_a_feature_fails_more_often_than_the_week_before(cast, event_home) -> None:
    broken = {"props": {"error": "timeout"}}
    store_events(
        *did(190, 3, "export", account=cast.yunshan), *did(10, 3, "export", account=cast.yunshan, **broken),
        *did(198, 9, "export", account=cast.yunshan), *did(2, 9, "export", account=cast.yunshan, **broken),
        *did(195, 3, "search", account=cast.yunshan), *did(5, 3, "search", account=cast.yunshan, **broken),
        *did(195, 9, "search", account=cast.yunshan), *did(5, 9, "search", account=cast.yunshan, **broken),
    )  # fmt: skip
    (one,) = look("errors_up")
    assert (one.feature, one.subject, one.account) == ("export", "feature:export", None)
    assert words(one) == "5.0 % failed in 7 days (10 of 200), 1.0 % in the 7 days before."


def test_logins_of_a_region_fell(cast, event_home) -> None:
    store_events(*did(60, 9, "login", account=cast.yunshan), *did(30, 2, "login", account=cast.yunshan),
                 *did(60, 9, "login", account=cast.songtao), *did(60, 2, "login", account=cast.songtao))  # fmt: skip
    (one,) = look("logins_down")
    assert (one.region, one.account) == (cast.yunshan.region, None)
    assert words(one) == "Logins −50 %: 30 in 7 days, 60 in the 7 days before, by 1 people of 1 customers."
    assert one in Signal.objects.visible_to(cast.actor("song"))
    assert one not in Signal.objects.visible_to(cast.actor("bei"))


def test_use_of_a_product_fell(cast, event_home) -> None:
    loud, quiet = (add_product(name=name, by=SYSTEM, at=NOW) for name in ("Loud", "Quiet"))
    for product, number in ((loud, 210), (quiet, 100)):
        store_events(*did(220, 40, account=cast.yunshan, product_id=product.pk),
                     *did(number, 4, account=cast.yunshan, product_id=product.pk))  # fmt: skip
    (one,) = look("product_fell")
    assert (one.product, one.about) == (quiet, "Quiet")


def test_a_sentence_says_the_same_numbers_in_both_languages() -> None:
    with translation.override("zh-hans"):
        for kind in SHIPPED:
            chinese = translation.gettext(kind["sentence"])
            assert chinese != kind["sentence"], kind["key"]
            assert sorted(placeholders(chinese)) == sorted(placeholders(kind["sentence"])), kind["key"]


def test_every_kind_that_ships_can_be_computed(cast, event_home) -> None:
    looked = look_for_signals(day=TODAY, by=SYSTEM, at=NOW)
    assert (looked.failed, looked.raised) == ({}, 0)

"""Numbers, money and times as people read them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from bihuan.base.ui import formats

NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def test_numbers_have_separators_and_a_true_minus():
    assert formats.number(1234567) == "1,234,567"
    assert formats.number(-0.4) == "0"
    assert formats.number(-12.5) == "−13"
    assert formats.number(None) == "–"


@pytest.mark.django_db
def test_money_shows_cents_only_when_there_are_some():
    assert formats.money(Decimal("480000.00")) == "¥480,000"
    assert formats.money(Decimal("99.50"), "USD") == "$99.50"
    assert formats.money(-5, "CHF") == "−CHF 5"


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (3_200_000, "3.2M", "320 万"),
        (12_300, "12.3k", "1.2 万"),
        (999, "999", "999"),
        (2 * 10**8, "200M", "2 亿"),
    ],
)
def test_headline_numbers_follow_the_language(value, english, chinese):
    with translation.override("en"):
        assert formats.compact(value) == english
    with translation.override("zh-hans"):
        assert formats.compact(value) == chinese


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=-1), "tomorrow"),
        (timedelta(days=-4), "in 4 days"),
        (timedelta(days=30), "2026-10-19"),
    ],
)
def test_times_are_relative_within_a_week(past, words):
    assert formats.ago(NOW - past, now=NOW) == words


def test_a_day_is_the_organisations_day():
    assert formats.ago(datetime(2026, 11, 17, 15, 59, tzinfo=UTC), now=NOW) == "yesterday"
    assert formats.ago(date(2026, 11, 18), now=NOW) == "today"


def test_a_change_carries_its_sign():
    assert [formats.change(v) for v in (4, -12, 0.2, None)] == ["+4", "−12", "±0", ""]


def test_the_day_of_a_moment_is_that_of_the_organisations_zone():
    late = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # half past midnight in Shanghai
    assert formats.day(late) == "2026-03-03"

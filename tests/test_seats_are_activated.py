"""Seats sold against people who use them, and accounts that pay while nobody does."""

from datetime import timedelta

import pytest

from bihuan.site.cards import refresh_cards
from tests.cast import NOW
from tests.events import happened, store_events


@pytest.fixture
def used(cast, contracts, event_home):
    """Lin of Yunshan used the product an hour ago; nobody of Songtao ever did."""
    store_events(happened("open", ts=NOW - timedelta(hours=1), account=cast.yunshan, person=cast.lin))
    refresh_cards(at=NOW)
    return cast


def test_activation_sets_active_people_against_seats(used):
    page = used.client("mei").get("/activation/?sort=-seats").content.decode()
    assert page.index("云杉仪器") < page.index("松涛软件")
    assert "Share (%)" in page


def test_an_account_that_pays_and_is_not_used_is_listed_with_the_people_we_know(used):
    page = used.client("mei").get("/paid-without-users/").content.decode()
    assert "松涛软件" in page and "云杉仪器" not in page
    assert "松涛软件" not in used.client("song").get("/paid-without-users/").content.decode()

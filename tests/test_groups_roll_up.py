"""An account is seen with everything below it, as far as one's territory reaches."""

import re
from decimal import Decimal

import pytest
from cast import NOW, SYSTEM

from bihuan.know.accounts.actions import add_account, change_account
from bihuan.know.accounts.models import Account
from bihuan.site.cards import refresh_cards
from bihuan.site.groups import group_of
from bihuan.site.models import AccountCard

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(cast, contracts, event_home):
    """Yunshan with Songtao below it, and a grandchild below that."""
    change_account(account=cast.songtao, parent=cast.yunshan, by=SYSTEM, at=NOW)
    add_account(name="松涛二厂", parent=Account.objects.get(key="songtao"), by=SYSTEM, at=NOW)
    refresh_cards(at=NOW)
    return cast.yunshan


def test_the_sums_hold_the_account_and_all_below_it(cast, group):
    rolled = group_of(account=group, actor=cast.actor("mei"))
    assert [card.name for card in rolled.cards] == ["云杉仪器", "松涛软件", "松涛二厂"]
    assert (rolled.arr, rolled.seats, rolled.hidden) == (Decimal("540000.00"), 115, 0)
    page = cast.client("mei").get(f"/accounts/{group.pk}/panels/group/").content.decode()
    assert "¥540,000" in page and "松涛二厂" in page


def test_members_outside_the_territory_are_counted_but_not_shown_or_summed(cast, group):
    rolled = group_of(account=group, actor=cast.actor("song"))
    assert (len(rolled.cards), rolled.hidden, rolled.arr) == (1, 2, Decimal("480000.00"))
    page = cast.client("song").get(f"/accounts/{group.pk}/panels/group/").content.decode()
    assert "松涛" not in page and "2 members outside" in page


def test_health_of_a_group_is_weighted_by_revenue(cast, group):
    AccountCard.objects.filter(name="云杉仪器").update(health=90)
    AccountCard.objects.filter(name="松涛软件").update(health=10)
    assert group_of(account=group, actor=cast.actor("mei")).health == 81.1


def test_an_account_that_stands_alone_has_no_panel_for_a_group(cast, contracts, event_home):
    refresh_cards(at=NOW)
    assert "panels/group/" not in cast.client("mei").get(f"/accounts/{cast.songtao.pk}/").content.decode()


#: 480,000 in any form that a page writes it: a primary key may hold the digits 480.
AMOUNT = re.compile(r"480[,. \u00a0]?000|480k|48(\.0+)? ?万")


def test_a_partner_sees_neither_money_nor_health_of_a_customer(cast, contracts, event_home):
    refresh_cards(at=NOW)
    AccountCard.objects.update(health=33, band="red")
    assert AMOUNT.search(cast.client("mei").get("/accounts/?cols=name,arr").content.decode())
    client = cast.client("pan")
    for where in (
        "/",
        "/accounts/",
        "/accounts/?cols=name,arr,health,need&sort=-arr",
        f"/accounts/{cast.yunshan.pk}/",
    ):
        page = client.get(where).content.decode()
        assert "云杉仪器" in page
        assert not AMOUNT.search(page), where
        assert "ARR" not in page and "band-red" not in page, where
    assert "云杉仪器" in client.get("/accounts/?band=green").content.decode()

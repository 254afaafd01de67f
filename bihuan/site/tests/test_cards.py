"""The cards behind the lists."""

from django.utils import timezone

from bihuan.base.jobs.worker import drain
from bihuan.know.accounts.actions import change_account
from bihuan.site.cards import refresh_cards
from bihuan.site.models import AccountCard
from tests.cast import SYSTEM


def test_a_card_holds_money_owner_and_use(use, contracts):
    assert refresh_cards(at=timezone.now()) == 2
    card = AccountCard.objects.get(account=use.yunshan)
    assert (card.mrr, card.arr, card.seats) == (40_000, 480_000, 100)
    assert card.owner == use.song
    assert card.active_people == 1
    assert card.last_active_on == timezone.localdate()
    assert (len(card.spark), sum(card.spark)) == (12, 4)


def test_an_unscored_account_is_unknown_and_not_in_need(use, contracts):
    refresh_cards(at=timezone.now())
    card = AccountCard.objects.get(account=use.songtao)
    assert (card.health, card.band, card.need) == (None, "unknown", 0)


def test_a_second_refresh_writes_nothing(use, contracts, django_assert_max_num_queries):
    refresh_cards(at=timezone.now())
    before = AccountCard.objects.get(account=use.yunshan).refreshed_at
    refresh_cards(at=timezone.now())
    assert AccountCard.objects.get(account=use.yunshan).refreshed_at == before


def test_a_change_of_the_account_reaches_its_card(use, contracts):
    refresh_cards(at=timezone.now())
    now = timezone.now()
    change_account(account=use.yunshan, name="云杉", tier="A", by=SYSTEM, at=now)
    drain(at=now)
    card = AccountCard.objects.get(account=use.yunshan)
    assert (card.name, card.tier) == ("云杉", "A")

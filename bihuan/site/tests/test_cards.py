"""The cards behind the lists."""

from django.utils import timezone

from bihuan.base.jobs import enqueue
from bihuan.base.jobs.worker import drain
from bihuan.capture.store import StoreNotReady
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


def test_while_the_store_cannot_be_asked_a_card_keeps_what_it_says_of_use(use, contracts, monkeypatch):
    refresh_cards(at=timezone.now())
    before = AccountCard.objects.get(account=use.yunshan)

    def refuse(*_args, **_more):
        raise StoreNotReady("The event index is being made again.")

    monkeypatch.setattr("bihuan.site.usage.get_store", refuse)
    change_account(account=use.yunshan, tier="B", by=SYSTEM, at=timezone.now())
    refresh_cards(at=timezone.now())
    after = AccountCard.objects.get(account=use.yunshan)
    assert (after.tier, after.active_people, after.spark) == ("B", before.active_people, before.spark)
    assert after.last_active_on == before.last_active_on
    row = enqueue("site.refresh_cards", by=SYSTEM, at=timezone.now())
    drain(at=timezone.now())
    row.refresh_from_db()
    assert (row.state, "cannot be asked" in row.error) == ("queued", True), "it is tried again soon"

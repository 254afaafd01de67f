"""Roll-ups: an account with everything below it."""

from dataclasses import dataclass
from decimal import Decimal

from bihuan.base.access import Actor
from bihuan.know.accounts.models import Account
from bihuan.know.accounts.queries import family_ids
from bihuan.site.models import AccountCard


@dataclass(frozen=True, kw_only=True)
class Group:
    """Members within the actor's territory, the account itself first, and their sums. `hidden` counts members
    outside the territory, which no sum contains. `health` is the mean weighted by ARR; None when nothing is known."""

    cards: list[AccountCard]
    arr: Decimal
    seats: int
    active_people: int
    open_tickets: int
    health: float | None
    hidden: int

    @property
    def alone(self) -> bool:
        """Whether there is nothing to roll up."""
        return len(self.cards) + self.hidden < 2


def group_of(*, account: Account, actor: Actor) -> Group:
    """The account and everything below it, as far as the actor's territory reaches."""
    ids = family_ids(account=account)
    found = AccountCard.objects.visible_to(actor).filter(pk__in=ids).select_related("account")
    cards = sorted(found, key=lambda card: (card.pk != account.pk, -card.arr, card.name))
    known = [card for card in cards if card.health is not None]
    weight = sum((card.arr for card in known), Decimal(0))
    health: float | None = None
    if known and weight:
        health = float(sum(Decimal(card.health or 0) * card.arr for card in known) / weight)
    elif known:
        health = sum(card.health or 0 for card in known) / len(known)
    return Group(
        cards=cards,
        arr=sum((card.arr for card in cards), Decimal(0)),
        seats=sum(card.seats for card in cards),
        active_people=sum(card.active_people for card in cards),
        open_tickets=sum(card.open_tickets for card in cards),
        health=None if health is None else round(health, 1),
        hidden=len(ids) - len(cards),
    )

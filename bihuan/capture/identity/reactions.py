"""What identity does when accounts and people change elsewhere."""

from bihuan.base.bus import Delivery, reaction
from bihuan.capture.identity.actions import (
    adopt_keyed_people,
    attribute_again,
    attribute_waiting,
    get_resolver,
    give_events_back,
    give_events_of_key,
    move_events_of_merge,
)
from bihuan.capture.identity.events import AccountKeyNamed
from bihuan.know.accounts.events import (
    AccountsImported,
    MembershipEnded,
    MembershipStarted,
    MergeUndone,
    PeopleMerged,
)
from bihuan.know.accounts.models import Person


@reaction(AccountsImported)
def find_waiting_people(fact: AccountsImported, *, context: Delivery) -> None:
    """People who came with an import may be the ones behind ids, and their memberships the home of events, that came before."""
    get_resolver().forget()
    adopt_keyed_people()
    if fact.noun == "memberships":
        attribute_waiting()


@reaction(MembershipStarted)
def attribute_after_start(fact: MembershipStarted, *, context: Delivery) -> None:
    """History follows the membership: the person's events of that time belong to the account now."""
    get_resolver().forget()
    attribute_again(person_id=fact.person_id)


@reaction(MembershipEnded)
def attribute_after_end(fact: MembershipEnded, *, context: Delivery) -> None:
    """The same when a membership ends, perhaps in the past."""
    get_resolver().forget()
    attribute_again(person_id=fact.person_id)


@reaction(PeopleMerged)
def events_follow_the_merge(fact: PeopleMerged, *, context: Delivery) -> None:
    """Unless it was undone before its turn came."""
    get_resolver().forget()
    if Person.objects.filter(pk=fact.gone_id, merged_into_id=fact.person_id).exists():
        move_events_of_merge(gone_id=fact.gone_id, stays_id=fact.person_id)


@reaction(MergeUndone)
def events_come_back(fact: MergeUndone, *, context: Delivery) -> None:
    """Unless the two were merged again before its turn came."""
    get_resolver().forget()
    if Person.objects.filter(pk=fact.gone_id, merged_into=None).exists():
        give_events_back(gone_id=fact.gone_id)


@reaction(AccountKeyNamed)
def events_of_the_key_follow(fact: AccountKeyNamed, *, context: Delivery) -> None:
    """Past ones; those to come find the account by themselves."""
    get_resolver().forget()
    give_events_of_key(product_id=fact.product_id, key=fact.key, account_id=fact.account_id)

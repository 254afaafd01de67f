"""What identity does when accounts and people change elsewhere."""

from bihuan.base.bus import Delivery, reaction
from bihuan.capture.identity.actions import adopt_keyed_people, attribute_again, get_resolver
from bihuan.know.accounts.events import AccountsImported, MembershipEnded, MembershipStarted


@reaction(AccountsImported)
def find_waiting_people(fact: AccountsImported, *, context: Delivery) -> None:
    """People who came with an import may be the ones behind ids that came before them."""
    get_resolver().forget()
    adopt_keyed_people()


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

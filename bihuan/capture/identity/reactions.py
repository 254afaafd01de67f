"""What identity does when accounts and people change elsewhere."""

from bihuan.base.bus import Delivery, reaction
from bihuan.capture.identity.actions import adopt_keyed_people, get_resolver
from bihuan.know.accounts.events import AccountsImported


@reaction(AccountsImported)
def find_waiting_people(fact: AccountsImported, *, context: Delivery) -> None:
    """People who came with an import may be the ones behind ids that came before them."""
    get_resolver().forget()
    adopt_keyed_people()

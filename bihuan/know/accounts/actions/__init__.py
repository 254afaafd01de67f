"""Writes about accounts, people and follow-ups. One function, one transaction, one fact."""

from bihuan.know.accounts.actions.accounts import add_account, change_account, change_team
from bihuan.know.accounts.actions.follow_ups import add_follow_up, finish_follow_up, reopen_follow_up
from bihuan.know.accounts.actions.imports import (
    import_account_team,
    import_accounts,
    import_memberships,
    import_people,
)
from bihuan.know.accounts.actions.people import add_person, change_person, end_membership, start_membership
from bihuan.know.accounts.actions.personal import ask_to_erase, erase_person

__all__ = [
    "add_account",
    "add_follow_up",
    "add_person",
    "ask_to_erase",
    "change_account",
    "change_person",
    "change_team",
    "end_membership",
    "erase_person",
    "finish_follow_up",
    "import_account_team",
    "import_accounts",
    "import_memberships",
    "import_people",
    "reopen_follow_up",
    "start_membership",
]

"""Pages of accounts and people."""

from bihuan.know.accounts.pages.accounts import EditAccount, EditCalendar, EditTeam, NewAccount
from bihuan.know.accounts.pages.people import EditPerson, EndMembership, NewPerson, People, person_page
from bihuan.know.accounts.pages.personal import ErasePerson, personal_data

__all__ = [
    "EditAccount",
    "EditCalendar",
    "EditPerson",
    "EditTeam",
    "EndMembership",
    "ErasePerson",
    "NewAccount",
    "NewPerson",
    "People",
    "person_page",
    "personal_data",
]

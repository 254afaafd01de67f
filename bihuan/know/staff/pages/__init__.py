"""Pages of staff: colleagues, and the regions and teams that they work in."""

from bihuan.know.staff.pages.colleagues import Colleagues, EditStaff, NewStaff, sign_in_link
from bihuan.know.staff.pages.structure import EditRegion, EditTeam, NewRegion, NewTeam, Regions, Teams

__all__ = [
    "Colleagues",
    "EditRegion",
    "EditStaff",
    "EditTeam",
    "NewRegion",
    "NewStaff",
    "NewTeam",
    "Regions",
    "Teams",
    "sign_in_link",
]

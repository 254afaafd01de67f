"""What happens with our own people, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class StaffAdded(Fact):
    """Someone joined."""

    title = gettext_lazy("Colleague added")
    staff_id: int
    roles: list[str]
    reach: str


@dataclass(frozen=True, kw_only=True)
class StaffChanged(Fact):
    """Name, roles, territory or state of a member of staff changed; `before` and `after` hold what differs."""

    title = gettext_lazy("Colleague changed")
    staff_id: int
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class StaffImported(Fact):
    """An import stored staff, teams or regions."""

    title = gettext_lazy("Colleagues imported")
    noun: str
    created: int
    updated: int


@dataclass(frozen=True, kw_only=True)
class RegionAdded(Fact):
    """A region joined the tree."""

    title = gettext_lazy("Region added")
    region_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class RegionChanged(Fact):
    """A region was renamed or hung elsewhere; `before` and `after` hold name and the code of its parent."""

    title = gettext_lazy("Region changed")
    region_id: int
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class TeamAdded(Fact):
    """A team was founded."""

    title = gettext_lazy("Team added")
    team_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class TeamRenamed(Fact):
    """A team has another name."""

    title = gettext_lazy("Team renamed")
    team_id: int
    before: str
    after: str

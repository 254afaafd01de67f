"""What happens with weekly plans, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class WeekPlanned(Fact):
    """A week was solved."""

    title = gettext_lazy("Week planned")
    plan_id: int
    monday: str
    lines: int
    worth: str
    gap: float


@dataclass(frozen=True, kw_only=True)
class PlanLineChanged(Fact):
    """Somebody added, moved, locked, unlocked, dropped or restored a line; `what` says which."""

    title = gettext_lazy("Weekly plan changed")
    plan_id: int
    line_id: int
    account_id: int
    what: str
    person_id: int


@dataclass(frozen=True, kw_only=True)
class WeekPublished(Fact):
    """The week became work."""

    title = gettext_lazy("Weekly plan published")
    plan_id: int
    monday: str
    runs: int


@dataclass(frozen=True, kw_only=True)
class WeekTakenBack(Fact):
    """A published week is a draft again; nobody had begun."""

    title = gettext_lazy("Weekly plan taken back")
    plan_id: int
    monday: str
    runs: int


@dataclass(frozen=True, kw_only=True)
class PlanSettingsChanged(Fact):
    """The planner is told something else."""

    title = gettext_lazy("Settings of the weekly plan changed")
    before: Mapping[str, object]
    after: Mapping[str, object]

"""What happens with business calendars, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class CalendarAdded(Fact):
    """There is a new calendar, which holds for nobody yet."""

    title = gettext_lazy("Calendar added")
    calendar_id: int
    called: str
    zone: str
    definition: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CalendarRenamed(Fact):
    """It is called otherwise."""

    title = gettext_lazy("Calendar renamed")
    calendar_id: int
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class CalendarVersionSet(Fact):
    """From a day on (None: ever) it says something else; `before` is what that version said, None when it is new."""

    title = gettext_lazy("Calendar changed")
    calendar_id: int
    called: str
    valid_from: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CalendarVersionRemoved(Fact):
    """The version before it counts on."""

    title = gettext_lazy("Version of a calendar removed")
    calendar_id: int
    called: str
    valid_from: str


@dataclass(frozen=True, kw_only=True)
class CalendarUseChanged(Fact):
    """Another calendar holds for a customer, a role, or (with neither) the organisation; None: none of its own."""

    title = gettext_lazy("Calendar in use changed")
    account_id: int | None
    role: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class CalendarRemoved(Fact):
    """A calendar that held for nobody is gone."""

    title = gettext_lazy("Calendar removed")
    calendar_id: int
    called: str

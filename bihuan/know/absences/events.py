"""What happens with absences, as facts. Days are ISO text."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class AbsenceFact(Fact):
    """Something about one absence; the base of the rest."""

    absence_id: int
    staff_id: int
    deputy_id: int | None
    first_day: str
    last_day: str


@dataclass(frozen=True, kw_only=True)
class AbsenceEntered(AbsenceFact):
    """Somebody will be away."""

    title = gettext_lazy("Absence entered")


@dataclass(frozen=True, kw_only=True)
class AbsenceChanged(AbsenceFact):
    """Other days or another deputy."""

    title = gettext_lazy("Absence changed")


@dataclass(frozen=True, kw_only=True)
class AbsenceBegan(AbsenceFact):
    """They are away from now on."""

    title = gettext_lazy("Absence began")


@dataclass(frozen=True, kw_only=True)
class AbsenceEnded(AbsenceFact):
    """They are back, or it never began (`withdrawn`)."""

    title = gettext_lazy("Absence ended")
    withdrawn: bool = False

"""What happens with health, as facts."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class HealthModelChanged(Fact):
    """A new version of the health model is in force."""

    title = gettext_lazy("Health model changed")
    version: int
    note: str


@dataclass(frozen=True, kw_only=True)
class HealthBandChanged(Fact):
    """An account's health moved into another band."""

    title = gettext_lazy("Health band changed")
    account_id: int
    before: str
    after: str
    score: float | None


@dataclass(frozen=True, kw_only=True)
class HealthComputed(Fact):
    """All accounts were scored as of a day."""

    title = gettext_lazy("Health computed")
    day: str
    accounts: int
    version: int


@dataclass(frozen=True, kw_only=True)
class HealthOverridden(Fact):
    """A person put their own judgement in place of the score."""

    title = gettext_lazy("Health set by hand")
    account_id: int
    score: int
    reason: str
    expires_on: str


@dataclass(frozen=True, kw_only=True)
class HealthOverrideEnded(Fact):
    """The computed score counts again."""

    title = gettext_lazy("Health override ended")
    account_id: int

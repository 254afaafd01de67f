"""What happens with health, as facts."""

from dataclasses import dataclass

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class HealthModelChanged(Fact):
    """A new version of the health model is in force."""

    version: int
    note: str


@dataclass(frozen=True, kw_only=True)
class HealthBandChanged(Fact):
    """An account's health moved into another band."""

    account_id: int
    before: str
    after: str
    score: float | None


@dataclass(frozen=True, kw_only=True)
class HealthComputed(Fact):
    """All accounts were scored as of a day."""

    day: str
    accounts: int
    version: int


@dataclass(frozen=True, kw_only=True)
class HealthOverridden(Fact):
    """A person put their own judgement in place of the score."""

    account_id: int
    score: int
    reason: str
    expires_on: str


@dataclass(frozen=True, kw_only=True)
class HealthOverrideEnded(Fact):
    """The computed score counts again."""

    account_id: int

"""What happens with the early warning, as facts."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class RiskModelTrained(Fact):
    """A model was trained and judged on past days; it is in force, or waits beside the one that is."""

    title = gettext_lazy("Early warning trained")
    number: int
    verdict: str
    standing: str


@dataclass(frozen=True, kw_only=True)
class RiskModelPutInForce(Fact):
    """Another model gives the risks from now on."""

    title = gettext_lazy("Model of the early warning in force")
    number: int
    before: int | None


@dataclass(frozen=True, kw_only=True)
class RisksComputed(Fact):
    """Every account in question has its risk as of a day."""

    title = gettext_lazy("Risks computed")
    day: str
    accounts: int
    model: int


@dataclass(frozen=True, kw_only=True)
class WarningSettingsChanged(Fact):
    """What is warned of, or how many customers the team can help, is different from now on."""

    title = gettext_lazy("Settings of the early warning changed")
    capacity: int
    horizon: int
    contraction: int

"""What happens with experiments, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class ExperimentAdded(Fact):
    """One was drafted."""

    title = gettext_lazy("Experiment added")
    experiment_id: int
    key: str


@dataclass(frozen=True, kw_only=True)
class ExperimentChanged(Fact):
    """Something of it is different now."""

    title = gettext_lazy("Experiment changed")
    experiment_id: int
    key: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class ExperimentStarted(Fact):
    """Products are told variants from now on. What was planned is kept, so that nobody can plan afterwards."""

    title = gettext_lazy("Experiment started")
    experiment_id: int
    key: str
    variants: list[dict[str, object]]
    metrics: list[dict[str, object]]
    method: str


@dataclass(frozen=True, kw_only=True)
class ExperimentStopped(Fact):
    """Everybody gets one variant from now on."""

    title = gettext_lazy("Experiment stopped")
    experiment_id: int
    key: str
    chosen: str


@dataclass(frozen=True, kw_only=True)
class ExperimentWithdrawn(Fact):
    """It was started by mistake and nobody had seen it: it is a draft again."""

    title = gettext_lazy("Experiment withdrawn")
    experiment_id: int
    key: str


@dataclass(frozen=True, kw_only=True)
class ExperimentResumed(Fact):
    """It was stopped by mistake and runs on."""

    title = gettext_lazy("Experiment resumed")
    experiment_id: int
    key: str

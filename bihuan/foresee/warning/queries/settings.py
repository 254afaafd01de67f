"""What is warned of, and the model in force."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bihuan.foresee.warning.models import RiskModel, Standing, Verdict, WarningSettings
from bihuan.understand.stats.calibration import Scale
from bihuan.understand.stats.scorers import Scorer, read_scorer


@dataclass(frozen=True, kw_only=True)
class VerdictNow:
    """How far the early warning can be believed. `source` says where risks come from: the model in force, or health, because
    the last training found too little signal (or there was none). `code` is that of the model that speaks."""

    code: str
    source: str
    model_id: int | None
    model: RiskModel | None

    @property
    def usable(self) -> bool:
        """Whether there are probabilities at all."""
        return self.source == "model"


def settings_now() -> WarningSettings:
    """As set; else as shipped, not saved."""
    return WarningSettings.objects.first() or WarningSettings(changed_at=datetime.fromtimestamp(0, UTC))


def champion() -> RiskModel | None:
    """The model in force."""
    return RiskModel.objects.filter(standing=Standing.CHAMPION).first()


def challenger() -> RiskModel | None:
    """The one that waits for a decision."""
    return RiskModel.objects.filter(standing=Standing.CHALLENGER).first()


def verdict() -> VerdictNow:
    """Of the model in force, else of the last training; `none` before the first."""
    row = champion()
    if row is not None:
        return VerdictNow(code=row.verdict, source="model", model_id=row.pk, model=row)
    last = RiskModel.objects.order_by("-number").first()
    code = Verdict.NONE if last is None or last.verdict == Verdict.USABLE else last.verdict
    return VerdictNow(code=str(code), source="health", model_id=last.pk if last else None, model=last)


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A kept model ready to score with."""

    scorer: Scorer
    scale: Scale
    targets: dict[str, float]
    horizon: int


def ready(row: RiskModel) -> Ready:
    """A usable model's document, read and checked; UnreadableScorer when it was tampered with."""
    document: dict[str, Any] = row.document
    scale = document["scale"]
    return Ready(
        scorer=read_scorer(document["scorer"]), scale=Scale(slope=float(scale["slope"]), shift=float(scale["shift"])),
        targets={name: float(value) for name, value in document["targets"].items()}, horizon=row.horizon,
    )  # fmt: skip

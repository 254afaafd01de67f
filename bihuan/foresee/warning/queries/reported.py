"""What is kept of a backtest and of what a model was learnt from: plain numbers that pages and REST draw."""

from datetime import date
from math import isfinite
from typing import Any

import numpy as np

from bihuan.foresee.warning import rules
from bihuan.foresee.warning.models import WarningSettings
from bihuan.foresee.warning.queries.dataset import Dataset
from bihuan.understand.stats.backtest import Backtest, lift_of, roc_of

DIGITS = 5


def report_of(tested: Backtest, *, weekly: int, horizon: int) -> dict[str, Any]:
    """Everything of SEMANTICS 20."""
    panel, score = tested.panel, tested.log_odds[tested.chosen]
    area, at, lead = tested.area, tested.capacity, tested.lead
    return {
        "chosen": tested.chosen, "horizon": horizon, "rows": len(panel.did), "positives": area.positives,
        "accounts": len(np.unique(panel.account)), "from": _day(panel.day.min()), "to": _day(panel.day.max()),
        "candidates": {
            name: {
                "auc": _n(one.area.value), "low": _n(one.area.low), "high": _n(one.area.high),
                "gain": None if one.gain is None else [_n(one.gain.value), _n(one.gain.low), _n(one.gain.high)],
            }
            for name, one in tested.candidates.items()
        },
        "ece": _n(tested.calibration.error), "brier": _n(tested.calibration.brier),
        "bins": [[one.n, _n(one.said), _n(one.seen)] for one in tested.calibration.bins],
        "capacity": {"weekly": weekly, "list": at.capacity, "listed": at.listed, "hit": at.hit, "precision": _n(at.precision),
                     "recall": _n(at.recall), "base": _n(at.base)},
        "lead": {"median": lead.median, "missed": lead.missed, "warned": len(lead.days), "days": _counted(lead.days, horizon)},
        "by_day": [[_day(day), rows, positives, _n(auc)] for day, rows, positives, auc in tested.by_day],
        "lift": [[_n(x), _n(y)] for x, y in lift_of(did=panel.did, score=score)],
        "roc": [[_n(x), _n(y)] for x, y in roc_of(did=panel.did, score=score)],
    }  # fmt: skip


def card_of(data: Dataset, *, settings: WarningSettings, tested: Backtest | None) -> dict[str, Any]:
    """What it was learnt from and how."""
    panel = data.panel
    return {
        "contraction": settings.contraction, "step": rules.STEP, "check": rules.CHECK,
        "snapshots": [day.isoformat() for day in data.snapshots], "rows": len(panel.did), "positives": int(panel.did.sum()),
        "accounts": len(np.unique(panel.account)), "features": list(panel.features), "left_out": data.left_out,
        "judged": tested is not None,
    }  # fmt: skip


def _counted(days: tuple[float, ...], horizon: int) -> list[list[int]]:
    """[days up to, accounts] in tens."""
    edges = range(rules.CHECK, horizon + 1, rules.CHECK)
    return [[edge, sum(edge - rules.CHECK < one <= edge for one in days)] for edge in edges]


def _day(number: Any) -> str:
    return date.fromordinal(int(number)).isoformat()


def _n(value: float) -> float | None:
    return round(float(value), DIGITS) if isfinite(value) else None

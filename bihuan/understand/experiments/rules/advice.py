"""What to do about an experiment, from the verdicts on its variants: repair, ship, stop or wait for so many units more.

A verdict says what the numbers come to; whether they may be acted on yet depends on the method. A fixed end and a Bayesian
chance are read once, when the planned units are in: before, the advice is to wait whatever the numbers say, because who looks
every day finds a difference where there is none. A sequential one may be acted on at any time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

ACTIONS = ("repair", "ship", "stop", "wait")
SEQUENTIAL = "sequential"


@dataclass(frozen=True, kw_only=True)
class Advice:
    """`action` is one of ACTIONS. `why`: `sample_ratio`, `planned` (its end is not reached), or a code of the verdicts
    (bihuan.understand.stats.verdict), or `none_better` when variants differ in why. `variant`: the one to ship, or the one that
    `why` is about. `more`: units to wait for, of all variants together. `would_take`: units in all with which an effect of the
    size that matters could be told, when the planned ones were too few for it."""

    action: str
    why: str
    variant: str = ""
    more: int | None = None
    would_take: int | None = None


def advice_of(
    *, verdicts: Mapping[str, Mapping[str, Any]], units: Mapping[str, int], method: str, planned: int,
    matters: float | None = None, weights: Sequence[int] = (1,),
) -> Advice:  # fmt: skip
    """One advice for the whole experiment. `verdicts` by variant without the control, each {"code", and its numbers};
    `units` of every variant; `weights`: those of the plan, where they differ."""
    codes = {name: str(verdict["code"]) for name, verdict in verdicts.items()}
    total = sum(units.values())
    left = max(planned - total, 0)
    if "sample_ratio" in codes.values():
        return Advice(action="repair", why="sample_ratio")
    early = (
        method != SEQUENTIAL and left > 0
    )  # to look before the planned end is allowed in sequential mode only
    if early:
        return Advice(action="wait", why="planned", more=left)
    few = [name for name, code in codes.items() if code == "too_few"]
    parts = weights if len(weights) == len(units) else [1] * len(units)
    short = ceil(max((_short(verdicts[name]) for name in few), default=0) * sum(parts) / min(parts))
    if few and (short or left):
        return Advice(action="wait", why="too_few", variant=few[0], more=short or left)
    better = [name for name, code in codes.items() if code == "better"]
    if better:
        best = max(better, key=lambda name: abs(float(verdicts[name]["difference"])))
        return Advice(action="ship", why="better", variant=best)
    unsure = [name for name, code in codes.items() if code == "undecided"]
    if unsure and left:
        return Advice(action="wait", why="undecided", variant=unsure[0], more=left)
    if unsure:
        would = max(_would_take(verdicts[name], total=total, matters=matters) for name in unsure)
        return Advice(action="stop", why="undecided", variant=unsure[0], would_take=would or None)
    whys = set(codes.values())
    if len(whys) == 1:
        return Advice(action="stop", why=whys.pop(), variant=next(iter(codes)))
    return Advice(action="stop", why="none_better")


def _short(verdict: Mapping[str, Any]) -> int:
    """Units that the smallest arm lacks to be read at all."""
    return max(int(verdict["least"]) - int(verdict["units"]), 0)


def _would_take(verdict: Mapping[str, Any], *, total: int, matters: float | None) -> int:
    """Units with which the interval would be as narrow as ± the effect that matters: widths shrink with √n; 0 when it is
    that narrow already or nothing is said to matter."""
    half = (float(verdict["high"]) - float(verdict["low"])) / 2
    if matters is None or half <= matters:
        return 0
    return ceil(total * (half / matters) ** 2)

"""From one row a unit to the answer: curves, their comparison, hazard ratios."""

from typing import Any

import numpy as np
import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.scope import read_day
from bihuan.understand.engine.survival.question import EVERY, SurvivalQuestion, definition_of
from bihuan.understand.engine.units import as_column, number_of, truth_of
from bihuan.understand.stats.cox import TooLittle, cox
from bihuan.understand.stats.survival import Curve, kaplan_meier, log_rank

MOST_GROUPS = 12
OVERALL = ""
#: Distances between round times, the smallest that gives seven at most.
STEPS = {"month": (1, 2, 3, 6, 12, 24, 36, 60, 120), "week": (1, 2, 4, 8, 13, 26, 52, 104, 260),
         "day": (1, 2, 5, 10, 30, 60, 90, 180, 365, 730, 1825)}  # fmt: skip
MOST_TIMES = 7


def shape_survival(question: SurvivalQuestion, *, rows: pa.Table, sql: str = "") -> Answer:
    """The answer from one row a unit.

    Columns of `rows`: either `duration` and `event` as the unit has them, or `started` and `ended` (dates, `ended` null
    while it has not happened); `by` when asked; the fields of `question.columns` under their own names.
    """
    durations, happened, kept, left_out = _lives(question, rows)
    rows = rows.filter(pa.array(kept, pa.bool_()))
    overall = kaplan_meier(durations, happened)
    curves: dict[str, Curve] = {OVERALL: overall}
    summary: dict[str, Any] = {
        "units": overall.n, "events": int(happened.sum()), "median": overall.median,
        "median_low": overall.median_interval[0], "median_high": overall.median_interval[1],
        **_told(overall, question.at), "longest": overall.longest,
    }  # fmt: skip
    groups = np.full(len(durations), OVERALL, dtype=object)
    if question.by:
        groups = np.array(
            ["—" if v is None or v == "" else str(v) for v in rows["by"].to_pylist()], dtype=str
        )
        curves, more, left = _by_group(durations, happened, groups, question.at)
        summary |= more
        left_out |= left
    summary["at_risk"] = _at_risk(durations, groups, list(curves), every=question.every)
    if question.columns:
        summary |= _hazards(question, durations, happened, rows)
    return Answer(
        kind="survival", question={}, definition=definition_of(question), columns=_columns(question),
        rows=tuple(row for name, curve in curves.items() for row in _rows(question, name, curve)),
        summary=summary, left_out={why: n for why, n in left_out.items() if n}, sql=sql,
        as_of=question.as_of.isoformat(),
    )  # fmt: skip


def _lives(question: SurvivalQuestion, rows: pa.Table) -> tuple[Any, Any, list[bool], dict[str, int]]:
    """Durations, whether it happened, which rows count, and why others do not."""
    durations, happened, kept = [], [], []
    left_out: dict[str, int] = {}
    names = ("duration", "event") if question.duration else ("started", "ended")
    for first, second in zip(*(rows[name].to_pylist() for name in names), strict=True):
        found = _life(first, second) if question.duration else _span(first, second, question)
        kept.append(not isinstance(found, str))
        if isinstance(found, str):
            left_out[found] = left_out.get(found, 0) + 1
        else:
            durations.append(found[0])
            happened.append(found[1])
    return np.array(durations), np.array(happened, dtype=bool), kept, left_out


def _life(duration: Any, event: Any) -> tuple[float, bool] | str:
    number, truth = number_of(duration), truth_of(event)
    if number is None:
        return "no duration"
    if number < 0:
        return "negative duration"
    return "the event is neither yes nor no" if truth is None else (number, truth)


def _span(started: Any, ended: Any, question: SurvivalQuestion) -> tuple[float, bool] | str:
    """Days from start to end in the question's unit; an end after `as_of` is not known yet."""
    start, end = (None if day is None or day == "" else read_day(day, "row") for day in (started, ended))
    if start is None:
        return "no start"
    if start > question.as_of:
        return "started later"
    if end is not None and end < start:
        return "ended before it started"
    happened = end is not None and end <= question.as_of
    last = end if happened and end is not None else question.as_of
    return (last - start).days / EVERY[question.every], happened


def _by_group(
    durations: Any, happened: Any, groups: Any, at: tuple[float, ...]
) -> tuple[dict[str, Curve], dict[str, Any], dict[str, int]]:
    """Curves of the biggest groups, what the summary says of them, and how many units are in smaller ones."""
    names, counts = np.unique(groups, return_counts=True)
    order = names[np.lexsort((names, -counts))]
    shown = np.isin(groups, order[:MOST_GROUPS])
    durations, happened, groups = durations[shown], happened[shown], groups[shown]
    curves = {
        str(name): kaplan_meier(durations[groups == name], happened[groups == name])
        for name in order[:MOST_GROUPS]
    }
    test = log_rank(durations, happened, groups)
    summary = {
        "log_rank": test.statistic, "log_rank_degrees": test.degrees, "log_rank_p": test.p_value,
        "groups": {name: {"units": c.n, "events": int(c.events.sum()), "median": c.median, **_told(c, at),
                          "longest": c.longest}
                   for name, c in curves.items()},
    }  # fmt: skip
    return curves, summary, {"in smaller groups, not shown": int((~shown).sum())}


def _at_risk(durations: Any, groups: Any, names: list[str], *, every: str) -> dict[str, Any]:
    """How many have lasted that long at least, at round times: {"times": [0, 3, …], "groups": {name: [120, 84, …]}}."""
    longest = float(durations.max()) if len(durations) else 0.0
    step = next((step for step in STEPS[every] if longest / step <= MOST_TIMES), STEPS[every][-1])
    times = [step * n for n in range(int(longest / step) + 1)][: 10 * MOST_TIMES]
    counts = {name: [int(((groups == name) & (durations >= time)).sum()) for time in times] for name in names}
    return {"times": times, "groups": counts}


def _told(curve: Curve, at: tuple[float, ...]) -> dict[str, float | None]:
    """S at the asked times by name: "S(3)"; None beyond what was seen."""
    return {f"S({time:g})": (found[0] if (found := curve.at(time)) else None) for time in at}


def _hazards(question: SurvivalQuestion, durations: Any, happened: Any, rows: pa.Table) -> dict[str, Any]:
    columns = {name: as_column(rows[name].to_pylist()) for name in question.columns}
    try:
        model = cox(durations=durations, happened=happened, columns=columns)
    except TooLittle as error:
        return {"hazards": [], "hazards_refused": str(error)}
    return {
        "concordance": model.concordance,
        "hazards": [
            {"field": h.feature.name, "value": h.feature.value, "ratio": h.ratio, "low": h.low, "high": h.high,
             "p": h.p_value} for h in sorted(model.hazards, key=lambda h: h.p_value)
        ],
        "hazards_left_out": model.left_out,
    }  # fmt: skip


def _columns(question: SurvivalQuestion) -> tuple[AnswerColumn, ...]:
    by = (AnswerColumn(name=question.by, type="text"),) if question.by else ()
    return (
        *by, AnswerColumn(name="time", type="number", unit=question.every), AnswerColumn(name="at_risk", type="number"),
        AnswerColumn(name="events", type="number"), AnswerColumn(name="survival", type="percent"),
        AnswerColumn(name="low", type="percent"), AnswerColumn(name="high", type="percent"),
    )  # fmt: skip


def _rows(question: SurvivalQuestion, name: str, curve: Curve) -> list[tuple[Any, ...]]:
    """The curve's steps, from 1 at time 0; bounds are None where they are not known. Nobody has no curve."""
    if not curve.n:
        return []
    head = (name,) if question.by else ()
    rows: list[tuple[Any, ...]] = [(*head, 0.0, curve.n, 0, 1.0, 1.0, 1.0)]
    for i in range(len(curve.times)):
        bounds = (None if bound != bound else float(bound) for bound in (curve.low[i], curve.high[i]))
        rows.append((*head, float(curve.times[i]), int(curve.at_risk[i]), int(curve.events[i]), float(curve.survival[i]),
                     *bounds))  # fmt: skip
    return rows

"""From one row a unit to the answer: curves, their comparison, hazard ratios."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.listing import LEFT_OUT, TOLD, Cell, list_at_hand
from bihuan.understand.engine.scope import read_day
from bihuan.understand.engine.survival.question import EVERY, SMALLER, SurvivalQuestion, definition_of
from bihuan.understand.engine.units import as_column, number_of, truth_of
from bihuan.understand.stats.cox import TooLittle, cox
from bihuan.understand.stats.survival import ROUNDING, Curve, kaplan_meier, log_rank

MOST_GROUPS = 12
OVERALL, NOBODYS = "", "—"
#: Distances between round times, the smallest that gives seven at most.
STEPS = {"month": (1, 2, 3, 6, 12, 24, 36, 60, 120), "week": (1, 2, 4, 8, 13, 26, 52, 104, 260),
         "day": (1, 2, 5, 10, 30, 60, 90, 180, 365, 730, 1825)}  # fmt: skip
MOST_TIMES = 7


def shape_survival(question: SurvivalQuestion, *, rows: pa.Table, sql: str = "") -> Answer:
    """The answer from one row a unit.

    Columns of `rows`: either `duration` and `event` as the unit has them, or `started` and `ended` (dates, `ended` null
    while it has not happened); `by` when asked; the fields of `question.columns` under their own names.
    """
    durations, happened, why = _lives(question, rows)
    left_out = dict(Counter(reason for reason in why if reason))
    everybody = rows
    rows = rows.filter(pa.array([not reason for reason in why], pa.bool_()))
    groups = np.full(len(durations), OVERALL, dtype=object)
    if question.by:
        groups = np.array(
            [NOBODYS if v is None or v == "" else str(v) for v in rows["by"].to_pylist()], dtype=str
        )
    if question.listed is not None and LEFT_OUT in question.listed:
        return _not_counted(question, question.listed, everybody, why, groups)
    if question.listed is not None:
        return _listed(question, question.listed, rows["unit"].to_pylist(), durations, happened, groups)
    overall = kaplan_meier(durations, happened)
    curves: dict[str, Curve] = {OVERALL: overall}
    summary: dict[str, Any] = {
        "units": overall.n, "events": int(happened.sum()), "median": overall.median,
        "median_low": overall.median_interval[0], "median_high": overall.median_interval[1],
        **_told(overall, question.at), "longest": overall.longest,
    }  # fmt: skip
    if question.by:
        curves, more, left = _by_group(durations, happened, groups, question.at)
        summary |= more
        left_out |= left
    summary["at_risk"] = _at_risk(durations, groups, list(curves), every=question.every)
    if question.columns:
        summary |= _hazards(question, durations, happened, rows)
    told = {name: _rows(question, name, curve) for name, curve in curves.items()}
    return Answer(
        kind="survival", question={}, definition=definition_of(question), columns=_columns(question),
        rows=tuple(row for steps in told.values() for row in steps),
        behind=tuple(_behind(question, name, row) for name, steps in told.items() for row in steps),
        behind_summary={"units": {"of": "at_risk"}, "events": {"of": "ended"}}
        | {f"S({time:g})": {"of": "still", "time": time} for time in question.at},
        drawn_from=_DRAWN, nobody=dict.fromkeys(("groups", "at_risk"), TOLD),
        summary=summary, left_out={reason: n for reason, n in left_out.items() if n}, sql=sql,
        behind_left_out={reason: {LEFT_OUT: reason} for reason in left_out},
        as_of=question.as_of.isoformat(),
    )  # fmt: skip


def series_cell(question: SurvivalQuestion | Mapping[str, Any], name: str) -> dict[str, Any]:
    """What names a group to whoever asks for the list behind a number."""
    by = question.by if isinstance(question, SurvivalQuestion) else question.get("by")
    return {"series": None if name == NOBODYS else name} if by else {}


def _behind(question: SurvivalQuestion, name: str, row: tuple[Any, ...]) -> dict[str, dict[str, Any]]:
    cell = {"time": row[1 if question.by else 0]} | series_cell(question, name)
    return {
        "at_risk": {"of": "at_risk"} | cell,
        "events": {"of": "ended"} | cell,
        "survival": {"of": "still"} | cell,
    }


#: A bound is drawn from the same units as its share; what is told of all, from all.
_DRAWN = {"low": "survival", "high": "survival", "log_rank": "units", "log_rank_degrees": "units", "log_rank_p": "units",
          "median": "units", "median_low": "units", "median_high": "units", "longest": "units",
          "concordance": "units", "hazards": "units"}  # fmt: skip


def _not_counted(
    question: SurvivalQuestion, cell: Cell, everybody: pa.Table, why: list[str], groups: Any
) -> Answer:
    """A row a unit that was left out for the reason."""
    units = everybody["unit"].to_pylist()
    if cell.get(LEFT_OUT) == SMALLER:
        counted = [unit for unit, reason in zip(units, why, strict=True) if not reason]
        shown = _biggest(groups) if question.by else []
        gone = [
            (unit,) for unit, group in zip(counted, groups, strict=True) if question.by and group not in shown
        ]
    else:
        gone = [(unit,) for unit, reason in zip(units, why, strict=True) if reason == cell.get(LEFT_OUT)]
    listed = list_at_hand(
        kind="survival", unit=question.unit, cell=cell, rows=gone, definition=definition_of(question)
    )
    return replace(listed, as_of=question.as_of.isoformat())


def _listed(
    question: SurvivalQuestion, cell: Cell, units: list[Any], durations: Any, happened: Any, groups: Any
) -> Answer:
    """A row a unit: how long, and whether it has happened; the shortest first. `still` are those to whom it has not happened
    when the time is over, of those who were seen until then."""
    time, chosen = cell.get("time"), happened if cell.get("of") == "ended" else np.full(len(durations), True)
    if time is not None:  # a time that was written and read again may miss what it was by a rounding
        slack = ROUNDING * max(1.0, time)
        there, later = np.abs(durations - time) <= slack, durations > time + slack
        chosen = (
            chosen
            & {"ended": there, "at_risk": there | later, "still": later | (there & ~happened)}[cell.get("of")]
        )
    if "series" in cell:
        chosen = chosen & (groups == (NOBODYS if cell.get("series") is None else cell.get("series")))
    rows = [
        (units[at], float(durations[at]), "yes" if happened[at] else "no")
        for at in sorted(np.flatnonzero(chosen), key=lambda at: (durations[at], units[at]))
    ]
    columns = (
        AnswerColumn(name="time", type="number", unit=question.every),
        AnswerColumn(name="happened", type="text"),
    )
    return replace(
        list_at_hand(kind="survival", unit=question.unit, cell=cell, rows=rows, columns=columns,
                     definition=definition_of(question)),
        as_of=question.as_of.isoformat(),
    )  # fmt: skip


def _lives(question: SurvivalQuestion, rows: pa.Table) -> tuple[Any, Any, list[str]]:
    """Durations, whether it happened, and of each row why it does not count, empty where it does."""
    durations, happened, why = [], [], []
    names = ("duration", "event") if question.duration else ("started", "ended")
    for first, second in zip(*(rows[name].to_pylist() for name in names), strict=True):
        found = _life(first, second) if question.duration else _span(first, second, question)
        why.append(found if isinstance(found, str) else "")
        if not isinstance(found, str):
            durations.append(found[0])
            happened.append(found[1])
    return np.array(durations), np.array(happened, dtype=bool), why


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
    order = _biggest(groups)
    shown = np.isin(groups, order)
    durations, happened, groups = durations[shown], happened[shown], groups[shown]
    curves = {str(name): kaplan_meier(durations[groups == name], happened[groups == name]) for name in order}
    test = log_rank(durations, happened, groups)
    summary = {
        "log_rank": test.statistic, "log_rank_degrees": test.degrees, "log_rank_p": test.p_value,
        "groups": {name: {"units": c.n, "events": int(c.events.sum()), "median": c.median, **_told(c, at),
                          "longest": c.longest}
                   for name, c in curves.items()},
    }  # fmt: skip
    return curves, summary, {SMALLER: int((~shown).sum())}


def _biggest(groups: Any) -> Any:
    """The groups that are shown."""
    names, counts = np.unique(groups, return_counts=True)
    return names[np.lexsort((names, -counts))][:MOST_GROUPS]


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

"""Process: how cases run — variants, who follows whom, rework, durations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn, QuestionError
from bihuan.understand.engine.fields import (
    BY,
    SELECTOR,
    SHARED,
    TEXT,
    Field,
    choice,
    known_fields,
    one_of,
    whole,
)
from bihuan.understand.engine.scope import (
    DAY_US,
    Names,
    Reach,
    Scope,
    Selector,
    chosen,
    count_of,
    in_scope,
    left_out_of,
    microseconds,
    no_unit,
    plain_names,
    property_text,
    read_by,
    read_scope,
    read_selector,
    scope_lines,
    series_columns,
    unit_of,
    with_series,
)

SHOWN = ("variants", "follows", "activities", "cases")
ARROW = " → "
_SEPARATOR, _PLACES = "\x1f", 9
FIELDS = (
    Field(name="events", schema=SELECTOR, default="any product event", meaning="what is read of a case: `{events, where}`"),
    Field(name="activity", schema=TEXT, default="the event's name",
          meaning="`props.<name>`: what a step of the case is called"),
    Field(name="show", schema=one_of(*SHOWN), default="`variants`",
          meaning="the rows: `variants`, directly-`follows` pairs, `activities`, or `cases` (with `by`: a row a value)"),
    Field(name="top", schema={"type": "integer", "minimum": 1, "maximum": 10000}, default="`100`",
          meaning="how many rows at most, the most frequent first"),
    BY,
    *SHARED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ProcessQuestion:
    """Checked and complete; the unit is the case."""

    scope: Scope
    events: Selector
    activity: str | None
    show: str
    top: int
    by: str | None


def read_process(raw: Mapping[str, Any], *, today: date) -> ProcessQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "process", FIELDS)
    activity, given = raw.get("activity"), raw.get("events")
    if activity is not None and not str(activity).startswith("props."):
        raise QuestionError("activity", f"write props.<name>, not {activity!r}")
    if isinstance(given, (list, tuple)):
        given = {"events": given}
    return ProcessQuestion(
        scope=read_scope(raw, today=today),
        events=Selector() if given is None else read_selector(given, "events", needs_event=False),
        activity=None if activity is None else read_by(activity, "activity"), show=choice(raw, "show", SHOWN),
        top=whole(raw, "top", default=100, least=1, most=10_000), by=read_by(raw.get("by")),
    )  # fmt: skip


def plans_of_process(
    q: ProcessQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> Mapping[str, ir.Table]:
    """`totals` and `steps` (one row each), `rows` (what `show` asks for), `left_out`."""
    t = in_scope(events, q.scope, reach=reach)
    t = t.filter(chosen(t, q.events, internal_source=internal_source, field="events.where"))
    steps = steps_of(q, t, traits=traits)
    cases = cases_of(steps)
    called = ibis.literal(True) if q.activity is None else property_text(t, q.activity).notnull()
    case = unit_of(t, q.scope.unit)
    reasons = {no_unit(q.scope.unit): count_of(case.isnull())}
    if q.activity is not None:
        reasons[f"no {q.activity}"] = count_of(case.notnull() & ~called)
    rows = {"variants": _variants, "follows": _follows, "activities": _activities, "cases": _cases}[q.show]
    return {
        "totals": cases.aggregate(**_measures(cases)),
        "steps": steps.aggregate(
            activities=steps.activity.nunique(), directly_follows=count_of(steps.then.notnull()),
            pairs=(steps.activity + _SEPARATOR + steps.then).nunique(),
        ),
        "rows": rows(steps, cases).limit(q.top),
        "left_out": t.aggregate(**reasons),
    }  # fmt: skip


def steps_of(q: ProcessQuestion, t: ir.Table, *, traits: ir.Table | None) -> ir.Table:
    """One row an event of a case: case, series (of the case's first event), activity, us, pos from 0, then, then_us."""
    t = with_series(t, q.by, traits=traits)
    activity = t.name if q.activity is None else property_text(t, q.activity)
    t = t.select("series", "received_at", "event_id", "source_id", case=unit_of(t, q.scope.unit), activity=activity,
                 us=microseconds(t.ts))  # fmt: skip
    t = t.filter(t.case.notnull() & t.activity.notnull())
    order = [t.us, t.received_at, t.event_id, t.source_id]
    t = t.mutate(pos=ibis.row_number().over(group_by="case", order_by=order))
    within = ibis.window(group_by="case", order_by="pos")
    first = ibis.cases((t.pos == 0, t.series)).max().over(ibis.window(group_by="case"))
    return t.select("case", "activity", "us", "pos", series=first, then=t.activity.lead().over(within),
                    then_us=t.us.lead().over(within))  # fmt: skip


def cases_of(steps: ir.Table) -> ir.Table:
    """One row a case: case, series, events, kinds (different activities), days, variant (activities in order)."""
    placed = steps.pos.cast("string").lpad(_PLACES, "0") + steps.activity
    cases = steps.group_by("case", "series").aggregate(
        events=steps.count(), kinds=steps.activity.nunique(), placed=placed.collect(),
        days=(steps.us.max() - steps.us.min()).cast("float64") / DAY_US,
    )  # fmt: skip
    variant = cases.placed.sort().map(lambda one: one.substr(_PLACES)).join(_SEPARATOR)
    return cases.mutate(variant=variant).drop("placed")


def _measures(cases: ir.Table) -> dict[str, ir.Value]:
    return {
        "cases": cases.count(), "events": _whole(cases.events.sum()), "variants": cases.variant.nunique(),
        "rework_cases": count_of(cases.events > cases.kinds),
        "rework_events": _whole((cases.events - cases.kinds).sum()),
        "length_mean": cases.events.mean(), "length_max": cases.events.max(),
        **{f"duration_{name}_days": value for name, value in _days(cases.days).items()},
        "duration_max_days": cases.days.max(),
    }  # fmt: skip


def _whole(value: ir.Value) -> ir.Value:
    return value.cast("float64").fill_null(0)


def _days(value: ir.Value) -> dict[str, ir.Value]:
    return {"mean": value.mean(), "p50": value.quantile(0.5), "p90": value.quantile(0.9)}


def _variants(steps: ir.Table, cases: ir.Table) -> ir.Table:
    found = cases.group_by("series", "variant").aggregate(
        cases=cases.count(), events=cases.events.max(), **_days(cases.days)
    )
    return found.order_by(found.cases.desc(), "variant", "series")


def _follows(steps: ir.Table, cases: ir.Table) -> ir.Table:
    pairs = steps.filter(steps.then.notnull())
    days = (pairs.then_us - pairs.us).cast("float64") / DAY_US
    found = pairs.group_by("series", "activity", "then").aggregate(
        frequency=pairs.count(), cases=pairs.case.nunique(), **_days(days)
    )
    return found.order_by(found.frequency.desc(), "activity", "then", "series")


def _activities(steps: ir.Table, cases: ir.Table) -> ir.Table:
    each = steps.group_by("series", "activity", "case").aggregate(
        events=steps.count(), starts=count_of(steps.pos == 0), ends=count_of(steps.then.isnull())
    )
    found = each.group_by("series", "activity").aggregate(
        events=_whole(each.events.sum()), cases=each.count(), rework_cases=count_of(each.events > 1),
        rework_events=_whole((each.events - 1).sum()), starts=_whole(each.starts.sum()), ends=_whole(each.ends.sum()),
    )  # fmt: skip
    return found.order_by(found.events.desc(), "activity", "series")


def _cases(steps: ir.Table, cases: ir.Table) -> ir.Table:
    return cases.group_by("series").aggregate(**_measures(cases)).order_by(ibis.desc("cases"), "series")


def shape_process(
    q: ProcessQuestion, *, found: Mapping[str, pa.Table], zone: str, today: date, names: Names = plain_names
) -> Answer:
    """Rows as `show` asks; the headline numbers in the summary."""
    totals = (found["totals"].to_pylist() or [{}])[0] | (found["steps"].to_pylist() or [{}])[0]
    whole_ones = ("cases", "events", "activities", "variants", "directly_follows", "pairs", "rework_cases", "rework_events",
                  "length_max")  # fmt: skip
    summary: dict[str, Any] = {name: int(totals.get(name) or 0) for name in whole_ones}
    rest = ("length_mean", *(f"duration_{one}_days" for one in ("mean", "p50", "p90", "max")))
    summary |= {name: totals.get(name) for name in rest}
    raw = found["rows"].to_pylist()
    titles = names(q.by, list(dict.fromkeys(row["series"] for row in raw)))
    columns, made = _shown(q.show, summary["cases"])
    rows = tuple(((titles[row["series"]],) if q.by else ()) + made(row) for row in raw)
    lines = [
        f"case: {q.scope.unit}; activity: {q.activity or 'name of the event'}; events: {q.events.title}",
        "events of a case in order of time, ties by when they were received, then by id",
        "variant: the sequence of activities; directly-follows: neighbours in a case; rework: an activity done again in "
        "the same case",
        "duration: wall clock from the first to the last event of the case inside the period; percentiles interpolated",
        f"an event without {q.scope.unit} does not count",
    ]
    if q.by:
        lines.append(f"by {q.by} of the case's first event")
    return Answer(kind="process", question={}, definition=(*lines, *scope_lines(q.scope, zone=zone)),
                  columns=(*series_columns(q.by), *columns), rows=rows, summary=summary,
                  left_out=left_out_of(found))  # fmt: skip


def _shown(show: str, cases: int) -> tuple[tuple[AnswerColumn, ...], Any]:
    """Columns, and how a row of the engine fills them."""
    days = tuple(AnswerColumn(name=name, type="number", unit="d") for name in ("mean", "p50", "p90"))

    def numbers(*names: str) -> tuple[AnswerColumn, ...]:
        return tuple(AnswerColumn(name=name, type="number") for name in names)

    def texts(*names: str) -> tuple[AnswerColumn, ...]:
        return tuple(AnswerColumn(name=name, type="text") for name in names)

    keys: tuple[str, ...]
    if show == "variants":
        return (
            (*texts("variant"), *numbers("cases"), AnswerColumn(name="share", type="percent"), *numbers("events"), *days),
            lambda row: (row["variant"].replace(_SEPARATOR, ARROW), row["cases"], row["cases"] / cases, row["events"],
                         row["mean"], row["p50"], row["p90"]),
        )  # fmt: skip
    if show == "follows":
        keys = ("activity", "then", "frequency", "cases", "mean", "p50", "p90")
        return (*texts("activity", "then"), *numbers("frequency", "cases"), *days), lambda row: tuple(
            row[key] for key in keys
        )
    if show == "activities":
        keys = ("events", "cases", "rework_cases", "rework_events", "starts", "ends")
        return (*texts("activity"), *numbers(*keys)), lambda row: (
            row["activity"], *(int(row[key]) for key in keys)
        )  # fmt: skip
    keys = ("cases", "events", "variants", "rework_cases", "rework_events", "length_mean", "duration_mean_days",
            "duration_p50_days", "duration_p90_days")  # fmt: skip
    return numbers(*keys), lambda row: tuple(row[key] for key in keys)

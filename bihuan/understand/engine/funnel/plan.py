"""The funnel as an expression: one pass over the marked events in order, one window function a step.

An attempt begins with an event of step 1 and goes on, greedily, with the next event that fits the next step. All
attempts of a unit that stand at one step move on together, so it is enough to carry, for each step, the latest start of
those that stand there: `s1` is the time of an event of step 1; `sk` of an event of step k is the latest start of the
attempts that it completes up to k. Starts only grow along the events, so that a running maximum is the last arrival.
"""

from collections.abc import Callable, Mapping

import ibis
import ibis.expr.types as ir

from bihuan.understand.engine.funnel.question import FunnelQuestion
from bihuan.understand.engine.left_out import plans_of_left_out, plans_of_nameless
from bihuan.understand.engine.listing import LEFT_OUT, in_series, plans_of_list
from bihuan.understand.engine.scope import (
    Reach,
    bucket_of,
    chosen,
    count_of,
    in_scope,
    microseconds,
    no_unit,
    property_text,
    unit_of,
    with_series,
)

QUANTILES = (25, 50, 75, 90)
_NEVER = -(2**60)


def plans_of_funnel(
    q: FunnelQuestion, *, events: ir.Table, reach: Reach, internal_source: int, traits: ir.Table | None = None
) -> Mapping[str, ir.Table]:
    """`rows`: plan_funnel, or the units that `list` asks for; `total`: the same without breakdown; `left_out`."""
    steps, reasons = _left_out(q, events=events, reach=reach, internal_source=internal_source)
    if q.listed is not None and LEFT_OUT in q.listed:
        return plans_of_nameless(steps, reasons, q.listed)
    left_out = plans_of_left_out(steps, reasons)
    seen = marked(q, events=events, reach=reach, internal_source=internal_source, traits=traits)
    units = _units(q, seen)
    if q.listed is not None:
        reached, dropped = q.listed.get("reached"), q.listed.get("dropped_after")
        kept = in_series(
            units.filter(units.reached == dropped if dropped else units.reached >= reached), q.listed
        )
        if "bucket" in q.listed:
            kept = kept.filter(kept.bucket == ibis.literal(q.listed.get("bucket")))
        return plans_of_list(kept.select("unit", "reached", "start"), first=("start",)) | left_out
    plans = {"rows": _counted(q, units), **left_out}
    if q.by or q.every:
        plans["total"] = _counted(q, units, grouped=False)
    return plans


def plan_funnel(
    q: FunnelQuestion, *, events: ir.Table, reach: Reach, internal_source: int, traits: ir.Table | None = None
) -> ir.Table:
    """One row a series and bucket: `series`, `bucket` (null unless asked for), and for each step k `units_k`.

    From step 2 on also seconds from step 1 among those who reached it: `mean_k`, `p25_k`, `p50_k`, `p75_k`, `p90_k`.
    """
    return _counted(
        q, plan_funnel_units(q, events=events, reach=reach, internal_source=internal_source, traits=traits)
    )


def plan_funnel_units(
    q: FunnelQuestion, *, events: ir.Table, reach: Reach, internal_source: int, traits: ir.Table | None = None
) -> ir.Table:
    """One row a unit that entered: `unit`, `reached` (step), `start` (µs) of the attempt that got furthest, `series`,
    `bucket`, and `took_k` (µs from step 1; null when step k was not reached) for k from 2 on."""
    return _units(q, marked(q, events=events, reach=reach, internal_source=internal_source, traits=traits))


def marked(
    q: FunnelQuestion, *, events: ir.Table, reach: Reach, internal_source: int, traits: ir.Table | None
) -> ir.Table:
    """The events that matter: unit, us, day, held, series, `m1`… (fits the step), `x1`… (fits the exclusion), and `pos`:
    their order within the unit, by time, then step, then whatever fits no step."""
    t = in_scope(events, q.scope, reach=reach)
    named = {name for one in (*q.steps, *(x.selector for x in q.exclude)) for name in one.events}
    wanted = t.name.isin(sorted(named))
    t = t.filter(wanted | (t.source_id != internal_source) if q.order == "strict" else wanted)
    t = with_series(t, q.by, traits=traits)
    steps = {
        f"m{k}": chosen(t, one, internal_source=internal_source, field=f"steps[{k}].where")
        for k, one in enumerate(q.steps, start=1)
    }
    outs = {
        f"x{j}": chosen(t, one.selector, internal_source=internal_source, field=f"exclude[{j}].where")
        for j, one in enumerate(q.exclude, start=1)
    }
    held = property_text(t, q.hold) if q.hold else ibis.literal("")
    t = t.select("event_id", "source_id", "day", "series", unit=unit_of(t, q.scope.unit), us=microseconds(t.ts),
                 held=held, **steps, **outs)  # fmt: skip
    t = t.filter(t.unit.notnull() & t.held.notnull())
    if q.order != "strict":
        t = t.filter(ibis.or_(*(t[name] for name in (*steps, *outs))))
    t = t.mutate(low=_step(t, list(steps)), high=_step(t, list(reversed(steps))))
    pos = ibis.row_number().over(group_by=t.unit, order_by=[t.us, t.low, t.high, t.event_id, t.source_id])
    return t.mutate(pos=pos).drop("event_id", "source_id", "high")


def _step(t: ir.Table, names: list[str]) -> ir.IntegerValue:
    """The number of the first of these marks; those that fit no step come last."""
    return ibis.cases(*((t[name], int(name[1:])) for name in names), else_=len(names) + 1)


def _units(q: FunnelQuestion, seen: ir.Table) -> ir.Table:
    count = len(q.steps)
    t = _any_order(q, seen) if q.order == "any" else _in_order(q, seen)
    done = {k: t[f"s{k}"].notnull() for k in range(1, count + 1)}
    found: dict[str, ir.Value] = {}
    for k, there in done.items():
        found[f"at{k}"] = t.us.min(where=there)
        found[f"from{k}"] = t[f"s{k}"].argmin(t.pos, where=there)
        found[f"held{k}"] = t.held.argmin(t.pos, where=there)
    units = t.group_by("unit").aggregate(**found)
    units = units.filter(units.at1.notnull())
    furthest = [(units[f"at{k}"].notnull(), k) for k in range(count, 0, -1)]
    units = units.mutate(
        reached=ibis.cases(*furthest),
        start=ibis.cases(*((there, units[f"from{k}"]) for there, k in furthest)),
        held=ibis.cases(*((there, units[f"held{k}"]) for there, k in furthest)),
        **{f"took{k}": units[f"at{k}"] - units[f"from{k}"] for k in range(2, count + 1)},
    )
    units = _looked_up(q, seen, units)
    tooks = {f"took_{k}": units[f"took{k}"] for k in range(2, count + 1)}
    return units.select("unit", "reached", "start", "series", "bucket", **tooks)


def _in_order(q: FunnelQuestion, t: ir.Table) -> ir.Table:
    """`s1`…`sN` for ordered and strict."""
    key = ["unit", "held"]
    every = ibis.window(group_by=key)
    before = ibis.window(group_by=key, order_by="pos", preceding=(None, 1))
    up_to = ibis.window(group_by=key, order_by="pos", preceding=None, following=0)
    entry = t.m1
    if q.reentry == "first":
        t = t.mutate(entry=ibis.cases((t.m1, t.pos)).min().over(every))
        entry = t.pos == t.entry
    t = t.mutate(s1=ibis.cases((entry, t.us)))
    for k in range(2, len(q.steps) + 1):
        earlier, fits = t[f"s{k - 1}"], t[f"m{k}"]
        start = earlier.lag(1).over(ibis.window(group_by=key, order_by="pos"))
        if q.order != "strict":
            start = earlier.max().over(before)
        found = {"start": start}
        if (
            q.exclude
        ):  # those who stood at k-1 moved on with the last event of step k, or were ended by an exclusion
            found["arrived"] = ibis.cases((earlier.notnull(), t.pos)).max().over(before)
            found["left"] = ibis.cases((fits, t.pos)).max().over(before)
            ends = [t[f"x{j}"] for j, one in enumerate(q.exclude, start=1) if one.after <= k - 1 < one.before]
            if ends:
                found["ended"] = ibis.cases((ibis.or_(*ends), t.pos)).max().over(up_to)
        t = t.mutate(**found)
        good = fits & t.start.notnull() & (t.us - t.start <= q.within)
        for name in [name for name in ("left", "ended") if name in found]:
            good = good & (t.arrived >= t[name].fill_null(-1))
        t = t.mutate(**{f"s{k}": ibis.cases((good, t.start))}).drop(*found)
    return t


def _any_order(q: FunnelQuestion, t: ir.Table) -> ir.Table:
    """`sn` of an event: the latest start from which, up to this event, n different steps were done.

    An event counts for the first step that it fits (`low`).
    """
    key, count = ["unit", "held"], len(q.steps)
    up_to = ibis.window(group_by=key, order_by="pos", preceding=None, following=0)
    here = {k: ibis.cases((t.low == k, t.us)) for k in range(1, count + 1)}
    if q.reentry == "first":
        t = t.mutate(
            start=t.us.min().over(ibis.window(group_by=key)), **{f"l{k}": v for k, v in here.items()}
        )
        t = t.filter(t.us - t.start <= q.within)
        t = t.mutate(**{f"l{k}": t[f"l{k}"].min().over(up_to) for k in here})
        done = sum((t[f"l{k}"].notnull().cast("int64") for k in here), ibis.literal(0))
        t = t.mutate(done=done)
        return t.mutate(**{f"s{n}": ibis.cases((t.done >= n, t.start)) for n in here})
    t = t.mutate(**{f"l{k}": value.max().over(up_to) for k, value in here.items()})
    t = t.mutate(lasts=ibis.array([t[f"l{k}"].fill_null(_NEVER) for k in here]).sort())
    starts = {n: t.lasts[count - n] for n in here}
    return t.mutate(**{f"s{n}": ibis.cases((t.us - start <= q.within, start)) for n, start in starts.items()})


def _looked_up(q: FunnelQuestion, seen: ir.Table, units: ir.Table) -> ir.Table:
    """The value of the breakdown and the bucket, from the event of the attempt: of several at that moment the least."""
    first = ibis.or_(*(seen[f"m{k}"] for k in range(1, len(q.steps) + 1))) if q.order == "any" else seen.m1
    if q.every:
        units = _at(units, seen, fits=first, moment=units.start,
                    bucket=lambda t: bucket_of(t.day, q.every or "").min())  # fmt: skip
    else:
        units = units.mutate(bucket=ibis.null("date"))
    if not q.by:
        return units.mutate(series=ibis.null("string"))
    moment, fits = units.start, first
    if q.by_step > 1:
        moment = units[f"at{q.by_step}"]
        fits = first if q.order == "any" else seen[f"m{q.by_step}"]
    return _at(units, seen, fits=fits, moment=moment, series=lambda t: t.series.min())


def _at(
    units: ir.Table,
    seen: ir.Table,
    *,
    fits: ir.BooleanValue,
    moment: ir.Value,
    **value: Callable[[ir.Table], ir.Value],
) -> ir.Table:
    there = seen.filter(fits).select("unit", "held", "us", "day", "series")
    wanted = units.select(wanted=units.unit, wanted_held=units.held, moment=moment)
    pairs = there.join(wanted, [there.unit == wanted.wanted, there.held == wanted.wanted_held,
                                there.us == wanted.moment])  # fmt: skip
    found = pairs.group_by(found=pairs.wanted).aggregate(
        **{name: made(pairs) for name, made in value.items()}
    )
    return units.left_join(found, units.unit == found.found).drop("found")


def _counted(q: FunnelQuestion, units: ir.Table, *, grouped: bool = True) -> ir.Table:
    measures: dict[str, ir.Value] = {}
    for k in range(1, len(q.steps) + 1):
        measures[f"units_{k}"] = count_of(units.reached >= k)
        if k > 1:
            seconds = units[f"took_{k}"].cast("float64") / 1_000_000
            measures[f"mean_{k}"] = seconds.mean()
            measures |= {f"p{p}_{k}": seconds.quantile(p / 100) for p in QUANTILES}
    if not grouped:
        return units.aggregate(**measures)
    return units.group_by("series", "bucket").aggregate(**measures).order_by("bucket", "series")


def _left_out(
    q: FunnelQuestion, *, events: ir.Table, reach: Reach, internal_source: int
) -> tuple[ir.Table, dict[str, ir.BooleanValue]]:
    """The events of the steps, and which of them have no unit, or no value to hold."""
    t = in_scope(events, q.scope, reach=reach)
    t = t.filter(ibis.or_(*(
        chosen(t, one, internal_source=internal_source, field=f"steps[{k}].where")
        for k, one in enumerate(q.steps, start=1)
    )))  # fmt: skip
    unit = unit_of(t, q.scope.unit)
    reasons = {no_unit(q.scope.unit): unit.isnull()}
    if q.hold:
        reasons[f"no {q.hold}"] = unit.notnull() & property_text(t, q.hold).isnull()
    return t, reasons

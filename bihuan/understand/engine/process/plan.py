"""The process as expressions: the steps of each case in order, the cases, and what is counted of both."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from bihuan.understand.engine.left_out import plans_of_left_out, plans_of_nameless
from bihuan.understand.engine.listing import LEFT_OUT, Cell, in_series, plans_of_list, same
from bihuan.understand.engine.process.question import ONLY_STARTED, ProcessQuestion
from bihuan.understand.engine.process.working import with_worked
from bihuan.understand.engine.scope import (
    DAY_US,
    Reach,
    chosen,
    count_of,
    in_scope,
    microseconds,
    no_unit,
    property_text,
    unit_of,
    with_series,
)

ARROW = " → "
SEPARATOR, _PLACES = "\x1f", 9
HOUR_US = 3_600_000_000
Measures = dict[str, ir.Value]


def plans_of_process(
    q: ProcessQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> Mapping[str, ir.Table]:
    """`totals` and `steps` (one row each), `rows` (what `show` asks for), `left_out`; or what `list` asks for."""
    t = in_scope(events, q.scope, reach=reach)
    t = t.filter(chosen(t, q.events, internal_source=internal_source, field="events.where"))
    steps = steps_of(q, t, traits=traits)
    cases = cases_of(q, steps)
    called = ibis.literal(True) if q.activity is None else property_text(t, q.activity).notnull()
    case = unit_of(t, q.scope.unit)
    reasons = {no_unit(q.scope.unit): case.isnull()}
    if q.activity is not None:
        reasons[f"no {q.activity}"] = case.notnull() & ~called
    if q.listed is not None and q.listed.get(LEFT_OUT) in reasons:
        return plans_of_nameless(t, reasons, q.listed)
    left_out = plans_of_left_out(t, reasons)
    if q.transition is not None:
        started = _only_started(q, t)
        left_out["left_out"] = left_out["left_out"].cross_join(
            started.aggregate(**{ONLY_STARTED: started.count()})
        )
        if q.listed is not None and LEFT_OUT in q.listed:
            return plans_of_list(started, first=(ibis.desc("events"),), events="events") | left_out
    if q.listed is not None:
        return plans_of_list(_inside(q, q.listed, t, steps=steps, cases=cases), first=(ibis.desc("times"),),
                             times="times") | left_out  # fmt: skip
    rows = {"variants": _variants, "follows": _follows, "activities": _activities, "cases": _cases}[q.show]
    return {
        "totals": cases.aggregate(**_measures(q, cases)),
        "steps": steps.aggregate(
            activities=steps.activity.nunique(), directly_follows=count_of(steps.then.notnull()),
            pairs=(steps.activity + SEPARATOR + steps.then).nunique(),
        ),
        "rows": rows(q, steps, cases).limit(q.top), **left_out,
    }  # fmt: skip


def _only_started(q: ProcessQuestion, t: ir.Table) -> ir.Table:
    """The cases that have events that start an activity and none that completes one: `unit`, `events`, `account`."""
    t = t.filter(ibis.literal(True) if q.activity is None else property_text(t, q.activity).notnull())
    t = t.select("account_id", unit=unit_of(t, q.scope.unit), stage=stage_of(q, t))
    cases = (
        t.filter(t.unit.notnull())
        .group_by("unit")
        .aggregate(
            events=lambda g: g.count(),
            account=lambda g: g.account_id.max(),
            started=lambda g: count_of(g.stage == "start"),
            completed=lambda g: count_of(g.stage == "complete"),
        )
    )
    return cases.filter((cases.started > 0) & (cases.completed == 0)).drop("started", "completed")


def stage_of(q: ProcessQuestion, t: ir.Table) -> ir.StringValue:
    """`start`, `complete` or another transition; events that tell none are completions."""
    if q.transition is None:
        return ibis.literal("complete")
    return ibis.coalesce(property_text(t, q.transition).lower(), "complete")


def steps_of(q: ProcessQuestion, t: ir.Table, *, traits: ir.Table | None) -> ir.Table:
    """One row an event of a case: case, series (of the case's first event), activity, us, pos from 0, then, then_us.

    With a calendar or transitions also `begun` (µs of its start, or of itself), `waiting` (µs since the one before) and
    `service` (µs since its start, null without one), and those of the next one: `then_waiting`, `then_service`. In working
    time where there is a calendar, and then `worked` and `begun_worked` too.
    """
    t = with_series(t, q.by, traits=traits)
    activity = t.name if q.activity is None else property_text(t, q.activity)
    t = t.select("series", "received_at", "event_id", "source_id", "day", case=unit_of(t, q.scope.unit), activity=activity,
                 us=microseconds(t.ts), stage=stage_of(q, t))  # fmt: skip
    t = t.filter(t.case.notnull() & t.activity.notnull())
    t = with_worked(t) if q.calendar is not None else t.mutate(worked=t.us)
    if q.transition is not None:
        t = _completed(t)
    order = [t.us, t.received_at, t.event_id, t.source_id]
    t = t.mutate(pos=ibis.row_number().over(group_by="case", order_by=order))
    within = ibis.window(group_by="case", order_by="pos")
    first = ibis.cases((t.pos == 0, t.series)).max().over(ibis.window(group_by="case"))
    found = {"series": first, "then": t.activity.lead().over(within), "then_us": t.us.lead().over(within)}
    if not measured(q):
        return t.select("case", "activity", "us", "pos", **found)
    begun, begun_worked = (
        (t.started, t.started_worked) if q.transition else (ibis.null("int64"), ibis.null("int64"))
    )
    t = t.mutate(begun=ibis.coalesce(begun, t.us), begun_worked=ibis.coalesce(begun_worked, t.worked),
                 service=t.worked - begun_worked, **found)  # fmt: skip
    gap = t.begun_worked - t.worked.lag().over(within)
    t = t.mutate(waiting=ibis.cases((gap < 0, ibis.literal(0, "int64")), else_=gap))
    return t.select("case", "activity", "us", "pos", "series", "then", "then_us", "worked", "begun", "begun_worked",
                    "waiting", "service", then_waiting=t.waiting.lead().over(within),
                    then_service=t.service.lead().over(within))  # fmt: skip


def measured(q: ProcessQuestion) -> bool:
    """Whether waiting and service time are told beside elapsed time."""
    return q.calendar is not None or q.transition is not None


def _completed(t: ir.Table) -> ir.Table:
    """The completions, with `started` and `started_worked`: of the first start since the activity was last completed in the
    case; of two at one moment the start is the earlier one."""
    t = t.filter(t.stage.isin(["start", "complete"]))
    order = [t.us, t.stage.desc(), t.received_at, t.event_id, t.source_id]
    before = ibis.window(group_by=["case", "activity"], order_by=order, preceding=(None, 1))
    done = ibis.cases((t.stage == "complete", 1), else_=0).sum().over(before)
    t = t.mutate(done=ibis.coalesce(done, 0))
    one = ibis.window(group_by=["case", "activity", "done"])
    begins = {"started": t.us, "started_worked": t.worked}
    t = t.mutate(
        **{name: ibis.cases((t.stage == "start", us)).min().over(one) for name, us in begins.items()}
    )
    return t.filter(t.stage == "complete")


def cases_of(q: ProcessQuestion, steps: ir.Table) -> ir.Table:
    """One row a case: case, series, events, kinds (different activities), days, variant (activities in order); and where it is
    measured the hours `working`, `waiting` and `service`, all of the case together."""
    placed = steps.pos.cast("string").lpad(_PLACES, "0") + steps.activity
    begin = steps.begun if measured(q) else steps.us
    found: Measures = {}
    if measured(q):
        found["working"] = _hours(steps.worked.max() - steps.begun_worked.min())
        found |= {"waiting": _hours(steps.waiting.sum().fill_null(0)), "service": _hours(steps.service.sum())}
    cases = steps.group_by("case", "series").aggregate(
        events=steps.count(), kinds=steps.activity.nunique(), placed=placed.collect(),
        days=(steps.us.max() - begin.min()).cast("float64") / DAY_US, **found,
    )  # fmt: skip
    variant = cases.placed.sort().map(lambda one: one.substr(_PLACES)).join(SEPARATOR)
    return cases.mutate(variant=variant).drop("placed")


def _hours(us: ir.Value) -> ir.Value:
    return us.cast("float64") / HOUR_US


def _inside(q: ProcessQuestion, cell: Cell, t: ir.Table, *, steps: ir.Table, cases: ir.Table) -> ir.Table:
    """The cases of one number: `unit`, `times` (how often it happens there), `events`, `days`, and `account` (the case's)."""
    here = steps
    if "activity" in cell:
        here = here.filter(same(here.activity, cell.get("activity")))
    if "then" in cell:
        here = here.filter(same(here.then, cell.get("then")))
    if "start" in cell:
        here = here.filter(here.pos == 0)
    if "end" in cell:
        here = here.filter(here.then.isnull())
    counted = here.group_by(found=here.case).aggregate(times=here.count())
    mine = in_series(cases, cell)
    if "variant" in cell:
        mine = mine.filter(mine.variant == SEPARATOR.join(str(one) for one in cell.get("variant")))
    mine = mine.join(counted, mine.case == counted.found)
    if "rework" in cell:
        again = mine.times - 1 if "activity" in cell else mine.events - mine.kinds
        mine = mine.mutate(times=again).filter(again > 0)
    whose = t.select(owned=unit_of(t, q.scope.unit), account=t.account_id)
    owners = whose.group_by("owned").aggregate(account=whose.account.max())
    found = mine.left_join(owners, mine.case == owners.owned)
    return found.select("times", "events", "days", "account", unit="case")


def _measures(q: ProcessQuestion, cases: ir.Table) -> Measures:
    found: Measures = {
        "cases": cases.count(), "events": _whole(cases.events.sum()), "variants": cases.variant.nunique(),
        "rework_cases": count_of(cases.events > cases.kinds),
        "rework_events": _whole((cases.events - cases.kinds).sum()),
        "length_mean": cases.events.mean(), "length_max": cases.events.max(),
        **{f"duration_{name}_days": value for name, value in _days(cases.days).items()},
        "duration_max_days": cases.days.max(),
    }  # fmt: skip
    return found | _of_cases(q, cases)


def _of_cases(q: ProcessQuestion, cases: ir.Table) -> Measures:
    """Working, waiting and service hours a case."""
    names = (*(["working"] if q.calendar else []), *(["waiting", "service"] if q.transition else []))
    return {f"{name}_{kind}": value for name in names for kind, value in _middle(cases[name]).items()}


def _of_steps(q: ProcessQuestion, **hours: ir.Value) -> Measures:
    """Waiting and service hours a step."""
    names = (*(["waiting"] if measured(q) else []), *(["service"] if q.transition else []))
    return {f"{name}_{kind}": value for name in names for kind, value in _middle(_hours(hours[name])).items()}


def _whole(value: ir.Value) -> ir.Value:
    return value.cast("float64").fill_null(0)


def _days(value: ir.Value) -> Measures:
    return {"mean": value.mean(), "p50": value.quantile(0.5), "p90": value.quantile(0.9)}


def _middle(value: ir.Value) -> Measures:
    return {"mean": value.mean(), "p50": value.quantile(0.5)}


def _variants(q: ProcessQuestion, steps: ir.Table, cases: ir.Table) -> ir.Table:
    found = cases.group_by("series", "variant").aggregate(
        cases=cases.count(), events=cases.events.max(), **_days(cases.days), **_of_cases(q, cases)
    )
    return found.order_by(found.cases.desc(), "variant", "series")


def _follows(q: ProcessQuestion, steps: ir.Table, cases: ir.Table) -> ir.Table:
    pairs = steps.filter(steps.then.notnull())
    days = (pairs.then_us - pairs.us).cast("float64") / DAY_US
    more = _of_steps(q, waiting=pairs.then_waiting, service=pairs.then_service) if measured(q) else {}
    found = pairs.group_by("series", "activity", "then").aggregate(
        frequency=pairs.count(), cases=pairs.case.nunique(), **_days(days), **more
    )
    return found.order_by(found.frequency.desc(), "activity", "then", "series")


def _activities(q: ProcessQuestion, steps: ir.Table, cases: ir.Table) -> ir.Table:
    t = steps.mutate(nth=ibis.row_number().over(group_by=["case", "activity"], order_by=steps.pos))
    found = t.group_by("series", "activity").aggregate(
        events=t.count(), cases=count_of(t.nth == 0), rework_cases=count_of(t.nth == 1), rework_events=count_of(t.nth > 0),
        starts=count_of(t.pos == 0), ends=count_of(t.then.isnull()),
        **(_of_steps(q, waiting=t.waiting, service=t.service) if measured(q) else {}),
    )  # fmt: skip
    return found.order_by(found.events.desc(), "activity", "series")


def _cases(q: ProcessQuestion, steps: ir.Table, cases: ir.Table) -> ir.Table:
    return cases.group_by("series").aggregate(**_measures(q, cases)).order_by(ibis.desc("cases"), "series")

"""What an experiment's plans count, against plain Python over the same drawn events."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.store import events_table
from bihuan.understand.engine.experiment import plans_of_experiment, read_experiment, shape_found
from bihuan.understand.engine.experiment.question import ExperimentQuestion, Metric
from bihuan.understand.explore.tests.conftest import MONDAY, ZONE, Ledger, thoroughly

HOUR = 3_600_000_000
PERIOD = {"from": "2026-03-03", "to": "2026-03-08"}
METRICS = [
    {"name": "did", "event": "buy", "within": "2d"},
    {
        "name": "sum",
        "kind": "mean",
        "event": "buy",
        "measure": "sum(props.amount)",
        "where": "props.amount > 1.0",
    },
    {"name": "ratio", "kind": "ratio", "event": "buy", "per": "visit", "within": "4d"},
    {"name": "back", "kind": "retention", "after": "1d", "within": "3d"},
]
#: Six hours apart, so that many lie exactly on the edge of a window.
moments = st.integers(0, 9 * 4).map(lambda quarter: MONDAY + timedelta(hours=6 * quarter))
drawn = st.fixed_dictionaries({
    "name": st.sampled_from(["shown", "shown", "buy", "visit"]), "ts": moments,
    "person_id": st.one_of(st.none(), st.integers(1, 3)), "account_id": st.one_of(st.none(), st.integers(1, 2)),
    "props": st.fixed_dictionaries({"group": st.sampled_from(["a", "b", "c"]), "amount": st.integers(0, 3)}),
    "source_id": st.sampled_from([1, 1, 1, 0]),
})  # fmt: skip
ledgers = st.lists(drawn, min_size=20, max_size=60)


def asked(**more: Any) -> ExperimentQuestion:
    return read_experiment({
        "kind": "experiment", "exposure": {"event": "shown", "variant": "props.group"}, "variants": {"a": 1, "b": 1},
        "metrics": METRICS, "period": PERIOD, **more,
    }, today=date(2026, 3, 8))  # fmt: skip


def day_of(event: dict) -> date:
    return event["ts"].astimezone(ZONE).date()


def recount(q: ExperimentQuestion, events: list[dict]) -> tuple[dict, list[dict]]:
    """Exposures by (unit, variant), and for each metric what each unit did: obviously right, and slow."""
    unit = {"person": "person_id", "account": "account_id"}[q.scope.unit]
    reach = [
        e
        for e in events
        if q.scope.first - timedelta(days=(q.cuped or 0) // (24 * HOUR)) <= day_of(e) <= q.scope.last
    ]
    shown = [
        e
        for e in events
        if q.scope.first <= day_of(e) <= q.scope.last and e["name"] == "shown" and e[unit] is not None
    ]
    exposed: dict = defaultdict(lambda: [0, set()])
    for e in shown:
        exposed[e[unit], e["props"]["group"]][0] += 1
        exposed[e[unit], e["props"]["group"]][1] |= {e["person_id"]} - {None}
    return {key: (n, len(people)) for key, (n, people) in exposed.items()}, [
        did(q, metric, reach=reach, shown=shown, unit=unit) for metric in q.metrics
    ]


def did(q: ExperimentQuestion, metric: Metric, *, reach: list[dict], shown: list[dict], unit: str) -> dict:
    def fits(event: dict, selector) -> bool:
        amount = selector.where is None or event["props"]["amount"] > 1
        named = event["name"] in selector.events if selector.events else event["source_id"] != 0
        return named and amount

    def key(event: dict) -> tuple:
        return (event[unit], event["person_id"]) if metric.by == "person" else (event[unit],)

    starts: dict = {}
    for e in shown:
        if None not in key(e):
            starts[key(e)] = min(starts.get(key(e), e["ts"]), e["ts"])
    found: dict = defaultdict(lambda: {"y": [], "x": 0, "y_before": [], "x_before": 0})
    for e in reach:
        if key(e) not in starts:
            continue
        passed = int((e["ts"] - starts[key(e)]).total_seconds()) * 1_000_000
        after = passed >= metric.after and (metric.within is None or passed <= metric.within)
        before = q.cuped is not None and -q.cuped <= passed < 0
        if not after and not before:
            continue
        end = "" if after else "_before"
        if fits(e, metric.selector):
            found[e[unit]][f"y{end}"].append(e)
        if metric.per and fits(e, metric.per):
            found[e[unit]][f"x{end}"] += 1
    return {
        who: tuple(
            counted(metric, seen[n]) if n.startswith("y") else seen[n]
            for n in ("y", "x", "y_before", "x_before")
        )
        for who, seen in found.items()
    }


def counted(metric: Metric, events: list[dict]) -> float:
    if metric.yes_or_no:
        return len({e["person_id"] for e in events}) if metric.by == "person" else float(bool(events))
    return sum(e["props"]["amount"] if metric.measure.startswith("sum") else 1 for e in events)


@thoroughly
@given(
    events=ledgers,
    unit=st.sampled_from(["person", "account", "account by person"]),
    cuped=st.sampled_from([None, "2d"]),
)
def test_units_and_what_they_did_are_what_a_recount_finds(ledger: Ledger, events, unit, cuped) -> None:
    each, unit = unit.endswith("by person"), unit.split()[0]
    metrics = [{**m, "by": "person"} if each and m["name"] != "ratio" else m for m in METRICS]
    q = asked(unit=unit, metrics=metrics, **({"cuped": cuped} if cuped else {}))
    ledger.fill(events)
    plans = plans_of_experiment(q, events=events_table(), reach={}, internal_source=0)
    exposed, values = recount(q, events)
    rows = ledger.rows(plans["exposed"])
    assert {(row["unit"], row["variant"]): (row["exposures"], row["people"]) for row in rows} == exposed
    for number, expected in enumerate(values, start=1):
        done = {row["unit"]: row for row in ledger.rows(plans[f"metric_{number}"])}
        names = ("y", "x", "y_before", "x_before")
        found = {
            who: tuple(row[name] for name in names)
            for who, row in done.items()
            if any(row[name] for name in names)
        }
        assert found == {who: numbers for who, numbers in expected.items() if any(numbers)}, q.metrics[
            number - 1
        ].name
    nobody = sum(
        day_of(e) >= q.scope.first
        and day_of(e) <= q.scope.last
        and e["name"] == "shown"
        and e[f"{unit}_id"] is None
        for e in events
    )
    found = {name: ledger.table(plan) for name, plan in plans.items()}
    answer = shape_found(q, found=found, zone=str(ZONE), today=date(2026, 3, 8), names=lambda by, values: {})
    assert answer.left_out.get(f"no {unit}", 0) == nobody
    assert sum(answer.summary["units"].values()) + answer.left_out.get("in two variants", 0) == len(
        {who for who, variant in exposed if variant in "ab"}
    )


def test_an_experiment_over_events_is_read_from_first_exposure_to_verdict(ledger: Ledger) -> None:
    events = []
    for person in range(400):
        new = person % 2 == 1
        at = MONDAY + timedelta(days=1, minutes=person)
        events.append({"name": "shown", "ts": at, "person_id": person, "props": {"group": "ab"[new]}})
        if person % 10 < (6 if new else 3):
            events.append({"name": "buy", "ts": at + timedelta(hours=5), "person_id": person})
        events.append({"name": "buy", "ts": at - timedelta(hours=5), "person_id": person})
    ledger.fill(events)
    q = asked(metrics=METRICS[:1])
    plans = plans_of_experiment(q, events=events_table(), reach={}, internal_source=0)
    found = {name: ledger.table(plan) for name, plan in plans.items()}
    answer = shape_found(q, found=found, zone=str(ZONE), today=date(2026, 3, 8), names=lambda by, values: {})
    assert [row[4] for row in answer.rows] == [80 / 200, 120 / 200], (
        "what was before the exposure does not count"
    )
    assert answer.summary["verdicts"]["b"]["code"] == "better" and answer.left_out == {}

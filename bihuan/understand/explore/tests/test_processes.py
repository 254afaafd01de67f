"""Processes: worked examples, and small logs recounted in plain Python on every engine."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.calendars import read_calendar, service_time_between
from bihuan.understand.engine import process
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.process import ARROW, read_process
from bihuan.understand.explore.tests.conftest import MONDAY, TODAY, ZONE, answered, thoroughly

PERIOD = {"from": "2026-03-01", "to": "2026-03-31"}


def log(case, *activities, **props):
    """One event an hour."""
    return [{"name": name, "ts": MONDAY + timedelta(hours=hour), "props": {"case": case} | props}
            for hour, name in enumerate(activities)]  # fmt: skip


def asked(ledger, rows, **raw):
    return answered(ledger, process, rows, **{"unit": "props.case", "period": PERIOD} | raw)


def test_a_log_is_told_by_variants_pairs_and_activities(ledger):
    rows = (
        log(1, "open", "work", "close")
        + log(2, "open", "work", "close")
        + log(3, "open", "work", "work", "work")
    )
    rows += [{"name": "open", "ts": MONDAY}]
    found = asked(ledger, rows)
    assert [row[:4] for row in found.rows] == [
        ("open → work → close", 2, 2 / 3, 3), ("open → work → work → work", 1, 1 / 3, 4)]  # fmt: skip
    assert found.summary | {"length_mean": 0, "duration_mean_days": 0} == {
        "cases": 3, "events": 10, "activities": 3, "variants": 2, "directly_follows": 7, "pairs": 3, "rework_cases": 1,
        "rework_events": 2, "length_max": 4, "length_mean": 0, "duration_mean_days": 0,
        "duration_p50_days": 2 / 24, "duration_p90_days": pytest.approx(2.8 / 24), "duration_max_days": 3 / 24,
    }  # fmt: skip
    assert found.left_out == {"no props.case": 1}
    follows = asked(ledger, None, show="follows").rows
    assert [row[:4] for row in follows] == [
        ("open", "work", 3, 3),
        ("work", "close", 2, 2),
        ("work", "work", 2, 1),
    ]
    assert follows[0][4] == pytest.approx(1 / 24)
    assert asked(ledger, None, show="activities").rows == (
        ("work", 5, 3, 1, 2, 0, 1), ("open", 3, 3, 0, 0, 3, 0), ("close", 2, 2, 0, 0, 0, 2))  # fmt: skip


def test_a_segment_of_cases_is_that_of_the_first_event(ledger):
    rows = log(1, "a", "b", level="high") + log(2, "a", level="low") + log(3, "a", level="low")
    rows[1]["props"]["level"] = "low"
    found = asked(ledger, rows, show="cases", by="props.level")
    assert [row[:3] for row in found.rows] == [("low", 2, 2), ("high", 1, 2)]


def test_the_activity_may_be_a_property_and_the_events_some(ledger):
    rows = log(1, "a", "b", "c", step="x")
    found = asked(ledger, rows, activity="props.step", events=["a", "b"])
    assert [row[0] for row in found.rows] == ["x → x"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"show": "map"}, "show"),
        ({"top": 0}, "top"),
        ({"activity": "name"}, "activity"),
        ({"case": 1}, "case"),
        ({"transition": "stage"}, "transition"),
        ({"calendar": 5}, "calendar"),
        ({"calendar": {"hours": ["9"]}}, "calendar.hours"),
    ],
)
def test_a_wrong_process_names_the_field(more, field):
    with pytest.raises(QuestionError) as refused:
        read_process({"kind": "process"} | more, today=TODAY)
    assert refused.value.field == field


logs = st.lists(
    st.tuples(st.integers(1, 12), st.sampled_from("abcd"), st.integers(0, 40), st.sampled_from([None, "p", "q"])),
    min_size=1, max_size=120,
)  # fmt: skip


@thoroughly
@given(drawn=logs)
def test_a_process_agrees_with_a_recount(ledger, drawn):
    rows = [{"name": name, "ts": MONDAY + timedelta(hours=hour), "event_id": f"{number:04}",
             "props": {"case": case} | ({"v": v} if v else {})} for number, (case, name, hour, v) in enumerate(drawn)]  # fmt: skip
    cases = defaultdict(list)
    for row in rows:
        cases[row["props"]["case"]].append(row)
    for events in cases.values():
        events.sort(key=lambda row: (row["ts"], row["event_id"]))
    variants = Counter(tuple(row["name"] for row in events) for events in cases.values())
    pairs = Counter((a["name"], b["name"]) for events in cases.values() for a, b in pairwise(events))
    days = [(events[-1]["ts"] - events[0]["ts"]) / timedelta(days=1) for events in cases.values()]
    again = [len(events) - len({row["name"] for row in events}) for events in cases.values()]
    found = asked(ledger, rows)
    assert {tuple(row[0].split(ARROW)): row[1] for row in found.rows} == variants
    told = found.summary
    assert (told["cases"], told["events"], told["variants"]) == (len(cases), len(rows), len(variants))
    assert (told["directly_follows"], told["pairs"]) == (sum(pairs.values()), len(pairs))
    assert (told["rework_cases"], told["rework_events"]) == (sum(map(bool, again)), sum(again))
    for name, value in (
        ("mean", np.mean(days)),
        ("p50", np.percentile(days, 50)),
        ("p90", np.percentile(days, 90)),
    ):
        assert told[f"duration_{name}_days"] == pytest.approx(value)
    assert {row[:2]: row[2] for row in asked(ledger, None, show="follows").rows} == pairs
    activities = {row[0]: row[1:] for row in asked(ledger, None, show="activities").rows}
    for name in {row["name"] for row in rows}:
        counts = [sum(row["name"] == name for row in events) for events in cases.values()]
        assert activities[name] == (
            sum(counts), sum(map(bool, counts)), sum(n > 1 for n in counts), sum(max(0, n - 1) for n in counts),
            sum(events[0]["name"] == name for events in cases.values()),
            sum(events[-1]["name"] == name for events in cases.values()),
        )  # fmt: skip
    firsts = Counter(events[0]["props"].get("v", "—") for events in cases.values())
    assert {row[0]: row[1] for row in asked(ledger, None, show="cases", by="props.v").rows} == firsts


OFFICE = {
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "hours": ["09:00-12:00", "13:30-18:00"],
    "holidays": "CN",
}


def told(answer, name, *key):
    """The value of a column in the row that begins with the key."""
    place = [column.name for column in answer.columns].index(name)
    return next(row[place] for row in answer.rows if row[: len(key)] == key)


def test_a_night_is_elapsed_time_and_no_working_time(ledger):
    rows = [{"name": name, "ts": MONDAY + timedelta(hours=hours), "props": {"case": 1}}
            for name, hours in (("open", 17), ("work", 34), ("close", 24 * 6 + 10))]  # fmt: skip
    found = asked(ledger, rows, show="follows", calendar=OFFICE)
    assert told(found, "mean", "open", "work") == pytest.approx(17 / 24)
    assert told(found, "waiting_mean", "open", "work") == 2
    assert told(found, "waiting_p50", "work", "close") == 7.5 * 4 - 1, (
        "from Tuesday at ten to the end of Friday"
    )
    case = asked(ledger, None, show="cases", calendar=OFFICE)
    assert case.summary["working_mean_hours"] == case.rows[0][-1] == 31
    assert any("hours 09:00-12:00 13:30-18:00; holidays CN" in line for line in case.definition)
    names = [column.name for column in asked(ledger, None, show="follows").columns]
    assert not {"waiting_mean", "service_mean"} & set(names), (
        "without calendar and starts, waiting is what has passed"
    )


def test_service_runs_from_start_to_completion_and_waiting_until_the_start(ledger):
    stages = (("open", 9, None), ("work", 11, "start"), ("work", 12, "Start"), ("work", 14, "complete"),
              ("work", 15, "suspend"), ("check", 16, "START"), ("close", 17, "complete"))  # fmt: skip
    rows = [{"name": name, "ts": MONDAY + timedelta(hours=hour), "props": {"case": 1} | ({"stage": stage} if stage else {})}
            for name, hour, stage in stages]  # fmt: skip
    found = asked(ledger, rows, show="follows", transition="props.stage")
    assert [row[:2] for row in found.rows] == [("open", "work"), ("work", "close")], (
        "what is not completed is no step"
    )
    for pair, waiting, service in ((("open", "work"), 2, 3), (("work", "close"), 3, None)):
        assert (told(found, "waiting_mean", *pair), told(found, "service_mean", *pair)) == (waiting, service)
    working = asked(ledger, None, show="activities", transition="props.stage", calendar=OFFICE)
    assert (told(working, "waiting_mean", "work"), told(working, "service_mean", "work")) == (2, 1.5)
    assert (working.summary["service_mean_hours"], working.summary["waiting_mean_hours"]) == (1.5, 5)


staged = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from("abc"), st.integers(0, 400), st.sampled_from([None, "start", "complete"])),
    min_size=1, max_size=80,
)  # fmt: skip


def measured_by_hand(drawn, *, stages, hours):
    """Waiting and service hours by activity, and of each case together: every step of every case followed."""
    cases = defaultdict(list)
    for number, (case, name, hour, stage) in enumerate(drawn):
        cases[case].append((hour, not (stages and stage == "start"), number, name))
    waiting, service, waits, services = defaultdict(list), defaultdict(list), [], []
    for events in cases.values():
        begun, steps = {}, []
        for hour, completes, number, name in sorted(events):
            if completes:
                steps.append((hour, number, name, begun.pop(name, None)))
            else:
                begun.setdefault(name, hour)
        steps.sort(key=lambda step: step[:2])
        waited = [max(0, hours(a[0], b[0] if b[3] is None else b[3])) for a, b in pairwise(steps)]
        served = [(name, hours(start, end)) for end, _number, name, start in steps if start is not None]
        for step, spent in zip(steps[1:], waited, strict=True):
            waiting[step[2]].append(spent)
        for name, spent in served:
            service[name].append(spent)
        waits += [sum(waited)] if steps else []
        services += [sum(spent for _name, spent in served)] if served else []
    return waiting, service, waits, services


def middle(values, of):
    return pytest.approx(of(values)) if values else None


@thoroughly
@given(
    drawn=staged, stages=st.booleans(), calendar=st.sampled_from([OFFICE, {"hours": ["00:00-24:00"]}, None])
)
def test_waiting_and_service_time_agree_with_a_recount(ledger, drawn, stages, calendar):
    rows = [{"name": name, "ts": MONDAY + timedelta(hours=hour), "event_id": f"{number:04}",
             "props": {"case": case} | ({"stage": stage} if stage else {})}
            for number, (case, name, hour, stage) in enumerate(drawn)]  # fmt: skip
    office = None if calendar is None else read_calendar(calendar, zone=str(ZONE), years=[2026])

    def hours(start, end):
        if office is None or end < start:
            return end - start
        start, end = (MONDAY + timedelta(hours=hour) for hour in (start, end))
        return service_time_between(calendar=office, start=start, end=end) / timedelta(hours=1)

    waiting, service, waits, services = measured_by_hand(drawn, stages=stages, hours=hours)
    raw = ({"transition": "props.stage"} if stages else {}) | ({"calendar": calendar} if calendar else {})
    found = asked(ledger, rows, show="activities", **raw)
    for name, *_rest in found.rows if raw else ():
        assert told(found, "waiting_mean", name) == middle(waiting[name], np.mean)
        if stages:
            assert told(found, "service_p50", name) == middle(service[name], np.median)
    if stages:
        assert found.summary["waiting_mean_hours"] == middle(waits, np.mean)
        assert found.summary["service_mean_hours"] == middle(services, np.mean)


def test_a_case_that_only_started_is_left_out_and_counted(ledger):
    drawn = [("one", "start"), ("one", None), ("two", "Start"), ("two", "suspend"), ("three", "suspend"), ("four", "complete"),
             ("five", "start")]  # fmt: skip
    rows = [{"name": "work", "ts": MONDAY + timedelta(hours=n), "props": {"case": case} | ({"stage": stage} if stage else {})}
            for n, (case, stage) in enumerate(drawn)]  # fmt: skip
    found = asked(ledger, rows, show="cases", transition="props.stage")
    assert found.summary["cases"] == 2
    assert found.left_out == {"cases that were started and completed nothing": 2}, "suspended is not started"
    assert asked(ledger, None, show="cases").left_out == {}


@thoroughly
@given(drawn=staged)
def test_started_cases_are_left_out_as_a_recount_says(ledger, drawn):
    rows = [{"name": name, "ts": MONDAY + timedelta(hours=hour), "props": {"case": case} | ({"stage": stage} if stage else {})}
            for case, name, hour, stage in drawn]  # fmt: skip
    stages = defaultdict(set)
    for case, _name, _hour, stage in drawn:
        stages[case].add(stage or "complete")
    only = sum("complete" not in found for found in stages.values())
    left_out = asked(ledger, rows, show="cases", transition="props.stage").left_out
    assert left_out.get("cases that were started and completed nothing", 0) == only

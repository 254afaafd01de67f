"""Processes: worked examples, and small logs recounted in plain Python on every engine."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.store import events_table
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.process import ARROW, plans_of_process, read_process, shape_process
from bihuan.understand.explore.tests.conftest import MONDAY, TODAY, thoroughly

PERIOD = {"from": "2026-03-01", "to": "2026-03-31"}


def log(case, *activities, **props):
    """One event an hour."""
    return [{"name": name, "ts": MONDAY + timedelta(hours=hour), "props": {"case": case} | props}
            for hour, name in enumerate(activities)]  # fmt: skip


def asked(ledger, rows, **raw):
    q = read_process({"kind": "process", "unit": "props.case", "period": PERIOD} | raw, today=TODAY)
    if rows is not None:
        ledger.fill(rows)
    plans = plans_of_process(q, events=events_table(), reach={}, internal_source=0)
    found = {name: ledger.table(plan) for name, plan in plans.items()}
    return shape_process(q, found=found, zone="Asia/Shanghai", today=TODAY)


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

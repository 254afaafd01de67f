"""Figures of steps against a plain recount of the same log."""

from collections import Counter

import numpy as np
from drawings import END, START, chain, drawn, user
from hypothesis import given
from hypothesis import strategies as st

from bihuan.act.bpmn import read_diagram
from bihuan.act.mining.rules.conformance import conformance, elements_of
from bihuan.act.mining.rules.figures import done_again, figures, grouped, times_of, whole
from bihuan.act.mining.tests.logs import log_of

STEP = st.fixed_dictionaries({
    "activity": st.sampled_from(["ask", "do", "check"]), "at": st.integers(0, 40), "work": st.integers(0, 9_000),
    "waiting": st.one_of(st.just(float("nan")), st.integers(0, 9_000)), "late": st.booleans(),
    "who": st.sampled_from(["wei", "mei", ""]),
})  # fmt: skip
CASES = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.lists(STEP, max_size=6), max_size=8)


def in_order(cases):
    return {name: sorted(steps, key=lambda one: one["at"]) for name, steps in sorted(cases.items())}


@given(cases=CASES)
def test_it_works(cases) -> None:
    cases = in_order(cases)
    log = log_of(cases)
    found = {one.key: one for one in figures(log, keys=log.activities, key_of=log.activity)}
    for activity in log.activities:
        rows = [
            (name, step) for name, steps in cases.items() for step in steps if step["activity"] == activity
        ]
        times = Counter(name for name, _step in rows)
        one = found[activity]
        assert (one.steps, one.cases) == (len(rows), len(times))
        assert one.rework_steps == sum(n - 1 for n in times.values())
        assert one.rework_cases == sum(n > 1 for n in times.values())
        assert one.late == sum(step["late"] for _name, step in rows)
        known = sorted(step["waiting"] for _name, step in rows if step["waiting"] == step["waiting"])
        assert one.waiting.n == len(known)
        assert one.waiting.p50 == (float(np.median(known)) if known else None)
        assert one.work.p90 == float(np.quantile([step["work"] for _name, step in rows], 0.9))


@given(cases=CASES)
def test_the_whole_is_that_of_its_cases(cases) -> None:
    cases = in_order(cases)
    found = whole(log_of(cases))
    sequences = [tuple(step["activity"] for step in steps) for steps in cases.values()]
    assert found.steps == sum(map(len, sequences))
    assert found.variants == len(set(sequences))
    assert found.pairs == sum(max(len(one) - 1, 0) for one in sequences)
    assert found.rework_steps == sum(len(one) - len(set(one)) for one in sequences)
    assert found.rework_cases == sum(len(one) > len(set(one)) for one in sequences)


def test_groups_are_sorted_by_their_text_and_leave_out_what_has_none() -> None:
    keys, places = grouped({0: "b", 1: "a"}, np.asarray([0, 1, -1, 1]))
    assert (keys, places.tolist()) == (("a", "b"), [1, 0, -1, 0])
    assert times_of(np.asarray([np.nan])).p50 is None


def test_a_log_without_a_step_has_no_figures() -> None:
    log = log_of({"one": []})
    assert figures(log, keys=(), key_of=log.activity) == ()
    assert not len(done_again(log))
    assert whole(log).cases == 1


def test_names_are_matched_by_id_else_by_the_only_name_in_either_language() -> None:
    xml = drawn("p", START, user("ask").replace('id="ask"', 'id="ask" xmlns:x="urn:bihuan:bpmn" x:zh="询问"'), user("do"), END,
                chain("start", "ask", "do", "end"))  # fmt: skip
    diagram = read_diagram(xml)
    assert elements_of(diagram, ("ask", " ASK ", "询问", "Do", "other")) == ("ask", "ask", "ask", "do", "")


def test_a_log_along_a_diagram_tells_each_case_that_differs() -> None:
    diagram = read_diagram(
        drawn("p", START, user("ask"), user("do"), END, chain("start", "ask", "do", "end"))
    )
    steps = {name: [{"activity": one, "at": n} for n, one in enumerate(text.split())] for name, text in {
        "fits": "ask do", "too": "ask do", "skips": "do", "more": "ask do other do", "goes on": "ask",
    }.items()}  # fmt: skip
    found = conformance(log_of(steps, ended=[True, True, True, True, False]), diagram)
    assert (found.judged, found.fitting, found.too_wide) == (5, 3, 0)
    assert found.left_out == {"ask": 1}
    assert found.extra == {"do": 1}
    assert found.unknown == {"other": 1}
    told = [
        [(one.kind, one.step, one.known) for one in found.variants[place].differences]
        for place in found.variant
    ]
    assert told == [
        [], [], [("left_out", "ask", True)], [("extra", "other", False), ("extra", "do", True)], [],
    ]  # fmt: skip
    assert found.flows == {"start_ask": 5, "ask_do": 5, "do_end": 4}
    assert found.fitness == (1 + 1 + (1 - 1 / 3) + (1 - 2 / 6) + 1) / 5

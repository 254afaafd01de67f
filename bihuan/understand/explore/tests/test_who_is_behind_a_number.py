"""Behind every number stand as many as it says, and the right ones: drawn histories, drawn questions, on every engine."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.understand.engine import (
    attribution,
    funnel,
    lifecycle,
    path,
    process,
    retention,
    stickiness,
    trend,
)
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.fast.answers import fast_answer
from bihuan.understand.engine.kinds import KINDS
from bihuan.understand.explore.tests.conftest import MONDAY, PERIOD, TODAY, ZONE, answered, thoroughly
from bihuan.understand.explore.tests.reference import activity as reference

MODULES = {
    module.__name__.split(".")[-1]: module
    for module in (attribution, funnel, lifecycle, path, process, retention, stickiness, trend)
}
#: What the list counts where the number counts something else than its units.
COUNTS = {"frequency": "times", "events": "times", "rework_events": "times", "touches": "touches", "conversions": "conversions",
          "count": "events", "sum(props.n)": "value"}  # fmt: skip
NAMES = ("a", "b", "c", "d")
drawn_events = st.lists(
    st.tuples(
        st.integers(-300, 700), st.sampled_from([None, 1, 2, 3, 4, 5]), st.sampled_from([None, 1, 2, 3]),
        st.sampled_from(NAMES), st.sampled_from([None, "x", "y", "客户"]), st.integers(1, 6),
    ),
    min_size=1, max_size=120,
)  # fmt: skip
units = st.sampled_from(["person", "account", "props.case"])
every = st.sampled_from(["day", "week", "month"])
by = st.sampled_from(["props.v", "event", "account"])
QUESTIONS = {
    "trend": st.one_of(
        st.fixed_dictionaries(
            {"measure": st.sampled_from(["count", "people", "accounts", "sum(props.n)"]),
             "every": st.sampled_from(["hour", "day", "week", "month", "all"])},
            optional={"by": by, "events": st.just(["a", "b"])},
        ),
        st.fixed_dictionaries({"measure": st.sampled_from(["count", "sum(props.n)"]), "cumulative": st.just(True), "every": every}),
        st.fixed_dictionaries({"every": every, "compare": st.just("previous")}, optional={"by": st.just("props.v")}),
        st.fixed_dictionaries({"every": every, "series": st.just([{"event": "a"}, {"event": "b"}])}),
    ),
    "funnel": st.fixed_dictionaries(
        {"unit": units, "steps": st.sampled_from([["a", "b"], ["b", "a", "c"]]), "within": st.sampled_from(["6h", "9d"])},
        optional={"by": by, "every": every, "order": st.sampled_from(["strict", "any"])},
    ),
    "retention": st.fixed_dictionaries(
        {"unit": units, "every": every, "returned": st.sampled_from(["on", "on_or_after"]), "periods": st.integers(1, 4),
         "clock": st.sampled_from(["rolling", "calendar"]), "cohorts": st.sampled_from(["first", "recurring"])},
        optional={"by": by, "start": st.just("a")},
    ),
    "lifecycle": st.fixed_dictionaries({"unit": units, "every": every}, optional={"by": by, "activity": st.just("a")}),
    "stickiness": st.fixed_dictionaries({"unit": units, "every": every}, optional={"by": by}),
    "path": st.fixed_dictionaries(
        {"unit": units, "steps": st.integers(2, 4), "top": st.integers(1, 4), "repeats": st.sampled_from(["collapse", "keep"])},
        optional={"by": by, "from": st.just("a"), "within": st.just("3d")},
    ) | st.fixed_dictionaries({"to": st.just("a"), "top": st.integers(1, 3)}, optional={"by": by}),
    "process": st.fixed_dictionaries(
        {"unit": units, "show": st.sampled_from(["variants", "follows", "activities", "cases"]), "top": st.just(1_000)},
        optional={"by": by},
    ),
    "attribution": st.fixed_dictionaries(
        {"unit": units, "touch": st.just({"events": ["a", "b"]}), "conversion": st.just("c"), "within": st.just("9d"),
         "model": st.sampled_from(["last", "first", "linear", "position"])},
        optional={"by": by},
    ),
}  # fmt: skip


def as_events(drawn):
    return [
        {"name": name, "ts": MONDAY + timedelta(hours=hours), "person_id": person, "account_id": account,
         "props": ({"v": value} if value else {}) | {"n": n, "case": f"k{n % 4}"}}
        for hours, person, account, name, value, n in drawn
    ]  # fmt: skip


@pytest.mark.parametrize("kind", QUESTIONS)
@settings(thoroughly, max_examples=min(25, thoroughly.max_examples))
@given(data=st.data())
def test_as_many_are_listed_as_the_number_says(ledger, kind, data):
    module, raw = MODULES[kind], data.draw(QUESTIONS[kind])
    answer = answered(ledger, module, as_events(data.draw(drawn_events)), **raw)
    assert len(answer.behind) == len(answer.rows)
    places = {column.name: place for place, column in enumerate(answer.columns)}
    numbers = [(column, row[places[column]], cell) for row, cells in zip(answer.rows, answer.behind, strict=True)
               for column, cell in cells.items() if column != "change"]  # fmt: skip
    told = [one for one in numbers if one[1]] or numbers
    for column, number, cell in data.draw(st.lists(st.sampled_from(told), max_size=4)) if told else ():
        found = answered(ledger, module, None, **raw, list=cell)
        assert len(found.rows) == found.summary["units"], (raw, cell)
        counts = COUNTS.get({"value": "count", "before": "count"}.get(column, column), "units")
        counted = found.summary[counts] or 0
        if kind == "trend" and counts == "events":
            counted += sum(found.left_out.values())
        if counts == "value":
            continue  # what is summed of events without a unit is not told
        assert counted == pytest.approx(number or 0), (raw, cell, column)


@thoroughly
@given(drawn=drawn_events, n=st.integers(0, 10**6), periods=st.integers(1, 4), recurring=st.booleans(),
       later=st.booleans(), rolling=st.booleans(), often=every)  # fmt: skip
def test_the_right_ones_are_listed(ledger, drawn, n, periods, recurring, later, rolling, often):
    rows = as_events(drawn)
    seen = {}
    for row in rows:
        day = row["ts"].astimezone(ZONE).date()
        if row["person_id"] is not None and day <= date(2026, 3, 29):
            seen.setdefault(row["person_id"], []).append(
                (row["person_id"], round(row["ts"].timestamp() * 1e6), day)
            )
    raw = {"every": often}
    ways = {"returned": ["on", "on_or_after"][later], "clock": ["calendar", "rolling"][rolling], "periods": periods,
            "cohorts": ["first", "recurring"][recurring]}  # fmt: skip
    q = retention.read_retention({"kind": "retention", "period": PERIOD} | raw | ways, today=TODAY)

    def starts(found):
        return [one for one in found if not recurring or one[2] >= q.scope.first]

    def those(count):
        return {unit for unit, found in seen.items() if count(found)}

    ledger.fill(rows)
    answer = answered(ledger, retention, None, **raw, **ways)
    cohort, period = (answer.rows[n % len(answer.rows)][place] for place in (0, 2))
    found = answered(ledger, retention, None, **raw, **ways, list={"cohort": cohort, "period": period})
    assert {row[0] for row in found.rows} == those(
        lambda e: reference.retention(q, starts(e), e)[cohort, period]
    )
    bucket = reference.start_of(date(2026, 3, 2) + timedelta(days=n % 28), often)
    for place, state in enumerate(lifecycle.STATES):
        found = answered(ledger, lifecycle, None, **raw, list={"bucket": bucket, "state": state})
        assert {row[0] for row in found.rows} == those(
            lambda e, p=place: reference.lifecycle(q, e)[bucket][p]
        )
    active = n % 3 + 1
    found = answered(ledger, stickiness, None, **raw, list={"active": active})
    assert {row[0] for row in found.rows} == those(lambda e: reference.stickiness(q, e)[active])


@pytest.mark.parametrize(
    ("kind", "more", "field"),
    [
        ("trend", {"list": {"left_out": "no case"}}, "list.left_out"), ("trend", {"list": {"buckets": 1}}, "list.buckets"),
        ("trend", {"series": [{"event": "a"}, {"event": "b"}], "list": {"bucket": "2026-03-02"}}, "list.of"),
        ("trend", {"every": "hour", "list": {"bucket": "2026-03-02"}}, "list.bucket"),
        ("trend", {"list": {"bucket": "2026-03-02", "unit": "team"}}, "list.unit"), ("retention", {"list": 3}, "list"),
        ("retention", {"list": {"cohort": "2026-03-02", "period": 9}}, "list.period"),
        ("lifecycle", {"list": {"bucket": "2026-03-02", "state": "gone"}}, "list.state"),
        ("stickiness", {"list": {"active": 1, "or_more": False}}, "list.or_more"),
        ("path", {"list": {"source": "a"}}, "list.step"), ("path", {"list": {"step": -1, "source": "a"}}, "list.step"),
        ("process", {"list": {"then": "a"}}, "list.activity"),
        ("attribution", {"touch": "a", "conversion": "b", "list": {"of": "touches"}}, "list.of"),
        ("funnel", {"steps": ["a", "b"], "list": {"reached": 1, "dropped_after": 1}}, "list"),
    ],
)  # fmt: skip
def test_a_wrong_list_names_its_place(kind, more, field):
    with pytest.raises(QuestionError) as refused:
        getattr(MODULES[kind], f"read_{kind}")({"kind": kind} | more, today=TODAY)
    assert refused.value.field == field


def test_no_loop_answers_for_a_list():
    cells = {"lifecycle": {"bucket": "2026-03-02", "state": "new"}, "stickiness": {"active": 1},
             "retention": {"cohort": "2026-03-02", "period": 1}, "path": {"step": 1, "source": "a"},
             "trend": {"bucket": "2026-03-02"}, "funnel": {"reached": 1}}  # fmt: skip
    for kind in KINDS:
        if kind.name in cells:
            raw = {"kind": kind.name, "list": cells[kind.name]} | (
                {"steps": ["a", "b"]} if kind.name == "funnel" else {}
            )
            assert fast_answer(kind.read(raw, today=TODAY), ground=None) == {}

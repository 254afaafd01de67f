"""Paths and attribution: worked examples, and small histories recounted in plain Python on every engine."""

from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.understand.engine import attribution, path
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.tests.conftest import MONDAY, TODAY, answered, thoroughly


def walk(person, *names, **props):
    """One event an hour."""
    return [{"name": name, "ts": MONDAY + timedelta(hours=hour), "person_id": person, "props": props}
            for hour, name in enumerate(names)]  # fmt: skip


def test_a_path_begins_with_an_event_and_repeats_are_one_step(ledger):
    rows = walk(1, "x", "a", "b", "b", "a", "c") + walk(2, "a", "b") + walk(3, "x") + walk(None, "a")
    found = answered(ledger, path, rows, **{"from": "a", "steps": 3})
    assert found.rows == ((1, "a", "b", 2, 1.0), (2, "b", "(end)", 1, 0.5), (2, "b", "a", 1, 0.5))
    assert (found.summary, found.left_out) == ({"units": 2, "links": 3}, {"no person": 1})
    kept = answered(ledger, path, None, **{"from": "a", "steps": 3, "repeats": "keep"})
    assert [row[:4] for row in kept.rows][1:] == [(2, "b", "(end)", 1), (2, "b", "b", 1)]


def test_a_path_to_an_event_is_read_backwards(ledger):
    found = answered(ledger, path, walk(1, "a", "b", "c", "d") + walk(2, "c"), to="c", steps=3)
    assert [row[:4] for row in found.rows] == [(-1, "(begin)", "c", 1), (-1, "b", "c", 1), (-2, "a", "b", 1)]


def test_a_path_is_broken_down_by_the_event_it_begins_with(ledger):
    rows = (
        walk(1, "a", "b", plan="pro")
        + walk(2, "a", "c", plan="free")
        + walk(3, "a", "b", plan="free")
        + walk(4, "a")
    )
    rows[1]["props"] = {"plan": "free"}
    found = answered(ledger, path, rows, by="props.plan", steps=2, top=1)
    assert [row[:5] for row in found.rows] == [
        ("free", 1, "a", "b", 1), ("free", 1, "a", "…", 1), ("—", 1, "a", "(end)", 1), ("pro", 1, "a", "b", 1)]  # fmt: skip


def test_rare_events_of_a_step_are_one_and_a_path_has_an_end(ledger):
    rows = walk(1, "a", "b") + walk(2, "a", "b") + walk(3, "a", "c") + walk(4, "a", "d")
    found = answered(ledger, path, rows, top=1, within="1h")
    assert [row[:4] for row in found.rows if row[0] == 1] == [(1, "a", "b", 2), (1, "a", "…", 2)]


MODELS = {"first": [1, 0, 0], "last": [0, 0, 1], "linear": [1 / 3] * 3, "position": [0.4, 0.2, 0.4],
          "decay": [1 / 7, 2 / 7, 4 / 7]}  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_each_model_shares_a_conversion_out(ledger, model):
    rows = walk(1, "ad", "mail", "web", "buy", amount=70) + walk(2, "buy", amount=5)
    found = answered(ledger, attribution, rows, touch={"events": ["ad", "mail", "web"]}, conversion="buy", model=model,
                  half_life="1h", value="props.amount")  # fmt: skip
    got = {row[0]: row[2] for row in found.rows}
    assert [got[name] for name in ("ad", "mail", "web")] == pytest.approx(MODELS[model])
    assert found.summary == pytest.approx(
        {"conversions": 2, "attributed": 1, "value": 75, "value_attributed": 70}
    )
    assert found.left_out == {"conversions without a touch": 1}


@pytest.mark.parametrize(
    ("module", "more", "field"),
    [
        (path, {"from": "a", "to": "b"}, "to"), (path, {"steps": 1}, "steps"), (path, {"within": "soon"}, "within"),
        (attribution, {"touch": "a"}, "conversion"), (attribution, {"touch": "a", "conversion": "b", "model": "best"}, "model"),
        (attribution, {"touch": "a", "conversion": "b", "value": "amount"}, "value"),
    ],
)  # fmt: skip
def test_a_wrong_question_names_the_field(module, more, field):
    kind = module.__name__.split(".")[-1]
    with pytest.raises(QuestionError) as refused:
        getattr(module, f"read_{kind}")({"kind": kind} | more, today=TODAY)
    assert refused.value.field == field


histories = st.lists(
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from("abcx")), max_size=9), min_size=1, max_size=25
)


def drawn_rows(histories):
    rows = [{"name": name, "ts": MONDAY + timedelta(hours=hour), "person_id": person, "event_id": f"{person}-{number}"}
            for person, events in enumerate(histories) for number, (hour, name) in enumerate(events)]  # fmt: skip
    units = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["ts"], row["event_id"])):
        units[row["person_id"]].append(row)
    return rows, units


@thoroughly
@given(histories=histories, end=st.sampled_from(["from", "to", None]), steps=st.integers(2, 5),
       hours=st.sampled_from([None, 3]), repeats=st.sampled_from(["collapse", "keep"]))  # fmt: skip
def test_paths_agree_with_a_recount(ledger, histories, end, steps, hours, repeats):
    rows, units = drawn_rows(histories)
    for row in rows:
        value = sum(map(ord, row["event_id"])) % 3
        row["props"] = {"v": "xy"[value]} if value < 2 else {}
    expected: Counter = Counter()
    for events in units.values():
        by_value = sorted(events, key=lambda row: row["props"].get("v", "~"))
        line = sorted(by_value, key=lambda row: (row["ts"], row["name"]), reverse=end == "to")
        begin = next((n for n, row in enumerate(line) if end is None or row["name"] == "a"), None)
        if begin is None:
            continue
        line = [
            row
            for row in line[begin:]
            if hours is None or abs(row["ts"] - line[begin]["ts"]) <= timedelta(hours=hours)
        ]
        names = [
            row["name"]
            for n, row in enumerate(line)
            if repeats == "keep" or not n or line[n - 1]["name"] != row["name"]
        ]
        for step, (near, far) in enumerate(zip(names, [*names[1:], None], strict=True)):
            if step < steps - 1:
                far = far or ("(begin)" if end == "to" else "(end)")
                link = (-step - 1, far, near) if end == "to" else (step + 1, near, far)
                expected[line[0]["props"].get("v", "—"), *link] += 1
    raw = (
        {"steps": steps, "repeats": repeats}
        | ({end: "a"} if end else {})
        | ({"within": f"{hours}h"} if hours else {})
    )
    found = answered(ledger, path, rows, **raw)
    whole: Counter = Counter()
    for (_value, *link), n in expected.items():
        whole[tuple(link)] += n
    assert {row[:3]: row[3] for row in found.rows} == whole
    broken = answered(ledger, path, None, **raw, by="props.v")
    assert {row[:4]: row[4] for row in broken.rows} == expected


@thoroughly
@given(histories=histories, model=st.sampled_from(attribution.MODELS), hours=st.integers(1, 8))
def test_attribution_agrees_with_a_recount(ledger, histories, model, hours):
    rows, units = drawn_rows(histories)
    expected, conversions = Counter(), 0
    for events in units.values():
        for done in (row for row in events if row["name"] == "x"):
            conversions += 1
            touches = [row for row in events if row["name"] != "x"
                       and timedelta(0) <= done["ts"] - row["ts"] <= timedelta(hours=hours)]  # fmt: skip
            n = len(touches)
            for place, row in enumerate(touches):
                age = (done["ts"] - row["ts"]) / timedelta(hours=2)
                total = sum(0.5 ** ((done["ts"] - one["ts"]) / timedelta(hours=2)) for one in touches)
                ends = place in (0, n - 1)
                expected[row["name"]] += {
                    "first": place == 0, "last": place == n - 1, "linear": 1 / n, "decay": 0.5**age / total,
                    "position": 1 / n if n <= 2 else 0.4 if ends else 0.2 / (n - 2),
                }[model]  # fmt: skip
    found = answered(ledger, attribution, rows, touch={"events": ["a", "b", "c"]}, conversion="x", model=model,
                  within=f"{hours}h", half_life="2h")  # fmt: skip
    assert {row[0]: row[2] for row in found.rows} == pytest.approx(expected)
    assert found.summary["conversions"] == conversions

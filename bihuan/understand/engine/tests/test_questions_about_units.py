"""Survival, clusters and trees as questions: what is refused and with which remedy, and answers on known data."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from bihuan.base.rules import holds as rule_holds
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.cluster import clusters_of, read_cluster, shape_cluster
from bihuan.understand.engine.survival import read_survival, shape_survival
from bihuan.understand.engine.tree import condition_text, read_tree, shape_tree
from bihuan.understand.engine.units import as_column, fields_in, number_of, truth_of
from bihuan.understand.stats.design import MISSING
from bihuan.understand.stats.tree_shape import Condition

CHURN = Path(__file__).resolve().parents[4] / "examples" / "pysurvival_b2b_saas_churn" / "churn.csv"
TODAY = date(2026, 11, 18)
OF_FIELDS = {"kind": "survival", "duration": "account.months_active", "event": "account.churned"}


def churn(**renamed: str) -> pa.Table:
    found = pyarrow.csv.read_csv(CHURN)
    return pa.table(
        {
            **{f"account.{n}": found[n] for n in found.column_names},
            **{n: found[c] for n, c in renamed.items()},
        }
    )


def test_the_known_set_answers_with_its_known_numbers() -> None:
    asked = read_survival(
        {**OF_FIELDS, "by": "account.product_payroll", "columns": ["account.csat_score"]}, today=TODAY
    )
    answer = shape_survival(
        asked, rows=churn(duration="months_active", event="churned", by="product_payroll")
    )
    s = answer.summary
    assert (s["units"], s["events"], s["median"]) == (2000, 932, 6)
    assert [round(s[f"S({t})"], 4) for t in (1, 3, 6, 12)] == [0.9285, 0.6133, 0.4778, 0.2436]
    assert s["log_rank_p"] < 1e-50 and s["log_rank_degrees"] == 2
    assert list(s["groups"]) == ["No", "Active", "Free-Trial"] or set(s["groups"]) == {
        "No",
        "Active",
        "Free-Trial",
    }
    assert s["hazards"][0]["field"] == "account.csat_score" and 0.5 < s["concordance"] < 1
    assert answer.left_out == {} and [c.name for c in answer.columns][:2] == [
        "account.product_payroll",
        "time",
    ]
    assert answer.rows[0][1:] == (0.0, s["groups"][answer.rows[0][0]]["units"], 0, 1.0, 1.0, 1.0)
    answer.document()
    assert any("log-rank" in line for line in answer.definition)


def test_durations_run_from_start_to_end_or_to_the_day_asked() -> None:
    asked = read_survival(
        {"kind": "survival", "every": "day", "at": [5, 20], "as_of": "2026-01-31"}, today=TODAY
    )
    started = [
        date(2026, 1, 1),
        date(2026, 1, 11),
        date(2026, 1, 21),
        date(2026, 2, 5),
        None,
        date(2026, 1, 5),
    ]
    ended = [date(2026, 1, 11), date(2026, 3, 1), None, None, None, date(2026, 1, 1)]
    answer = shape_survival(asked, rows=pa.table({"started": started, "ended": ended}))
    assert answer.left_out == {"started later": 1, "no start": 1, "ended before it started": 1}
    assert answer.summary["units"] == 3 and answer.summary["events"] == 1, (
        "an end after the day asked is not known yet"
    )
    assert answer.summary["S(5)"] == 1 and answer.summary["S(20)"] == pytest.approx(2 / 3)
    assert answer.rows[1][:3] == (10.0, 3, 1)


def test_units_that_cannot_be_read_are_counted_with_a_reason() -> None:
    asked = read_survival(OF_FIELDS, today=TODAY)
    rows = pa.table({"duration": ["3", "x", None, "-1", "4"], "event": ["yes", "no", "no", "no", "perhaps"]})
    answer = shape_survival(asked, rows=rows)
    assert answer.summary["units"] == 1
    assert answer.left_out == {"no duration": 2, "negative duration": 1, "the event is neither yes nor no": 1}
    nothing = shape_survival(asked, rows=rows.slice(0, 0))
    assert nothing.summary["median"] is None and nothing.summary["S(1)"] is None
    nothing.document()


def test_a_cox_model_that_cannot_be_carried_says_why() -> None:
    asked = read_survival({**OF_FIELDS, "columns": ["account.size"]}, today=TODAY)
    rows = pa.table({"duration": [1.0, 2.0], "event": [1, 0], "account.size": ["3", "4"]})
    assert "1 events" in shape_survival(asked, rows=rows).summary["hazards_refused"]


@pytest.mark.parametrize(
    ("raw", "field", "remedy"),
    [
        ({"duration": "account.x"}, "event", "a duration needs an event"),
        ({"event": "account.x"}, "duration", "an event a duration"),
        ({**OF_FIELDS, "start": "contract"}, "start", "leave start and end out"),
        ({"start": "birth"}, "start", "{event: name}"),
        ({"end": {"silence": 0}}, "end.silence", "from 1 to 3650"),
        ({"start": {"silence": 3}}, "start", "first_event"),
        ({"at": []}, "at", "1 to 50 times"),
        ({"at": [-1]}, "at", "from 0 on"),
        ({"at": [True]}, "at", "from 0 on"),
        ({"by": "industry"}, "by", "account.<field>"),
        ({"columns": ["account.a", "account.a"]}, "columns", "twice"),
        ({"columns": "account.a"}, "columns", "list"),
        ({"every": "year"}, "every", "month, week, day"),
        ({"unit": "deal"}, "unit", "account, person"),
        ({"as_of": "soon"}, "as_of", "2024-06-30"),
        ({"median": 1}, "median", "no such field"),
        ({"segment": "account."}, "segment", ""),
    ],
)
def test_a_survival_question_is_refused_with_a_remedy(raw: dict, field: str, remedy: str) -> None:
    with pytest.raises(QuestionError) as refused:
        read_survival({"kind": "survival", **raw}, today=TODAY)
    assert refused.value.field == field and remedy in refused.value.message


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"start": "first_event", "end": {"silence": 30}}, "at least 30 days ago"),
        (
            {"start": {"event": "signed_up"}, "end": {"event": "left"}},
            "from the first signed_up to the first left",
        ),
        (
            {"start": "account.signed_up_on", "end": "contract"},
            "from account.signed_up_on to the last contract's end",
        ),
    ],
)
def test_a_survival_question_says_what_it_measures(raw: dict, said: str) -> None:
    from bihuan.understand.engine.survival.question import definition_of

    assert said in " / ".join(definition_of(read_survival({"kind": "survival", **raw}, today=TODAY)))


def test_clusters_are_said_in_words() -> None:
    dice = np.random.default_rng(18)
    big = np.repeat([False, True], [70, 30])
    rows = pa.table({
        "m.active_people": np.where(big, 80, 8) + dice.normal(0, 2, 100), "m.features": dice.normal(5, 1, 100).astype(str),
        "account.empty": pa.nulls(100),
    })  # fmt: skip
    asked = read_cluster({"kind": "cluster", "measures": rows.column_names, "clusters": 2}, today=TODAY)
    found = clusters_of(asked, rows=rows)
    answer = shape_cluster(asked, found=found)
    assert answer.summary["clusters"] == 2 and answer.summary["measures_left_out"] == {
        "account.empty": "mostly missing"
    }
    few, many = answer.summary["described"][1], answer.summary["described"][0]
    assert (few["units"], few["words"][0]) == (30, ["m.active_people", "far_above"])
    assert (many["units"], many["words"][0]) == (70, ["m.active_people", "far_below"])
    assert len(answer.rows) == 4 and answer.rows[0][3] == "m.active_people"
    assert ((found.labels == 2) == big).all()
    answer.document()
    dense = read_cluster({"kind": "cluster", "measures": rows.column_names, "method": "density"}, today=TODAY)
    assert shape_cluster(dense, found=clusters_of(dense, rows=rows)).summary["units"] == 100


@pytest.mark.parametrize(
    ("raw", "field", "remedy"),
    [
        ({}, "measures", "1 to 40"),
        ({"measures": ["size"]}, "measures[1]", "account.<field>"),
        ({"measures": ["m.a"], "clusters": 9}, "clusters", "from 2 to 8"),
        ({"measures": ["m.a"], "clusters": 3, "method": "density"}, "clusters", "leave it out"),
        ({"measures": ["m.a"], "method": "spectral"}, "method", "k_means, density"),
    ],
)
def test_a_cluster_question_is_refused_with_a_remedy(raw: dict, field: str, remedy: str) -> None:
    with pytest.raises(QuestionError) as refused:
        read_cluster({"kind": "cluster", **raw}, today=TODAY)
    assert refused.value.field == field and remedy in refused.value.message


def test_a_trees_rules_are_segments_that_hold_for_as_many_as_they_say() -> None:
    columns = [
        "account.product_payroll",
        "account.csat_score",
        "account.minutes_customer_support",
        "account.us_region",
    ]
    asked = read_tree({"kind": "tree", "did": "account.churned", "columns": columns}, today=TODAY)
    rows = churn(did="churned")
    answer = shape_tree(asked, rows=rows)
    assert answer.summary["verdict"] == "signal" and answer.summary["auc_low"] > 0.7
    assert (answer.summary["units"], answer.summary["did"]) == (2000, 932)
    accounts = rows.select(columns).to_pylist()
    for rule, units, rate, low, high, times in answer.rows:
        records = (
            {"account": {name.removeprefix("account."): value for name, value in row.items()}}
            for row in accounts
        )
        inside = [place for place, record in enumerate(records) if rule_holds(rule, record)]
        assert len(inside) == units, rule
        assert rate == pytest.approx(sum(rows["did"][place].as_py() for place in inside) / units)
        assert low <= rate <= high and times == pytest.approx(rate / 0.466)
    picture = answer.summary["tree"]
    assert picture["units"] == 2000 == picture["yes"]["units"] + picture["no"]["units"]
    answer.document()


def test_a_tree_leaves_out_who_is_unknown_and_keeps_people_of_one_account_together() -> None:
    dice = np.random.default_rng(19)
    account = np.repeat(np.arange(60), 10)
    did = np.repeat(dice.random(60) < 0.4, 10)
    look = np.repeat(dice.normal(0, 1, 60), 10)
    rows = pa.table({
        "did": [*("yes" if d else "no" for d in did), "perhaps"], "person.look": [*look, 0.0], "account": [*account, None],
    })  # fmt: skip
    asked = read_tree(
        {"kind": "tree", "unit": "person", "did": "person.did", "columns": ["person.look"]}, today=TODAY
    )
    answer = shape_tree(asked, rows=rows)
    assert answer.left_out == {"unknown whether they did": 1}
    assert answer.summary["verdict"] == "too_little_signal"
    few = shape_tree(asked, rows=rows.filter(pa.array([*~did, False])))
    assert (few.summary["verdict"], few.summary["did"], few.rows) == ("too_few", 0, ())
    assert "0 did" in few.summary["refused"]


def test_conditions_are_cel() -> None:
    def said(operator: str, value: float | str) -> str:
        return condition_text(Condition(name="account.x", operator=operator, value=value))

    assert said("<=", 2.5) == "account.x <= 2.5" and said(">", 8.350000381) == "account.x > 8.35"
    assert said(">", 1234567.5) == "account.x > 1234567.5" and said("<=", 3.0) == "account.x <= 3.0"
    assert said("==", 'a"b\\') == 'account.x == "a\\"b\\\\"'
    assert said("==", MISSING) == "!has(account.x)" and said("!=", MISSING) == "has(account.x)"
    assert rule_holds(said("==", 'a"b\\'), {"account": {"x": 'a"b\\'}})
    assert rule_holds(said("==", MISSING), {"account": {"y": 1}})


@pytest.mark.parametrize(
    ("raw", "field", "remedy"),
    [
        ({"columns": ["account.a"]}, "did", "rule"),
        ({"did": "account.a", "columns": []}, "columns", "1 to 40"),
        ({"did": "account.a", "columns": ["account.a"]}, "columns", "explain itself"),
        ({"did": "account.a ==", "columns": ["account.b"]}, "did", ""),
    ],
)
def test_a_tree_question_is_refused_with_a_remedy(raw: dict, field: str, remedy: str) -> None:
    with pytest.raises(QuestionError) as refused:
        read_tree({"kind": "tree", **raw}, today=TODAY)
    assert refused.value.field == field and remedy in refused.value.message


def test_properties_are_read_as_they_come() -> None:
    assert [truth_of(v) for v in (True, 1, 1.0, "Yes", "是", 0, "no", "FALSE")] == [True] * 5 + [False] * 3
    assert [truth_of(v) for v in (None, "", 2, "perhaps", [1])] == [None] * 5
    assert [number_of(v) for v in ("3.5", True, None, "x", float("inf"), float("nan"))] == [
        3.5,
        1.0,
        None,
        None,
        None,
        None,
    ]
    assert as_column(["1", "2", None, ""]) == [1.0, 2.0, None, None]
    assert as_column(["a", 1, None]) == ["a", "1", None]
    assert fields_in('account.a == "account.b" && !has(m.c) || account.a > 1.0') == ["account.a", "m.c"]
    assert fields_in(r"person.x == 'it\'s account.y'") == ["person.x"]

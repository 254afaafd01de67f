"""Experiments as questions: known counts, units in two variants, accounts, CUPED, methods, and what is refused."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from statsmodels.stats.multitest import multipletests

from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.experiment import read_experiment, shape_experiment
from bihuan.understand.stats.comparison import compare, compare_proportions
from bihuan.understand.stats.estimates import ratio_of
from bihuan.understand.stats.moments import moments_of
from bihuan.understand.stats.multiple import holm, level_of_each
from bihuan.understand.stats.sequential import always_valid

TODAY = date(2026, 11, 18)
FORM = {
    "kind": "experiment", "exposure": {"event": "form_shown", "variant": "props.group"},
    "variants": {"control": 1, "new": 1}, "metrics": [{"name": "subscribed", "event": "subscribe", "within": "14d"}],
}  # fmt: skip


def once(rows: pa.Table) -> pa.Table:
    """One row a unit and variant, with how often it was exposed."""
    people = [("people", "max")] if "people" in rows.column_names else []
    counted = rows.append_column("exposures", pa.array([1] * rows.num_rows, pa.int64()))
    found = counted.group_by(["unit", "variant"]).aggregate([("exposures", "sum"), *people])
    return found.rename_columns(["unit", "variant", "exposures", *(["people"] if people else [])])


def answer(raw: dict, exposed: pa.Table, **values: pa.Table):
    asked = read_experiment({**FORM, **raw}, today=TODAY)
    shaped = shape_experiment(asked, exposed=once(exposed), values=values, zone="Asia/Shanghai")
    shaped.document()
    return shaped


def people(n: int = 238, did: tuple[int, int] = (17, 45)) -> tuple[pa.Table, pa.Table]:
    """n persons in each variant, of whom the first `did` of each converted."""
    exposed = pa.table({"unit": list(range(2 * n)), "variant": ["control"] * n + ["new"] * n})
    return exposed, pa.table({"unit": [*range(did[0]), *range(n, n + did[1])], "y": [1] * sum(did)})


def column(shaped, name: str) -> list:
    return [row[[c.name for c in shaped.columns].index(name)] for row in shaped.rows]


def test_shares_are_those_that_were_counted() -> None:
    exposed, did = people()
    shaped = answer({}, exposed, subscribed=did)
    by_hand = compare_proportions(control=(17, 238), treatment=(45, 238))
    assert column(shaped, "value") == pytest.approx([17 / 238, 45 / 238])
    assert column(shaped, "p") == [None, by_hand.p_value] and column(shaped, "low") == [None, by_hand.low]
    assert shaped.summary["verdicts"]["new"]["code"] == "better"
    assert (
        shaped.summary["units"] == {"control": 238, "new": 238} and not shaped.summary["sample_ratio_flagged"]
    )
    assert shaped.summary["method"] == "fixed" and "no peeking" in " ".join(shaped.definition)
    assert shaped.left_out == {} and shaped.summary["units_exposed_again"] == 0


def test_units_in_two_variants_and_unknown_variants_are_left_out_and_counted() -> None:
    exposed, did = people()
    more = pa.table({"unit": [0, 1, 500, 501, 2], "variant": ["new", "new", "other", None, "control"]})
    shaped = answer({}, pa.concat_tables([exposed, more]), subscribed=did)
    assert shaped.left_out == {"in two variants": 2, "exposures with another variant": 2}
    assert shaped.summary["units"] == {"control": 236, "new": 238}
    assert column(shaped, "value")[0] == pytest.approx(15 / 236), "the two that converted in both are gone"
    assert shaped.summary["units_exposed_again"] == 1


def test_a_broken_sample_ratio_stands_above_the_result() -> None:
    exposed, did = people()
    shaped = answer({}, exposed.slice(100), subscribed=did)
    assert (
        shaped.summary["sample_ratio_flagged"] and shaped.summary["verdicts"]["new"]["code"] == "sample_ratio"
    )
    fair = answer({"variants": {"control": 138, "new": 238}}, exposed.slice(100), subscribed=did)
    assert not fair.summary["sample_ratio_flagged"], "the planned weights are what it is held against"


def accounts(seed: int = 22) -> tuple[pa.Table, pa.Table, np.ndarray, np.ndarray, np.ndarray]:
    dice = np.random.default_rng(seed)
    size = dice.integers(2, 30, 200)
    did = dice.binomial(size, dice.beta(2, 5, 200))
    before = dice.binomial(size, np.clip(did / size, 0.05, 0.95))
    exposed = pa.table({"unit": list(range(200)), "variant": ["control", "new"] * 100, "people": size})
    return exposed, pa.table({"unit": list(range(200)), "y": did, "y_before": before}), size, did, before


def test_accounts_are_the_unit_though_people_are_counted() -> None:
    exposed, values, size, did, _before = accounts()
    metric = {**FORM["metrics"][0], "by": "person"}
    shaped = answer({"unit": "account", "metrics": [metric]}, exposed, subscribed=values)
    new = np.arange(200) % 2 == 1
    by_hand = compare(*(ratio_of(moments_of(did[part], size[part])) for part in (~new, new)))
    assert column(shaped, "p")[1] == pytest.approx(by_hand.p_value)
    assert column(shaped, "value") == pytest.approx([by_hand.control, by_hand.treatment])
    careless = compare_proportions(*(), control=(int(did[~new].sum()), int(size[~new].sum())),
                                   treatment=(int(did[new].sum()), int(size[new].sum())))  # fmt: skip
    assert careless.high - careless.low < 0.8 * (column(shaped, "high")[1] - column(shaped, "low")[1])


def test_cuped_narrows_the_interval_and_says_by_how_much() -> None:
    exposed, values, *_ = accounts()
    raw = {"unit": "account", "metrics": [{**FORM["metrics"][0], "by": "person"}]}
    plain, adjusted = (answer({**raw, **more}, exposed, subscribed=values) for more in ({}, {"cuped": "28d"}))
    width = [column(shaped, "high")[1] - column(shaped, "low")[1] for shaped in (plain, adjusted)]
    removed = adjusted.summary["variance_removed"]["subscribed"]
    assert width[1] < 0.8 * width[0] and removed > 0.3 and "CUPED" in " ".join(adjusted.definition)
    assert (width[1] / width[0]) ** 2 == pytest.approx(1 - removed, rel=0.02)
    newcomers = answer({**raw, "cuped": "28d"}, exposed, subscribed=values.drop_columns(["y_before"]))
    assert newcomers.rows == plain.rows and newcomers.summary["variance_removed"] == {"subscribed": 0.0}


def test_every_kind_of_metric_and_the_guard_rail_that_broke() -> None:
    exposed, did = people(n=500, did=(50, 100))
    metrics = [
        {"name": "subscribed", "event": "subscribe"},
        {"name": "paid", "kind": "mean", "event": "pay", "measure": "sum(props.amount)"},
        {"name": "per visit", "kind": "ratio", "event": "click", "per": "visit"},
        {"name": "week 2", "kind": "retention", "after": "7d", "within": "14d"},
        {"name": "tickets", "kind": "mean", "event": "ticket_opened", "guard": True, "higher_is_better": False},
    ]  # fmt: skip
    dice = np.random.default_rng(23)
    units = np.arange(1000)
    tables = {
        "subscribed": did, "paid": pa.table({"unit": units[::2], "y": dice.exponential(10, 500)}),
        "per visit": pa.table({"unit": units, "y": dice.poisson(3, 1000), "x": dice.poisson(6, 1000)}),
        "week 2": pa.table({"unit": units[::3], "y": np.full(len(units[::3]), 7)}),
        "tickets": pa.table({"unit": units, "y": dice.poisson(np.where(units < 500, 0.2, 0.5))}),
    }  # fmt: skip
    shaped = answer({"metrics": metrics}, exposed, **tables)
    values = dict(
        zip(
            zip(column(shaped, "metric"), column(shaped, "variant"), strict=True),
            column(shaped, "value"),
            strict=True,
        )
    )
    assert values["paid", "control"] == pytest.approx(5, abs=1) and values[
        "per visit", "new"
    ] == pytest.approx(0.5, abs=0.05)
    assert values["week 2", "control"] == pytest.approx(167 / 500), "back seven times is back once"
    assert column(shaped, "role")[::2] == ["primary", "secondary", "secondary", "secondary", "guard-rail"]
    verdict = shaped.summary["verdicts"]["new"]
    assert (verdict["code"], verdict["metric"]) == ("guard_rail", "tickets")
    said = " / ".join(shaped.definition)
    assert (
        "guard-rail tickets" in said
        and "lower is better" in said
        and "from 7 d within 14 d of the exposure" in said
    )


def test_methods_say_which_they_are() -> None:
    exposed, did = people()
    sequential = answer({"method": "sequential", "planned": 1000}, exposed, subscribed=did)
    fixed = answer({}, exposed, subscribed=did)
    assert column(sequential, "p")[1] > column(fixed, "p")[1] and "confidence sequence" in " ".join(
        sequential.definition
    )
    bayesian = answer({"method": "bayesian"}, exposed, subscribed=did)
    assert column(bayesian, "chance_to_beat")[1] > 0.99 and column(bayesian, "expected_loss")[1] < 1e-4
    assert bayesian.summary["verdicts"]["new"]["code"] == "better"
    metric = {"name": "subscribed", "kind": "mean", "event": "x", "higher_is_better": False}
    fewer = answer({"method": "bayesian", "metrics": [metric]}, exposed, subscribed=did)
    assert column(fewer, "chance_to_beat")[1] < 0.01 and fewer.summary["verdicts"]["new"]["code"] == "worse"


def several(n: int = 400, did: tuple[int, ...] = (80, 84, 105, 101), **more):
    """The control and as many variants as counts are left, n persons each."""
    names = ["control", *(f"v{place}" for place in range(1, len(did)))]
    exposed = pa.table(
        {"unit": list(range(n * len(did))), "variant": [name for name in names for _unit in range(n)]}
    )
    counted = pa.table(
        {"unit": [part * n + one for part, k in enumerate(did) for one in range(k)], "y": [1] * sum(did)}
    )
    rail = {"name": "tickets", "event": "ticket_opened", "guard": True}
    asked = {"variants": dict.fromkeys(names, 1), "metrics": [*FORM["metrics"], rail], **more}
    return answer(asked, exposed, subscribed=counted, tickets=counted)


def test_several_variants_are_corrected_for_each_other_and_the_verdict_says_so() -> None:
    shaped = several()
    alone = [compare_proportions(control=(80, 400), treatment=(k, 400)).p_value for k in (84, 105, 101)]
    _calls, expected, *_ = multipletests(alone, method="holm")
    rows = [row for row in shaped.rows if row[0] == "subscribed"]
    names = [one.name for one in shaped.columns]
    assert [row[names.index("p")] for row in rows[1:]] == pytest.approx(list(expected))
    assert [row[names.index("p_alone")] for row in rows[1:]] == pytest.approx(alone)
    assert alone[1] < 0.05 < expected[1], "one alone would have called it"
    assert (
        shaped.summary["verdicts"]["v2"] | {"code": "undecided", "comparisons": 3}
        == shaped.summary["verdicts"]["v2"]
    )
    assert rows[2][names.index("low")] < 0 < rows[2][names.index("high")], "the interval says what p says"
    told = " / ".join(shaped.definition)
    assert "3 variants against the control: p after Holm, intervals of 98.33 % each" in told
    rails = [row[names.index("p")] for row in shaped.rows if row[0] == "tickets"][1:]
    assert rails == pytest.approx(alone) and "guard-rails are not corrected" in told
    one = several(did=(80, 105))
    assert "p_alone" not in [column.name for column in one.columns] and "Holm" not in " ".join(one.definition)
    assert "comparisons" not in one.summary["verdicts"]["v1"]


def test_any_look_and_bayesian_chances_are_corrected_for_several_variants_too() -> None:
    arms = [
        ratio_of(moments_of(np.repeat([1.0, 0.0], [k, 400 - k]), np.ones(400))) for k in (80, 84, 105, 140)
    ]
    shaped = several(did=(80, 84, 105, 140), method="sequential", planned=1600)
    names = [one.name for one in shaped.columns]
    rows = [row for row in shaped.rows if row[0] == "subscribed"][1:]
    each = level_of_each(level=0.95, comparisons=3)
    by_hand = [always_valid(arms[0], arm, planned=1600, level=each) for arm in arms[1:]]
    assert [row[names.index("p")] for row in rows] == pytest.approx(holm([one.p_value for one in by_hand]))
    assert rows[1][names.index("low")] == pytest.approx(by_hand[1].low)
    believed = several(did=(80, 84, 104, 140), method="bayesian")
    chances = dict(zip(column(believed, "variant")[:4], column(believed, "chance_to_beat")[:4], strict=True))
    assert 0.95 < chances["v2"] < each < chances["v3"]
    codes = {name: verdict["code"] for name, verdict in believed.summary["verdicts"].items()}
    assert "a chance decides from 98.33 % on" in " ".join(believed.definition)
    assert (codes["v2"], codes["v3"]) == ("undecided", "better")
    assert several(did=(80, 104), method="bayesian").summary["verdicts"]["v1"]["code"] == "better", (
        "alone it would decide"
    )


def test_an_experiment_that_nobody_saw_is_too_small_and_not_an_error() -> None:
    nobody = pa.table({"unit": pa.array([], pa.int64()), "variant": pa.array([], pa.string())})
    for method in ("fixed", "sequential", "bayesian"):
        shaped = answer({"method": method}, nobody)
        assert shaped.summary["verdicts"]["new"]["code"] == "too_few"
    assert column(shaped, "value") == [None, None]


@pytest.mark.parametrize(
    ("raw", "field", "remedy"),
    [
        ({"exposure": None}, "exposure", "which event shows the variant"),
        ({"exposure": {"event": "x"}}, "exposure.variant", "props.<name>"),
        ({"exposure": {"variant": "props.g"}}, "exposure", "name an event"),
        ({"variants": {"a": 1}}, "variants", "2 to 10"),
        ({"variants": {"a": 1, "b": 0}}, "variants.b", "number from"),
        ({"metrics": []}, "metrics", "1 to 20"),
        ({"metrics": ["x"]}, "metrics[1]", "{name, kind, event}"),
        ({"metrics": [{"event": "x"}]}, "metrics[1].name", "name of at most"),
        ({"metrics": [{"name": "a"}]}, "metrics[1]", "name an event"),
        ({"metrics": [{"name": "a", "event": "x", "kind": "median"}]}, "metrics[1].kind", "conversion"),
        ({"metrics": [{"name": "a", "event": "x", "kind": "ratio"}]}, "metrics[1].per", "below the line"),
        ({"metrics": [{"name": "a", "event": "x", "per": "y"}]}, "metrics[1].per", "only a ratio"),
        ({"metrics": [{"name": "a", "kind": "retention"}]}, "metrics[1].after", "7d"),
        ({"metrics": [{"name": "a", "event": "x", "after": "7d", "within": "7d"}]}, "metrics[1].within", "longer than"),
        ({"metrics": [{"name": "a", "event": "x", "measure": "avg(props.x)"}]}, "metrics[1].measure", "sum(props"),
        ({"metrics": [{"name": "a", "event": "x", "by": "person"}]}, "metrics[1].by", "accounts are assigned"),
        ({"metrics": [{"name": "a", "event": "x", "guard": 1}]}, "metrics[1].guard", "true or false"),
        ({"metrics": [{"name": "a", "event": "x", "guard": True}]}, "metrics[1].guard", "primary"),
        ({"metrics": [{"name": "a", "event": "x"}, {"name": "a", "event": "y"}]}, "metrics", "same name"),
        ({"metrics": [{"name": "a", "event": "x", "colour": 1}]}, "metrics[1].colour", "a metric has"),
        ({"unit": "props.x"}, "unit", "persons or accounts"),
        ({"method": "peeking"}, "method", "sequential"),
        ({"planned": 3}, "planned", "from 20 on"),
        ({"level": 2}, "level", "0.999"),
        ({"matters": 0}, "matters", "number from"),
        ({"cuped": "long"}, "cuped", "span"),
        ({"experiment": "No Such"}, "experiment", "key of an experiment"),
    ],
)  # fmt: skip
def test_an_experiment_question_is_refused_with_a_remedy(raw: dict, field: str, remedy: str) -> None:
    with pytest.raises(QuestionError) as refused:
        read_experiment({**FORM, **raw}, today=TODAY)
    assert refused.value.field == field and remedy in refused.value.message

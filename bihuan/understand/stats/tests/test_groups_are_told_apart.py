"""Effect sizes, AUC, clusters and trees: against scikit-learn and scipy, and on data whose truth was planted."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score

from bihuan.understand.stats.auc import auc_of
from bihuan.understand.stats.cluster import density, k_means, standardise
from bihuan.understand.stats.design import MISSING, OTHER, Feature, design_of
from bihuan.understand.stats.groups import cliffs_delta, cohens_d, contrast_of
from bihuan.understand.stats.tree import TooFew, grow_tree
from bihuan.understand.stats.tree_shape import Condition, Node

EXAMPLES = Path(__file__).resolve().parents[4] / "examples"
small = st.lists(st.integers(0, 6).map(float), min_size=2, max_size=40)


@given(small, small)
def test_cliffs_delta_is_the_u_test_and_turns_with_the_groups(a: list[float], b: list[float]) -> None:
    first, second = np.array(a), np.array(b)
    ours = cliffs_delta(first, second)
    u = mannwhitneyu(second, first).statistic
    assert ours.value == pytest.approx(2 * u / (len(a) * len(b)) - 1)
    assert cliffs_delta(second, first).value == pytest.approx(-ours.value)
    if ours.low == ours.low:
        assert (
            -1 - 1e-9 <= ours.low <= ours.value + 1e-9
            and ours.value <= ours.high + 1e-9
            and ours.high <= 1 + 1e-9
        )
    d = cohens_d(first, second)
    assert d is None or np.sign(d.value) == np.sign(round(second.mean() - first.mean(), 12))


def test_effect_sizes_cover_the_truth_as_often_as_they_say() -> None:
    dice = np.random.default_rng(14)
    truth = 2 * 0.638163 - 1  # P(N(0.5, 1) > N(0, 1)) = Φ(0.5/√2)
    held = np.zeros(2)
    for _ in range(1000):
        a, b = dice.normal(0, 1, 60), dice.normal(0.5, 1, 80)
        d, delta = cohens_d(a, b), cliffs_delta(a, b)
        held += (d.low <= 0.5 <= d.high, delta.low <= truth <= delta.high)
    assert held / 1000 == pytest.approx([0.95, 0.95], abs=0.02)


def test_two_groups_are_compared_measure_by_measure() -> None:
    nan = float("nan")
    visits = contrast_of([1, 2, 3, 4, nan], [3, 4, 5, 6])
    assert visits.n == (4, 4) and visits.missing == (1, 0)
    assert visits.means == (2.5, 4.5) and visits.medians == (2.5, 4.5) and visits.shares is None
    assert visits.d.value == pytest.approx(2 / np.std([1, 2, 3, 4], ddof=1)) and visits.d.size == "large"
    trained = contrast_of([0, 0, 1, 1], [1, 1, 1, 1])
    assert trained.shares.value == 0.5 and trained.shares.size == "large" and trained.d is None
    assert np.isnan(contrast_of([nan], [1.0]).p_value)
    assert contrast_of([5.0, 5.0], [5.0, 5.0]).d is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=60))
def test_the_area_is_scikit_learns(rows: list) -> None:
    labels, scores = (np.array(column) for column in zip(*rows, strict=True))
    ours = auc_of(labels=labels, scores=scores)
    if labels.all() or not labels.any():
        assert np.isnan(ours.value)
        return
    assert ours.value == pytest.approx(roc_auc_score(labels, scores))
    assert 0 <= ours.low <= ours.value <= ours.high <= 1
    alone = auc_of(labels=labels, scores=scores, groups=np.arange(len(labels)))
    assert alone.value == ours.value


def test_areas_intervals_hold_the_truth_also_when_persons_come_in_accounts() -> None:
    dice = np.random.default_rng(15)
    held = np.zeros(2)
    for _ in range(600):
        group = np.repeat(np.arange(60), 10)
        mood = dice.normal(0, 1, 60)
        labels = np.repeat(dice.random(60) < 0.5, 10)
        scores = mood[group] + dice.normal(0, 0.5, 600)
        held += [
            area.low <= 0.5 <= area.high
            for area in (
                auc_of(labels=labels, scores=scores, groups=group),
                auc_of(labels=labels, scores=scores),
            )
        ]
    assert held[0] / 600 == pytest.approx(0.95, abs=0.03)
    assert held[1] / 600 < 0.7, "taking persons as independent would promise far too much"


def test_a_design_has_a_column_a_number_and_one_a_value() -> None:
    columns = {
        "seats": [1, None, 3.0, 5], "plan": ["pro", "free", "pro", None], "same": ["x"] * 4, "none": [None] * 4,
        "paid": [True, False, True, True], "city": [str(i) for i in range(4)],
    }  # fmt: skip
    made = design_of(columns)
    assert made.left_out == {"same": "constant", "none": "empty"}
    by = {feature: made.matrix[:, i].tolist() for i, feature in enumerate(made.features)}
    assert by[Feature(name="seats")] == [1, 3, 3, 5]
    assert by[Feature(name="seats", value=MISSING)] == [0, 1, 0, 0]
    assert by[Feature(name="plan", value="pro")] == [1, 0, 1, 0]
    assert by[Feature(name="plan", value=MISSING)] == [0, 0, 0, 1]
    assert by[Feature(name="paid")] == [1, 0, 1, 1]
    assert Feature(name="plan", value="pro") not in design_of(columns, drop_first=True).features
    cities = {"city": [str(i) for i in range(30)]}
    assert len(design_of(cities).features) == 12
    against_the_first = design_of(cities, drop_first=True).features
    assert len(against_the_first) == 12 and against_the_first[-1].value == OTHER


def planted(*, rows: int = 400, seed: int = 16) -> tuple[dict[str, list], np.ndarray]:
    """Three kinds of accounts in three measures, with gaps and one giant."""
    dice = np.random.default_rng(seed)
    kind = dice.choice(3, rows, p=[0.5, 0.3, 0.2])
    people = dice.normal(np.array([10, 40, 12])[kind], 3)
    tickets = dice.normal(np.array([2, 3, 15])[kind], 1)
    noise = dice.normal(0, 1, rows)
    people[0] = 90_000
    values = {"people": people, "tickets": tickets, "noise": noise}
    gaps = {
        name: [None if dice.random() < 0.05 else float(v) for v in column] for name, column in values.items()
    }
    return gaps, kind


def agreement(labels: np.ndarray, kind: np.ndarray) -> float:
    """Share of pairs that both put together or both put apart."""
    return float(((labels[:, None] == labels) == (kind[:, None] == kind)).mean())


def test_k_means_finds_the_kinds_and_says_what_sets_them_apart() -> None:
    measures, kind = planted()
    found = k_means({**measures, "flat": [1.0] * 400, "rare": [1.0, 2.0] + [None] * 398})
    assert found.left_out == {"flat": "constant", "rare": "mostly missing"}
    assert len(found.clusters) == 3 and agreement(found.labels, kind) > 0.95
    assert max(found.tried, key=found.tried.get) == 3 and found.silhouette == found.tried[3]
    assert [c.size for c in found.clusters] == sorted((c.size for c in found.clusters), reverse=True)
    assert sum(c.size for c in found.clusters) == 400
    angry = max(found.clusters, key=lambda c: next(m.gap for m in c.marks if m.measure == "tickets"))
    assert angry.marks[0].measure == "tickets" and angry.marks[0].gap > 1.5
    assert 5 < angry.marks[0].mean < 16 and angry.marks[0].rest == pytest.approx(2.4, abs=0.5)
    assert (k_means(measures).labels == k_means(measures).labels).all()
    assert len(k_means(measures, k=2).clusters) == 2


def test_hdbscan_finds_the_kinds_and_leaves_the_odd_ones_out() -> None:
    measures, kind = planted()
    measures.pop("noise")
    found = density(measures, least=20)
    kept = found.labels > 0
    assert len(found.clusters) == 3 and agreement(found.labels[kept], kind[kept]) > 0.9
    assert 0 < (~kept).sum() < 150 and found.silhouette > 0.3


def test_too_few_units_are_one_cluster() -> None:
    for few in ({"a": [1.0, 2.0]}, {"a": [3.0] * 10}, {}):
        assert k_means(few).silhouette is None
    assert len(density({"a": [1.0, 2.0, 3.0]}).clusters) == 1


def test_one_giant_does_not_make_the_others_alike() -> None:
    ready = standardise({"seats": [1.0, 2.0, 3.0, 4.0, 5.0, 1e9]})
    assert ready.matrix[:5, 0].std() > 0.3 and ready.matrix[5, 0] < 3
    assert ready.matrix.mean() == pytest.approx(0) and ready.matrix.std() == pytest.approx(1)
    assert standardise({"mostly zero": [0.0] * 9 + [5.0]}).matrix.max() > 1


def known_churn() -> tuple[dict[str, list], list[bool]]:
    path = EXAMPLES / "pysurvival_b2b_saas_churn" / "churn.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = ("csat_score", "articles_viewed", "minutes_customer_support", "marketing_emails_clicked")
    texts = ("product_payroll", "product_accounting", "company_size", "us_region")
    columns = {name: [float(row[name]) for row in rows] for name in numbers}
    columns |= {name: [row[name] for row in rows] for name in texts}
    return columns, [row["churned"] == "1.0" for row in rows]


def holds(condition: Condition, row: dict) -> bool:
    value = row[condition.name]
    return {
        "<=": lambda: value <= condition.value, ">": lambda: value > condition.value,
        "==": lambda: value == condition.value, "!=": lambda: value != condition.value,
    }[condition.operator]()  # fmt: skip


def leaves(node: Node) -> list[Node]:
    return [node] if node.condition is None else [*leaves(node.yes), *leaves(node.no)]


def test_a_tree_on_the_known_set_says_rules_that_hold_row_by_row() -> None:
    columns, did = known_churn()
    tree = grow_tree(columns=columns, did=did)
    assert tree.quality.low > 0.7 and (tree.n, tree.did) == (2000, 932)
    assert next(iter(tree.importance)) in ("product_payroll", "csat_score")
    assert sum(tree.importance.values()) == pytest.approx(1)
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    counted = 0
    for rule in tree.rules:
        inside = [i for i, row in enumerate(rows) if all(holds(c, row) for c in rule.conditions)]
        assert len(inside) == rule.n
        assert sum(did[i] for i in inside) / rule.n == pytest.approx(rule.rate)
        assert rule.low <= rule.rate <= rule.high
        counted += rule.n
    assert counted == 2000 and len(leaves(tree.root)) == len(tree.rules) <= 8
    assert [rule.rate for rule in tree.rules] == sorted((rule.rate for rule in tree.rules), reverse=True)


def test_a_tree_does_not_find_what_is_not_there() -> None:
    with (EXAMPLES / "ravenstack" / "ravenstack_accounts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {
        name: [row[name] for row in rows] for name in ("industry", "country", "referral_source", "plan_tier")
    }
    columns["seats"] = [float(row["seats"]) for row in rows]
    tree = grow_tree(columns=columns, did=[row["churn_flag"] == "True" for row in rows])
    assert tree.did == 110
    assert tree.quality.low <= 0.55, "there is no signal in this set"


def test_persons_of_one_account_are_not_learned_by_heart() -> None:
    dice = np.random.default_rng(17)
    account = np.repeat(np.arange(60), 20)
    did = np.repeat(dice.random(60) < 0.4, 20)
    columns = {"fingerprint": list(np.repeat(dice.normal(0, 1, 60), 20) + dice.normal(0, 0.001, 1200))}
    grouped = grow_tree(columns=columns, did=did, groups=account)
    careless = grow_tree(columns=columns, did=did)
    assert grouped.quality.low <= 0.5 + 0.05
    assert careless.quality.value > grouped.quality.value + 0.1, "the same rows at random look like knowledge"


def test_a_tree_refuses_too_little() -> None:
    with pytest.raises(TooFew, match="9 did"):
        grow_tree(columns={"a": list(range(100))}, did=[True] * 9 + [False] * 91)
    with pytest.raises(TooFew, match="no column varies"):
        grow_tree(columns={"a": [1] * 100}, did=[True] * 50 + [False] * 50)
    with pytest.raises(TooFew, match="5 did not"):
        grow_tree(columns={"a": list(range(100))}, did=[True] * 50 + [False] * 50,
                  groups=list(range(50)) + [100 + i // 10 for i in range(50)])  # fmt: skip

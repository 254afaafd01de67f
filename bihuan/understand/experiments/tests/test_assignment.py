"""Assignment is a rule: the same for everybody who computes it, even, and independent between experiments."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bihuan.understand.experiments.rules import SPACE, point_of, variant_of

PAGE = Path(__file__).resolve().parents[4] / "docs" / "how-to" / "experiments.md"
EVEN = [("control", 1), ("new", 1)]
UNITS = [f"unit-{number}" for number in range(20_000)]


def test_values_that_others_check_by_are_those_in_the_document() -> None:
    rows = re.findall(
        r"^\| `([\w-]+)` \| `([^`]+)` \| `(\d+)` \| `(\w+)` \|$",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert len(rows) >= 5
    for key, unit, point, variant in rows:
        assert (str(point_of(key=key, unit=unit)), variant_of(key=key, unit=unit, variants=EVEN)) == (
            point,
            variant,
        )


@given(st.text(), st.text(max_size=60), st.lists(st.integers(1, 1000), min_size=1, max_size=6))
def test_every_unit_gets_one_variant_and_always_the_same(unit: str, key: str, weights: list[int]) -> None:
    variants = [(f"v{i}", weight) for i, weight in enumerate(weights)]
    found = variant_of(key=key, unit=unit, variants=variants)
    assert found in dict(variants)
    assert found == variant_of(key=key, unit=unit, variants=variants)
    assert 0 <= point_of(key=key, unit=unit) < SPACE
    doubled = [(name, 2 * weight) for name, weight in variants]
    assert variant_of(key=key, unit=unit, variants=doubled) == found, "only shares matter"


@given(st.text(), st.integers(1, 50), st.integers(0, 50))
def test_more_weight_for_the_last_variant_moves_nobody_out_of_it(unit: str, weight: int, more: int) -> None:
    before = variant_of(key="k", unit=unit, variants=[("old", 50), ("new", weight)])
    after = variant_of(key="k", unit=unit, variants=[("old", 50), ("new", weight + more)])
    assert before != "new" or after == "new"


@pytest.mark.parametrize("weights", [(1, 1), (1, 1, 1), (9, 1), (5, 3, 2)])
def test_variants_are_spread_by_their_weights(weights: tuple[int, ...]) -> None:
    variants = [(f"v{i}", weight) for i, weight in enumerate(weights)]
    counts = Counter(variant_of(key="spread", unit=unit, variants=variants) for unit in UNITS)
    expected = [len(UNITS) * weight / sum(weights) for weight in weights]
    assert stats.chisquare([counts[name] for name, _w in variants], expected).pvalue > 0.01


def test_points_are_uniform() -> None:
    points = [point_of(key="uniform", unit=unit) / SPACE for unit in UNITS]
    assert stats.kstest(points, "uniform").pvalue > 0.01


def test_one_experiment_tells_nothing_of_another() -> None:
    pairs = Counter(
        (variant_of(key="one", unit=unit, variants=EVEN), variant_of(key="two", unit=unit, variants=EVEN))
        for unit in UNITS
    )
    table = [[pairs[a, b] for b, _w in EVEN] for a, _w in EVEN]
    assert stats.chi2_contingency(table).pvalue > 0.01


def test_nobody_is_assigned_without_variants() -> None:
    with pytest.raises(ValueError, match="without variants"):
        variant_of(key="k", unit="u", variants=[])

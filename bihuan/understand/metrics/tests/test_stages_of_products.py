"""The stage of a product follows from how its use and revenue moved within a quarter, and from nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.understand.metrics.rules import STAGES, ProductNumbers, core_of, stage_of
from bihuan.understand.metrics.rules.stages import FEW, STEP, YOUNG_DAYS

COUNT = st.integers(0, 2000)
MONEY = st.none() | st.floats(0, 1e7)


@st.composite
def numbers(draw, age=st.none() | st.integers(0, 4000)) -> ProductNumbers:
    last, last_before = draw(COUNT), draw(COUNT)
    revenue = draw(MONEY)
    return ProductNumbers(
        age_days=draw(age), active=draw(COUNT), last=last, lost=draw(st.integers(0, last)), active_before=draw(COUNT),
        last_before=last_before, lost_before=draw(st.integers(0, last_before)), revenue=revenue,
        revenue_before=None if revenue is None else draw(st.floats(0, 1e7)),
    )  # fmt: skip


def of(active: int, before: int, *, revenue=None, revenue_before=None, age=400) -> ProductNumbers:
    return ProductNumbers(
        age_days=age, active=active, last=before, lost=0, active_before=before, last_before=before, lost_before=0,
        revenue=revenue, revenue_before=revenue_before,
    )  # fmt: skip


@given(numbers())
def test_every_product_with_events_is_in_exactly_one_stage(n) -> None:
    found = stage_of(n)
    assert (found.stage is None) == (n.age_days is None) == (found.why == "no_data")
    assert found.stage is None or found.stage in STAGES
    assert stage_of(n) == found, "nothing but the numbers counts"


@given(numbers(age=st.integers(0, 4000)))
def test_a_stage_means_what_it_says(n) -> None:
    found = stage_of(n)
    settled = n.age_days >= YOUNG_DAYS and max(n.active, n.active_before) >= FEW
    assert (found.stage == "introduction") == (not settled)
    if found.stage == "growth":
        assert (n.use_growth or 0) >= STEP or (n.revenue_growth or 0) >= STEP
    if found.stage == "decline":
        assert (n.use_growth or 0) <= -STEP or (n.revenue_growth or 0) <= -STEP
        assert not (n.use_growth is not None and n.use_growth >= STEP)
    if found.stage == "maturity":
        assert found.why == "mixed" or abs(n.use_growth or 0) < STEP


@given(numbers(age=st.integers(YOUNG_DAYS, 4000)), st.integers(1, 500))
def test_more_use_never_leads_from_growth_to_decline(n, more) -> None:
    place = {"decline": 0, "introduction": 1, "maturity": 1, "growth": 2}
    if max(n.active, n.active_before) >= FEW:
        assert place[stage_of(n).stage] <= place[stage_of(replace(n, active=n.active + more)).stage]


@given(numbers(age=st.integers(YOUNG_DAYS, 4000)), st.integers(2, 9))
def test_size_makes_no_stage_beyond_the_first(n, times) -> None:
    if max(n.active, n.active_before) >= FEW:
        grown = replace(n, active=n.active * times, active_before=n.active_before * times)
        assert stage_of(grown) == stage_of(n)


@pytest.mark.parametrize(("n", "stage", "why"), [
    (of(50, 20, age=100), "introduction", "young"), (of(9, 2), "introduction", "few"),
    (of(110, 100), "growth", "growing_use"), (of(109, 100), "maturity", "steady"), (of(90, 100), "decline", "shrinking_use"),
    (of(30, 0), "growth", "growing_use"), (of(0, 40), "decline", "shrinking_use"),
    (of(100, 100, revenue=120.0, revenue_before=100.0), "growth", "growing_revenue"),
    (of(100, 100, revenue=80.0, revenue_before=100.0), "decline", "shrinking_revenue"),
    (of(80, 100, revenue=120.0, revenue_before=100.0), "maturity", "mixed"),
    (of(120, 100, revenue=80.0, revenue_before=100.0), "growth", "growing_use"),
])  # fmt: skip
def test_examples_at_the_bounds(n, stage, why) -> None:
    found = stage_of(n)
    assert (found.stage, found.why) == (stage, why)


@given(numbers(age=st.integers(0, 4000)), st.sampled_from(STAGES))
def test_the_core_metric_is_a_number_of_the_product(n, stage) -> None:
    core = core_of(stage, n)
    for value in (core.now, core.before):
        if core.name in ("returning", "lost"):
            assert value is None or 0 <= value <= 1
        else:
            assert value is None or value >= 0
    if stage in ("introduction", "decline"):
        stays, goes = core_of("introduction", n), core_of("decline", n)
        assert stays.now is None or stays.now + goes.now == pytest.approx(1)


def test_each_stage_has_its_own_core_metric() -> None:
    n = of(100, 80, revenue=500.0, revenue_before=400.0)
    assert {stage: core_of(stage, n).name for stage in STAGES} == {
        "introduction": "returning", "growth": "active", "maturity": "revenue_per_account", "decline": "lost",
    }  # fmt: skip
    assert (core_of("maturity", n).now, core_of("maturity", n).before) == (5.0, 5.0)
    assert core_of("maturity", of(100, 80)).name == "returning", "what earns nothing is measured by who stays"

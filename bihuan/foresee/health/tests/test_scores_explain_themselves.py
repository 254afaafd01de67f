"""Scores as pure computation: what is missing is shared out, floors cap, bands begin at their bound."""

from math import isnan

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bihuan.foresee.health.rules import (
    UNKNOWN,
    ModelError,
    band_of,
    explain,
    measures_in,
    points_of,
    read_model,
    score,
)

KNOWN = {"people": True, "trend": True, "silent": False, "renewal": True}
BANDS = [{"name": "red", "from": 0}, {"name": "amber", "from": 40}, {"name": "green", "from": 70}]


def part(measure="people", weight=10, curve=((0, 0), (10, 100)), **more):
    return {"measure": measure, "weight": weight, "curve": [list(pair) for pair in curve], **more}


def document(*parts, floors=(), coverage=50, bands=BANDS):
    return {
        "measures": list(parts or (part(),)),
        "floors": list(floors),
        "bands": list(bands),
        "minimum_coverage": coverage,
    }


THREE = (
    part("people", 50),
    part("trend", 30, ((-1, 0), (0, 60), (1, 100))),
    part("silent", 20, ((0, 100), (30, 0))),
)


def model(*parts, **more):
    return read_model(document(*parts, **more), known=KNOWN)


def one(of, **values):
    """The score of a single account."""
    return score(model=of, values={name: np.array([values.get(name, np.nan)], float) for name in of.measures})


def lines(of, scores):
    row = {
        p.measure: [0.0, None if isnan(scores.points[0, i]) else scores.points[0, i]]
        for i, p in enumerate(of.parts)
    }
    return explain(model=of, row=row, before=None)


maybe = st.one_of(st.just(float("nan")), st.floats(-50, 50))


def test_the_score_is_the_weighted_mean_of_the_points():
    found = one(model(*THREE), people=5, trend=0, silent=15)
    assert found.score[0] == pytest.approx((50 * 50 + 30 * 60 + 20 * 50) / 100)
    assert found.coverage[0] == 100


def test_the_weight_of_a_missing_measure_goes_to_the_others():
    found = one(model(*THREE), people=10, silent=30)
    assert found.score[0] == pytest.approx(50 * 100 / 70)
    assert found.coverage[0] == pytest.approx(70)


def test_health_is_unknown_below_the_minimum_coverage_and_known_exactly_at_it():
    at_fifty = model(*THREE, coverage=50)
    assert one(at_fifty, people=10).score[0] == 100
    below = one(at_fifty, trend=1)
    assert isnan(below.score[0])
    assert below.band_names(at_fifty) == [UNKNOWN]
    assert isnan(one(model(*THREE, coverage=0)).score[0]), "nothing known is unknown even without a minimum"


@pytest.mark.parametrize(
    ("value", "band"),
    [(0, "red"), (39.99, "red"), (40, "amber"), (69.99, "amber"), (70, "green"), (100, "green")],
)
def test_a_band_begins_at_its_bound(value, band):
    assert band_of(value, model()) == band
    assert band_of(None, model()) == UNKNOWN


def test_a_floor_caps_the_score_and_never_lifts_it():
    of = model(*THREE, floors=[{"when": "m.silent > 20.0", "cap": 35, "reason": "No use"}])
    capped = one(of, people=10, trend=1, silent=25)
    assert (capped.score[0], capped.raw[0] > 35, capped.cap_of[0]) == (35, True, 0)
    low = one(of, people=0, trend=-1, silent=30)
    assert (low.score[0], low.cap_of[0]) == (0, -1)


def test_the_lowest_of_several_floors_counts():
    floors = [
        {"when": "m.silent > 20.0", "cap": 35, "reason": "a"},
        {"when": "m.people < 3.0", "cap": 20, "reason": "b"},
    ]
    of = model(part("renewal", 10), floors=floors)
    found = one(of, renewal=10, silent=25, people=1)
    assert (found.score[0], found.cap_of[0]) == (20, 1)
    turned = model(part("renewal", 10), floors=floors[::-1])
    assert one(turned, renewal=10, silent=25, people=1).score[0] == 20


def test_a_floor_over_a_missing_value_does_not_hold():
    of = model(floors=[{"when": "m.silent > 20.0", "cap": 35, "reason": "No use"}])
    assert one(of, people=10).score[0] == 100
    assert of.measures == ["people", "silent"]
    assert measures_in("m.silent > 30.0 && m.people < 2.0") == ["silent", "people"]


def test_what_each_measure_moved_is_said_in_points_of_health():
    of = model(part("people", 50), part("silent", 50, ((0, 100), (30, 0))))
    found = explain(
        model=of,
        row={"people": [5.0, 50.0], "silent": [0.0, 100.0]},
        before={"people": [8.0, 80.0], "silent": [None, None]},
    )
    assert [(line.measure, line.lost, line.moved) for line in found] == [
        ("people", 25.0, -15.0),
        ("silent", 0.0, None),
    ]


@given(people=maybe, trend=maybe, silent=maybe)
def test_what_the_lines_say_is_lost_adds_up_to_what_lacks_from_a_hundred(people, trend, silent):
    of = model(*THREE, coverage=0)
    found = one(of, people=people, trend=trend, silent=silent)
    assume(not isnan(found.raw[0]))
    said = lines(of, found)
    assert 100 - sum(line.lost for line in said) == pytest.approx(found.raw[0])
    assert [line.lost for line in said if line.points is not None] == sorted(
        (line.lost for line in said if line.points is not None), reverse=True
    )
    assert all(line.lost == 0 for line in said if line.points is None)


@given(people=maybe, trend=maybe, silent=maybe, better=st.floats(0, 20))
def test_more_of_what_is_good_never_lowers_the_score_and_more_of_what_is_bad_never_lifts_it(
    people, trend, silent, better
):
    of = model(*THREE, coverage=0)
    here = one(of, people=people, trend=trend, silent=silent).score[0]
    assume(not isnan(here))
    assert one(of, people=people + better, trend=trend, silent=silent).score[0] >= here - 1e-9
    assert one(of, people=people, trend=trend, silent=silent + better).score[0] <= here + 1e-9
    assert 0 <= here <= 100


@given(values=st.lists(maybe, min_size=1, max_size=20))
def test_points_lie_within_0_and_100_and_a_missing_value_stays_missing(values):
    part_of = model(part("silent", 1, ((0, 100), (7, 70), (30, 0)))).parts[0]
    points = points_of(part_of, np.array(values))
    for value, found in zip(values, points, strict=True):
        assert isnan(found) if isnan(value) else 0 <= found <= 100


@given(rows=st.lists(st.tuples(maybe, maybe, maybe), min_size=1, max_size=8))
def test_an_account_has_the_same_score_alone_and_among_others(rows):
    of = model(*THREE, floors=[{"when": "m.silent > 20.0", "cap": 35, "reason": "No use"}])
    columns = dict(
        zip(("people", "trend", "silent"), (np.array(c, float) for c in zip(*rows, strict=True)), strict=True)
    )
    together = score(model=of, values=columns)
    for index, (people, trend, silent) in enumerate(rows):
        alone = one(of, people=people, trend=trend, silent=silent)
        np.testing.assert_allclose(together.score[index], alone.score[0])
        assert together.cap_of[index] == alone.cap_of[0]


@pytest.mark.parametrize(
    ("wrong", "place", "said"),
    [
        ({"measures": None, "bands": BANDS}, "measures", "list"),
        ({"measures": [], "bands": BANDS}, "measures", "at least one measure"),
        (document(part("peoble")), "measures[0]", "no measure is called 'peoble'"),
        (document(part(), part()), "measures.people", "twice"),
        (document(part(weight=0)), "measures", "above 0"),
        (document(part(weight="heavy")), "measures[0].weight", "number between 0 and 1000"),
        (document(part(weight=True)), "measures[0].weight", "number"),
        (document(part(curve=((0, 0),))), "measures[0].curve", "two pairs"),
        (document(part(curve=((5, 0), (1, 100)))), "measures[0].curve", "rising values"),
        (document(part(curve=((0, 0), (1, 101)))), "measures[0].curve", "between 0 and 100"),
        (document(part(curve=((0, 100), (1, 0)))), "measures[0].curve", "points must rise"),
        (document(part("silent", curve=((0, 0), (1, 100)))), "measures[0].curve", "points must fall"),
        (document(part(curve=((0, 0), (float("inf"), 100)))), "measures[0].curve", "rising values"),
        (document({**part(), "curve": "steep"}), "measures[0].curve", "two pairs"),
        (document(part(higher_is_better="yes")), "measures[0].higher_is_better", "true or false"),
        (document(floors=[{"when": "m.silent >", "cap": 1}]), "floors[0].when", ""),
        (document(floors=[{"when": "m.silence > 1.0", "cap": 1}]), "floors[0].when", ""),
        (document(floors=[{"when": "m.silent > 1.0", "cap": 101}]), "floors[0].cap", "between 0 and 100"),
        (document(bands=[{"name": "red", "from": 10}]), "bands", "starts at 0"),
        (document(bands=[{"name": "red", "from": 0}, {"name": "green", "from": 0}]), "bands", "bounds rise"),
        (document(bands=[{"name": "purple", "from": 0}]), "bands", "red, amber and green"),
        (document(bands=["red"]), "bands", "list"),
        (document(coverage=101), "minimum_coverage", "between 0 and 100"),
    ],
)  # fmt: skip
def test_a_wrong_document_is_refused_with_the_place_and_the_remedy(wrong, place, said):
    with pytest.raises(ModelError) as refused:
        read_model(wrong, known=KNOWN)
    assert said in refused.value.problems[place]
    assert f"{place}: " in str(refused.value)


def test_every_problem_of_a_document_is_named_at_once():
    with pytest.raises(ModelError) as refused:
        read_model(document(part(weight=-1), part("nothing"), part("silent"), coverage="half"), known=KNOWN)
    assert set(refused.value.problems) == {
        "measures[0].weight", "measures[1]", "measures[2].curve", "minimum_coverage",
    }  # fmt: skip


def test_a_document_with_thousands_of_floors_is_refused():
    floors = [{"when": "m.a > 1.0", "cap": 10, "reason": "x"}] * 5000
    document = {"measures": [], "floors": floors, "bands": [{"name": "red", "from": 0}]}
    with pytest.raises(ModelError) as refused:
        read_model(document, known={"a": True})
    assert "at most 100" in refused.value.problems["floors"]

"""The parts of a change add up to the whole, for any tree and any values."""

from math import fsum, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.understand.metrics.rules import Branch, Pair, divide, roots_of, shares_of, walk

SIZE = st.floats(min_value=1e-6, max_value=1e6)
ANY = st.one_of(st.just(0.0), SIZE, SIZE.map(lambda x: -x))
ENDS = st.one_of(
    st.tuples(ANY, ANY),
    SIZE.map(lambda x: (x, x)),
    SIZE.map(lambda x: (x, x * (1 + 1e-13))),
    SIZE.map(lambda x: (-x, -2 * x)),
)
PAIR = ENDS.map(lambda ends: Pair(before=ends[0], now=ends[1]))


def product(pairs) -> Pair:
    before, now = 1.0, 1.0
    for pair in pairs:
        before, now = before * pair.before, now * pair.now
    return Pair(before=before, now=now)


def same(left: float, right: float, *, size: float) -> bool:
    return isclose(left, right, rel_tol=1e-9, abs_tol=1e-9 * size)


def changed_sign(pair: Pair) -> bool:
    return (pair.before > 0 > pair.now) or (pair.before < 0 < pair.now)


@given(st.lists(PAIR, min_size=1, max_size=5), PAIR)
def test_the_parts_of_a_product_add_up_or_a_word_says_why_not(pairs: list[Pair], whole: Pair) -> None:
    drivers = {str(n): pair for n, pair in enumerate(pairs)}
    found = divide(how="product", whole=whole, drivers=drivers)
    if any(changed_sign(pair) for pair in pairs):
        assert found.reason == "sign" and not found.parts
        return
    assert not found.reason and set(found.parts) == set(drivers)
    made = product(pairs)
    size = max(abs(made.before), abs(made.now), *(abs(part) for part in found.parts.values()))
    assert same(fsum(found.parts.values()), made.change, size=size)
    size = max(size, abs(whole.before), abs(whole.now))
    assert same(fsum([*found.parts.values(), found.rest]), whole.change, size=size)


@given(st.lists(PAIR, min_size=1, max_size=5), PAIR)
def test_the_parts_of_a_sum_add_up_whatever_the_signs(pairs: list[Pair], whole: Pair) -> None:
    found = divide(how="sum", whole=whole, drivers={str(n): pair for n, pair in enumerate(pairs)})
    assert [found.parts[str(n)] for n in range(len(pairs))] == [pair.change for pair in pairs]
    size = max(abs(v) for pair in (*pairs, whole) for v in (pair.before, pair.now))
    assert same(fsum([*found.parts.values(), found.rest]), whole.change, size=max(size, 1e-6) * len(pairs))


@given(st.lists(PAIR, min_size=2, max_size=5))
def test_the_order_of_drivers_does_not_matter(pairs: list[Pair]) -> None:
    drivers = {str(n): pair for n, pair in enumerate(pairs)}
    one = divide(how="product", whole=product(pairs), drivers=drivers)
    other = divide(how="product", whole=product(pairs), drivers=dict(reversed(drivers.items())))
    assert one.reason == other.reason
    size = max((abs(part) for part in one.parts.values()), default=0)
    assert all(same(one.parts[name], other.parts[name], size=size) for name in one.parts)


@st.composite
def trees(draw):
    """A tree of up to three levels with values of its leaves; a branch is what its drivers make, or a number of its own."""
    branches: dict[str, Branch] = {}
    values: dict[str, Pair] = {}

    def grow(key: str, depth: int) -> Pair:
        if depth == 3 or (depth and draw(st.booleans())):
            values[key] = draw(PAIR)
            return values[key]
        drivers = [f"{key}{n}" for n in range(draw(st.integers(1, 3)))]
        branches[key] = Branch(how=draw(st.sampled_from(["product", "sum"])), drivers=tuple(drivers))
        below = [grow(driver, depth + 1) for driver in drivers]
        if draw(st.integers(0, 4)) == 0:
            values[key] = draw(PAIR)
        elif branches[key].how == "product":
            values[key] = product(below)
        else:
            values[key] = Pair(before=sum(p.before for p in below), now=sum(p.now for p in below))
        return values[key]

    grow("m", 0)
    return branches, values


@given(trees())
def test_the_deepest_parts_and_the_rests_of_any_tree_add_up_to_the_change_of_the_core(tree) -> None:
    branches, values = tree
    shares = shares_of(core="m", branches=branches, values=values)
    assert [share.path for share in shares] == list(walk("m", branches))
    parts: list[float] = []
    for share in shares:
        divided = share.division is not None and not share.division.reason
        if share.weight is not None:
            parts.append(share.weight * share.division.rest if divided else share.to_core)
        if not divided:
            below = [one.to_core for one in shares if one.path[:-1] == share.path]
            assert all(part is None for part in below), "below what cannot be divided nothing is"
    # Floats keep sixteen digits of the values, not of their differences: what is lost counts against the former.
    size = max(
        abs((one.weight or 0) * v) for one in shares for v in (values[one.key].before, values[one.key].now)
    )
    assert same(fsum(parts), values["m"].change, size=max(size, 1e-6))


@pytest.mark.parametrize(
    ("before", "now", "parts"),
    [
        ((100, 0.1, 50), (200, 0.1, 50), (500, 0, 0)),
        ((100, 0.1, 50), (0, 0.2, 50), (-500, 0, 0)),  # no traffic: that alone is why
        ((0, 0, 50), (10, 0.5, 50), (125, 125, 0)),  # two came from nought: half each
        ((0, 5, 1), (5, 0, 1), (0, 0, 0)),
        ((10, -2, 1), (20, -2, 1), (-20, 0, 0)),
    ],
)
def test_examples_that_can_be_checked_by_hand(before, now, parts) -> None:
    pairs = [Pair(before=b, now=n) for b, n in zip(before, now, strict=True)]
    found = divide(how="product", whole=product(pairs), drivers=dict(zip("abc", pairs, strict=True)))
    assert tuple(found.parts.values()) == pytest.approx(parts) and found.rest == pytest.approx(0)


def test_drivers_that_grow_by_the_same_factor_contribute_the_same() -> None:
    pairs = {"traffic": Pair(before=100, now=150), "price": Pair(before=2, now=3)}
    found = divide(how="product", whole=Pair(before=200, now=450), drivers=pairs)
    assert found.parts == pytest.approx({"traffic": 125, "price": 125})


def test_a_word_says_why_a_change_is_not_divided() -> None:
    whole = Pair(before=1, now=2)
    assert divide(how="product", whole=whole, drivers={"a": Pair(before=1, now=-1)}).reason == "sign"
    assert divide(how="sum", whole=whole, drivers={"a": Pair(before=None, now=1)}).reason == "missing"
    assert (
        divide(how="product", whole=whole, drivers={n: Pair(before=1, now=1e300) for n in "ab"}).reason
        == "large"
    )


def test_a_tree_knows_its_cores_and_refuses_to_go_in_circles() -> None:
    branches = {
        "sales": Branch(how="product", drivers=("traffic", "price")),
        "traffic": Branch(how="sum", drivers=("a", "b")),
    }
    assert roots_of(branches) == ["sales"]
    with pytest.raises(ValueError, match="sales ← traffic ← a ← sales"):
        list(walk("sales", branches | {"a": Branch(how="sum", drivers=("sales",))}))

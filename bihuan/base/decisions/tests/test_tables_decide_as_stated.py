"""Decision tables against a plain restatement: every hit policy, intervals, lists, negation, nothing at all, days."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.base.decisions import Column, DecisionError, Rule, Table, cells, decide
from bihuan.base.decisions.cells import CellError


@dataclass(frozen=True)
class Cell:
    """A cell as it is written, and what it means."""

    text: str
    means: Callable[[Any], bool]

    def __repr__(self) -> str:
        return self.text


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


NUMBERS = st.integers(-6, 6) | st.sampled_from([-0.5, 0.1, 0.25, 2.5])
WORDS = st.text(st.sampled_from('ab"\\,()-[] '), max_size=4)
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 9))
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: not a > b, ">": lambda a, b: a > b, ">=": lambda a, b: not a < b,
    "=": lambda a, b: a == b,
}  # fmt: skip


def same_kind(value: Any, other: Any) -> bool:
    """Whether two values can be compared at all: numbers, texts, yes and no, and days each among themselves."""
    kinds = ((bool,), (int, float), (str,), (date,))
    return any(isinstance(value, kind) and isinstance(other, kind) for kind in kinds) and isinstance(
        value, bool
    ) == isinstance(other, bool)


def exact(value: Any) -> Any:
    """A number as it is written: 0.1 is a tenth."""
    return Fraction(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def compared(sign: str, other: Any) -> Callable[[Any], bool]:
    return lambda value: (
        value is not None and same_kind(value, other) and SIGNS[sign](exact(value), exact(other))
    )


def written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    return f'date("{value.isoformat()}")' if isinstance(value, date) else str(value)


@st.composite
def ranges(draw: st.DrawFn) -> Cell:
    low, high = (
        sorted((draw(NUMBERS), draw(NUMBERS))) if draw(st.booleans()) else sorted((draw(DAYS), draw(DAYS)))
    )
    left, right = draw(st.sampled_from("[(]")), draw(st.sampled_from("])["))
    above, below = compared(">=" if left == "[" else ">", low), compared("<=" if right == "]" else "<", high)
    return Cell(f"{left}{written(low)}..{written(high)}{right}", lambda value: above(value) and below(value))


LITERALS = (NUMBERS | WORDS | DAYS | st.booleans()).map(lambda one: Cell(written(one), compared("=", one)))
COMPARED = st.builds(
    lambda sign, other: Cell(f"{sign} {written(other)}", compared(sign, other)),
    st.sampled_from(["<", "<=", ">", ">=", "="]), NUMBERS | DAYS,
)  # fmt: skip
SINGLE = LITERALS | COMPARED | ranges()


def listed(found: list[Cell]) -> Cell:
    return Cell(", ".join(one.text for one in found), lambda value: any(one.means(value) for one in found))


LISTS = st.lists(SINGLE, min_size=1, max_size=3).map(listed)
CELLS = (
    LISTS
    | LISTS.map(lambda one: Cell(f"not({one.text})", lambda value: not one.means(value)))
    | st.sampled_from(["-", "", " "]).map(lambda text: Cell(text, lambda value: True))
)
VALUES = st.none() | NUMBERS | WORDS | DAYS | st.booleans()


@given(CELLS, VALUES)
@settings(max_examples=1_000, deadline=None)
def test_a_cell_fits_what_it_says(cell: Cell, value: Any) -> None:
    assert cells.test_of(cell.text)(value) == cell.means(value)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Table, list[list[Cell]], list[int | None]]:
    """A table of two inputs and one output over small numbers, so that several rows fit often."""
    policy = draw(st.sampled_from(["UNIQUE", "FIRST", "ANY", "COLLECT", "RULE ORDER"]))
    summed = draw(st.sampled_from(["", "SUM", "MIN", "MAX", "COUNT"])) if policy == "COLLECT" else ""
    few = st.sampled_from(
        [Cell("-", lambda v: True), Cell("1", compared("=", 1)), Cell("> 0", compared(">", 0)), Cell("[0..2)", lambda v: v is not None and 0 <= v < 2)]
    )  # fmt: skip
    rows = draw(st.lists(st.tuples(few, few), max_size=5))
    said = [draw(st.integers(0, 2) | st.none()) for _row in rows]
    table = Table(
        id="t", name="T", policy=policy, summed=summed, outputs=(Column(name="out"),),
        inputs=(Column(name="a", expression="a"), Column(name="b", expression="b")),
        rules=tuple(
            Rule(id=str(n), inputs=(one.text, other.text), outputs=("" if out is None else str(out),))
            for n, ((one, other), out) in enumerate(zip(rows, said, strict=True))
        ),
    )  # fmt: skip
    return table, [list(row) for row in rows], said


SUMS: dict[str, Callable[[list[int]], Any]] = {
    "COUNT": len, "SUM": sum, "MIN": lambda found: min(found, default=None), "MAX": lambda found: max(found, default=None),
}  # fmt: skip


@given(tables(), st.integers(-1, 2) | st.none(), st.integers(-1, 2) | st.none())
@settings(max_examples=1_000, deadline=None)
def test_each_policy_decides_as_it_is_stated(
    drawn: tuple[Table, list[list[Cell]], list[int | None]], a: int | None, b: int | None
) -> None:
    table, rows, said = drawn
    fitting = [number for number, (one, other) in enumerate(rows) if one.means(a) and other.means(b)]
    answers = [said[number] for number in fitting]
    wrong = (table.policy == "UNIQUE" and len(fitting) > 1) or (
        table.policy == "ANY" and len(set(answers)) > 1
    )
    if wrong:
        with pytest.raises(DecisionError):
            decide(table, {"a": a, "b": b})
        return
    found = decide(table, {"a": a, "b": b})
    if table.policy == "FIRST":
        fitting, answers = fitting[:1], answers[:1]
    assert found.rows == tuple(number + 1 for number in fitting)
    if table.summed:
        assert found.outputs == {"out": SUMS[table.summed]([one for one in answers if one is not None])}
    elif table.policy in ("COLLECT", "RULE ORDER"):
        assert found.outputs == {"out": answers}
    else:
        assert found.outputs == {"out": answers[0] if answers else None}


@given(DAYS, DAYS, st.sampled_from(["<", "<=", ">", ">=", "="]))
def test_a_day_is_a_day_however_it_is_given(one: date, other: date, sign: str) -> None:
    test = cells.test_of(f"{sign} {written(other)}")
    given_as = [
        one,
        one.isoformat(),
        datetime(one.year, one.month, one.day),
        datetime(one.year, one.month, one.day, tzinfo=UTC),
    ]
    assert {test(value) for value in given_as} == {SIGNS[sign](one, other)}


def test_a_moment_is_compared_by_when_it_is() -> None:
    noon = 'date("2026-01-02T12:00:00+08:00")'
    assert cells.test_of(f"< {noon}")(datetime(2026, 1, 2, 3, 59, tzinfo=UTC))
    assert not cells.test_of(f"< {noon}")(datetime(2026, 1, 2, 4, 0, tzinfo=UTC) + timedelta(0))


@pytest.mark.parametrize("value", [math.nan, math.inf, [1], {"a": 1}, "soon"])
def test_what_cannot_be_compared_fits_nothing_but_what_fits_all(value: Any) -> None:
    assert cells.test_of("-")(value) and cells.test_of('not("a")')(value)
    for text in ("< 5", "[1..2]", "1", 'date("2026-01-01")', '> date("2026-01-01")', "true"):
        assert not cells.test_of(text)(value), text


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "1..2",
        "[1..",
        "< ",
        '"a',
        'not("a"), not("b")',
        "1,,2",
        "1, -",
        "date(2026-01-01)",
        'date("2026-13-01")',
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(CellError):
        cells.test_of(text)

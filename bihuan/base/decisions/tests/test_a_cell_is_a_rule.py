"""A cell and the rule that it becomes fit the same values."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.base.decisions import rule_of
from bihuan.base.decisions.cells import CellError
from bihuan.base.decisions.cells import test_of as fits
from bihuan.base.rules import holds

NUMBERS = st.integers(-3, 12)
TEXTS = st.sampled_from(["S", "A", 'x"y', "a, b", "back\\slash", "中文", "", "two\nlines", "tab\tbed"])


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


RANGES = st.tuples(st.sampled_from("[("), NUMBERS, NUMBERS, st.sampled_from("])")).map(
    lambda p: f"{p[0]}{p[1]}..{p[2]}{p[3]}"
)
SINGLE = st.one_of(
    NUMBERS.map(str),
    RANGES,
    st.tuples(st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), NUMBERS).map(lambda p: f"{p[0]} {p[1]}"),
)
CELLS = st.lists(SINGLE, min_size=1, max_size=3).map(", ".join)
ALL_CELLS = st.one_of(CELLS, CELLS.map(lambda cell: f"not({cell})"))


@settings(max_examples=300, deadline=None, database=None)
@given(cell=ALL_CELLS, value=NUMBERS)
def test_of_numbers(cell, value):
    assert holds(rule_of("m.x", cell), {"m": {"x": value}}) == fits(cell)(value)


@settings(max_examples=200, deadline=None, database=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=3), value=TEXTS, no=st.booleans())
def test_of_texts(texts, value, no):
    cell = ", ".join(map(quoted, texts))
    cell = f"not({cell})" if no else cell
    assert holds(rule_of("account.x", cell), {"account": {"x": value}}) == fits(cell)(value)


def test_a_cell_that_everything_fits_has_no_rule():
    assert rule_of("m.x", "-") == rule_of("m.x", "  ") == ""


def test_a_computed_column_keeps_its_brackets():
    assert rule_of("m.a + m.b", "> 3") == "(m.a + m.b) > 3"
    assert rule_of("on", 'date("2026-01-31")') == 'on == timestamp("2026-01-31T00:00:00+00:00")'
    assert rule_of("m.x", "true") == "m.x == true"


@pytest.mark.parametrize("cell", ["nonsense", "[1.."])
def test_what_is_no_cell_is_refused(cell):
    with pytest.raises(CellError):
        rule_of("m.x", cell)

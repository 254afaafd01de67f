"""A rule says the same of a record and of a table, nulls included."""

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.base.rules import RuleError, evaluate, filter_of, holds, value_of

SCHEMA = {"n": "int64", "m": "int64", "x": "float64", "s": "string", "t": "string", "b": "boolean"}
con = ibis.duckdb.connect()

ints = st.one_of(st.none(), st.integers(-50, 50))
texts = st.one_of(st.none(), st.sampled_from(["", "a", "ab", "b", "客户", "S"]))
records = st.fixed_dictionaries(
    {
        "n": ints,
        "m": ints,
        "x": st.one_of(st.none(), st.floats(-10, 10, allow_nan=False).map(lambda v: round(v, 2))),
        "s": texts,
        "t": texts,
        "b": st.one_of(st.none(), st.booleans()),
    }
)

numbers = st.sampled_from(
    ["r.n", "r.m", "3", "0", "-7", "(r.n + r.m)", "(r.n - 2)", "(r.m * 2)", "size('ab')"]
)
comparisons = st.one_of(
    st.tuples(numbers, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers).map(" ".join),
    st.tuples(st.just("r.x"), st.sampled_from(["<", ">="]), st.sampled_from(["1.5", "0.0", "-2.5"])).map(
        " ".join
    ),
    st.sampled_from(
        [
            "r.s == 'a'",
            "r.s != r.t",
            "r.s in ['a', 'S']",
            "r.n in [1, 2, 3]",
            "r.s.startsWith('a')",
            "r.s.contains(r.t)",
            "has(r.s)",
            "!has(r.n)",
            "r.b",
            "!r.b",
            "r.n / 3 > 1",
            "r.n % 4 == 1",
            "r.n / r.m == 2",
            "(r.b ? r.n : r.m) > 0",
            "double(r.n) * 1.5 > r.x",
            "r.s + r.t == 'ab'",
            "size(r.s) > 1",
        ]
    ),
)
rules = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
        inner.map(lambda rule: f"!({rule})"),
    ),
    max_leaves=5,
)


def resolve_in(table):
    def resolve(path):
        if path[0] != "r" or path[1] not in SCHEMA:
            raise LookupError(f"Unknown name {'.'.join(path)!r}.")
        return table[path[1]]

    return resolve


@settings(max_examples=250, deadline=None)
@given(rule=rules, rows=st.lists(records, min_size=1, max_size=8))
def test_a_rule_says_the_same_of_each_record_and_of_the_table(rule, rows):
    table = ibis.memtable([{"i": i, **row} for i, row in enumerate(rows)], schema={"i": "int64", **SCHEMA})
    kept = con.execute(table.filter(filter_of(rule, resolve=resolve_in(table))).i)
    assert sorted(kept) == [i for i, row in enumerate(rows) if holds(rule, {"r": row})]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("", "empty"),
        ("r.n ==", "cannot be read"),
        ("r.list.exists(x, x > 1)", "loops"),
        ("r.n == null", "!has"),
        ("open('/etc/passwd')", "not allowed"),
        ("x" * 3000, "characters"),
        ("{'a': 1}", "Objects"),
    ],
)
def test_a_rule_that_is_not_allowed_is_refused_with_the_reason(rule, words):
    with pytest.raises(RuleError, match=words):
        evaluate(rule, {"r": {}})


def test_an_unknown_name_is_named():
    with pytest.raises(RuleError, match="acount"):
        evaluate("acount.tier == 'S'", {"account": {}})


def test_whole_and_broken_numbers_do_not_mix_in_either_place():
    table = ibis.memtable([{"n": 1, "x": 1.5}])
    with pytest.raises(RuleError):
        value_of("r.n + r.x", resolve=lambda path: table[path[1]])
    with pytest.raises(RuleError):
        evaluate("r.n + r.x", {"r": {"n": 1, "x": 1.5}})


def test_a_rule_that_is_no_yes_or_no_is_refused_as_a_filter():
    with pytest.raises(RuleError, match="yes or no"):
        holds("1 + 1", {})

"""The set that a segment gives is the units whose record the rule is true of, one by one."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.base.rules import holds, paths_in
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.segment import read_definition
from bihuan.understand.segments.queries import inside

KINDS = {
    "account.tier": (pa.string(), st.sampled_from(["S", "A", "B", None])),
    "account.size": (pa.int64(), st.one_of(st.none(), st.integers(0, 500))),
    "account.signed_up_on": (pa.timestamp("us", "UTC"),
                             st.one_of(st.none(), st.sampled_from([datetime(2025, m, 1, tzinfo=UTC) for m in (1, 6, 12)]))),
    "account.props.flag": (pa.bool_(), st.one_of(st.none(), st.booleans())),
    "account.plan": (pa.null(), st.none()),
    "person.title": (pa.string(), st.sampled_from(["CTO", "采购经理", None])),
    "m.active_people": (pa.float64(), st.one_of(st.none(), st.integers(0, 9).map(float), st.floats(0, 9))),
    "chain.signer": (pa.bool_(), st.booleans()),
    "behaviour.exports": (pa.int64(), st.integers(0, 6)),
}  # fmt: skip
ATOMS = st.sampled_from([
    "account.tier == 'S'", "account.tier in ['S', 'A']", "account.size > 100", "has(account.size)", "!has(account.tier)",
    "account.signed_up_on < timestamp('2025-06-15T00:00:00Z')", "account.props.flag", "!account.props.flag",
    "account.props.flag == true", "account.plan == 'pro'", "account.plan > 3", "has(account.plan)",
    "person.title.contains('经理')", "person.title != 'CTO'", "measure.active_people < 5", "m.active_people >= 2.5",
    "m.active_people == 3", "!(measure.active_people > 4)", "chain.signer", "behaviour.exports >= 3", "behaviour.exports == 0",
    "behaviour.exports + account.size > 50", "account.size / behaviour.exports > 20",
])  # fmt: skip
RULES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
        inner.map(lambda rule: f"!({rule})"),
    ),
    max_leaves=5,
)
UNITS = st.lists(st.fixed_dictionaries({name: values for name, (_kind, values) in KINDS.items()}), min_size=1, max_size=12)  # fmt: skip


def record_of(unit):
    """What base/rules reads: names within names, nothing where nothing is known."""
    record = {whose: {} for whose in ("account", "person", "m", "chain", "behaviour")}
    for name, value in unit.items():
        *above, last = name.split(".")
        place = record
        for part in above:
            place = place.setdefault(part, {})
        place[last] = value
    return record | {"measure": record["m"]}


@settings(max_examples=300, deadline=None, database=None)
@given(rule=RULES, units=UNITS)
def test_the_set_is_those_whose_record_the_rule_is_true_of(rule, units):
    definition = read_definition({
        "unit": "person", "rule": rule, "behaviour": {"exports": {"event": "report_exported"}},
    })  # fmt: skip
    columns = {
        name: pa.array([unit[name] for unit in units], kind) for name, (kind, _values) in KINDS.items()
    }
    rows = pa.table({"unit": pa.array(range(1, len(units) + 1), pa.int64()), **columns})
    found = inside(definition, rows=rows)
    expected = [place for place, unit in enumerate(units, start=1) if holds(rule, record_of(unit))]
    assert found.ids.tolist() == expected


def test_the_names_of_a_rule_are_found_wherever_they_stand():
    rule = "has(account.tier) && (account.name.startsWith('x') || !(m.mrr > 3.0)) && account.props.a in ['b'] && ok"
    assert paths_in(rule) == {
        ("account", "tier"), ("account", "name"), ("m", "mrr"), ("account", "props", "a"), ("ok",),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("document", "field", "words"),
    [
        ({"rule": ""}, "rule", "empty"),
        ({}, "rule", "write a rule"),
        ({"rule": "acount.tier == 'S'"}, "rule", "unknown name 'acount.tier'"),
        ({"rule": "account.a.b == 'S'"}, "rule", "account.props"),
        ({"rule": "person.title == 'CTO'", "unit": "account"}, "rule", "unit: person"),
        ({"rule": "account.tier == 'S'", "unit": "team"}, "unit", "none of account, person"),
        ({"rule": "behaviour.exports > 3"}, "rule", "say under behaviour"),
        ({"rule": "behaviour.x > 3", "behaviour": {"x": {"event": "e", "last": "4w"}}}, "behaviour.x.last", "730d"),
        ({"rule": "behaviour.x > 3", "behaviour": {"x": {"event": "e", "count": "sum"}}}, "behaviour.x.count", "events, days"),
        ({"rule": "behaviour.x > 3", "behaviour": {"x": {"event": "e", "by": "y"}}}, "behaviour.x.by", "where"),
        ({"rule": "behaviour.x > 3", "behaviour": {"X": {"event": "e"}}}, "behaviour.X", "small letters"),
        ({"rule": "behaviour.x > 3", "behaviour": ["e"]}, "behaviour", "last: 28d"),
    ],
)  # fmt: skip
def test_a_document_that_is_wrong_names_the_place(document, field, words):
    with pytest.raises(QuestionError, match=words) as error:
        read_definition(document)
    assert error.value.field == field


def test_a_rule_that_does_not_fit_what_is_known_is_refused():
    rows = pa.table({"unit": pa.array([1], pa.int64()), "account.size": pa.array([3], pa.int64())})
    for rule, words in (("account.size == 'S'", "compared"), ("account.size + 1", "yes or no")):
        with pytest.raises(QuestionError, match=words):
            inside(read_definition({"rule": rule}), rows=rows)

"""A rule is said in words of the reader's language; what has no words is not said, and no rule breaks the page."""

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.base.rules import RuleError, holds, parsed
from bihuan.base.rules.tree import Call, Compared, Computed, Joined, Listed, Literal, Name, Negated, tree_of
from bihuan.base.wording import Deed, Named, in_words, noun_in_words
from bihuan.base.wording.merging import Between, merged

pytestmark = pytest.mark.django_db
NAMES = {
    ("a", "tier"): Named(title="Tier", kind="text", choices={"S": "top", "lost": "Lost"}),
    ("a", "name"): Named(title="Name", kind="text"),
    ("a", "since"): Named(title="Customer since", kind="date"),
    ("a", "tags"): Named(title="Tags", kind="text"),
    ("a", "open"): Named(title="Open"),
    ("a", "left"): Named(title="Owner who left", kind="text", present="The owner left", absent="The owner is here"),
    ("m", "days"): Named(title="Days silent", kind="days"),
    ("m", "share"): Named(title="Seats active", kind="percent"),
    ("m", "mrr"): Named(title="MRR", kind="money"),
    ("m", "old"): Named(title="MRR 28 days ago", kind="money", earlier="m.mrr", then="28 days ago"),
    ("m", "trend"): Named(title="Use", kind="percent", change=True),
    ("b", "exports"): Deed(what=("export",)),
    ("b", "used"): Deed(),
    ("b", "used_before"): Deed(back=28),
    ("b", "days_used"): Deed(daily=True, days=7),
    ("q", "use"): Named(title="How is it used", kind="text", choices={"good": "Well"}, asked=True),
}  # fmt: skip


def said(rule, language="en"):
    with override(language):
        return in_words(rule, names=NAMES.get)


@pytest.mark.parametrize(("rule", "english"), [
    ("m.days >= 21.0", "Days silent is at least 21 days"),
    ("21.0 <= m.days", "Days silent is at least 21 days"),
    ("m.days > 1", "Days silent is more than 1 day"),
    ("m.share < 0.5", "Seats active is below 50 %"),
    ("m.share < 0.125", "Seats active is below 12.5 %"),
    ("m.mrr >= 40000", "MRR is at least ¥40,000"),
    ("m.days >= 0.0 && m.days <= 60.0", "Days silent is from 0 to 60 days"),
    ("a.tier == 'S' || a.tier == 'lost'", "Tier is top or Lost"),
    ("a.tier in ['S', 'x']", "Tier is top or “x”"),
    ("!(a.tier in ['S', 'x'])", "Tier is not top or “x”"),
    ("a.tier != 'S' && a.tier != 'lost' && m.days > 2.0", "Tier is not top or Lost, and days silent is more than 2 days"),
    ("a.tier == ''", "Tier is empty"),
    ("m.trend < -0.15", "Use fell by more than 15 %"),
    ("m.trend >= 0.0", "Use did not fall"),
    ("m.trend > 0.05", "Use rose by more than 5 %"),
    ("m.mrr <= 0.8 * m.old", "MRR fell by at least 20 % against 28 days ago"),
    ("m.mrr > m.old * 1.5", "MRR rose by more than 50 % against 28 days ago"),
    ("m.mrr < 3.0 * m.old", "MRR is below 3 times MRR 28 days ago"),
    ("b.exports >= 3", "“export” at least 3 times in 28 days"),
    ("b.exports > 2", "“export” at least 3 times in 28 days"),
    ("b.exports == 0", "“export” not once in 28 days"),
    ("b.exports < 1", "“export” not once in 28 days"),
    ("b.days_used >= 5", "At least 5 days with product events in 7 days"),
    ("b.used < 0.5 * b.used_before",
     "Number of product events in 28 days fell by more than 50 % against the 28 days before"),
    ("b.exports / b.used >= 0.02",
     "Number of “export” in 28 days ÷ number of product events in 28 days is at least 2 %"),
    ("a.since < timestamp('2026-01-31T00:00:00Z')", "Customer since is before 2026-01-31"),
    ("has(a.left)", "The owner left"),
    ("!has(a.left)", "The owner is here"),
    ("has(a.name) && !has(m.days)", "Name is known, and days silent is not known"),
    ("a.name.startsWith('x') || a.name.matches('^y')", "Name begins with “x”, or name fits the pattern “^y”"),
    ("'x' in a.tags", "Tags contains “x”"),
    ("size(a.name) > 3", "Length of name is more than 3"),
    ("a.open", "Open: yes"),
    ("!a.open || a.open == true", "Open: no, or open: yes"),
    ("(a.open || m.days > 2.0) && m.share < 0.5", "(open: yes, or days silent is more than 2 days), and seats active is below 50 %"),
    ("!(a.open && m.days > 2.0)", "Not so: (open: yes, and days silent is more than 2 days)"),
    ("q.use == 'good'", "How is it used: Well"),
    ("int(m.days) == 3", "Days silent is 3 days"),
    ("((m.days)) > (((3.0)))", "Days silent is more than 3 days"),
])  # fmt: skip
def test_in_english(rule, english):
    assert said(rule) == english


@pytest.mark.parametrize(("rule", "chinese"), [
    ("m.days >= 21.0", "Days silent 至少 21 天"),
    ("b.used <= 0.8 * b.used_before && (a.tier == 'S' || a.tier == 'A')",
     "近 28 天产品事件次数较此前 28 天下降 20% 及以上，且 tier 为 top 或“A”"),
    ("b.exports >= 3", "近 28 天至少有 3 次“export”"),
    ("m.days >= 0.0 && m.days <= 60.0 && m.share < 0.5 && a.open",
     "Days silent 在 0 至 60 天之间，seats active 不到 50%，且 open：是"),
])  # fmt: skip
def test_in_chinese_with_its_spaces_and_commas(rule, chinese):
    assert said(rule, "zh-hans") == chinese


@pytest.mark.parametrize("rule", [
    "", "not a rule at all", "a.unknown > 3", "m.days > 3 ? true : false", "m.days % 2 == 0", "a.tags['x'] == 1",
    "b.used", "m.days + 1.0", "has(m.days > 3.0)", "[1, 2][0] == 1", "-a.tags['x'] < 2",
    "a.since > timestamp('some day')",
])  # fmt: skip
def test_what_has_no_words_is_not_said(rule):
    assert said(rule) == ""


def test_a_number_is_named_and_what_is_computed_is_not():
    with override("en"):
        assert noun_in_words("m.share", names=NAMES.get) == "seats active"
        assert noun_in_words("1.0 - m.share", names=NAMES.get) == ""
        assert noun_in_words("m.nothing", names=NAMES.get) == ""


NUMBERS = st.sampled_from(
    ["m.days", "m.share", "m.mrr", "m.trend", "b.used", "b.exports", "a.nothing", "2", "-3.5", "0", "1e9"]
)
TERMS = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/%"), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        inner.map(lambda one: f"double({one})"), inner.map(lambda one: f"-({one})"),
    ),
    max_leaves=4,
)  # fmt: skip
SIGNS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
TEXTS = st.text(alphabet="abZ 中%'\"\\\n", max_size=6).map(lambda t: repr(t).replace("\\x", "\\u00"))
ATOMS = st.one_of(
    st.tuples(TERMS, SIGNS, TERMS).map(" ".join),
    st.tuples(st.sampled_from(["a.tier", "a.name", "q.use", "m.days"]), SIGNS, TEXTS).map(" ".join),
    st.lists(TEXTS, max_size=3).map(lambda texts: f"a.tier in [{', '.join(texts)}]"),
    st.sampled_from([
        "has(a.left)", "has(b.used)", "a.open", "true", "a.tags[0] == 1", "a.name.contains('%(x)s')", "a.open ? true : false",
        "size(a.name) > 2", "a.since > timestamp('2026-01-01T00:00:00Z')", "'x' in a.tags", "string(m.days) == '3'",
    ]),
)  # fmt: skip
RULES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
        inner.map(lambda rule: f"!({rule})"),
    ),
    max_leaves=6,
)


@settings(max_examples=500, deadline=None, database=None)
@given(rule=RULES)
def test_no_valid_rule_raises_and_none_is_said_with_a_hole_in_it(rule):
    try:
        parsed(rule)
    except RuleError:
        return
    for language in ("en", "zh-hans"):
        found = said(rule, language)
        assert "%(" not in found.replace("%(x)s", "")


@pytest.mark.parametrize(
    "rule", ["!" * 300 + "a.open", "(" * 100 + "a.open" + ")" * 100, "a.open && " * 150 + "a.open"]
)
def test_a_deep_rule_is_no_danger(rule):
    assert not {"!", "&", "("} & set(said(rule)), "words, or nothing"


@pytest.mark.parametrize("number", ["1e30", "1e300", "1e999", "1" * 400])
@pytest.mark.parametrize("name", ["m.days", "m.mrr", "m.share", "b.exports", "a.open", "m.trend"])
def test_a_number_that_nobody_writes_out_is_no_danger(name, number):
    for rule in (f"{name} > {number}", f"{name} >= 0 && {name} <= {number}", f"{name} < {number} * a.open"):
        assert said(rule) == ""


def test_a_small_number_is_not_said_to_be_nothing():
    assert said("a.open > 0.00001") == "Open is more than 0.00001"


def written(node):
    """A tree as CEL again."""
    if isinstance(node, Between):
        name = ".".join(node.name.path)
        return f"({name} >= {node.low!r} && {name} <= {node.high!r})"
    if isinstance(node, Joined):
        return "(" + (" && " if node.every else " || ").join(written(one) for one in merged(node)) + ")"
    if isinstance(node, Negated):
        return f"!({written(node.part)})"
    if isinstance(node, (Compared, Computed)):
        return f"({written(node.left)} {node.sign} {written(node.right)})"
    if isinstance(node, Listed):
        return "[" + ", ".join(map(written, node.items)) + "]"
    if isinstance(node, Call):
        return f"{node.function}({', '.join(map(written, node.arguments))})"
    if isinstance(node, Name):
        return ".".join(node.path)
    assert isinstance(node, Literal)
    return {True: "true", False: "false"}[node.value] if isinstance(node.value, bool) else repr(node.value)


PLAIN = st.one_of(
    st.tuples(
        st.sampled_from(["m.days", "m.share"]), SIGNS, st.sampled_from(["0.0", "1.0", "2.0", "-1.0"])
    ).map(" ".join),
    st.tuples(st.just("a.tier"), st.sampled_from(["==", "!="]), st.sampled_from(["'S'", "'A'"])).map(
        " ".join
    ),
    st.sampled_from(
        ["a.tier in ['S', 'B']", "has(a.tier)", "a.open", "m.days < 2.0 * m.share", "m.days - m.share > 0.0"]
    ),
)
PLAIN_RULES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
        inner.map(lambda rule: f"!({rule})"),
    ),
    max_leaves=6,
)
VALUES = st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0])


@settings(max_examples=400, deadline=None, database=None)
@given(
    rule=PLAIN_RULES,
    days=VALUES,
    share=VALUES,
    tier=st.sampled_from(["S", "A", "B", "C"]),
    is_open=st.booleans(),
)
def test_what_is_said_together_means_what_the_rule_means(rule, days, share, tier, is_open):
    record = {"m": {"days": days, "share": share}, "a": {"tier": tier, "open": is_open}}
    assert holds(written(tree_of(rule)), record) == holds(rule, record)


@pytest.mark.parametrize("number", ["1e30", "1e400", "9" * 1500, "0x" + "f" * 400])
@pytest.mark.parametrize("rule", [
    "m.days > {0}", "m.share < {0}", "m.mrr >= {0}", "m.trend < -{0}", "b.exports >= {0}", "b.exports < {0}",
    "m.days >= {0} && m.days <= {0}", "b.used >= {0} && b.used <= {0}", "m.days in [{0}]", "m.mrr * {0} > 2.0",
    "b.used <= {0} * b.used_before", "m.mrr <= {0} * m.old",
])  # fmt: skip
def test_a_number_without_end_breaks_no_page(rule, number):
    for language in ("en", "zh-hans"):
        assert isinstance(said(rule.format(number), language), str)
    assert isinstance(noun_in_words(number, names=NAMES.get), str)


def test_half_a_character_is_no_text_that_a_page_could_show():
    assert said(r"a.name == '\ud800'") == ""
    with pytest.raises(RuleError, match="half a character"):
        tree_of(r"a.name == '\ud800'")

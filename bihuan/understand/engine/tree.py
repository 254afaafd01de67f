"""The tree question: which fields separate the units that did it from those that did not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn, QuestionError
from bihuan.understand.engine.fields import RULE, SEGMENT, Field, choice, known_fields
from bihuan.understand.engine.scope import read_day, read_rule, read_segment_name
from bihuan.understand.engine.units import AS_OF, FIELD_SCHEMA, UNIT, UNITS, as_column, read_fields, truth_of
from bihuan.understand.stats.design import MISSING
from bihuan.understand.stats.tree import TooFew, Tree, grow_tree
from bihuan.understand.stats.tree_shape import Condition, Node

#: SEMANTICS 20: a lower bound of the AUC that is not above this is too little signal.
LEAST_AUC = 0.55
FIELDS = (
    Field(name="did", schema=RULE, default="required", meaning="CEL over the unit that is true for those who did it: "
          '`account.churned == "yes"`; or a yes-or-no field: `account.churned`'),
    Field(name="columns", schema={"type": "array", "items": FIELD_SCHEMA, "minItems": 1, "maxItems": 40}, default="required",
          meaning="fields that may separate them: `account.industry`, `m.active_people`"),
    SEGMENT,
    UNIT, AS_OF,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TreeQuestion:
    """`did` is a CEL rule over the unit, or the name of a yes-or-no field."""

    unit: str
    did: str
    columns: tuple[str, ...]
    segment: str | None
    as_of: date


def read_tree(raw: Mapping[str, Any], *, today: date) -> TreeQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "tree", FIELDS)
    did = read_rule(raw.get("did"), "did")
    if did is None:
        raise QuestionError("did", "write what they did as a rule such as account.churned == 'yes'")
    columns = read_fields(raw.get("columns"), "columns", least=1)
    if did in columns:
        raise QuestionError("columns", f"{did} is what is asked; it cannot explain itself")
    return TreeQuestion(
        unit=choice(raw, "unit", UNITS), did=did, columns=columns, segment=read_segment_name(raw.get("segment"), "segment"),
        as_of=read_day(raw.get("as_of", today), "as_of"),
    )  # fmt: skip


def shape_tree(question: TreeQuestion, *, rows: pa.Table, sql: str = "") -> Answer:
    """The answer from one row a unit: `did` (yes, no or null), the columns under their own names, and for persons
    `account`, so that people of one account are never in two folds. With too few the verdict is too_few, `refused` says why."""
    truths = [truth_of(value) for value in rows["did"].to_pylist()]
    rows = rows.filter(pa.array([truth is not None for truth in truths], pa.bool_()))
    columns = {name: as_column(rows[name].to_pylist()) for name in question.columns}
    groups = None
    if question.unit == "person" and "account" in rows.column_names:
        # a person without an account is a group of its own
        groups = [f"p{i}" if a is None else f"a{a}" for i, a in enumerate(rows["account"].to_pylist())]
    did = [truth for truth in truths if truth is not None]
    unknown = len(truths) - len(did)
    empty = Answer(
        kind="tree", question={}, definition=definition_of(question), columns=COLUMNS, rows=(), sql=sql,
        left_out={"unknown whether they did": unknown} if unknown else {}, as_of=question.as_of.isoformat(),
        summary={"units": len(did), "did": sum(did), "verdict": "too_few"},
    )  # fmt: skip
    try:
        tree = grow_tree(columns=columns, did=did, groups=groups)
    except TooFew as error:
        return replace(empty, summary=empty.summary | {"refused": str(error)})
    rules = (
        (rule_text(rule.conditions), rule.n, rule.rate, rule.low, rule.high, rule.rate * tree.n / tree.did)
        for rule in tree.rules
    )
    return replace(empty, rows=tuple(rules), summary=_summary(tree))


COLUMNS = (
    AnswerColumn(name="rule", type="text"), AnswerColumn(name="units", type="number"),
    AnswerColumn(name="rate", type="percent"), AnswerColumn(name="low", type="percent"),
    AnswerColumn(name="high", type="percent"), AnswerColumn(name="times_the_average", type="number"),
)  # fmt: skip


def _summary(tree: Tree) -> dict[str, Any]:
    return {
        "units": tree.n, "did": tree.did, "rate": tree.did / tree.n, "auc": tree.quality.value,
        "auc_low": tree.quality.low, "auc_high": tree.quality.high,
        "verdict": "signal" if tree.quality.low > LEAST_AUC else "too_little_signal",
        "importance": {name: weight for name, weight in tree.importance.items() if weight > 0},
        "columns_left_out": tree.left_out, "tree": picture_of(tree.root),
        "rules": [[parts_of(condition) for condition in rule.conditions] for rule in tree.rules],
    }  # fmt: skip


def picture_of(node: Node) -> dict[str, Any]:
    """The tree as nested objects: units, rate, and where it branches: condition and its parts, yes, no."""
    here: dict[str, Any] = {"units": node.n, "rate": node.rate}
    if node.condition is not None and node.yes is not None and node.no is not None:
        here |= {
            "condition": condition_text(node.condition),
            **parts_of(node.condition),
            "yes": picture_of(node.yes),
            "no": picture_of(node.no),
        }
    return here


def parts_of(condition: Condition) -> dict[str, Any]:
    """A condition as field, operator and value, None for a unit that has none."""
    value = None if condition.value == MISSING else condition.value
    return {"field": condition.name, "operator": condition.operator, "value": value}


def rule_text(conditions: tuple[Condition, ...]) -> str:
    """The rule as CEL, so that it can be used as a segment; "true" for the root."""
    return " && ".join(condition_text(condition) for condition in conditions) or "true"


def condition_text(condition: Condition) -> str:
    """One condition as CEL."""
    if condition.value == MISSING:
        return f"{'!' if condition.operator == '==' else ''}has({condition.name})"
    if isinstance(condition.value, str):
        text = condition.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{condition.name} {condition.operator} "{text}"'
    border = condition.value
    short = float(f"{border:.7g}") if abs(border) < 1e6 else border  # the learner knows seven digits
    return f"{condition.name} {condition.operator} {short!r}"


def definition_of(question: TreeQuestion) -> tuple[str, ...]:
    """What the numbers mean."""
    grouped = ", people of one account never in two folds" if question.unit == "person" else ""
    lines = [
        f"by {question.unit}, as of {question.as_of}: did it where {question.did}",
        "a decision tree of at most eight leaves, each with at least 20 units or 2 %",
        f"AUC on units that the tree had not seen (five folds, the size chosen anew in each{grouped}), 95 % interval",
        f"too little signal: the lower bound of the AUC is not above {LEAST_AUC:g}",
        "a missing number counts as the median, with has(…) beside it; it shows what goes together, not what causes it",
    ]
    if question.segment:
        lines.append(f"segment {question.segment}")
    return tuple(lines)

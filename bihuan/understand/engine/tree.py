"""The tree question: which fields separate the units that did it from those that did not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn, QuestionError
from bihuan.understand.engine.fields import RULE, SEGMENT, Field, choice, known_fields
from bihuan.understand.engine.listing import (
    LEFT_OUT,
    TOLD,
    Cell,
    a_text,
    either,
    list_at_hand,
    list_field,
    read_cell,
    yes_or_no,
)
from bihuan.understand.engine.scope import read_day, read_rule, read_segment_name
from bihuan.understand.engine.units import AS_OF, FIELD_SCHEMA, UNIT, UNITS, as_column, read_fields, truth_of
from bihuan.understand.stats.design import MISSING
from bihuan.understand.stats.tree import TooFew, Tree, grow_tree
from bihuan.understand.stats.tree_shape import Condition, Node

#: SEMANTICS 20: a lower bound of the AUC that is not above this is too little signal.
LEAST_AUC = 0.55
UNKNOWN = "unknown whether they did"
WEIGHTS = "it weighs a field, it does not count"
FIELDS = (
    Field(name="did", schema=RULE, default="required", meaning="CEL over the unit that is true for those who did it: "
          '`account.churned == "yes"`; or a yes-or-no field: `account.churned`'),
    Field(name="columns", schema={"type": "array", "items": FIELD_SCHEMA, "minItems": 1, "maxItems": 40}, default="required",
          meaning="fields that may separate them: `account.industry`, `m.active_people`"),
    list_field("rule", "did", meaning="`{rule: …}` with the rule of a row: whom it describes; with `did: true` or `did: false` "
               "only those that did it, or did not; without `rule` of all"),
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
    listed: Cell | None = None


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
        listed=read_cell(raw.get("list"), takes={"rule": a_text, "did": yes_or_no}, left_out={LEFT_OUT: either(UNKNOWN)}),
    )  # fmt: skip


def shape_tree(question: TreeQuestion, *, rows: pa.Table, sql: str = "") -> Answer:
    """The answer from one row a unit: `did` (yes, no or null), the columns under their own names, and for persons
    `account`, so that people of one account are never in two folds. With too few the verdict is too_few, `refused` says why."""
    truths = [truth_of(value) for value in rows["did"].to_pylist()]
    missing = rows.filter(pa.array([truth is None for truth in truths], pa.bool_()))
    rows = rows.filter(pa.array([truth is not None for truth in truths], pa.bool_()))
    columns = {name: as_column(rows[name].to_pylist()) for name in question.columns}
    groups = None
    if question.unit == "person" and "account" in rows.column_names:
        # a person without an account is a group of its own
        groups = [f"p{i}" if a is None else f"a{a}" for i, a in enumerate(rows["account"].to_pylist())]
    did = [truth for truth in truths if truth is not None]
    empty = Answer(
        kind="tree", question={}, definition=definition_of(question), columns=COLUMNS, rows=(), sql=sql,
        left_out={UNKNOWN: missing.num_rows} if missing.num_rows else {}, behind_left_out={UNKNOWN: {LEFT_OUT: UNKNOWN}},
        as_of=question.as_of.isoformat(),
        summary={"units": len(did), "did": sum(did), "verdict": "too_few"},
        behind_summary={"units": {}, "did": {"did": True}}, nobody={"importance": WEIGHTS, "tree": TOLD, "rules": TOLD},
        drawn_from={"rate": "did", "low": "rate", "high": "rate", "times_the_average": "rate"}
        | dict.fromkeys(("auc", "auc_low", "auc_high"), "units"),
    )  # fmt: skip
    if question.listed is not None and LEFT_OUT in question.listed:
        gone = list_at_hand(kind="tree", unit=question.unit, cell=question.listed,
                            rows=[(unit,) for unit in missing["unit"].to_pylist()],
                            definition=definition_of(question))  # fmt: skip
        return replace(gone, as_of=question.as_of.isoformat())
    if question.listed is not None and "rule" not in question.listed:
        return _listed(question, question.listed, rows, did, None)
    try:
        tree = grow_tree(columns=columns, did=did, groups=groups)
    except TooFew as error:
        return replace(empty, summary=empty.summary | {"refused": str(error)})
    if question.listed is not None:
        return _listed(question, question.listed, rows, did, tree)
    rules = [
        (rule_text(rule.conditions), rule.n, rule.rate, rule.low, rule.high, rule.rate * tree.n / tree.did)
        for rule in tree.rules
    ]
    behind: tuple[Mapping[str, Mapping[str, Any]], ...] = tuple(
        {"units": {"rule": text}, "rate": {"rule": text, "did": True}} for text, *_numbers in rules
    )
    return replace(empty, rows=tuple(rules), summary=_summary(tree), behind=behind)


def _listed(question: TreeQuestion, cell: Cell, rows: pa.Table, did: list[bool], tree: Tree | None) -> Answer:
    """A row a unit in the leaf that a rule describes, of all without one: whether it did it, and its columns."""
    inside = [True] * len(did)
    if tree is not None:
        places = [
            place for place, rule in enumerate(tree.rules) if rule_text(rule.conditions) == cell.get("rule")
        ]
        if not places:
            raise QuestionError(
                "list.rule", f"there is: {', '.join(rule_text(rule.conditions) for rule in tree.rules)}"
            )
        inside = [place == places[0] for place in tree.places]
    fields = [as_column(rows[name].to_pylist()) for name in question.columns]
    members = [
        (unit, "yes" if did[at] else "no", *(values[at] for values in fields))
        for at, unit in enumerate(rows["unit"].to_pylist())
        if inside[at] and ("did" not in cell or did[at] == cell.get("did"))
    ]
    types = ["text" if any(isinstance(value, str) for value in values) else "number" for values in fields]
    columns = (AnswerColumn(name="did", type="text"),
               *(AnswerColumn(name=name, type=kind) for name, kind in zip(question.columns, types, strict=True)))  # fmt: skip
    listed = list_at_hand(kind="tree", unit=question.unit, cell=cell, rows=members, columns=columns,
                          definition=definition_of(question))  # fmt: skip
    return replace(listed, as_of=question.as_of.isoformat())


COLUMNS = (
    AnswerColumn(name="rule", type="text"), AnswerColumn(name="units", type="number"),
    AnswerColumn(name="rate", type="percent"), AnswerColumn(name="low", type="percent"),
    AnswerColumn(name="high", type="percent"), AnswerColumn(name="times_the_average", type="number"),
)  # fmt: skip


def _summary(tree: Tree) -> dict[str, Any]:
    leaves = {rule.leaf: rule_text(rule.conditions) for rule in tree.rules}
    return {
        "units": tree.n, "did": tree.did, "rate": tree.did / tree.n, "auc": tree.quality.value,
        "auc_low": tree.quality.low, "auc_high": tree.quality.high,
        "verdict": "signal" if tree.quality.low > LEAST_AUC else "too_little_signal",
        "importance": {name: weight for name, weight in tree.importance.items() if weight > 0},
        "columns_left_out": tree.left_out, "tree": picture_of(tree.root, rules=leaves),
        "rules": [[parts_of(condition) for condition in rule.conditions] for rule in tree.rules],
    }  # fmt: skip


def picture_of(node: Node, *, rules: Mapping[int, str]) -> dict[str, Any]:
    """The tree as nested objects: units, rate, and where it branches: condition and its parts, yes, no; at a leaf its rule."""
    here: dict[str, Any] = {"units": node.n, "rate": node.rate}
    if node.leaf in rules:
        here["rule"] = rules[node.leaf]
    if node.condition is not None and node.yes is not None and node.no is not None:
        here |= {
            "condition": condition_text(node.condition),
            **parts_of(node.condition),
            "yes": picture_of(node.yes, rules=rules),
            "no": picture_of(node.no, rules=rules),
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

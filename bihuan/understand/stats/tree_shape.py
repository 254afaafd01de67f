"""The shape of a decision tree: nodes for a picture, rules to be read."""

from dataclasses import dataclass
from typing import Any

from bihuan.understand.stats.comparison import wilson
from bihuan.understand.stats.design import Feature


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One step of a rule. `operator` is <= or > with a number in `value`, or == or != with a text; MISSING of `design`
    as the text means that the unit has no value there."""

    name: str
    operator: str
    value: float | str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """All conditions hold for `n` units, of which `rate` did it; interval by Wilson. `leaf` is its place in the learner."""

    leaf: int
    conditions: tuple[Condition, ...]
    n: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Node:
    """For a picture: a node's condition leads to `yes`, its contrary to `no`; a leaf has neither, `leaf` being that of its
    rule."""

    leaf: int
    n: int
    rate: float
    condition: Condition | None = None
    yes: "Node | None" = None
    no: "Node | None" = None


def shape_of(
    fitted: Any, *, features: tuple[Feature, ...], level: float = 0.95
) -> tuple[Node, tuple[Rule, ...]]:
    """Root and rules (highest rate first) of a fitted scikit-learn classifier of two classes."""
    rules: list[Rule] = []
    root = _node(fitted.tree_, 0, features, (), rules, level)
    return root, tuple(sorted(rules, key=lambda rule: (-rule.rate, -rule.n)))


def _node(
    tree: Any, place: int, features: tuple[Feature, ...], path: tuple[Condition, ...], rules: list[Rule], level: float
) -> Node:  # fmt: skip
    """The node at `place` of scikit-learn's arrays, leaves as rules on the way."""
    n = int(tree.n_node_samples[place])
    share = tree.value[place][0]
    rate = float(share[1] / share.sum())
    left, right = int(tree.children_left[place]), int(tree.children_right[place])
    if left < 0:
        low, high = wilson(successes=round(rate * n), n=n, level=level)
        rules.append(Rule(leaf=place, conditions=_shortest(path), n=n, rate=rate, low=low, high=high))
        return Node(leaf=place, n=n, rate=rate)
    feature = features[int(tree.feature[place])]
    if feature.value is None:
        border = float(tree.threshold[place])
        yes, no = (Condition(name=feature.name, operator=op, value=border) for op in ("<=", ">"))
        ways = left, right
    else:  # 0 or 1: right is "has this value"
        yes, no = (Condition(name=feature.name, operator=op, value=feature.value) for op in ("==", "!="))
        ways = right, left
    return Node(
        leaf=place, n=n, rate=rate, condition=yes, yes=_node(tree, ways[0], features, (*path, yes), rules, level),
        no=_node(tree, ways[1], features, (*path, no), rules, level),
    )  # fmt: skip


def _shortest(path: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Of several bounds on one number the last, which is the narrowest; "is x" makes "is not y" needless."""
    kept: list[Condition] = []
    for condition in path:
        kept = [*(old for old in kept if not _needless(old, condition)), condition]
    return tuple(kept)


def _needless(old: Condition, new: Condition) -> bool:
    if old.name != new.name:
        return False
    if new.operator in ("<=", ">"):
        return old.operator == new.operator
    return new.operator == "==" and old.operator == "!="

"""Parts of a rule that people say as one: a value between two bounds, one of several values, none of several."""

from dataclasses import dataclass

from bihuan.base.rules.tree import Compared, Joined, Listed, Literal, Name, Negated, Node


@dataclass(frozen=True, kw_only=True)
class Between:
    """A name at least `low` and at most `high`."""

    name: Name
    low: float
    high: float


def merged(node: Joined) -> list[Node | Between]:
    """The parts, those about one name together where the first of them stands."""
    found: list[Node | Between] = []
    for part in node.parts:
        for place, earlier in enumerate(found):
            together = _together(earlier, part, every=node.every)
            if together is not None:
                found[place] = together
                break
        else:
            found.append(part)
    return found


def _together(first: Node | Between, second: Node, *, every: bool) -> Node | Between | None:
    if isinstance(first, Between) or not isinstance(second, Compared):
        return None
    if every:
        return _between(first, second) or _none_of(first, second)
    values = _values(first, "==")
    more = _values(second, "==")
    if values is None or more is None or values[0] != more[0]:
        return None
    return Compared("in", values[0], Listed((*values[1], *more[1])))


def _between(first: Node, second: Compared) -> Between | None:
    if not isinstance(first, Compared) or not isinstance(first.left, Name) or first.left != second.left:
        return None
    bounds = {one.sign: one.right.value for one in (first, second) if isinstance(one.right, Literal)}
    low, high = bounds.get(">="), bounds.get("<=")
    if not _is_number(low) or not _is_number(high):
        return None
    return Between(name=first.left, low=float(low or 0), high=float(high or 0))


def _none_of(first: Node, second: Compared) -> Node | None:
    before = first.part if isinstance(first, Negated) else first
    values = _values(before, "==" if isinstance(first, Negated) else "!=")
    more = _values(second, "!=")
    if values is None or more is None or values[0] != more[0]:
        return None
    return Negated(Compared("in", values[0], Listed((*values[1], *more[1]))))


def _values(node: Node, sign: str) -> tuple[Name, tuple[Node, ...]] | None:
    """The name and the texts that it is compared with."""
    if not isinstance(node, Compared) or not isinstance(node.left, Name):
        return None
    if node.sign == "in" and sign == "==" and isinstance(node.right, Listed) and node.right.items:
        return node.left, node.right.items
    if node.sign == sign and isinstance(node.right, Literal) and not isinstance(node.right.value, bool):
        return node.left, (node.right,)
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)

"""What changed from one diagram to another: what came, went, and is done otherwise; for pages that put it into words."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bihuan.act.bpmn import diagram as d

#: What is compared of a node beside its form, check-list and work, in the order that it is told.
OF_NODE = (
    "kind", "name", "text", "parent", "decision", "into", "called", "event", "refers_to", "correlate", "timer", "attached_to",
    "interrupts", "many", "many_over", "many_item",
)  # fmt: skip
OF_WORK = (
    "role", "assign", "limit", "calendar", "remind", "escalate_to", "escalate_after", "effort", "approval", "approvers",
    "in_order", "signature", "gate",
)  # fmt: skip
OF_FIELD = ("title", "kind", "required", "help", "default", "choices", "least", "most")


@dataclass(frozen=True, kw_only=True)
class Detail:
    """One thing that is otherwise: `what` is the name of it, of a part (`of`) such as a field; None where it is not."""

    what: str
    before: Any
    after: Any
    of: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """Of a node or an arrow: `element` is its id in the version where it is, the newer one if in both."""

    how: Literal["added", "removed", "changed"]
    element: str
    node: d.Node | None = None
    flow: d.Flow | None = None
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Steps, gateways and events; arrows; and what is said of the whole."""

    nodes: tuple[Change, ...]
    flows: tuple[Change, ...]
    whole: tuple[Detail, ...]

    def __bool__(self) -> bool:
        return bool(self.nodes or self.flows or self.whole)


def compare(before: d.Diagram, after: d.Diagram) -> Changes:
    """Where nodes stand in the picture does not count. A node is the same by its id; an arrow by what it leads from and to, so
    that one that was drawn anew is no change. What was removed stands at the end."""
    return Changes(
        nodes=tuple(_nodes(before, after)), flows=tuple(_flows(before, after)),
        whole=tuple(_differing(("id", "name", "text"), before, after)),
    )  # fmt: skip


def _nodes(before: d.Diagram, after: d.Diagram) -> Iterator[Change]:
    for key, node in after.nodes.items():
        old = before.nodes.get(key)
        if old is None:
            yield Change(how="added", element=key, node=node)
        elif details := tuple(_details(old, node)):
            yield Change(how="changed", element=key, node=node, details=details)
    for key, node in before.nodes.items():
        if key not in after.nodes:
            yield Change(how="removed", element=key, node=node)


def _details(old: d.Node, new: d.Node) -> Iterator[Detail]:
    yield from _differing(OF_NODE, old, new)
    yield from _differing(OF_WORK, old.work, new.work)
    yield from _parts("field", OF_FIELD, _by_name(old.fields), _by_name(new.fields))
    was, now = _titled(old.checks), _titled(new.checks)
    yield from _parts("check", ("title", "required"), was, now)
    if old.step != new.step:
        if (old.step and old.step.name) != (new.step and new.step.name):
            yield Detail(what="step", before=old.step and old.step.name, after=new.step and new.step.name)
        for what in ("inputs", "outputs"):
            pairs = (
                {} if old.step is None else getattr(old.step, what),
                {} if new.step is None else getattr(new.step, what),
            )
            for name in (*pairs[1], *(one for one in pairs[0] if one not in pairs[1])):
                if pairs[0].get(name) != pairs[1].get(name):
                    yield Detail(what=what, of=name, before=pairs[0].get(name), after=pairs[1].get(name))
    if (
        not any(_parts("field", OF_FIELD, _by_name(old.fields), _by_name(new.fields)))
        and old.fields != new.fields
    ):
        yield Detail(
            what="order_of_fields",
            before=[one.name for one in old.fields],
            after=[one.name for one in new.fields],
        )
    if was == now and list(was) != list(now):
        yield Detail(what="order_of_checks", before=list(was), after=list(now))


def _by_name(fields: tuple[d.Field, ...]) -> dict[str, d.Field]:
    return {one.name: one for one in fields}


def _titled(checks: tuple[d.Check, ...]) -> dict[str, d.Check]:
    return {one.title.text or one.title.zh: one for one in checks}


def _differing(names: tuple[str, ...], old: Any, new: Any) -> Iterator[Detail]:
    for name in names:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Detail(what=name, before=before, after=after)


def _parts(
    what: str, names: tuple[str, ...], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Detail]:
    """Fields or checks that came, went or are otherwise, by their name."""
    for name, one in new.items():
        if name not in old:
            yield Detail(what=what, of=name, before=None, after=one)
        else:
            for found in _differing(names, old[name], one):
                yield Detail(what=f"{what}_{found.what}", of=name, before=found.before, after=found.after)
    for name, one in old.items():
        if name not in new:
            yield Detail(what=what, of=name, before=one, after=None)


def _flows(before: d.Diagram, after: d.Diagram) -> Iterator[Change]:
    old, new = _pairs(before), _pairs(after)
    for key, flow in new.items():
        was = old.get(key)
        if was is None:
            yield Change(how="added", element=flow.id, flow=flow)
            continue
        details = [*_differing(("name", "condition"), was, flow)]
        default = (_is_default(before, was), _is_default(after, flow))
        if default[0] != default[1]:
            details.append(Detail(what="default", before=default[0], after=default[1]))
        if details:
            yield Change(how="changed", element=flow.id, flow=flow, details=tuple(details))
    for key, flow in old.items():
        if key not in new:
            yield Change(how="removed", element=flow.id, flow=flow)


def _pairs(diagram: d.Diagram) -> dict[tuple[str, str, int], d.Flow]:
    """Arrows by where they lead from and to; several between the same two are counted."""
    found: dict[tuple[str, str, int], d.Flow] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for flow in diagram.flows:
        between = (flow.source, flow.target)
        found[*between, seen[between]] = flow
        seen[between] += 1
    return found


def _is_default(diagram: d.Diagram, flow: d.Flow) -> bool:
    source = diagram.nodes.get(flow.source)
    return source is not None and source.default == flow.id

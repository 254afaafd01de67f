"""Which values a diagram sets, and which its rules ask for."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from bihuan.act.bpmn import diagram as d
from bihuan.act.bpmn.spans import is_literal
from bihuan.base.rules import RuleError, names_in


@dataclass(frozen=True, kw_only=True)
class Used:
    """A rule that stands at an element, and the names in it (none when it cannot be read)."""

    element: str
    text: str
    names: frozenset[str]


def names_set(diagram: d.Diagram, *, decisions: Mapping[str, Set[str]]) -> set[str]:
    """Fields of forms, results of automatic steps and decisions, items of steps done many times. What messages bring and what
    called processes set is not known here."""
    found: set[str] = set()
    for node in diagram.nodes.values():
        found |= {one.name for one in node.fields}
        if node.step is not None:
            found |= node.step.outputs.keys()
        if node.kind == "businessRuleTask":
            found |= {node.into} if node.into else decisions.get(node.decision, set())
        if node.work.approval:
            found |= {"approved", f"{node.id}_approved"}
        if node.many_item:
            found.add(node.many_item)
    return found


def used_names(diagram: d.Diagram) -> Iterator[Used]:
    """Every rule of the diagram."""
    for flow in diagram.flows:
        if flow.condition:
            yield _used(flow.source, flow.condition)
    for node in diagram.nodes.values():
        texts = [node.work.gate, node.correlate, *(node.step.inputs.values() if node.step else ())]
        if node.timer is not None and node.kind != "startEvent" and not is_literal(node.timer.text):
            texts.append(node.timer.text)
        if node.many_over and not node.many_over.isdecimal():
            texts.append(node.many_over)
        yield from (_used(node.id, text) for text in texts if text)


def _used(element: str, text: str) -> Used:
    try:
        names = names_in(text)
    except RuleError:
        names = frozenset()
    return Used(element=element, text=text, names=names)

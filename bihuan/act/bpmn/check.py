"""What cannot run in a diagram, and where. Every finding is a Problem; the pages put it into words."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from bihuan.act.bpmn import diagram as d
from bihuan.act.bpmn.extension import KINDS
from bihuan.act.bpmn.names import names_set, used_names
from bihuan.act.bpmn.problems import Problem
from bihuan.act.bpmn.running.expressions import value_of
from bihuan.act.bpmn.spans import SpanError, is_literal, read_rounds, read_span
from bihuan.base.rules import RuleError

#: Events that are run, by where they stand.
CAUGHT = {
    "startEvent": {"", "timer", "message", "signal"},
    "intermediateCatchEvent": {"timer", "message", "signal"},
    "boundaryEvent": {"timer", "message", "signal", "error", "escalation"},
    "intermediateThrowEvent": {"", "message", "signal", "escalation"},
    "endEvent": {"", "message", "error", "escalation", "terminate"},
}
#: Events whose name says which one.
NAMED = {"message", "signal"}


@dataclass(frozen=True, kw_only=True)
class Known:
    """What exists outside the diagram: `steps` are automatic ones with the names of their inputs, `decisions` tables with
    what they decide, `processes` what can be called, `start` the values that every instance begins with."""

    roles: Set[str] = frozenset()
    steps: Mapping[str, Set[str]] = field(default_factory=dict)
    decisions: Mapping[str, Set[str]] = field(default_factory=dict)
    processes: Set[str] = frozenset()
    start: Set[str] = frozenset({"account", "title"})


Rule = Callable[[d.Diagram, Known], Iterator[Problem]]


def check_diagram(diagram: d.Diagram, *, known: Known) -> list[Problem]:
    """Everything that is wrong, errors first, in the order of the file."""
    found = [problem for rule in RULES for problem in rule(diagram, known)]
    order = {name: number for number, name in enumerate(diagram.nodes)}
    return sorted(found, key=lambda one: (one.level != "error", order.get(one.element, -1)))


def _at(code: str, node: d.Node | None, level: str = "error", **values: str) -> Problem:
    where = {"element": node.id, "name": node.name.text or node.name.zh or node.id} if node else {}
    return Problem(code=code, values=values, level="warning" if level == "warning" else "error", **where)


def _whole(diagram: d.Diagram, known: Known) -> Iterator[Problem]:
    for kind, element, name in diagram.refused:
        code = "script" if kind == "scriptTask" else "unknown_element"
        yield Problem(code=code, element=element, name=name or element, values={"kind": kind})
    if diagram.processes > 1:
        yield Problem(code="several_processes", values={"number": str(diagram.processes)})
    if not diagram.has_picture:
        yield Problem(code="no_picture", level="warning")
    for scope in ("", *(node.id for node in diagram.nodes.values() if node.kind == "subProcess")):
        inside, where = diagram.inside(scope), diagram.nodes.get(scope)
        starts = [node for node in inside if node.kind == "startEvent"]
        if len(starts) != 1:
            yield _at("one_start", where, number=str(len(starts)))
        if not any(node.kind == "endEvent" for node in inside):
            yield _at("no_end", where)


def _flows(diagram: d.Diagram, known: Known) -> Iterator[Problem]:
    for flow in diagram.flows:
        for end in (flow.source, flow.target):
            if end not in diagram.nodes:
                yield Problem(code="loose_flow", element=flow.id, name=flow.name.text or flow.id)
    for node in diagram.nodes.values():
        leaving, entering = diagram.leaving.get(node.id, ()), diagram.entering.get(node.id, ())
        if node.kind not in ("startEvent", "boundaryEvent") and not entering:
            yield _at("unreached", node)
        if node.kind != "endEvent" and not leaving:
            yield _at("dead_end", node)
        if node.kind not in d.GATEWAYS | {"startEvent"} and len(leaving) > 1:
            yield _at("split_without_gateway", node)
        if node.kind in ("exclusiveGateway", "inclusiveGateway") and len(leaving) > 1:
            yield from _ways(node, leaving)


def _ways(node: d.Node, leaving: tuple[d.Flow, ...]) -> Iterator[Problem]:
    bare = [flow for flow in leaving if not flow.condition and flow.id != node.default]
    for flow in bare:
        yield _at("way_without_condition", node, flow=flow.name.text or flow.target)
    if not node.default and not bare:
        yield _at("no_default_way", node, "warning")


def _events(diagram: d.Diagram, known: Known) -> Iterator[Problem]:
    for node in diagram.nodes.values():
        kinds = CAUGHT.get(node.kind)
        if kinds is None:
            continue
        if node.event not in kinds:
            code = "compensation" if node.event == "compensation" else "event_not_run"
            yield _at(code, node, event=node.event or "none", kind=node.kind)
        if node.event in NAMED and not node.refers_to:
            yield _at("event_without_name", node, event=node.event)
        if node.event == "timer":
            yield from _timer(node)
        if node.kind == "boundaryEvent" and node.attached_to not in diagram.nodes:
            yield _at("attached_to_nothing", node)


def _timer(node: d.Node) -> Iterator[Problem]:
    timer = node.timer
    if timer is None or not timer.text:
        yield _at("timer_without_time", node)
    elif is_literal(timer.text) and timer.kind == "duration":
        yield from _span(node, timer.text, "timer")
    elif is_literal(timer.text) and timer.kind == "cycle":
        try:
            _times, span = read_rounds(timer.text)
        except SpanError:
            yield _at("cycle", node, text=timer.text)
        else:
            yield from _span(node, span, "timer")


def _span(node: d.Node, text: str, what: str) -> Iterator[Problem]:
    if text:
        try:
            read_span(text)
        except SpanError:
            yield _at("span", node, text=text, what=what)


def _work(diagram: d.Diagram, known: Known) -> Iterator[Problem]:
    for node in diagram.nodes.values():
        if node.kind not in d.HUMAN:
            continue
        work = node.work
        if not work.role and not work.assign and not work.approvers:
            yield _at("nobody", node)
        named = [work.role, work.escalate_to, *(one.removeprefix("role:") for one in work.approvers)]
        for role in named:
            if role and known.roles and role not in known.roles:
                yield _at("unknown_role", node, role=role)
        if work.assign and work.assign not in ("owner", "starter"):
            before, _colon, step = work.assign.partition(":")
            if before != "same" or step not in diagram.nodes:
                yield _at("assign", node, assign=work.assign)
        for what in ("limit", "remind", "escalate_after"):
            yield from _span(node, getattr(work, what), what)
        if (work.remind or work.escalate_to) and not work.limit:
            yield _at("no_limit", node)
        if work.approval and work.approval not in ("any", "all") and not work.approval.isdecimal():
            yield _at("approval", node, approval=work.approval)
        if work.approval.isdecimal() and not 1 <= int(work.approval) <= max(1, len(work.approvers)):
            yield _at("approval", node, approval=work.approval)
        yield from _form(node)


def _form(node: d.Node) -> Iterator[Problem]:
    seen: set[str] = set()
    for one in node.fields:
        if not one.name.isidentifier() or not one.name.isascii():
            yield _at("field_name", node, field=one.name)
        if one.name in seen:
            yield _at("field_twice", node, field=one.name)
        seen.add(one.name)
        if one.kind not in KINDS:
            yield _at("field_kind", node, field=one.name, kind=one.kind)
        if one.kind in ("choice", "choices") and not one.choices:
            yield _at("field_without_choices", node, field=one.name)


def _platform(diagram: d.Diagram, known: Known) -> Iterator[Problem]:
    for node in diagram.nodes.values():
        if node.kind == "serviceTask" and node.step is None:
            yield _at("service_without_step", node)
        if node.kind == "sendTask" and node.step is None and not node.refers_to:
            yield _at("send_what", node)
        if node.kind == "receiveTask" and not node.refers_to:
            yield _at("event_without_name", node, event="message")
        if node.step is not None and node.step.name not in known.steps:
            yield _at("unknown_step", node, step=node.step.name)
        if node.kind == "businessRuleTask" and node.decision not in known.decisions:
            yield _at("unknown_decision", node, decision=node.decision)
        if node.kind == "callActivity" and node.called not in known.processes:
            yield _at("unknown_process", node, process=node.called)
        if node.many in ("parallel", "sequential") and not node.many_over:
            yield _at("many_over_nothing", node)
        if node.many == "loop":
            yield _at("loop", node)


def _rules(diagram: d.Diagram, known: Known) -> Iterator[Problem]:
    given = names_set(diagram, decisions=known.decisions) | known.start
    for used in used_names(diagram):
        node = diagram.nodes.get(used.element)
        try:
            value_of(used.text, {})
        except RuleError as error:
            yield _at("rule", node, rule=used.text, why=str(error))
            continue
        for name in sorted(used.names - given):
            yield _at("nobody_sets", node, "warning", name=name, rule=used.text)


RULES: tuple[Rule, ...] = (_whole, _flows, _events, _work, _platform, _rules)

"""What cannot run in a diagram, and where. Every finding is a Problem; the pages put it into words."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bihuan.act.bpmn import diagram as d
from bihuan.act.bpmn.beginning import last_due
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
#: Only whether it can be read matters.
ANY_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
#: Events whose name says which one.
NAMED = {"message", "signal"}


@dataclass(frozen=True, kw_only=True)
class Known:
    """What exists outside the diagram: `steps` are automatic ones with the names of their inputs, `decisions` tables with
    what they decide, `processes` what can be called, `start` the values that every instance begins with, `account` whether
    there is a customer with a key, `person` somebody with a sign-in name."""

    roles: Set[str] = frozenset()
    steps: Mapping[str, Set[str]] = field(default_factory=dict)
    decisions: Mapping[str, Set[str]] = field(default_factory=dict)
    processes: Set[str] = frozenset()
    start: Set[str] = frozenset({"account", "title"})
    account: Callable[[str], bool] = lambda key: True
    person: Callable[[str], bool] = lambda name: False


#: Names that the engine gives to nodes of its own.
RESERVED = frozenset({"Start", "End", "Root", "StartEventSplit", "StartEventJoin"})
ENDINGS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin")


def is_reserved(key: str) -> bool:
    """Whether a node cannot have this id, because the engine has one of that name in every process."""
    return key in RESERVED or key.endswith(ENDINGS)


def is_count(text: str) -> bool:
    """Whether a text says how many people must agree."""
    return text.isdecimal() and len(text) < 4


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
    for node in diagram.nodes.values():
        if is_reserved(node.id):
            yield _at("reserved_id", node, id=node.id)
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
        if node.event == "timer" and node.kind == "startEvent":
            yield from _start(node)
        elif node.event == "timer":
            yield from _timer(node)
        if node.kind == "boundaryEvent" and node.attached_to not in diagram.nodes:
            yield _at("attached_to_nothing", node)


def _start(node: d.Node) -> Iterator[Problem]:
    """A process that begins by itself names moments that are known without it, and asks nobody."""
    if node.timer is None or not node.timer.text:
        yield _at("timer_without_time", node)
        return
    try:
        last_due(node.timer, since=ANY_MOMENT, at=ANY_MOMENT)
    except SpanError as error:
        yield _at("start_time", node, why=str(error))
    if any(one.required for one in node.fields):
        yield _at("start_asks", node)


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
        asked = [
            one.removeprefix(d.OF_ROLE)
            for one in work.approvers
            if one.startswith(d.OF_ROLE) or not known.person(one)
        ]
        named = [work.role, work.escalate_to, *asked]
        for role in named:
            if role and known.roles and role not in known.roles:
                yield _at("unknown_role", node, role=role)
        if work.assign and work.assign not in ("owner", "starter"):
            before, _colon, step = work.assign.partition(":")
            if before != "same" or step not in diagram.nodes:
                yield _at("assign", node, assign=work.assign)
        for what in ("limit", "remind", "escalate_after", "effort"):
            yield from _span(node, getattr(work, what), what)
        if (work.remind or work.escalate_to) and not work.limit:
            yield _at("no_limit", node)
        if work.approval and work.approval not in ("any", "all") and not is_count(work.approval):
            yield _at("approval", node, approval=work.approval)
        if is_count(work.approval) and not 1 <= int(work.approval) <= max(1, len(work.approvers)):
            yield _at("approval", node, approval=work.approval)
        if work.approval and node.fields:
            yield _at("approval_form", node)
        yield from _form(node)


def _calendars(diagram: d.Diagram, known: Known) -> Iterator[Problem]:
    """Roles and customers whose calendars are named."""
    for node in diagram.nodes.values():
        for name in {node.work.calendar, node.timer.calendar if node.timer is not None else ""}:
            role, key = name.removeprefix(d.OF_ROLE), name.removeprefix(d.OF_ACCOUNT)
            if role != name and known.roles and role not in known.roles:
                yield _at("calendar_role", node, role=role)
            if key != name and not known.account(key):
                yield _at("calendar_account", node, key=key)


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


RULES: tuple[Rule, ...] = (_whole, _flows, _events, _calendars, _work, _platform, _rules)

"""From a diagram back to the list that says the same, or why no list can."""

from collections.abc import Mapping
from dataclasses import replace

from lxml import etree

from bihuan.act.bpmn import diagram as d
from bihuan.act.bpmn.listed import Listed, ListError, Row, Way, plain
from bihuan.act.bpmn.reading import NS, read_diagram, root_of

#: What a list can say, by the names of BPMN elements.
STEPS: Mapping[str, str] = {
    "userTask": "user", "manualTask": "user", "task": "user", "businessRuleTask": "decision", "serviceTask": "automatic",
    "callActivity": "process", "intermediateCatchEvent": "event",
}  # fmt: skip
NODES = {*STEPS, "startEvent", "endEvent", "exclusiveGateway"}
#: Elements of BPMN that stand inside these and are read.
INSIDE = {
    "documentation", "extensionElements", "incoming", "outgoing", "sequenceFlow", "conditionExpression", "timeDate",
    "timerEventDefinition", "messageEventDefinition", "timeDuration", "timeCycle",
}  # fmt: skip
#: Namespaces of attributes that are read, or say nothing.
OURS = {None, d.BIHUAN, "http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace"}


def from_bpmn(text: str | bytes) -> Listed:
    """The list that says what the diagram says; without steps when nothing but a start is drawn. ListError names the first
    element that no list can say, DiagramRefused is as of `read_diagram`."""
    diagram = read_diagram(text)
    _only_what_is_read(root_of(text), diagram)
    return plain(_Reader(diagram).listed())


def _only_what_is_read(root: etree._Element, diagram: d.Diagram) -> None:
    process = next(one for one in root.iterfind("b:process", NS) if one.get("id", "") == diagram.id)
    if len(list(root.iterfind("b:process", NS))) > 1 or root.find("b:collaboration", NS) is not None:
        raise ListError("list_pools")
    for element in process.iterdescendants():
        if not isinstance(element.tag, str):
            continue
        tag = etree.QName(element)
        read = tag.localname in NODES | INSIDE or tag.localname.endswith("EventDefinition")
        if tag.namespace == d.BPMN and not read:
            raise ListError("list_element", **_place(element, diagram), kind=tag.localname)
        theirs = [etree.QName(name) for name in element.attrib if etree.QName(name).namespace not in OURS]
        if theirs:
            raise ListError("list_foreign", **_place(element, diagram), kind=theirs[0].localname)
        if tag.namespace not in (d.BPMN, d.BIHUAN):
            raise ListError("list_foreign", **_place(element, diagram), kind=tag.localname)


def _place(element: etree._Element, diagram: d.Diagram) -> dict[str, str]:
    """The id and name of the element, or of the step around it."""
    around = [element, *element.iterancestors()]
    own = next((one for one in around if one.get("id", "") in diagram.nodes), element)
    key = own.get("id", "")
    return {"element": key, "name": own.get("name", "") or element.get("name", "") or key}


class _Reader:
    def __init__(self, diagram: d.Diagram) -> None:
        self.diagram = diagram

    def listed(self) -> Listed:
        for node in self.diagram.nodes.values():
            if node.kind not in NODES:
                raise self._error("list_element", node, kind=node.kind)
        starts = self.diagram.starts
        if len(starts) != 1:
            raise ListError("list_starts", number=str(len(starts)))
        start = starts[0]
        by_itself = ("event", "timer") if start.event == "timer" and start.timer is not None else ()
        self._says_only(start, "fields", *by_itself)
        steps = self._ordered(start)
        for node in self.diagram.nodes.values():
            if node.kind == "endEvent":
                self._says_only(node)
        rows = tuple(self._row(node) for node in steps)
        self._every_gateway_is_read(steps)
        return Listed(
            key=self.diagram.id, name=self.diagram.name, text=self.diagram.text, begins=start.name,
            start=start.fields, timer=start.timer, rows=rows,
        )  # fmt: skip

    def _ordered(self, start: d.Node) -> list[d.Node]:
        """From left to right as drawn, in the order of the file without a picture; the first is where the start leads."""
        steps = [node for node in self.diagram.nodes.values() if node.kind in STEPS]
        if not steps:
            return []
        if all(node.at for node in steps):
            steps.sort(key=lambda node: (node.at or (0, 0))[:2])
        leaving = self.diagram.leaving.get(start.id, ())
        if len(leaving) != 1 or leaving[0].condition:
            raise self._error("list_start", start)
        first = self._passed(leaving[0])
        if first.kind not in STEPS:
            raise self._error("list_start", start)
        return [first, *(node for node in steps if node.id != first.id)]

    def _row(self, node: d.Node) -> Row:
        kind = STEPS[node.kind]
        if kind == "event":
            row = self._event(node)
        elif kind == "user":
            self._says_only(node, "work", "fields", "checks")
            row = Row(id=node.id, name=node.name, work=node.work, fields=node.fields, checks=node.checks)
        elif kind == "decision":
            self._says_only(node, "decision", "into")
            row = Row(id=node.id, name=node.name, kind=kind, table=node.decision, into=node.into)
        elif kind == "process":
            self._says_only(node, "called")
            row = Row(id=node.id, name=node.name, kind=kind, called=node.called)
        else:
            self._says_only(node, "step")
            step = node.step or d.Step(name="")
            row = Row(
                id=node.id,
                name=node.name,
                kind=kind,
                step=step.name,
                inputs=step.inputs,
                outputs=step.outputs,
            )
        question, ways = self._ways(node)
        return replace(row, text=node.text, question=question, ways=ways)

    def _event(self, node: d.Node) -> Row:
        row = Row(id=node.id, name=node.name, kind="wait")
        if node.event == "timer" and node.timer is not None and node.timer.kind in ("duration", "date"):
            self._says_only(node, "event", "timer")
            timer = node.timer
            if timer.kind == "date":
                return replace(row, until=timer.text, calendar=timer.calendar)
            return replace(row, wait=timer.text, calendar=timer.calendar)
        if node.event == "message":
            self._says_only(node, "event", "refers_to", "correlate")
            return replace(row, kind="message", message=node.refers_to, correlate=node.correlate)
        raise self._error("list_event", node, event=node.event or "none")

    def _ways(self, node: d.Node) -> tuple[d.Words, tuple[Way, ...]]:
        """(what is asked, the ways) behind a step."""
        leaving = self.diagram.leaving.get(node.id, ())
        if len(leaving) != 1:
            raise self._error("list_split" if leaving else "list_dead_end", node)
        if leaving[0].condition:
            raise self._error("list_ruled", node)
        fork = self._passed(leaving[0])
        if fork.kind != "exclusiveGateway":
            return d.Words(), (self._way(leaving[0]),)
        flows = self.diagram.leaving.get(fork.id, ())
        if len(flows) < 2:
            raise self._error("list_dead_end", fork)
        self._says_only(fork, "default")
        if (
            leaving[0].name
            or leaving[0].target != fork.id
            or len(self.diagram.entering.get(fork.id, ())) != 1
        ):
            raise self._error("list_shared_fork", fork)
        ways = [self._way(flow, bare=flow.id == fork.default) for flow in flows]
        if sum(not way.when for way in ways) != 1:
            raise self._error("list_no_default", fork)
        if sum(bool(way.when) for way in ways) == 0:
            raise self._error("list_no_default", fork)
        return fork.name, tuple(ways)

    def _way(self, flow: d.Flow, bare: bool = False) -> Way:
        target, when = self._passed(flow), "" if bare else flow.condition
        if target.kind in STEPS:
            return Way(to=target.id, when=when, name=flow.name)
        if target.kind == "endEvent":
            return Way(end=target.name, when=when, name=flow.name)
        raise self._error(
            "list_fork_behind_fork" if target.kind == "exclusiveGateway" else "list_start_again", target
        )

    def _passed(self, flow: d.Flow) -> d.Node:
        """Where an arrow leads, through gateways where ways only meet."""
        seen: set[str] = set()
        while True:
            node = self.diagram.nodes.get(flow.target)
            if node is None or node.id in seen:
                raise ListError("list_loose", element=flow.id, name=flow.name.text or flow.id)
            leaving = self.diagram.leaving.get(node.id, ())
            if node.kind != "exclusiveGateway" or len(leaving) != 1 or leaving[0].condition:
                return node
            self._says_only(node, "default")
            if node.name or leaving[0].name:
                raise self._error("list_shared_fork", node)
            seen.add(node.id)
            flow = leaving[0]

    def _every_gateway_is_read(self, steps: list[d.Node]) -> None:
        """A gateway that no step leads to would be lost."""
        for node in self.diagram.nodes.values():
            if (
                node.kind in ("exclusiveGateway", "endEvent")
                and not self.diagram.entering.get(node.id)
                and steps
            ):
                raise self._error("list_unreached", node)

    def _says_only(self, node: d.Node, *said: str) -> None:
        """Nothing at a node that the list has no place for."""
        bare = d.Node(id=node.id, kind=node.kind)
        allowed = {name: getattr(node, name) for name in (*said, "name", "at")}
        if node.kind in STEPS:
            allowed["text"] = node.text
        if replace(bare, **allowed) != node:
            raise self._error("list_says_more", node)

    @staticmethod
    def _error(code: str, node: d.Node, **values: str) -> ListError:
        return ListError(code, element=node.id, name=node.name.text or node.name.zh or node.id, **values)

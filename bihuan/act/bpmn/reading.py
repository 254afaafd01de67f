"""From a BPMN 2.0 file to a Diagram. Nothing is judged here beyond what cannot be read at all."""

from collections.abc import Iterator

from lxml import etree

from bihuan.act.bpmn import diagram as d
from bihuan.act.bpmn.extension import checks_of, fields_of, in_ours, step_of, work_of
from bihuan.base.safe_xml import XmlRefused, read_xml

NS = {
    "b": d.BPMN,
    "x": d.BIHUAN,
    "di": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
}
#: Nothing in a picture stands further from its corner.
FAR = 1_000_000.0
KNOWN = d.ACTIVITIES | d.GATEWAYS | d.EVENTS
#: What stands in a process and is neither run nor refused: it only explains.
SILENT = frozenset(
    {
        "sequenceFlow", "laneSet", "documentation", "extensionElements", "textAnnotation", "association", "group",
        "dataObject", "dataObjectReference", "dataStoreReference", "ioSpecification", "property", "incoming", "outgoing",
        "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "dataInputAssociation", "dataOutputAssociation",
        "category",
    }
)  # fmt: skip
EVENT_KINDS = {
    "timerEventDefinition": "timer", "messageEventDefinition": "message", "signalEventDefinition": "signal",
    "errorEventDefinition": "error", "escalationEventDefinition": "escalation", "terminateEventDefinition": "terminate",
    "compensateEventDefinition": "compensation", "conditionalEventDefinition": "condition",
    "cancelEventDefinition": "cancel", "linkEventDefinition": "link",
}  # fmt: skip


class DiagramRefused(ValueError):
    """A file that holds no process that can be read; `code` is one of XmlRefused's reasons, "not_bpmn" or "no_process"."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_diagram(text: str | bytes) -> d.Diagram:
    """The executable process of the file (its only one, or the one marked executable); DiagramRefused when there is none."""
    root = root_of(text)
    processes = list(root.iterfind("b:process", NS))
    runs = [one for one in processes if one.get("isExecutable", "false") == "true"] or processes[:1]
    if not runs:
        raise DiagramRefused("no_process", "the file has no process")
    return diagram_of(root, runs[0], processes=len(runs))


def diagram_of(root: etree._Element, process: etree._Element, *, processes: int = 1) -> d.Diagram:
    """One process of a file."""
    lanes, places = _lanes(root), _places(root)
    named = {one.get("id"): one for one in root.iterchildren() if isinstance(one.tag, str)}
    nodes: dict[str, d.Node] = {}
    flows: list[d.Flow] = []
    refused: list[tuple[str, str, str]] = []
    for element, parent in _walk(process, ""):
        kind = etree.QName(element).localname
        if kind == "sequenceFlow":
            flows.append(_flow(element, parent))
        elif _is_beside(element):
            refused.append(("eventSubProcess", element.get("id", ""), element.get("name", "")))
        elif kind in KNOWN:
            node = _node(element, kind, parent, lanes=lanes, places=places, named=named)
            nodes[node.id] = node
        elif kind not in SILENT:
            refused.append((kind, element.get("id", ""), element.get("name", "")))
    return d.Diagram(
        id=process.get("id", ""), name=words(process, "name"), text=_documented(process), nodes=nodes, flows=tuple(flows),
        refused=tuple(refused), processes=processes, has_picture=bool(places),
    )  # fmt: skip


def root_of(text: str | bytes) -> etree._Element:
    """The `definitions` of a BPMN file; DiagramRefused for anything else."""
    try:
        root = read_xml(text)
    except XmlRefused as error:
        raise DiagramRefused(error.reason, str(error)) from None
    if root.tag != f"{{{d.BPMN}}}definitions":
        raise DiagramRefused("not_bpmn", "the file is not BPMN 2.0")
    return root


def words(element: etree._Element, attribute: str) -> d.Words:
    """An attribute, with its Chinese from our own attribute `zh` beside it."""
    zh = element.get(in_ours("zh"), "") if attribute == "name" else ""
    return d.Words(text=element.get(attribute, ""), zh=zh)


def _walk(scope: etree._Element, parent: str) -> Iterator[tuple[etree._Element, str]]:
    """Every element of a process with the sub-process that it stands in."""
    for element in scope.iterchildren():
        if not isinstance(element.tag, str) or etree.QName(element).namespace != d.BPMN:
            continue
        yield element, parent
        if etree.QName(element).localname == "subProcess" and not _is_beside(element):
            yield from _walk(element, element.get("id", ""))


def _is_beside(element: etree._Element) -> bool:
    """Whether it is a sub-process that no arrow leads to, because an event starts it."""
    return element.get("triggeredByEvent") == "true"


def _lanes(root: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for lane in root.iterfind(".//b:lane", NS):
        role = lane.get(in_ours("role"), "") or lane.get("name", "")
        for ref in lane.iterfind("b:flowNodeRef", NS):
            found[(ref.text or "").strip()] = role
    return found


def _places(root: etree._Element) -> dict[str, tuple[float, float, float, float]]:
    found = {}
    for shape in root.iterfind(".//di:BPMNShape", NS):
        bounds = shape.find("dc:Bounds", NS)
        if bounds is not None:
            try:
                x, y, w, h = (number_in(bounds, name, "0") for name in ("x", "y", "width", "height"))
            except ValueError:
                continue
            found[shape.get("bpmnElement", "")] = (x, y, w, h)
    return found


def number_in(element: etree._Element, name: str, otherwise: str = "") -> float:
    """A number of a picture; ValueError for none, and for one where no picture is."""
    found = float(element.get(name, otherwise))
    if not -FAR < found < FAR:  # also for what is no number to itself
        raise ValueError(f"{found} is too far away")
    return found


def _flow(element: etree._Element, parent: str) -> d.Flow:
    condition = element.find("b:conditionExpression", NS)
    return d.Flow(
        id=element.get("id", ""), source=element.get("sourceRef", ""), target=element.get("targetRef", ""),
        name=words(element, "name"), condition=expression(condition), parent=parent,
    )  # fmt: skip


def expression(element: etree._Element | None) -> str:
    """The CEL of an expression element; other modelers wrap it as ${…} or put = before it."""
    text = "" if element is None else (element.text or "").strip()
    if text.startswith("${") and text.endswith("}"):
        return text[2:-1].strip()
    return text[1:].strip() if text.startswith("=") and not text.startswith("==") else text


def _documented(element: etree._Element) -> d.Words:
    found = element.find("b:documentation", NS)
    return (
        d.Words()
        if found is None
        else d.Words(text=(found.text or "").strip(), zh=found.get(in_ours("zh"), ""))
    )


def _node(
    element: etree._Element, kind: str, parent: str, *, lanes: dict[str, str],
    places: dict[str, tuple[float, float, float, float]], named: dict[str | None, etree._Element],
) -> d.Node:  # fmt: skip
    key = element.get("id", "")
    event, refers, correlate, timer = _event(element, named)
    many, over, item = _many(element)
    decision = element.find("b:extensionElements/x:decision", NS)
    lane = lanes.get(key, lanes.get(parent, ""))
    return d.Node(
        id=key, kind=kind, name=words(element, "name"), text=_documented(element), parent=parent, lane=lane,
        work=work_of(element, lane=lane), fields=fields_of(element), checks=checks_of(element), step=step_of(element),
        decision="" if decision is None else decision.get("table", ""),
        into="" if decision is None else decision.get("into", ""),
        called=element.get("calledElement", "").split(":")[-1], event=event, refers_to=refers, correlate=correlate,
        timer=timer, attached_to=element.get("attachedToRef", ""), interrupts=element.get("cancelActivity", "true") != "false",
        many=many, many_over=over, many_item=item, default=element.get("default", ""), at=places.get(key),
    )  # fmt: skip


def _event(
    element: etree._Element, named: dict[str | None, etree._Element]
) -> tuple[str, str, str, d.Timer | None]:
    """(kind, what it refers to by name, correlation as CEL, timer); a receive or send task refers to a message itself."""
    definitions = [child for child in element.iterchildren() if isinstance(child.tag, str)]
    for child in definitions:
        kind = EVENT_KINDS.get(etree.QName(child).localname)
        if kind is None:
            continue
        ref = child.get(f"{kind}Ref")
        timer = _timer(child) if kind == "timer" else None
        return kind, _referred(named.get(ref), kind), child.get(in_ours("correlate"), ""), timer
    message = element.get("messageRef")
    if message:
        return (
            "message",
            _referred(named.get(message), "message"),
            element.get(in_ours("correlate"), ""),
            None,
        )
    return "", "", "", None


def _referred(element: etree._Element | None, kind: str) -> str:
    if element is None:
        return ""
    code = element.get(f"{kind}Code", "") if kind in ("error", "escalation") else ""
    return code or element.get("name", "")


def _timer(definition: etree._Element) -> d.Timer | None:
    for kind, tag in (("duration", "timeDuration"), ("date", "timeDate"), ("cycle", "timeCycle")):
        found = definition.find(f"b:{tag}", NS)
        if found is not None:
            return d.Timer(
                kind=kind, text=expression(found), calendar=definition.get(in_ours("calendar"), "wall")
            )
    return None


def _many(element: etree._Element) -> tuple[str, str, str]:
    """(parallel, sequential, loop or ""; what it runs over; the name of one item)."""
    if element.find("b:standardLoopCharacteristics", NS) is not None:
        return "loop", "", ""
    found = element.find("b:multiInstanceLoopCharacteristics", NS)
    if found is None:
        return "", "", ""
    kind = "sequential" if found.get("isSequential") == "true" else "parallel"
    over = found.find("b:loopDataInputRef", NS)
    times = found.find("b:loopCardinality", NS)
    item = found.find("b:inputDataItem", NS)
    name = "" if item is None else item.get("name", "") or item.get("id", "")
    listed = found.get(in_ours("over"), "") or expression(over if over is not None else times)
    return kind, listed, found.get(in_ours("item"), "") or name

"""A diagram made ready to run, with those that it calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.event_parsers import ReceiveTaskParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    IntermediateCatchEvent,
    NoneTask,
    ReceiveTask,
    SendTask,
    StartEvent,
)
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask

from bihuan.act.bpmn.diagram import BIHUAN, BPMN, Diagram
from bihuan.act.bpmn.reading import read_diagram, root_of
from bihuan.act.bpmn.running import specs


class CompileRefused(ValueError):
    """A diagram that cannot be run; `element` is where, when that is known."""

    def __init__(self, element: str, message: str) -> None:
        super().__init__(message)
        self.element = element


class _Parser(BpmnParser):  # type: ignore[misc]  # the library has no types
    """Our kinds of steps; scripts, ad-hoc parts and transactions are not known at all."""

    OVERRIDE_PARSER_CLASSES = {
        full_tag("serviceTask"): (specs.AutomaticParser, specs.Automatic),
        full_tag("sendTask"): (specs.SendParser, SendTask),
        full_tag("receiveTask"): (ReceiveTaskParser, ReceiveTask),
        full_tag("businessRuleTask"): (specs.DecisionParser, specs.Decision),
        full_tag("startEvent"): (specs.StartParser, StartEvent),
        full_tag("intermediateCatchEvent"): (specs.CatchParser, IntermediateCatchEvent),
        full_tag("boundaryEvent"): (specs.BoundaryParser, BoundaryEvent),
        full_tag("task"): (TaskParser, NoneTask),
        full_tag("scriptTask"): (None, None),
        full_tag("adHocSubProcess"): (None, None),
        full_tag("transaction"): (None, None),
    }

    def __init__(self) -> None:
        super().__init__()
        self.drawn: dict[str, Diagram] = {}


@dataclass(frozen=True, kw_only=True, eq=False)
class Compiled:
    """Ready to run; shared by every run of a version."""

    diagram: Diagram
    #: The diagrams that it calls, by process id.
    called: Mapping[str, Diagram]
    top: Any
    parts: Mapping[str, Any]

    @cached_property
    def waits(self) -> bool:
        """Whether anything in it waits for a moment, a message or a signal."""
        kinds = ("receiveTask", "intermediateCatchEvent", "boundaryEvent", "eventBasedGateway")
        return any(
            node.kind in kinds
            for drawn in (self.diagram, *self.called.values())
            for node in drawn.nodes.values()
        )

    def node(self, element: str) -> Any:
        """The node of an element, here or in a called diagram; None when it is none of them."""
        for drawn in (self.diagram, *self.called.values()):
            if element in drawn.nodes:
                return drawn.nodes[element]
        return None


def compile_diagram(text: str | bytes, *, called: Mapping[str, str] | None = None) -> Compiled:
    """`called` maps the ids of processes that it calls, directly and through others, to their files.

    CompileRefused for what the engine cannot build. Checking a diagram first (`check.py`) gives better words.
    """
    parser = _Parser()
    main = _add(parser, text, "")
    others = {key: _add(parser, file, key) for key, file in (called or {}).items()}
    try:
        top = parser.get_spec(main.id)
        parts = parser.get_subprocess_specs(main.id)
    except ValidationException as error:
        node = getattr(error, "id", "") or ""
        raise CompileRefused(str(node), str(error)) from None
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError, NotImplementedError) as error:
        raise CompileRefused("", f"{type(error).__name__}: {error}") from None
    for spec in (top, *parts.values()):
        _join_loops(spec)
    return Compiled(diagram=main, called=others, top=top, parts=parts)


def _add(parser: _Parser, text: str | bytes, name: str) -> Diagram:
    diagram, root = read_diagram(text), root_of(text)
    for process in root.iterfind(f"{{{BPMN}}}process"):
        if process.get("id") == diagram.id:
            process.set("isExecutable", "true")
        else:
            root.remove(process)
    for element in list(root.iter(f"{{{BPMN}}}conditionExpression")):
        flow = element.getparent()
        drawn = next((one for one in diagram.flows if flow is not None and one.id == flow.get("id")), None)
        element.text = drawn.condition if drawn else element.text
    for loop in root.iter(f"{{{BPMN}}}multiInstanceLoopCharacteristics"):
        _list_in_words(loop)
    parser.drawn[name] = diagram
    parser.add_bpmn_xml(root, filename=name)
    return diagram


def _list_in_words(loop: Any) -> None:
    """What our own attributes say of a step that is done many times, as the engine reads it."""
    over, item = loop.get(f"{{{BIHUAN}}}over"), loop.get(f"{{{BIHUAN}}}item")
    if over:
        for kind in ("loopDataInputRef", "loopCardinality"):
            for old in loop.findall(f"{{{BPMN}}}{kind}"):
                loop.remove(old)
        etree.SubElement(
            loop, f"{{{BPMN}}}{'loopCardinality' if over.isdecimal() else 'loopDataInputRef'}"
        ).text = over
    if item and loop.find(f"{{{BPMN}}}inputDataItem") is None:
        etree.SubElement(loop, f"{{{BPMN}}}inputDataItem", id=item, name=item)


def _join_loops(spec: Any) -> None:
    """A step done many times hears of each of them also after a restart, when this process has started none of them; and each
    takes over the name that the one before had."""
    for task_spec in spec.task_specs.values():
        if isinstance(task_spec, LoopTask):
            item = getattr(task_spec, "input_item", None)
            if item is not None:
                task_spec.input_item = specs.OneOfMany(item.bpmn_id, item.bpmn_name)
            child = spec.task_specs[task_spec.task_spec]
            if not child.completed_event.is_connected(task_spec.merge_child):
                child.completed_event.connect(task_spec.merge_child)

"""Our kinds of steps for SpiffWorkflow's parser: automatic steps wait for whoever runs them, decisions ask a table."""

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.parser.event_parsers import (
    BoundaryEventParser,
    IntermediateCatchEventParser,
    SendTaskParser,
    StartEventParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.data_spec import TaskDataReference
from SpiffWorkflow.bpmn.specs.defaults import SendTask
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from bihuan.act.bpmn.diagram import Diagram, Timer
from bihuan.act.bpmn.running.expressions import element_of
from bihuan.act.bpmn.running.stopped import RunStopped
from bihuan.act.bpmn.running.timers import Due, Rounds


class OneOfMany(TaskDataReference):  # type: ignore[misc]  # the library has no types
    """The name under which each of a list is known in its turn."""

    def exists(self, my_task: Any) -> bool:
        """Asked by the engine only before the turn of the next one, in order to refuse it; what the one before has left under
        the name is taken away instead."""
        my_task.data.pop(self.bpmn_id, None)
        return False


class Automatic(BpmnSpecMixin):  # type: ignore[misc]  # the library has no types
    """A step that the platform does, outside the run: the token stops here as it stops for a person."""

    def __init__(self, wf_spec: Any, bpmn_id: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.manual = True


class Decision(BpmnSpecMixin):  # type: ignore[misc]  # the library has no types
    """A decision table is asked as the token passes."""

    def __init__(self, wf_spec: Any, bpmn_id: str, table: str = "", into: str = "", **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.table, self.into = table, into

    def _run_hook(self, my_task: Any) -> bool:
        try:
            found: Mapping[str, Any] = my_task.workflow.script_engine.surroundings.decide(
                self.table, my_task.data
            )
        except RunStopped:
            raise
        except ValueError as error:
            raise RunStopped("decision", element_of(my_task), f"{self.table}: {error}") from None
        my_task.data.update({self.into: dict(found)} if self.into else found)
        return True


class _OursMixin:
    """Parsers look the node up in the diagram that was read, so that there is one reading of a file."""

    process_parser: Any
    node: Any

    @property
    def drawn(self) -> Any:
        diagram: Diagram = self.process_parser.parser.drawn[self.process_parser.filename]
        return diagram.nodes[self.node.get("id")]

    def parse_timer_event(self, event: Any) -> Any:
        """Our timers."""
        node = self.drawn
        kind = Rounds if node.timer.kind == "cycle" else Due
        return kind(node.id, node.timer)


class AutomaticParser(_OursMixin, TaskParser):  # type: ignore[misc]  # the library has no types
    """serviceTask."""


class DecisionParser(_OursMixin, TaskParser):  # type: ignore[misc]  # the library has no types
    """businessRuleTask."""

    def create_task(self) -> BpmnTaskSpec:
        """With its table."""
        node = self.drawn
        return Decision(self.spec, self.bpmn_id, table=node.decision, into=node.into, **self.bpmn_attributes)


class SendParser(_OursMixin, SendTaskParser):  # type: ignore[misc]  # the library has no types
    """sendTask: an automatic step when one is named, else a message that is thrown."""

    def create_task(self) -> BpmnTaskSpec:
        """As drawn."""
        if self.drawn.step is not None:
            return Automatic(self.spec, self.bpmn_id, **self.bpmn_attributes)
        task: SendTask = super().create_task()
        return task


class StartParser(_OursMixin, StartEventParser):  # type: ignore[misc]  # the library has no types
    """startEvent."""

    def parse_timer_event(self, event: Any) -> Any:
        """Whoever starts an instance has waited already."""
        return Due(self.drawn.id, Timer(kind="duration", text="PT0S"))


class CatchParser(_OursMixin, IntermediateCatchEventParser):  # type: ignore[misc]  # the library has no types
    """intermediateCatchEvent."""


class BoundaryParser(_OursMixin, BoundaryEventParser):  # type: ignore[misc]  # the library has no types
    """boundaryEvent."""

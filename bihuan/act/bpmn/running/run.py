"""One instance: started, restored, moved on by what people, messages and time do."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.event_definitions import (
    ErrorEventDefinition,
    MessageEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition as _Message
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import TaskState

from bihuan.act.bpmn.running.compiled import Compiled
from bihuan.act.bpmn.running.expressions import Expressions, Surroundings, element_of, value_of
from bihuan.act.bpmn.running.kept import state_of, workflow_of
from bihuan.act.bpmn.running.stopped import RunStopped
from bihuan.base.rules import RuleError

#: A diagram that turns in a circle without anybody's doing is stopped.
MOST_STEPS = 5_000
#: The engine does not look further than so many steps behind each other.
DEEPEST = 1_000
THROWING = ("sendTask", "endEvent", "intermediateThrowEvent")


@dataclass(frozen=True, kw_only=True)
class Token:
    """Somebody's turn: a step that waits for a person or for the platform. `id` is its own for as long as it waits; `item` is
    the value that one of many stands for."""

    id: str
    element: str
    values: Mapping[str, Any]
    item: Any = None
    index: str = ""


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """A message, signal or moment that a token waits for. `key` is what a message must carry, "" for any."""

    id: str
    element: str
    kind: str
    name: str = ""
    key: str = ""
    due: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A token has passed an element."""

    element: str


@dataclass(frozen=True, kw_only=True)
class Thrown:
    """Something that this instance tells others: a message, a signal, or an escalation that nothing inside caught."""

    kind: str
    name: str
    element: str
    key: str
    values: Mapping[str, Any]


class Run:
    """The tokens of one instance. Not for two threads at once; keep it by `state` and bring it back by `restored`."""

    def __init__(self, workflow: BpmnWorkflow, compiled: Compiled) -> None:
        self._workflow = workflow
        self.compiled = compiled
        self.moved: list[Moved] = []
        self.thrown: list[Thrown] = []

    @classmethod
    def started(cls, compiled: Compiled, *, values: Mapping[str, Any], surroundings: Surroundings) -> "Run":
        """A new instance with its first values, moved on to the first steps that wait."""
        engine = Expressions(surroundings)
        workflow = BpmnWorkflow(compiled.top, dict(compiled.parts), script_engine=engine)
        workflow.task_tree.set_data(**values)
        for task in workflow.get_tasks(state=TaskState.READY | TaskState.WAITING | TaskState.FUTURE):
            task.data.update(values)
        run = cls(workflow, compiled)
        run._begin()
        return run

    @classmethod
    def restored(cls, compiled: Compiled, state: bytes, *, surroundings: Surroundings) -> "Run":
        """As it was kept; nothing moves yet."""
        kept = json.loads(zlib.decompress(state))
        return cls(workflow_of(kept, compiled=compiled, engine=Expressions(surroundings)), compiled)

    @property
    def state(self) -> bytes:
        """What to keep, compressed."""
        text = json.dumps(state_of(self._workflow), ensure_ascii=False, separators=(",", ":"), default=str)
        return zlib.compress(text.encode(), 3)

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return bool(self._workflow.completed)

    @property
    def ended_at(self) -> str:
        """The end event that was reached, "" while it runs or when it was ended from outside."""
        ends = [one.element for one in self.moved if self._kind(one.element) == "endEvent"]
        return ends[-1] if ends else ""

    @property
    def values(self) -> dict[str, Any]:
        """The values of the instance: those of the last step that was done, or of the end."""
        last = self._workflow.last_task
        found = dict(self._workflow.data) if self.done else {}
        found.pop("data_objects", None)
        return (dict(last.data) if last is not None else {}) | found

    def tokens(self) -> list[Token]:
        """The steps that wait for a person or for an automatic step."""
        found = []
        for task in self._workflow.get_tasks(state=TaskState.READY):
            if task.task_spec.manual and getattr(task.task_spec, "bpmn_id", None):
                place = task.internal_data.get("key_or_index", task.internal_data.get("item"))
                drawn = self._drawn(task)
                named = getattr(self.compiled.node(drawn), "many_item", "")
                one = task.data.get(named) if named else None
                found.append(
                    Token(
                        id=str(task.id), element=drawn, values=task.data, item=one, index="" if place is None else str(place),
                    )
                )  # fmt: skip
        return found

    def awaited(self) -> list[Awaited]:
        """What the waiting events wait for."""
        found: list[Awaited] = []
        for task in list(self._workflow.event_manager.tasks.values()):
            if task.state == TaskState.WAITING:
                definition = task.task_spec.event_definition
                several = isinstance(definition, MultipleEventDefinition)
                for one in definition.event_definitions if several else [definition]:
                    found.extend(self._awaits(task, one))
        return found

    def complete(self, token: str, *, values: Mapping[str, Any]) -> None:
        """A step is done with these values; RunStopped "gone" when it does not wait any more."""
        task = self._task(token)
        task.data.update(values)
        self._run(task)
        self._advance()

    def receive(self, awaited: str, *, name: str, values: Mapping[str, Any]) -> None:
        """A message reaches the event that waits for it."""
        task = self._waiting(awaited)
        self._catch(task, BpmnEvent(MessageEventDefinition(name), payload=dict(values)))
        self._advance()

    def hear(self, name: str, *, values: Mapping[str, Any]) -> None:
        """A signal reaches every event that waits for it."""
        event = BpmnEvent(SignalEventDefinition(name), payload=dict(values))
        self._workflow.event_manager.catch(event, internal=False)
        self._advance()

    def fail(self, token: str, *, code: str, values: Mapping[str, Any]) -> bool:
        """An automatic step failed for good; whether an error event on it took that up."""
        task = self._task(token)
        element = self._drawn(task)
        for one in self.compiled.diagram.boundary_of(element):
            if one.event == "error" and one.refers_to in ("", code):
                for waiting in list(self._workflow.event_manager.tasks.values()):
                    if element_of(waiting) == one.id and waiting.state == TaskState.WAITING:
                        event = BpmnEvent(ErrorEventDefinition(one.refers_to, code), payload=dict(values))
                        self._catch(waiting, event)
                        self._advance()
                        return True
        return False

    def advance(self) -> None:
        """Let what is due happen."""
        self._advance()

    def delay(self, span: timedelta) -> None:
        """Everything that waits for a moment waits so much longer."""
        for task in self._workflow.event_manager.tasks.values():
            for key, value in list(task.internal_data.items()):
                if key.startswith("due:"):
                    task.internal_data[key] = (datetime.fromisoformat(value) + span).isoformat()
                elif key == "rounds":
                    later = datetime.fromisoformat(value["next"]) + span
                    task.internal_data[key] = value | {"next": later.isoformat()}

    def cancel(self) -> None:
        """End it from outside."""
        self._workflow.cancel()

    def _begin(self) -> None:
        """Whoever starts an instance has what its start event waits for: a message, a signal or a moment."""
        self._guarded(lambda: self._workflow.do_engine_steps(did_complete_task=self._passed))
        for task in list(self._workflow.event_manager.tasks.values()):
            node = self.compiled.diagram.nodes.get(self._drawn(task))
            if node is not None and node.kind == "startEvent" and not node.parent:
                self._catch(task, BpmnEvent(task.task_spec.event_definition, payload={}))
        self._advance()

    def _advance(self) -> None:
        """Move every token that needs nobody, as often as time has something due."""
        self._guarded(lambda: self._workflow.do_engine_steps(did_complete_task=self._passed))
        while self._due_now() and not self.done:
            if len(self.moved) > MOST_STEPS:
                raise RunStopped("endless", self.moved[-1].element, "the diagram turns in a circle")
            self._guarded(lambda: self._workflow.do_engine_steps(did_complete_task=self._passed))
        if not self.done and not self.tokens() and not self._workflow.event_manager.tasks:
            if len(self.moved) > DEEPEST / 4:
                raise RunStopped("endless", self.moved[-1].element, "the diagram turns in a circle")
            raise RunStopped(
                "deadlock", self.moved[-1].element if self.moved else "", "the branches wait for each other"
            )
        for event in self._workflow.get_events():
            self._told(event)

    def _due_now(self) -> bool:
        at = self._workflow.script_engine.surroundings.at
        return any(
            one.kind == "timer" and one.due is not None and one.due <= at for one in self.awaited()
        ) or any(not task.task_spec.manual for task in self._workflow.get_tasks(state=TaskState.READY))

    def _guarded(self, step: Any) -> None:
        try:
            step()
        except RunStopped:
            raise
        except SpiffWorkflowException as error:
            task = getattr(error, "task", None)
            element = element_of(task) if task is not None else ""
            nothing = "No conditions satisfied" in str(error) or "No default" in str(error)
            raise RunStopped("no_way" if nothing else "expression", element, str(error)) from None

    def _run(self, task: Any) -> None:
        self._guarded(task.run)
        self._passed(task)

    def _passed(self, task: Any) -> None:
        if getattr(task.task_spec, "bpmn_id", None) and task.state == TaskState.COMPLETED:
            self.moved.append(Moved(element=self._drawn(task)))
            if len(self.moved) > MOST_STEPS:
                raise RunStopped("endless", self._drawn(task), "the diagram turns in a circle")

    def _told(self, event: BpmnEvent) -> None:
        definition = event.event_definition
        kinds = {_Message: "message", SignalEventDefinition: "signal"}
        kind = next((name for known, name in kinds.items() if isinstance(definition, known)), "escalation")
        name = getattr(definition, "code", None) or definition.name or ""
        thrower = next(
            (
                node for node in self.compiled.diagram.nodes.values()
                if node.event == kind and node.refers_to == name and node.kind in THROWING
            ),
            None,
        )  # fmt: skip
        values = dict(event.payload or {})
        key = self._key(thrower.correlate, values, thrower.id) if thrower else ""
        self.thrown.append(
            Thrown(kind=kind, name=name, element=thrower.id if thrower else "", key=key, values=values)
        )

    def _catch(self, task: Any, event: BpmnEvent) -> None:
        def step() -> None:
            task.task_spec.catch(task, event)
            task.task_spec._update(task)

        self._guarded(step)

    def _awaits(self, task: Any, definition: Any) -> list[Awaited]:
        element = self._drawn(task)
        if hasattr(definition, "next_due"):
            due = definition.next_due(task)
            return [] if due is None else [Awaited(id=str(task.id), element=element, kind="timer", due=due)]
        kind = {"MessageEventDefinition": "message", "SignalEventDefinition": "signal"}.get(
            type(definition).__name__
        )
        if kind is None:
            return []
        node = self.compiled.node(element)
        correlate = node.correlate if node is not None else ""
        if node is not None and node.kind == "eventBasedGateway":
            correlate = next(
                (
                    one.correlate for one in self.compiled.diagram.nodes.values()
                    if one.event == kind and one.refers_to == definition.name and one.correlate
                ),
                "",
            )  # fmt: skip
        key = self._key(correlate, task.data, element) if kind == "message" else ""
        return [Awaited(id=str(task.id), element=element, kind=kind, name=definition.name or "", key=key)]

    @staticmethod
    def _key(expression: str, values: Mapping[str, Any], element: str) -> str:
        if not expression:
            return ""
        try:
            found = value_of(expression, values)
        except RuleError as error:
            raise RunStopped("expression", element, f"{expression!r}: {error}") from None
        return "" if found is None else str(found)

    def _task(self, token: str) -> Any:
        task = self._workflow.get_task_from_id(UUID(token)) if _known(self._workflow, token) else None
        if task is None or task.state != TaskState.READY:
            raise RunStopped("gone", "", f"no step waits under {token}")
        return task

    def _waiting(self, awaited: str) -> Any:
        task = self._workflow.event_manager.tasks.get(UUID(awaited))
        if task is None or task.state != TaskState.WAITING:
            raise RunStopped("gone", "", f"nothing waits under {awaited}")
        return task

    def _kind(self, element: str) -> str:
        node = self.compiled.diagram.nodes.get(element)
        return node.kind if node is not None and not node.parent else ""

    @staticmethod
    def _drawn(task: Any) -> str:
        return element_of(task).removesuffix(" [child]")


def _known(workflow: BpmnWorkflow, token: str) -> bool:
    key = UUID(token)
    return key in workflow.tasks or any(key in part.tasks for part in workflow.subprocesses.values())

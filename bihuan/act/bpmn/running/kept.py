"""An instance's state as it is stored: its tokens and values, never the diagram."""

from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter, WorkflowConverter
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from bihuan.act.bpmn.running.compiled import Compiled
from bihuan.act.bpmn.running.expressions import Expressions

#: Part of every stored state; raised when what is stored changes its shape.
FORM = 1


class _WithoutDiagram(BpmnWorkflowConverter):  # type: ignore[misc]  # the library has no types
    def to_dict(self, workflow: BpmnWorkflow) -> dict[str, Any]:
        found: dict[str, Any] = WorkflowConverter.to_dict(self, workflow)
        found["subprocesses"] = self.mapping_to_dict(workflow.subprocesses)
        return found

    def fill(self, workflow: BpmnWorkflow, found: dict[str, Any]) -> None:
        workflow.tasks = self.mapping_from_dict(found["tasks"], UUID, workflow=workflow)
        workflow.task_tree = workflow.tasks[UUID(found["root"])]
        self.set_default_attributes(workflow, found)
        self.subprocesses_from_dict(found["subprocesses"], workflow)


_registry = BpmnWorkflowSerializer.configure(
    {kind: one for kind, one in DEFAULT_CONFIG.items() if kind is not BpmnWorkflow}
)
_whole = _WithoutDiagram(BpmnWorkflow, _registry)


def state_of(workflow: BpmnWorkflow) -> dict[str, Any]:
    """As JSON values."""
    return {"form": FORM, "run": _whole.to_dict(workflow)}


def workflow_of(state: dict[str, Any], *, compiled: Compiled, engine: Expressions) -> BpmnWorkflow:
    """Back, with our script engine from the first moment. ValueError for a state of another shape."""
    if state.get("form") != FORM:
        raise ValueError(f"the state has the form {state.get('form')!r}; {FORM} is read")
    workflow = BpmnWorkflow(compiled.top, dict(compiled.parts), script_engine=engine, deserializing=True)
    _whole.fill(workflow, state["run"])
    return workflow

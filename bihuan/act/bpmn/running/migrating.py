"""An instance goes over to another version of its diagram: where it stands must exist there, as the same kind of step."""

import json
import zlib
from typing import Any

from SpiffWorkflow.task import TaskState

from bihuan.act.bpmn.running.compiled import Compiled
from bihuan.act.bpmn.running.expressions import Expressions, Surroundings
from bihuan.act.bpmn.running.kept import workflow_of
from bihuan.act.bpmn.running.run import Run

#: Where the tokens are, and what they have set in motion.
STANDING = TaskState.WAITING | TaskState.READY | TaskState.STARTED
#: What is only foreseen; it is foreseen again in the other version.
FORESEEN = TaskState.MAYBE | TaskState.LIKELY | TaskState.FUTURE


def cannot_move(run: Run, other: Compiled) -> list[str]:
    """The elements where the instance stands that the other version does not have, or has as something else; empty when it can
    go over. Events that the other version attaches to a step where a token stands already do not watch that token."""
    missing: dict[str, None] = {}
    for part in _parts(_state(run)):
        old, new = _spec(run.compiled, part), _spec(other, part)
        for task in part["tasks"].values():
            if task["state"] & STANDING:
                was, name = old.task_specs[task["task_spec"]], task["task_spec"]
                will = new.task_specs.get(name) if new is not None else None
                if will is None or type(will) is not type(was):
                    missing[name.removesuffix(" [child]").partition(".")[0]] = None
    return list(missing)


def moved_to(run: Run, other: Compiled, *, surroundings: Surroundings) -> Run:
    """The same tokens and values on the other version. Call it only when `cannot_move` is empty."""
    state = _state(run)
    for part in _parts(state):
        _forget_foreseen(part["tasks"])
        _past(part["tasks"], _spec(other, part))
    workflow = workflow_of(state, compiled=other, engine=Expressions(surroundings))
    for one in (workflow, *workflow.subprocesses.values()):
        for task in list(one.tasks.values()):
            if task.has_state(STANDING):
                task.task_spec._predict(task, mask=STANDING | FORESEEN)
    return Run(workflow, other)


def _state(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zlib.decompress(run.state))
    return found


def _parts(state: dict[str, Any]) -> list[dict[str, Any]]:
    """The instance and each of its sub-processes."""
    return [state["run"], *state["run"]["subprocesses"].values()]


def _spec(compiled: Compiled, part: dict[str, Any]) -> Any:
    return compiled.parts.get(part["spec"]) if "spec" in part else compiled.top


def _forget_foreseen(tasks: dict[str, Any]) -> None:
    gone = {key for key, task in tasks.items() if task["state"] & FORESEEN}
    for key in gone:
        del tasks[key]
    for task in tasks.values():
        task["children"] = [child for child in task["children"] if child not in gone]


def _past(tasks: dict[str, Any], spec: Any) -> None:
    """What is over and has no place in the other version counts as part of its beginning."""
    for task in tasks.values():
        if task["task_spec"] not in spec.task_specs:
            task["task_spec"] = spec.start.name

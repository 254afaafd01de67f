"""Timers that take the moment and the calendar from the run instead of the machine's clock."""

from datetime import datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.task import TaskState

from bihuan.act.bpmn.diagram import Timer
from bihuan.act.bpmn.running.expressions import element_of, utc
from bihuan.act.bpmn.running.stopped import RunStopped
from bihuan.act.bpmn.spans import SpanError, is_literal, read_rounds, read_span


def _text_of(task: Any, timer: Timer) -> str:
    """The literal, or what its CEL gives."""
    if is_literal(timer.text):
        return timer.text
    value = task.workflow.script_engine.evaluate(task, timer.text)
    if isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        raise RunStopped(
            "timer", element_of(task), f"{timer.text!r} gives no moment and no span but {value!r}"
        )
    return value


def _after(task: Any, timer: Timer, start: datetime, text: str) -> datetime:
    try:
        return utc(task.workflow.script_engine.surroundings.due_after(start, read_span(text), timer.calendar))
    except SpanError as error:
        raise RunStopped("timer", element_of(task), str(error)) from None


class Due(TimerEventDefinition):  # type: ignore[misc]  # the library has no types
    """Once, after a span or at a moment. The moment is kept with the token under `key`, one for each timer of a gateway."""

    def __init__(self, key: str, timer: Timer) -> None:
        super().__init__(key, timer.text)
        self.timer = timer
        self.key = f"due:{key}"

    def due(self, task: Any) -> datetime:
        """When it fires; computed when the token arrives."""
        kept = task._get_internal_data(self.key)
        if kept is None:
            text = _text_of(task, self.timer)
            if self.timer.kind == "date":
                try:
                    moment = utc(datetime.fromisoformat(text))
                except ValueError:
                    raise RunStopped(
                        "timer", element_of(task), f"write a moment such as 2026-10-01T09:00, not {text!r}"
                    ) from None
            else:
                moment = _after(task, self.timer, task.workflow.script_engine.surroundings.at, text)
            kept = moment.isoformat()
            task._set_internal_data(**{self.key: kept})
        return datetime.fromisoformat(kept)

    def has_fired(self, my_task: Any) -> bool:
        """Whether its moment has come."""
        if self.due(my_task) <= my_task.workflow.script_engine.surroundings.at:
            my_task._set_internal_data(event_fired=True)
        return bool(my_task._get_internal_data("event_fired", False))

    def reset(self, my_task: Any) -> None:
        """The next time the token comes here it waits again."""
        my_task.internal_data.pop(self.key, None)
        super().reset(my_task)

    def next_due(self, task: Any) -> datetime | None:
        """When to look again."""
        return self.due(task)


class Rounds(CycleTimerEventDefinition):  # type: ignore[misc]  # the library has no types
    """Again and again after a span, `R3/PT1H`; each round starts the branch once."""

    def __init__(self, key: str, timer: Timer) -> None:
        super().__init__(key, timer.text)
        self.timer = timer

    def _kept(self, task: Any) -> dict[str, Any]:
        kept = task._get_internal_data("rounds")
        if kept is None:
            text = _text_of(task, self.timer)
            try:
                left, span = read_rounds(text)
            except SpanError as error:
                raise RunStopped("timer", element_of(task), str(error)) from None
            start = task.workflow.script_engine.surroundings.at
            kept = {
                "left": left,
                "span": span,
                "next": _after(task, self.timer, start, span).isoformat(),
            }
            task._set_internal_data(rounds=kept)
        return kept  # type: ignore[no-any-return]

    def cycle_complete(self, my_task: Any) -> bool:
        """Whether a round is due; counts it."""
        kept = self._kept(my_task)
        if not kept["left"]:
            my_task._set_internal_data(event_fired=True)
            return False
        due = datetime.fromisoformat(kept["next"])
        if due > my_task.workflow.script_engine.surroundings.at:
            return False
        after = _after(my_task, self.timer, due, kept["span"])
        kept |= {"left": kept["left"] - 1, "next": max(after, due + timedelta(seconds=1)).isoformat()}
        my_task._set_internal_data(rounds=kept)
        return True

    def next_due(self, task: Any) -> datetime | None:
        """When the next round is due; now, to be ended, when there is none."""
        kept = self._kept(task)
        if kept["left"]:
            return datetime.fromisoformat(kept["next"])
        waits = task.state == TaskState.WAITING
        return task.workflow.script_engine.surroundings.at if waits else None

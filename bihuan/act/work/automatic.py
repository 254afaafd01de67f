"""Automatic steps: what apps contribute in their `steps.py`, by name, with what they need and give.

A step runs in the transaction that completes its work item: what it writes is there exactly when the item is done. What
must leave the house (a message, a call) it hands to the outbox.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bihuan.base.access import Actor
from bihuan.base.ui.nav import Text


@dataclass(frozen=True, kw_only=True)
class Around:
    """Where an automatic step runs: on behalf of whom, when, for which instance and account; `once` is a name of its own, for
    whoever must not do a thing twice."""

    by: Actor
    at: datetime
    instance_id: int
    account_id: int | None
    once: str


Doing = Callable[..., Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class AutomaticStep:
    """`run(around=…, **inputs)` gives the results by name; ValueError for inputs that do not fit."""

    name: str
    title: Text
    inputs: Mapping[str, Text]
    results: Mapping[str, Text]
    run: Doing


class StepFailed(ValueError):
    """An automatic step that cannot be done; `code` is what an error event on it may wait for."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


_steps: dict[str, AutomaticStep] = {}


def automatic_step(step: AutomaticStep) -> AutomaticStep:
    """Make a step known; a second one of the name is an error."""
    if step.name in _steps:
        raise ValueError(f"the automatic step {step.name!r} is registered twice")
    _steps[step.name] = step
    return step


def automatic_steps() -> dict[str, AutomaticStep]:
    """Every step by name (a copy)."""
    return dict(_steps)


def names_of_inputs() -> Mapping[str, Set[str]]:
    """What diagrams are checked against."""
    return {name: set(step.inputs) for name, step in _steps.items()}

"""Batch actions of a list: what can be done to the ticked rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django import forms
from django.core.exceptions import ValidationError

from bihuan.base.access import Actor
from bihuan.base.ui.nav import Text
from bihuan.base.ui.undo import Undo


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a batch did, in a sentence, and the way back if there is one."""

    text: str
    undo: Undo | None = None
    kind: str = "success"


def each(rows: Iterable[Any], run: Callable[[Any], Any]) -> tuple[list[Any], list[tuple[Any, str]]]:
    """Run one action for each row: (those that it was done to, those that it was refused for with the sentences)."""
    finished: list[Any] = []
    refused: list[tuple[Any, str]] = []
    for row in rows:
        try:
            run(row)
        except ValidationError as error:
            refused.append((row, " ".join(error.messages)))
        else:
            finished.append(row)
    return finished, refused


class RunBatch(Protocol):
    """Calls one action for the rows; `rows` are already limited to the actor's territory."""

    def __call__(self, *, rows: Sequence[Any], by: Actor, at: datetime, data: dict[str, Any]) -> Done:
        """Do it."""
        ...


@dataclass(frozen=True, kw_only=True)
class BatchAction:
    """A button of the batch bar.

    `form` asks for more before it runs (a dialog); `confirm` names what cannot be undone.
    """

    name: str
    title: Text
    permission: str
    run: RunBatch
    icon: str = "check"
    confirm: Text = ""
    form: Callable[..., forms.Form] | None = None
    limit: int = 1000

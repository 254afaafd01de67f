"""The kinds of questions. Rooms above register theirs, so that one door answers them all."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from typing import Any, Protocol

from bihuan.base.access import Actor
from bihuan.understand.engine.answer import Answer, QuestionError
from bihuan.understand.engine.fields import Field


class AnswerFunction(Protocol):
    """Answers a raw question for an actor; QuestionError names what is wrong with it."""

    def __call__(self, *, question: Mapping[str, Any], actor: Actor, at: datetime) -> Answer:
        """The answer."""
        ...


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of question with an example, its fields and their JSON schema, for the documents and the API.

    `export_permission`, where it names one, is needed to take its answers away as a file. `pages` gives, by the column of a
    list, the addresses of what stands there.
    """

    name: str
    permission: str
    answer: AnswerFunction
    example: str
    fields: tuple[Field, ...] = ()
    export_permission: str = ""
    pages: Mapping[str, Callable[[Iterable[Any]], Mapping[Any, str]]] = dataclass_field(default_factory=dict)
    schema: Mapping[str, Any] = dataclass_field(default_factory=dict)


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Make a kind askable; a second registration is an error."""
    if kind.name in _kinds:
        raise ValueError(f"the kind of question {kind.name!r} is registered twice")
    _kinds[kind.name] = kind


def kinds() -> dict[str, Kind]:
    """Every kind by name (a copy)."""
    return dict(_kinds)


def kind_of(question: Mapping[str, Any]) -> Kind:
    """The kind a question names; QuestionError lists what there is."""
    name = question.get("kind")
    if not isinstance(name, str) or name not in _kinds:
        raise QuestionError("kind", f"{name!r} cannot be asked; there is: {', '.join(sorted(_kinds))}")
    return _kinds[name]

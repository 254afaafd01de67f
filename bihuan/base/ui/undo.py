"""Undo: a toast carries a signed token; posting it runs the registered counter-action once more permitted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core import signing

from bihuan.base.access import Actor

SALT = "bihuan.ui.undo"
MAX_AGE_SECONDS = 15 * 60


#: `def f(*, by: Actor, at: datetime, **args) -> str` takes a change back; returns the toast's sentence.
CounterAction = Callable[..., str]


@dataclass(frozen=True, kw_only=True)
class Undo:
    """What would take a change back: a registered name and JSON arguments."""

    name: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Undoable:
    """A registered counter-action with the permission it needs."""

    permission: str
    run: CounterAction


_undoables: dict[str, Undoable] = {}


def undoable(name: str, *, permission: str) -> Callable[[CounterAction], CounterAction]:
    """Register `def f(*, by, at, **args) -> str` as the way back of a change."""

    def register(run: CounterAction) -> CounterAction:
        _undoables[name] = Undoable(permission=permission, run=run)
        return run

    return register


def seal(undo: Undo, *, actor: Actor) -> str:
    """A token only this actor can use, for a quarter of an hour."""
    return signing.dumps([actor.user_id, undo.name, undo.args], salt=SALT, compress=True)


def unseal(token: str, *, actor: Actor) -> tuple[Undoable, dict[str, Any]] | None:
    """The counter-action of a token, or None when it is old, foreign or not permitted."""
    try:
        user_id, name, args = signing.loads(token, salt=SALT, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature:
        return None
    way_back = _undoables.get(name)
    if way_back is None or user_id != actor.user_id or not actor.may(way_back.permission):
        return None
    return way_back, args

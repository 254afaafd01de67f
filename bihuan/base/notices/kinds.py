"""Kinds of notices, registered by the rooms that send them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, kw_only=True)
class NoticeKind:
    """A kind of notice: its title in the settings, its icon, and `say(args)`, the sentence in the reader's language. Whoever
    lacks `permission` does not see it in the settings."""

    name: str
    title: str | Promise
    icon: str
    say: Callable[[Mapping[str, Any]], str]
    order: int
    permission: str = ""


_kinds: dict[str, NoticeKind] = {}


def notice_kind(
    name: str, *, title: str | Promise, say: Callable[[Mapping[str, Any]], str], icon: str = "bell", order: int = 50,
    permission: str = "",
) -> NoticeKind:  # fmt: skip
    """Register a kind, such as "work.given"."""
    if name in _kinds:
        raise ValueError(f"two kinds of notices are called {name!r}")
    _kinds[name] = NoticeKind(name=name, title=title, icon=icon, say=say, order=order, permission=permission)
    return _kinds[name]


def notice_kinds() -> list[NoticeKind]:
    """Every kind, in the order of the settings."""
    return sorted(_kinds.values(), key=lambda one: (one.order, one.name))


def kind_named(name: str) -> NoticeKind | None:
    """The kind; None when its room is gone."""
    return _kinds.get(name)

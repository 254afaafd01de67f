"""The command palette (Ctrl/⌘-K): pages of the navigation, and whatever apps let one find."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from bihuan.base.access import Actor
from bihuan.base.ui.nav import Text, navigation


@dataclass(frozen=True, kw_only=True)
class Hit:
    """Something found: its title, where it leads, and a short note beside it."""

    title: str
    url: str
    note: str = ""
    icon: str = ""


class Search(Protocol):
    """What an app provides: at most `limit` hits within the actor's territory."""

    def __call__(self, *, actor: Actor, q: str, limit: int) -> Iterable[Hit]:
        """Find."""
        ...


@dataclass(frozen=True, kw_only=True)
class Source:
    """A group of the palette."""

    name: str
    title: Text
    permission: str
    icon: str
    order: int
    search: Search


_sources: dict[str, Source] = {}


def palette_source(
    name: str, *, title: Text, permission: str, icon: str = "search", order: int = 50
) -> Callable[[Search], Search]:
    """Decorate `def find_x(*, actor, q, limit) -> Iterable[Hit]` in `pages.py`."""

    def register(search: Search) -> Search:
        if name in _sources:
            raise ValueError(f"two sources of the palette are called {name!r}")
        _sources[name] = Source(
            name=name, title=title, permission=permission, icon=icon, order=order, search=search
        )
        return search

    return register


@dataclass(frozen=True, kw_only=True)
class Group:
    """A titled run of hits."""

    title: Text
    icon: str
    hits: list[Hit]


def find(q: str, *, actor: Actor, limit: int = 6) -> list[Group]:
    """Groups with hits for the words typed; without words, the pages."""
    words = q.strip()
    groups = []
    for source in sorted(_sources.values(), key=lambda s: s.order):
        if words and actor.may(source.permission):
            hits = list(source.search(actor=actor, q=words, limit=limit))
            if hits:
                groups.append(Group(title=source.title, icon=source.icon, hits=hits))
    if pages := matching_pages(words, actor=actor):
        from django.utils.translation import gettext as _

        groups.append(Group(title=_("Pages"), icon="arrow-right", hits=pages))
    return groups


def matching_pages(words: str, *, actor: Actor) -> list[Hit]:
    """Entries of the navigation whose title, or that of their section, holds the words."""
    return [
        Hit(title=str(link.entry.title), url=link.href, note=str(section.title), icon=link.entry.icon)
        for section in navigation(actor, path="")
        for link in section.links
        if words.lower() in f"{link.entry.title}\n{section.title}".lower()
    ]

"""Navigation by the story: apps add their entries; sections without entries do not show."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.http import HttpRequest
from django.urls import get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.access import Actor

Text = str | Promise

SECTIONS: dict[str, tuple[Text, str]] = {
    "workbench": (_("Workbench"), "home"),
    "customers": (_("Customers"), "building"),
    "insight": (_("Insight"), "chart-line"),
    "foresight": (_("Foresight"), "heartbeat"),
    "processes": (_("Plays and processes"), "route"),
    "marketing": (_("Marketing"), "speakerphone"),
    "sales": (_("Sales"), "file-text"),
    "service": (_("Service"), "headset"),
    "product": (_("Product"), "box"),
    "strategy": (_("Strategy"), "target"),
    "data": (pgettext_lazy("navigation", "Data"), "database"),
    "settings": (_("Settings"), "settings"),
}


@dataclass(frozen=True, kw_only=True)
class NavEntry:
    """One line of the navigation."""

    name: str
    title: Text
    url: str
    section: str
    permission: str
    icon: str
    order: int
    phone: bool


@dataclass(frozen=True, kw_only=True)
class NavLink:
    """An entry as one reader sees it now."""

    entry: NavEntry
    href: str
    active: bool


@dataclass(frozen=True, kw_only=True)
class NavSection:
    """A chapter of the story with the entries the reader may open."""

    name: str
    title: Text
    icon: str
    links: list[NavLink]
    active: bool
    open: bool


_entries: dict[str, NavEntry] = {}
_notices: list[Callable[[HttpRequest], str]] = []


def nav_entry(
    name: str,
    *,
    title: Text,
    url: str,
    section: str,
    permission: str,
    icon: str = "",
    order: int = 50,
    phone: bool = False,
) -> NavEntry:
    """Add a line to the navigation; call it at the end of `pages.py`. `url` is the name of a URL."""
    if section not in SECTIONS:
        raise ValueError(f"unknown section {section!r}; one of {', '.join(SECTIONS)}")
    if name in _entries:
        raise ValueError(f"two entries of the navigation are called {name!r}")
    entry = NavEntry(
        name=name,
        title=title,
        url=url,
        section=section,
        permission=permission,
        icon=icon or SECTIONS[section][1],
        order=order,
        phone=phone,
    )
    _entries[name] = entry
    return entry


def notice(find: Callable[[HttpRequest], str]) -> Callable[[HttpRequest], str]:
    """Add a label for the top bar, such as "simulated data"; an empty string shows nothing."""
    _notices.append(find)
    return find


def notices(request: HttpRequest) -> list[str]:
    """The labels that apply now."""
    return [text for find in _notices if (text := find(request))]


def open_to(actor: Actor) -> list[tuple[NavEntry, str]]:
    """The entries that the actor may open, with their addresses."""
    prefix = get_script_prefix()
    return [(e, address(e.url, prefix)) for e in _entries.values() if actor.may(e.permission)]


def current_of(links: list[tuple[NavEntry, str]], *, path: str) -> str:
    """The address of the entry that a path belongs to: the longest that it starts with."""
    matching = [href for _entry, href in links if path == href or (href != "/" and path.startswith(href))]
    return max(matching, key=len, default="")


def opened_in(cookie: str) -> tuple[str, ...]:
    """The sections that a reader left open, as the browser remembers them: "customers.insight"."""
    named = set(cookie.split("."))
    return tuple(name for name in SECTIONS if name in named)


def navigation_key(actor: Actor, *, path: str, opened: Iterable[str] = ()) -> str:
    """Differs when `navigation` does, in one language."""
    links = open_to(actor)
    return " ".join(
        (".".join(opened), current_of(links, path=path), *(f"{entry.name}={href}" for entry, href in links))
    )


def navigation(actor: Actor, *, path: str, opened: Iterable[str] = ()) -> list[NavSection]:
    """Sections with an entry the actor may open; the entry with the longest matching path is active. The section of the
    active entry is open, and those that were left open."""
    links = open_to(actor)
    current, left_open = current_of(links, path=path), set(opened)
    sections = []
    for name, (title, icon) in SECTIONS.items():
        mine = sorted((pair for pair in links if pair[0].section == name), key=lambda pair: pair[0].order)
        if mine:
            shown = [NavLink(entry=e, href=href, active=href == current) for e, href in mine]
            active = any(link.active for link in shown)
            is_open = active or name in left_open
            sections.append(
                NavSection(name=name, title=title, icon=icon, links=shown, active=active, open=is_open)
            )
    return sections


@lru_cache(maxsize=512)
def address(url: str, prefix: str) -> str:
    """Where the URL of this name leads, under the path that the server is mounted at."""
    return reverse(url)


def phone_links(sections: list[NavSection]) -> list[NavLink]:
    """The few entries of the phone's bottom bar."""
    return [link for section in sections for link in section.links if link.entry.phone][:3]

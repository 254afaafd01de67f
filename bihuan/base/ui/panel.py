"""Panels: fragments that apps contribute to the account page and the workbench, loaded with hx-get."""

from typing import Any, ClassVar, TypeVar

from django.http import HttpRequest, HttpResponse

from bihuan.base.access import Actor
from bihuan.base.ui.nav import Text

SLOTS = ("account", "workbench")
AREAS = ("top", "main", "side", "wide")
SIZES = ("s", "m", "l", "xl")


class Panel:
    """Subclass in an app's `panels.py` and decorate with `@register_panel`.

    `area` says where it stands on the page (top, main, side, wide), `size` the height its placeholder keeps
    while it loads (s 120, m 240, l 360, xl 520 px). `render` gives the inside as HTML; the frame and title
    come from the page.
    """

    name: ClassVar[str]
    title: ClassVar[Text]
    permission: ClassVar[str]
    slot: ClassVar[str] = "account"
    area: ClassVar[str] = "main"
    size: ClassVar[str] = "m"
    order: ClassVar[int] = 50

    def render(self, request: HttpRequest, subject: Any = None) -> str | HttpResponse:
        """The inside of the panel for an account (slot "account") or for the actor (slot "workbench")."""
        raise NotImplementedError


P = TypeVar("P", bound=type[Panel])
_panels: dict[tuple[str, str], Panel] = {}


def register_panel(panel: P) -> P:
    """Class decorator: make the panel known; checks slot, area and size at start-up."""
    if panel.slot not in SLOTS or panel.area not in AREAS or panel.size not in SIZES:
        raise ValueError(f"panel {panel.name!r}: slot {SLOTS}, area {AREAS}, size {SIZES}")
    _panels[panel.slot, panel.name] = panel()
    return panel


def panels(slot: str, *, actor: Actor) -> list[Panel]:
    """The panels of a slot that the actor may see, in order."""
    mine = [p for (where, _name), p in _panels.items() if where == slot and actor.may(p.permission)]
    return sorted(mine, key=lambda p: (p.order, p.name))


def panel(slot: str, name: str) -> Panel | None:
    """One panel by name, whoever may see it: the caller checks `permission`."""
    return _panels.get((slot, name))


def every_panel() -> list[Panel]:
    """All panels, for the access matrix."""
    return list(_panels.values())

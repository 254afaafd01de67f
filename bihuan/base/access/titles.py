"""What people call a permission: the room that it is of, and what it lets one do there."""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

Text = str | Promise
#: The first part of a permission. Those of one room stand together, in this order.
ROOMS: Mapping[str, Text] = {
    "workbench": _("Workbench"), "accounts": _("Customers"), "people": _("People"), "chain": _("Decision chain"),
    "timeline": _("Time line"), "follow_ups": _("Follow-ups"), "usage": _("Use of the product"), "presence": _("Presence"),
    "tiers": _("Tiers"), "identity": _("Who is who"),
    "explore": _("Explorer"), "measures": _("Measures"), "metrics": _("Metrics"), "segments": _("Segments"),
    "annotations": _("Annotations"), "experiments": _("Experiments"), "events": _("Events"), "stages": _("Stages of products"),
    "health": _("Health"), "warning": _("Early warning"), "signals": _("Signals"),
    "work": _("Work items"), "processes": _("Processes"), "mining": _("Process mining"), "plays": _("Plays"),
    "plan": _("Weekly plan"), "absences": _("Absences"), "reach": pgettext_lazy("reach", "Messages"),
    "contracts": _("Contracts"), "tickets": _("Tickets"),
    "sources": _("Event sources"), "tracking": _("Tracking plan"), "rejects": _("Rejected events"), "imports": _("Imports"),
    "staff": _("Staff"), "products": _("Products"), "calendars": _("Business calendars"), "webhooks": _("Webhooks"),
    "tokens": _("API tokens"), "jobs": _("Jobs"), "audit": _("Audit"), "personal": _("Personal data"), "system": _("Operation"),
    "notices": _("Notices"), "preferences": _("Preferences"), "own": _("One's own settings"), "ui": _("Pages"),
}  # fmt: skip
#: The second part, where a permission has no title of its own.
VERBS: Mapping[str, Text] = {
    "view": pgettext_lazy("permission", "See"), "edit": pgettext_lazy("permission", "Change"),
    "export": pgettext_lazy("permission", "Export"), "manage": pgettext_lazy("permission", "Set up"),
    "override": pgettext_lazy("permission", "Decide otherwise"), "use": pgettext_lazy("permission", "Use"),
    "operate": pgettext_lazy("permission", "Operate"), "own": pgettext_lazy("permission", "One's own"),
}  # fmt: skip
TITLES: Mapping[str, Text] = {
    "explore.save": _("Save questions"), "explore.share": _("Share questions and dashboards"),
    "experiments.assign": _("Ask for the variant of a unit"),
    "imports.run": _("Run imports"), "jobs.operate": _("Repeat and stop jobs"), "jobs.own": _("See one's own jobs"),
    "mining.people": _("See who did a step"), "own.settings": pgettext_lazy("permission", "Change"),
    "plays.do": _("Propose, confirm and decline plays"),
    "processes.draw": _("Draw and change processes"), "processes.publish": _("Publish processes"),
    "reach.send": _("Send messages"), "reach.write": _("Write templates of messages"),
    "reach.manage": _("Set up channels"), "rejects.replay": _("Send rejected events through again"),
    "tickets.limits": _("Set time limits"), "tiers.score": _("Judge potential, fit and brand"),
    "work.do": _("Do work items"), "work.see": _("See all work items and instances"), "work.start": _("Start processes"),
    "work.manage": _("Give, pause and cancel work"), "work.deviate": _("Deviate from the process"),
    "personal.manage": _("Tell and erase personal data"),
}  # fmt: skip


def room_of(permission: str) -> str:
    """The room of a permission, in the reader's language; one without a title is called as it is written."""
    room = permission.partition(".")[0]
    return str(ROOMS.get(room, room.replace("_", " ")))


def deed_of(permission: str) -> str:
    """What it lets one do in its room."""
    verb = permission.partition(".")[2]
    return str(TITLES.get(permission) or VERBS.get(verb) or verb.replace("_", " "))


def permission_title(permission: str) -> str:
    """Both: "Tickets: See"."""
    return gettext("%(title)s: %(value)s") % {"title": room_of(permission), "value": deed_of(permission)}


def by_room(held: Iterable[str]) -> list[tuple[str, list[str]]]:
    """(room, its permissions) in the order of ROOMS; rooms without a title last."""
    order = list(ROOMS)
    found: dict[str, list[str]] = {}
    for permission in held:
        found.setdefault(permission.partition(".")[0], []).append(permission)
    rooms = sorted(found, key=lambda room: (order.index(room) if room in ROOMS else len(order), room))
    verbs = list(VERBS)
    return [
        (room_of(found[room][0]), sorted(found[room], key=lambda one: _place(one, verbs))) for room in rooms
    ]


def _place(permission: str, verbs: list[str]) -> tuple[int, str]:
    verb = permission.partition(".")[2]
    return (verbs.index(verb) if verb in verbs else len(verbs), permission)

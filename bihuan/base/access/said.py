"""Who did it, as people call them: staff by their names, the platform's own actors in the reader's language."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy

#: The names that `system_actor` and migrations give. They are kept as they are, and said in the reader's language.
SYSTEM: Mapping[str, str | Promise] = {
    "Bihuan": pgettext_lazy("actor", "Bihuan"),
    "absences": pgettext_lazy("actor", "Absences"),
    "calendar": pgettext_lazy("actor", "Calendars"),
    "capture": pgettext_lazy("actor", "Event intake"),
    "clock": pgettext_lazy("actor", "Clock of processes"),
    "command line": pgettext_lazy("actor", "Command line"),
    "demo": pgettext_lazy("actor", "Demo"),
    "experiments": pgettext_lazy("actor", "Experiments"),
    "import": pgettext_lazy("actor", "Import"),
    "importer": pgettext_lazy("actor", "Import"),
    "library": pgettext_lazy("actor", "Process library"),
    "lists": pgettext_lazy("actor", "Lists"),
    "plan": pgettext_lazy("actor", "Weekly plan"),
    "plays": pgettext_lazy("actor", "Plays, automatically"),
    "processes": pgettext_lazy("actor", "Processes, automatically"),
    "reach": pgettext_lazy("actor", "Sending of messages"),
    "schedule": pgettext_lazy("actor", "Schedule"),
    "segments": pgettext_lazy("actor", "Segments"),
    "sign-in": pgettext_lazy("actor", "Sign-in"),
    "signals": pgettext_lazy("actor", "Look for signals"),
    "simulate": pgettext_lazy("actor", "Simulation"),
    "simulation": pgettext_lazy("actor", "Simulation"),
    "tickets": pgettext_lazy("actor", "Tickets, automatically"),
    "upgrade": pgettext_lazy("actor", "Upgrade"),
    "webhooks": pgettext_lazy("actor", "Webhooks"),
    "worker": pgettext_lazy("actor", "Background work"),
}


def actor_said(name: str) -> str:
    """The name of whoever acted, for a page. "command line: why" keeps what stands behind the colon."""
    if name in SYSTEM:
        return str(SYSTEM[name])
    code, colon, why = name.partition(": ")
    if colon and code in SYSTEM:
        return gettext("%(title)s: %(value)s") % {"title": SYSTEM[code], "value": why}
    return name

"""The kinds of fields and of clocks in words."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.act.bpmn.diagram import OF_ROLE, WALL
from bihuan.act.bpmn.extension import KINDS
from bihuan.act.processes.roles import role_choices
from bihuan.act.processes.told import clock_said


def field_kinds() -> dict[str, str]:
    """Each kind of a field with what people call it."""
    found = {
        "text": _("Text"), "long": _("Long text"),
        "number": pgettext("field", "Number"), "money": pgettext("field", "Money"), "date": _("Day"),
        "yesno": _("Yes or no"), "choice": _("One of several"), "choices": _("Several of several"), "file": _("File"),
        "person": _("Person"), "account": _("Customer"),
    }  # fmt: skip
    assert set(found) == set(KINDS)
    return found


def clocks() -> list[tuple[str, str]]:
    """Whose hours count, beside the calendar that holds for the customer and the role."""
    return [
        (WALL, clock_said(WALL)),
        *((f"{OF_ROLE}{role}", clock_said(f"{OF_ROLE}{role}")) for role, _title in role_choices()),
    ]

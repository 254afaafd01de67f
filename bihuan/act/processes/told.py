"""What changed between two versions, in words: what came and went, and of what is done otherwise, from what to what; and
when something is due, by which clock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from bihuan.act.bpmn import Check, Choice, Diagram, Field, Timer, Words
from bihuan.act.bpmn.beginning import rounds_of
from bihuan.act.bpmn.compare import Change, Changes, Detail
from bihuan.act.bpmn.diagram import ACTIVITIES, GATEWAYS, OF_ACCOUNT, OF_ROLE, WALL
from bihuan.act.processes.roles import role_title
from bihuan.act.processes.said import span_said
from bihuan.base.ui.nav import Text

#: What can be otherwise, as people call it.
WHAT: Mapping[str, Text] = {
    "kind": _("Kind"), "name": _("Name"), "text": _("What is done"), "parent": _("Stands in"),
    "decision": _("Decision table"), "into": _("Put the answer into"), "called": _("Which process"),
    "event": _("Event"), "refers_to": _("Message"), "correlate": _("For which"),
    "timer": _("Time"), "attached_to": _("Stands on"), "interrupts": _("Ends the step"),
    "many": _("Done many times"), "many_over": _("Over which list"), "many_item": _("Name of one"),
    "role": _("Role"), "assign": _("Whose bench"), "limit": _("Time limit"),
    "calendar": _("Clock"), "remind": _("Remind before"), "escalate_to": _("Escalate to"),
    "escalate_after": _("Escalate after"), "effort": _("Usual effort"), "approval": _("Approval"), "approvers": _("Approvers"),
    "in_order": _("One after the other"), "signature": _("Signed with a name"), "gate": _("Only when"),
    "field": _("Field"), "field_title": _("Title of the field"), "field_kind": _("Kind of the field"),
    "field_required": _("Field needed"), "field_help": _("Help of the field"),
    "field_default": _("Filled in already"), "field_choices": _("Choices of the field"),
    "field_least": _("Least of the field"), "field_most": _("Most of the field"), "check": _("Check"),
    "check_title": _("Check"), "check_required": _("Check needed"), "step": _("Automatic step"),
    "inputs": _("What it is given"), "outputs": _("What it gives"),
    "order_of_fields": _("Order of the fields"), "order_of_checks": _("Order of the check-list"),
    "condition": _("Condition"), "default": _("Taken when no other way fits"), "id": _("Key"),
}  # fmt: skip

#: Spans of one unit as ISO 8601 writes them.
_ISO = re.compile(r"P(\d{1,4})([DWMY])|PT(\d{1,4})([HM])")


@dataclass(frozen=True, kw_only=True)
class ToldDetail:
    """One thing that is otherwise: what, from what, to what; "–" where it is not."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """One change: `sort` is step, gateway, event, arrow or whole."""

    how: str
    sort: str
    element: str
    name: str
    details: tuple[ToldDetail, ...]


def told(changes: Changes, *, before: Diagram, after: Diagram) -> list[Told]:
    """In the reader's language: what is said of the whole, then steps, gateways and events, then arrows."""
    whole = [_detail(one) for one in changes.whole]
    found = (
        [Told(how="changed", sort="whole", element="", name=gettext("The process"), details=tuple(whole))]
        if whole
        else []
    )
    return found + [_told(one, before, after) for one in (*changes.nodes, *changes.flows)]


def _told(change: Change, before: Diagram, after: Diagram) -> Told:
    drawn = before if change.how == "removed" else after
    details = tuple(_detail(one) for one in change.details)
    if change.node is not None:
        kind = change.node.kind
        sort = "step" if kind in ACTIVITIES else "gateway" if kind in GATEWAYS else "event"
        return Told(
            how=change.how,
            sort=sort,
            element=change.element,
            name=_named(drawn, change.node.id),
            details=details,
        )
    flow = change.flow
    assert flow is not None
    if change.how != "changed" and flow.condition:
        side = (
            {"before": flow.condition, "after": "–"}
            if change.how == "removed"
            else {"before": "–", "after": flow.condition}
        )
        details = (ToldDetail(what=str(WHAT["condition"]), **side),)
    name = gettext("%(source)s → %(target)s") % {
        "source": _named(drawn, flow.source),
        "target": _named(drawn, flow.target),
    }
    return Told(how=change.how, sort="arrow", element=change.element, name=name, details=details)


def _named(diagram: Diagram, key: str) -> str:
    """What people call a node; one without a name by what it is."""
    node = diagram.nodes.get(key)
    if node is None:
        return key
    unnamed = {
        "startEvent": pgettext("list", "Start"),
        "endEvent": pgettext("list", "End"),
        "exclusiveGateway": gettext("Gateway"),
    }
    return node.name.said(get_language() or "") or node.name.zh or unnamed.get(node.kind, key)


def _detail(one: Detail) -> ToldDetail:
    of = f"{WHAT[one.what]} “{one.of}”" if one.of else str(WHAT[one.what])
    return ToldDetail(what=of, before=_valued(one.what, one.before), after=_valued(one.what, one.after))


def _valued(what: str, value: Any) -> str:
    if value is None or value in ("", (), Words()):
        return "–"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, Words):
        return " · ".join(part for part in (value.text, value.zh) if part)
    if isinstance(value, Field | Check):
        return _valued(what, value.title)
    if isinstance(value, Choice):
        return f"{value.value}: {_valued(what, value.title)}"
    if isinstance(value, Timer):
        return timer_said(value)
    if isinstance(value, tuple | list):
        return ", ".join(_valued(what, one) for one in value)
    if what in ("role", "escalate_to"):
        return role_title(value)
    if what == "calendar":
        return clock_said(str(value))
    return str(value)


def clock_said(name: str) -> str:
    """A clock as people call it."""
    if name == WALL:
        return gettext("Every hour counts")
    if name.startswith(OF_ROLE):
        return gettext("By the calendar of the role %s") % role_title(name.removeprefix(OF_ROLE))
    if name.startswith(OF_ACCOUNT):
        return gettext("By the calendar of the customer %s") % name.removeprefix(OF_ACCOUNT)
    return gettext("By the business calendar")


def timer_said(timer: Timer) -> str:
    """When something is due, as the reader says it; what is not a plain span, moment or round stays as it is written."""
    wall = timer.calendar == WALL
    if timer.kind == "cycle":
        times, first, every = rounds_of(timer.text)
        words = [gettext("every %(span)s") % {"span": _iso_said(every, wall=True)}]
        words += [gettext("from %(moment)s on") % {"moment": _moment_said(first)}] if first else []
        words += [gettext("%(n)s times") % {"n": times}] if times else []
    else:
        words = [_moment_said(timer.text) if timer.kind == "date" else _iso_said(timer.text, wall=wall)]
    return " · ".join([*words, *([] if wall else [clock_said(timer.calendar)])])


def _moment_said(text: str) -> str:
    return re.sub(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00)?(?=$|[+Z-])", r"\1 \2 ", text).strip()


def _iso_said(text: str, *, wall: bool) -> str:
    """A span as it is said; P1D, P1W, P1M and PT4H as people say them."""
    found = _ISO.fullmatch(text)
    if found is None:
        return span_said(text, wall=wall)
    number = int(found[1] or found[3])
    unit = found[2] or f"T{found[4]}"
    if unit == "D" and not wall:
        return span_said(f"{number}d")
    words = {
        "D": ngettext("%(n)s day", "%(n)s days", number), "W": ngettext("%(n)s week", "%(n)s weeks", number),
        "M": ngettext("%(n)s month", "%(n)s months", number), "Y": ngettext("%(n)s year", "%(n)s years", number),
        "TH": gettext("%(n)s h"), "TM": gettext("%(n)s min"),
    }  # fmt: skip
    return words[unit] % {"n": number}

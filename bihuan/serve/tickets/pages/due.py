"""When a ticket is due, in words and never by colour alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bihuan.base.ui import Column, formats, html
from bihuan.base.ui.columns import DASH, Reading
from bihuan.serve.tickets.models import State, Ticket

SOON = timedelta(hours=1)


def standing(ticket: Ticket, *, now: datetime) -> tuple[str, str, datetime | None]:
    """In words, the kind of label, and the exact moment behind it: due in, overdue by, stopped, in time, late."""
    if ticket.ended:
        late = ticket.late
        if late is None:
            return "", "", None
        return (
            (_("late"), "bad", ticket.resolve_due_at) if late else (_("in time"), "ok", ticket.resolve_due_at)
        )
    if ticket.state == State.PENDING:
        return _("clock stopped"), "info", None
    if ticket.due_at is None:
        return "", "", None
    left = ticket.due_at - now
    if left < timedelta(0):
        return _("overdue by %(time)s") % {"time": in_words(-left)}, "bad", ticket.due_at
    return _("due in %(time)s") % {"time": in_words(left)}, "warn" if left < SOON else "", ticket.due_at


def verdict(*, due: datetime | None, done: datetime | None, now: datetime) -> tuple[str, str]:
    """Of one limit: whether it was kept, else how it stands, with the kind of label; nothing without a limit."""
    if due is None:
        return "", ""
    if done is not None:
        return (_("late"), "bad") if done > due else (_("in time"), "ok")
    if now > due:
        return _("overdue by %(time)s") % {"time": in_words(now - due)}, "bad"
    return _("due in %(time)s") % {"time": in_words(due - now)}, "warn" if due - now < SOON else ""


def in_words(span: timedelta) -> str:
    """Elapsed time: minutes within two hours, hours within two days, else days."""
    minutes = int(span / timedelta(minutes=1))
    if minutes < 120:
        return _("%(n)s min") % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(n)s h") % {"n": minutes // 60}
    return _("%(n)s d") % {"n": minutes // (24 * 60)}


@dataclass(frozen=True, eq=False)
class DueColumn(Column):
    """The nearest time limit that still counts."""

    def inner(self, record: Any, *, reading: Reading) -> str | SafeString:
        """A label, with the exact moment on hover."""
        words, kind, moment = standing(record, now=reading.now)
        if not words:
            return DASH
        label = html.badge(words, kind)
        if moment is None:
            return label
        return html.raw(
            f'<time datetime="{moment.isoformat()}" title="{formats.exact(moment)}">{label}</time>'
        )

"""What readers do with messages: seen, followed, closed. Each counts once."""

from datetime import datetime

from django.db import transaction

from bihuan.act.reach.events import MessageClicked, MessageOpened
from bihuan.act.reach.models import Message, State
from bihuan.base.access import Actor
from bihuan.base.bus import publish

OPENED, CLICKED, CLOSED = "opened", "clicked", "closed"


def reader(message: Message) -> Actor:
    """Whom the audit names."""
    return Actor(name=str(message.person or message.account or ""), kind="guest")


@transaction.atomic
def note_reading(*, message: Message, what: str, at: datetime) -> bool:
    """Whether it is new. Who follows the link has opened the message."""
    row: Message = Message.objects.select_for_update(of=("self",)).select_related("channel", "person", "account").get(
        pk=message.pk
    )  # fmt: skip
    if row.state != State.SENT:
        return False
    by, changed = reader(row), []
    if what in (OPENED, CLICKED) and row.opened_at is None:
        row.opened_at = at
        changed.append("opened_at")
        publish(MessageOpened(**row.about, subject=row.subject), by=by, at=at)
    if what == CLICKED and row.clicked_at is None:
        row.clicked_at = at
        changed.append("clicked_at")
        publish(MessageClicked(**row.about, subject=row.subject), by=by, at=at)
    if what == CLOSED and row.closed_at is None:
        row.closed_at = at
        changed.append("closed_at")
    if changed:
        row.save(update_fields=changed)
    return bool(changed)

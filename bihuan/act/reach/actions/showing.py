"""Messages that wait for their reader: they are there once the reader asks and is whom they are for."""

from datetime import datetime, timedelta

from django.db import transaction

from bihuan.act.reach.events import MessageSent
from bihuan.act.reach.models import Channel, Message, State, Why, current_limits
from bihuan.act.reach.queries.limits import too_many
from bihuan.act.reach.queries.showing import shown_to
from bihuan.base.access import Actor, system_actor
from bihuan.base.bus import publish

#: So long a message waits for its reader to be online.
SHOWN_WITHIN = timedelta(days=7)


def placed(row: Message, *, by: Actor, at: datetime) -> None:
    """It is where its reader finds it."""
    row.state, row.reason, row.sent_at = State.SENT, "", at
    row.save(update_fields=["state", "reason", "sent_at"])
    publish(MessageSent(**row.about, subject=row.subject), by=by, at=at)


def show_waiting(*, channel: Channel, person_id: int, at: datetime) -> int:
    """The reader asks for their inbox: what waits for them is there from now on, if they are online, among those whom it is
    for, and have not had enough; how many came. The rest waits on until its time is over."""
    waiting = Message.objects.filter(
        channel=channel, person_id=person_id, state=State.HELD, reason=Why.AWAITS_READER, due_at__gt=at
    )
    if not waiting.exists():
        return 0
    by, came = system_actor("reach"), 0
    with transaction.atomic():
        rows = waiting.select_for_update(of=("self",)).select_related("channel", "person", "account")
        limits = current_limits()
        for row in shown_to(person_id, list(rows.order_by("pk")), at=at):
            if too_many(row, limits=limits, at=at) is None:
                placed(row, by=by, at=at)
                came += 1
    return came

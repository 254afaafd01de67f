"""The worker sends messages, and clears what is old."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.act.reach import actions
from bihuan.act.reach.models import Channel, Message, State, Template
from bihuan.base.access import Actor
from bihuan.base.jobs import Run, job

#: The log is kept for so long; limits and the time line need less.
KEEP = timedelta(days=730)
MOST_CLEARED = 20_000


@job("reach.send", title=_("Send messages"), every="* * * * *", attempts=1)
def send(run: Run) -> None:
    """What is due; a rest is sent by the next run."""
    taken, rest = actions.send_due(at=run.at)
    run.result({"taken": taken})
    if rest:
        actions.send_soon(at=run.at)


@job("reach.queue", title=_("Queue a message to many"))
def queue(
    run: Run, *, pairs: list[Any], key: str, channel: int, template: int, data: dict[str, Any],
    only: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """In the name of whoever sent it; begun again after a crash, it goes on."""
    by = Actor(name=run.row.by_name, user_id=run.row.by_id)
    way = Channel.objects.filter(pk=channel, removed_at=None).first()
    text = Template.objects.filter(pk=template, removed_at=None).first()
    if way is None or text is None:
        run.result({"queued": 0, "why": "the channel or the template was removed"})
        return
    actions.queue_pieces(
        pairs=pairs, key=key, channel=way, template=text, by=by, at=run.at, data=data, only=only or {},
        told=lambda done: run.progress(done=done, total=len(pairs)),
    )  # fmt: skip
    run.result({"queued": len(pairs)})


@job("reach.sweep", title=_("Clear messages older than two years"), every="37 3 * * *")
def sweep(run: Run) -> None:
    """Those that are over; the facts about them stay in the event store."""
    over = [State.SENT, State.FAILED, State.SKIPPED, State.CANCELLED]
    old = Message.objects.filter(state__in=over, created_at__lt=run.at - KEEP).values("pk")[:MOST_CLEARED]
    gone, _by_model = Message.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    run.result({"deleted": gone})

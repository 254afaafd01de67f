"""Sending what is due: claimed, posted, written down; and what a crash left is settled first."""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from django.db import transaction

from bihuan.act.reach import noticing
from bihuan.act.reach.actions import journal
from bihuan.act.reach.actions.carriers import Clock, Outcome, Way
from bihuan.act.reach.actions.claiming import BY, claim
from bihuan.act.reach.actions.messages import hold
from bihuan.act.reach.events import MessageFailed, MessageSent
from bihuan.act.reach.models import Attempt, Channel, Kind, Message, State, Why
from bihuan.act.reach.rules.recovery import Mark, Next, after_a_crash
from bihuan.base.bus import publish
from bihuan.base.notices.actions import notify

BACK_OFF = (5, 30, 120, 600, 1800, 3600)
RUN_SECONDS, THREADS, MOST_LATELY = 45.0, 8, 100
#: What another machine was sending is given up by it after so long.
FOREIGN = timedelta(hours=1)
MOST_LEFT = 500


def send_due(*, at: datetime, run_seconds: float = RUN_SECONDS) -> tuple[int, bool]:
    """(how many messages were taken up, whether some are left): channels at the same time, one channel's one after another."""
    until, taken, clock = monotonic() + run_seconds, 0, Clock(at=at)
    settle_what_a_crash_left(at=at)
    while monotonic() < until:
        ways, number = claim(at=clock.now() if taken else at)
        if not number:
            return taken, False
        taken += number
        if ways:
            with ThreadPoolExecutor(max_workers=min(THREADS, len(ways))) as pool:
                done = list(pool.map(lambda way: way.go(clock=clock, until=until), ways))
            for way in done:
                _write_down(way, at=clock.now())
    return taken, True


def back_off(failures: int) -> timedelta:
    """The pause after so many failures."""
    return timedelta(seconds=BACK_OFF[min(max(failures, 1), len(BACK_OFF)) - 1])


def _write_down(way: Way, *, at: datetime) -> None:
    """How it went; then, and only then, the journal may forget."""
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=way.channel_id)
        for post, outcome in zip(way.posts, way.outcomes, strict=False):
            for row in _rows(post.messages):
                _settle(row, outcome, at=at)
        left = [pk for post in way.posts[len(way.outcomes) :] for pk in post.messages]
        Message.objects.filter(pk__in=left, state=State.SENDING).update(state=State.QUEUED, due_at=at)
        _of_channel(channel, way.outcomes, at=at)
    for post in way.posts:
        journal.forget(post.batch)


def _rows(numbers: Sequence[int]) -> list[Message]:
    rows = Message.objects.filter(pk__in=numbers, state=State.SENDING)
    return list(rows.select_related("channel", "person", "account").order_by("pk"))


def _of_channel(channel: Channel, outcomes: Sequence[Outcome], *, at: datetime) -> None:
    channel.busy_until = None
    if outcomes:
        posted = [at.isoformat()] * sum(one.status > 0 or one.unclear for one in outcomes)
        channel.lately = [*channel.lately, *posted][-MOST_LATELY:]
        last = outcomes[-1]
        channel.failures = channel.failures + 1 if last.away else 0
        pause = last.pause or (back_off(channel.failures) if last.away else None)
        channel.paused_until = None if pause is None else at + pause
    channel.save(update_fields=["busy_until", "lately", "failures", "paused_until"])


def _settle(row: Message, outcome: Outcome, *, at: datetime) -> None:
    row.attempts += 1
    row.error = "" if outcome.ok else outcome.said[:500]
    Attempt.objects.create(message=row, at=at, ok=outcome.ok, status=outcome.status, said=outcome.said[:500],
                           took_ms=outcome.took_ms)  # fmt: skip
    if outcome.ok:
        sent(row, at=at, unconfirmed=False)
    elif outcome.unclear:
        row.save(update_fields=["attempts", "error"])
        ask_somebody(row, at=at)
    elif outcome.again and at + back_off(row.attempts) <= row.give_up_at:
        row.state, row.due_at = State.QUEUED, at + back_off(row.attempts)
        row.save(update_fields=["attempts", "error", "state", "due_at"])
    else:
        _fail(row, why=Why.GAVE_UP if outcome.again else Why.REFUSED, at=at)


def sent(row: Message, *, at: datetime, unconfirmed: bool) -> None:
    """It is with the other side."""
    row.state, row.reason, row.sent_at, row.unconfirmed = State.SENT, "", at, unconfirmed
    row.save(update_fields=["state", "reason", "sent_at", "unconfirmed", "attempts", "error"])
    publish(MessageSent(**row.about, subject=row.subject), by=BY, at=at)


def ask_somebody(row: Message, *, at: datetime) -> None:
    """Only a person can find out; whoever sent it is told."""
    hold(row, why=Why.UNCLEAR, until=None, by=BY, at=at)
    notify(
        users=[row.by_id],
        kind=noticing.UNCLEAR,
        args={"subject": row.subject},
        url=f"/reach/{row.pk}/",
        by=BY,
        at=at,
    )


def _fail(row: Message, *, why: Why, at: datetime) -> None:
    row.state, row.reason = State.FAILED, why
    row.save(update_fields=["state", "reason", "attempts", "error"])
    publish(MessageFailed(**row.about, why=row.error), by=BY, at=at)
    about = {"subject": row.subject, "why": row.error}
    notify(users=[row.by_id], kind=noticing.FAILED, args=about, url=f"/reach/{row.pk}/", by=BY, at=at)


def settle_what_a_crash_left(*, at: datetime) -> int:
    """Messages whose lease ran out while they were being sent: what the journal knows of them decides; how many there were."""
    stuck = Message.objects.filter(state=State.SENDING, due_at__lte=at).order_by("id")
    here, found = journal.life(), defaultdict(list)
    mine = here.partition(":")[0]
    for pk, batch, sender, due_at in stuck.values_list("pk", "batch", "sender", "due_at")[:MOST_LEFT]:
        if batch is not None and (sender.partition(":")[0] == mine or due_at <= at - FOREIGN):
            found[batch, sender].append(pk)
    for (batch, sender), numbers in found.items():
        _settle_batch(batch, sender=sender, here=here, numbers=numbers, at=at)
    return sum(len(numbers) for numbers in found.values())


def _settle_batch(batch: UUID, *, sender: str, here: str, numbers: list[int], at: datetime) -> None:
    ours = sender.partition(":")[0] == here.partition(":")[0]
    mark, said = journal.read(batch) if ours else (Mark.HANDING, {})
    with transaction.atomic():
        for row in _rows(numbers):
            then = after_a_crash(
                mark=mark, idempotent=row.channel.kind == Kind.WEBHOOK, same_machine_life=sender == here
            )
            if then == Next.ANSWER:
                _settle(
                    row,
                    Outcome(ok=said["ok"], again=said["again"], status=said["status"], said=said["said"]),
                    at=at,
                )
            elif then == Next.SENT:
                sent(row, at=at, unconfirmed=True)
            elif then == Next.ASK:
                ask_somebody(row, at=at)
            else:
                row.state, row.due_at = State.QUEUED, at
                row.save(update_fields=["state", "due_at"])
        Channel.objects.filter(messages__in=numbers).update(busy_until=None)
    if ours:
        journal.forget(batch)

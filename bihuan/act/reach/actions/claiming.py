"""What is due: who declined meanwhile, had enough or sleeps is sorted out; inboxes and tasks are filled at once; the rest
becomes posts, leased to this sender."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.act.reach.actions.calls import body_of
from bihuan.act.reach.actions.carriers import Call, Mail, Post, RobotText, Way
from bihuan.act.reach.actions.journal import life
from bihuan.act.reach.actions.messages import hold, owner_of, skip, text_for_robot, why_not
from bihuan.act.reach.actions.showing import SHOWN_WITHIN, placed
from bihuan.act.reach.models import ROBOTS, Channel, Kind, Limits, Message, State, Why, current_limits
from bihuan.act.reach.queries.limits import is_limited, too_many
from bihuan.act.reach.queries.signed import click_url, leave_url, sight_url
from bihuan.act.reach.rules import robots
from bihuan.act.reach.rules.mail import Letter, letter_bytes
from bihuan.base.access import system_actor
from bihuan.base.calendars import NeverOpen
from bihuan.base.calendars.queries import calendar_for
from bihuan.know.accounts.actions import add_follow_up
from bihuan.know.accounts.models import FollowUp

AT_ONCE = 40
LEASE = timedelta(minutes=5)
BY = system_actor("reach")
#: What is written outside business hours waits, when customers read it as it comes.
WAKES = {Kind.EMAIL, Kind.WECOM, Kind.DINGTALK, Kind.FEISHU}
LEAVE_WORDS = {"en": "Unsubscribe", "zh-hans": "退订"}


@transaction.atomic
def claim(*, at: datetime) -> tuple[list[Way], int]:
    """(what this sender is to post, how many messages were taken up)."""
    free = (Q(channel__busy_until=None) | Q(channel__busy_until__lte=at)) & (
        Q(channel__paused_until=None) | Q(channel__paused_until__lte=at)
    )
    due = Message.objects.filter(
        free,
        Q(state=State.QUEUED) | Q(state=State.HELD, reason__in=[Why.OUTSIDE_HOURS, Why.AWAITS_READER]),
        due_at__lte=at,
    )
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self", "channel"))
    rows = list(
        due.select_related("channel", "channel__account", "person", "account").order_by("due_at", "id")[
            :AT_ONCE
        ]
    )
    limits = current_limits()
    ready: dict[int, list[Message]] = defaultdict(list)
    for row in rows:
        if not _sorted_out(row, limits=limits, at=at):
            ready[row.channel_id].append(row)
            Message.objects.filter(pk=row.pk).update(state=State.SENDING)  # it counts for those that follow
    ways = [way for found in ready.values() if (way := _way(found, limits=limits, at=at)) is not None]
    return ways, len(rows)


def _sorted_out(row: Message, *, limits: Limits, at: datetime) -> bool:
    """Whether nothing is left to do with it here: skipped, held, or in its place already."""
    if row.reason == Why.AWAITS_READER:
        skip(row, why=Why.NOT_SEEN, by=BY, at=at)
        return True
    waits = row.channel.kind == Kind.IN_APP and row.only.get("online", False)
    why = why_not(row) or (None if waits else too_many(row, limits=limits, at=at))
    if why is not None:
        skip(row, why=why, by=BY, at=at)
        return True
    if limits.business_hours and row.channel.kind in WAKES and is_limited(row.channel):
        opens = _opens(row, at=at)
        if opens is not None and opens > at:
            hold(row, why=Why.OUTSIDE_HOURS, until=opens, by=BY, at=at)
            return True
    if waits:
        hold(row, why=Why.AWAITS_READER, until=at + SHOWN_WITHIN, by=BY, at=at)
        return True
    if row.channel.kind == Kind.IN_APP:
        placed(row, by=BY, at=at)
        return True
    if row.channel.kind == Kind.CALL:
        _give_task(row, at=at)
        return True
    return False


def _opens(row: Message, *, at: datetime) -> datetime | None:
    try:
        return calendar_for(account_id=row.account_id).next_opening(at)
    except NeverOpen:
        return None


def _give_task(row: Message, *, at: datetime) -> None:
    """The account's owner is to call; in the same transaction, so that it is given once."""
    words = _("Call %(person)s: %(subject)s") % {"person": row.person or row.account, "subject": row.subject}
    phone = row.person.phone if row.person is not None else ""
    text = "\n".join(part for part in (words, phone, row.body.strip()) if part)
    try:
        with transaction.atomic():
            assert row.account is not None
            add_follow_up(
                account=row.account, kind=FollowUp.Kind.TASK, text=text, assignee=owner_of(row),
                due_on=timezone.localdate(at), by=BY, at=at,
            )  # fmt: skip
    except ValidationError:
        skip(row, why=Why.NO_OWNER, by=BY, at=at)
        return
    placed(row, by=BY, at=at)


def _way(rows: list[Message], *, limits: Limits, at: datetime) -> Way | None:
    """The posts of one channel, leased; what it does not take now is due when it does."""
    channel = rows[0].channel
    made: Sequence[tuple[list[Message], Mail | RobotText | Call]]
    if channel.kind in ROBOTS:
        made = _of_robot(rows, channel=channel, at=at)
    elif channel.kind == Kind.EMAIL:
        made = [([row], _mail(row, limits=limits)) for row in rows]
    else:
        made = [([row], _call(row, channel=channel)) for row in rows]
    posts, sender = [], life()
    for together, load in made:
        batch = uuid.uuid4()
        posts.append(Post(batch=batch, load=load, messages=tuple(row.pk for row in together)))
        Message.objects.filter(pk__in=[row.pk for row in together]).update(
            state=State.SENDING, reason="", batch=batch, sender=sender, due_at=at + LEASE
        )
    if not posts:
        return None
    Channel.objects.filter(pk=channel.pk).update(busy_until=at + LEASE)
    return Way(channel_id=channel.pk, posts=posts)


def _of_robot(
    rows: list[Message], *, channel: Channel, at: datetime
) -> list[tuple[list[Message], RobotText]]:
    known, texts = channel.credentials, [text_for_robot(row) for row in rows]
    room = robots.room(kind=channel.kind, sent=channel.sent_lately, at=at)
    together = robots.groups(texts, kind=channel.kind, room=room)
    taken = {n for group in together for n in group}
    ready = max(
        robots.ready_at(kind=channel.kind, sent=channel.sent_lately, at=at), at + timedelta(seconds=1)
    )
    left = [row.pk for n, row in enumerate(rows) if n not in taken]
    Message.objects.filter(pk__in=left).update(state=State.QUEUED, reason="", due_at=ready)
    return [
        ([rows[n] for n in group],
         RobotText(kind=channel.kind, token=known.get("token", ""), secret=known.get("secret", ""),
                   text=robots.BETWEEN.join(texts[n] for n in group)))
        for group in together
    ]  # fmt: skip


def _mail(row: Message, *, limits: Limits) -> Mail:
    assert row.person is not None
    host = settings.SMTP_FROM.rpartition("@")[2]
    letter = Letter(
        message_id=f"<{row.uid.hex}@{host}>", sender=settings.SMTP_FROM, sender_name=settings.SMTP_FROM_NAME,
        to=row.person.email, to_name=row.person.name, subject=row.subject, text=row.body, at=row.created_at,
        language=row.language, link=click_url(row) if row.link else "", link_words=row.link_words, leave=leave_url(row),
        leave_words=LEAVE_WORDS[row.language], seen=sight_url(row) if limits.count_opens else "",
    )  # fmt: skip
    return Mail(sender=settings.SMTP_FROM, to=row.person.email, data=letter_bytes(letter))


def _call(row: Message, *, channel: Channel) -> Call:
    return Call(url=channel.url, body=body_of(row), message_id=row.message_id, keys=(channel.key,))

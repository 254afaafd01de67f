"""How many messages somebody had lately, and which count."""

from datetime import datetime, timedelta

from django.db.models import Q

from bihuan.act.reach.models import ROBOTS, Channel, Kind, Limits, Message, State, Why

WEEK = timedelta(days=7)


def is_limited(channel: Channel) -> bool:
    """Whether its messages count against the limits: those that customers read."""
    if channel.kind in ROBOTS:
        return channel.account_id is not None
    return channel.kind != Kind.WEBHOOK


def too_many(row: Message, *, limits: Limits, at: datetime) -> Why | None:
    """Whether its person or its account had enough in the last seven days; what is on its way counts too."""
    if not is_limited(row.channel):
        return None
    there = Message.objects.filter(
        Q(state=State.SENT, sent_at__gt=at - WEEK)
        | Q(state=State.SENDING)
        | Q(state=State.HELD, reason=Why.UNCLEAR)
    ).exclude(pk=row.pk)
    if limits.person_week and row.person_id is not None:
        theirs = there.filter(person=row.person_id).exclude(channel__kind=Kind.WEBHOOK)
        if theirs.count() >= limits.person_week:
            return Why.PERSON_LIMIT
    if limits.account_week and row.account_id is not None:
        ours = Q(channel__kind=Kind.WEBHOOK) | Q(channel__kind__in=ROBOTS, channel__account=None)
        if there.filter(account=row.account_id).exclude(ours).count() >= limits.account_week:
            return Why.ACCOUNT_LIMIT
    return None

"""What a person finds in the product, once the product has proved who they are."""

from datetime import datetime, timedelta
from typing import Any

from bihuan.act.reach.models import Channel, Kind, Message, State
from bihuan.act.reach.queries.showing import shown_to
from bihuan.act.reach.rules.identity import is_signed, subject_of
from bihuan.capture.identity.queries import person_behind

#: An inbox shows so many, of so long.
MOST = 50
KEPT = timedelta(days=90)


def secret_of(channel: Channel) -> str:
    """What the customer's server signs with."""
    return f"bhi_{channel.key.hex()}"


def channel_named(public_id: str) -> Channel | None:
    """The inbox that a page names; None when there is none, or it is off."""
    rows = Channel.objects.kept().filter(kind=Kind.IN_APP, active=True, product__isnull=False)
    return rows.filter(public_id=public_id[:40]).first()


def reader_of(channel: Channel, *, distinct_id: str, signature: str, token: str, at: datetime) -> int | None:
    """The person whom the signature or the JWT proves; None without a proof, and for somebody whom nobody knows."""
    secret = secret_of(channel)
    if token:
        subject = subject_of(token, secret=secret, at=at)
    else:
        subject = distinct_id if is_signed(secret=secret, distinct_id=distinct_id, signed=signature) else None
    if not subject or len(subject) > 255 or channel.product_id is None:
        return None
    return person_behind(product_id=channel.product_id, distinct_id=subject)


def inbox_of(*, channel: Channel, person_id: int, at: datetime) -> list[dict[str, Any]]:
    """The newest first; text only. What is no longer for its reader is left out, as is all that is new once they declined."""
    found = Message.objects.filter(
        channel=channel, person_id=person_id, state=State.SENT, sent_at__gt=at - KEPT
    )
    rows = shown_to(person_id, list(found.select_related("account").order_by("-id")[:MOST]), at=at)
    return [
        {
            "id": row.uid.hex, "subject": row.subject, "body": row.body, "link": row.link, "link_words": row.link_words,
            "shows": row.shows, "at": row.sent_at.isoformat() if row.sent_at else "", "opened": row.opened_at is not None,
            "closed": row.closed_at is not None,
        }
        for row in rows
    ]  # fmt: skip

"""Rejected events through the steps again, as they were sent or corrected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.capture.ingest.actions.commit import prepare
from bihuan.capture.ingest.actions.group import Arrived
from bihuan.capture.ingest.events import RejectsReplayed
from bihuan.capture.ingest.models import RejectedEvent
from bihuan.capture.ingest.rules.draft import BadRequest, Delivery, Rejection
from bihuan.capture.ingest.rules.formats import read_again
from bihuan.capture.ingest.rules.steps import take_steps
from bihuan.capture.sources.queries import Sender
from bihuan.capture.store import get_store


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """How many are stored now (or were before), and how many are still rejected."""

    stored: int
    still_rejected: int


def replay(*, rejects: Sequence[RejectedEvent], by: Actor, at: datetime) -> Replayed:
    """Store those that pass now and drop them from the rejected ones; the others keep the reason of today.

    They happened when they happened: their clock is corrected as it was when they came. They are known from `at`.
    """
    taken: list[tuple[RejectedEvent, Arrived]] = []
    for reject in rejects:
        try:
            taken.append((reject, _arrived(reject, at)))
        except BadRequest as error:
            _keep(reject, step=error.step, code="bad_request", reason=error.detail)
    batches = [arrived for _reject, arrived in taken]
    stored = 0
    if batches:
        events = prepare(batches).events
        if events.num_rows:
            get_store().append(events)
    with transaction.atomic():
        for reject, arrived in taken:
            refused: list[Rejection] = arrived.delivery.rejections
            if refused or not arrived.delivery.drafts:
                why = (
                    refused[0] if refused else Rejection(0, "decode", "no_event", "There is no event in it.")
                )
                _keep(reject, step=why.step, code=why.code, reason=why.reason)
            else:
                stored += 1
                reject.delete()
        result = Replayed(stored=stored, still_rejected=len(rejects) - stored)
        publish(RejectsReplayed(stored=result.stored, still_rejected=result.still_rejected), by=by, at=at)
    return result


def correct(*, reject: RejectedEvent, body: str, by: Actor, at: datetime) -> Replayed:
    """Keep the corrected content and replay it."""
    reject.body = body
    reject.save(update_fields=["body"])
    return replay(rejects=[reject], by=by, at=at)


def _arrived(reject: RejectedEvent, at: datetime) -> Arrived:
    delivery: Delivery = read_again(path=reject.path, text=reject.body)
    # The distance between the sender's clock and ours is that of the day on which it came.
    delivery.sent_at = None if reject.sent_at is None else reject.sent_at + (at - reject.at)
    take_steps(delivery, new_id=uuid4)
    for draft in delivery.drafts:
        if draft.timestamp in (None, ""):
            draft.timestamp, delivery.sent_at = reject.at.isoformat(), None
    source = reject.source
    sender = Sender(source_id=source.pk, code=source.code, product_id=source.product_id or 0)
    return Arrived(sender=sender, delivery=delivery, received_at=at, path=reject.path)


def _keep(reject: RejectedEvent, *, step: str, code: str, reason: str) -> None:
    reject.step, reject.code, reject.reason = step, code, reason[:300]
    reject.save(update_fields=["step", "code", "reason"])

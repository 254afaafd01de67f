"""Sending what is due: leased, sent, and written down. Killed between, it is sent again under the same id."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import groupby
from time import monotonic
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from bihuan.base.access import Role, system_actor
from bihuan.base.bus import publish
from bihuan.base.bus.models import OutboxFact
from bihuan.base.notices.actions import notify
from bihuan.base.webhooks.events import WebhookSwitchedOff
from bihuan.base.webhooks.guard import networks
from bihuan.base.webhooks.models import Delivery, Endpoint
from bihuan.base.webhooks.sending import Answer, post
from bihuan.base.webhooks.signing import headers_for

#: Seconds to the next try, by how often it failed; the last one again and again.
BACK_OFF = (5, 30, 120, 600, 1800, 3600)
LEASE = timedelta(minutes=5)
AT_ONCE, THREADS, RUN_SECONDS = 40, 8, 45.0
#: An endpoint that has taken nothing for so long is switched off.
OFF_AFTER = timedelta(days=3)
#: The other side is not there, or not now: everything for it waits.
NOT_NOW = (0, 408, 429)
GONE = 410

#: For a delivery whose fact was cleared meanwhile: it says nothing about the endpoint.
LOST = Answer(status=0, error="the fact is not kept any more", text="", took_ms=0)

Sent = tuple[Delivery, Answer]


def send_due(*, at: datetime, run_seconds: float = RUN_SECONDS) -> tuple[int, bool]:
    """(how many were tried, whether some are left): endpoints at the same time, what is for one of them one after another."""
    until, tried = monotonic() + run_seconds, 0
    while monotonic() < until:
        leased = _lease(at=max(at, timezone.now()) if tried else at)
        if not leased:
            return tried, False
        groups = [list(rows) for _pk, rows in groupby(leased, key=lambda row: row.endpoint_id)]
        bodies = _bodies(leased)
        with ThreadPoolExecutor(max_workers=min(THREADS, len(groups))) as pool:
            futures = [pool.submit(_send_all, rows, bodies, at, until) for rows in groups]
            results = [future.result() for future in futures]
        for rows, sent in zip(groups, results, strict=True):
            _write_down(rows, sent, at=max(at, timezone.now()))
            tried += len(sent)
    return tried, True


def _lease(*, at: datetime) -> list[Delivery]:
    """What is due and nobody else is sending; a lease that is not written down in time ends, and it is sent again."""
    ready = Q(endpoint__retry_at=None) | Q(endpoint__retry_at__lte=at)
    due = Delivery.objects.filter(ready, state=Delivery.State.WAITING, next_at__lte=at, endpoint__active=True)
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        rows = list(due.select_related("endpoint").order_by("id")[:AT_ONCE])
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(next_at=at + LEASE)
    return sorted(rows, key=lambda row: (row.endpoint_id, row.pk))


def _bodies(rows: Sequence[Delivery]) -> dict[int, bytes | None]:
    facts = OutboxFact.objects.in_bulk([row.fact_id for row in rows if row.fact_id is not None])
    return {row.pk: body_of(row, facts.get(row.fact_id or 0)) for row in rows}


def body_of(row: Delivery, fact: OutboxFact | None) -> bytes | None:
    """The bytes that are signed and sent; the same at every try. None when the fact is not kept any more."""
    if row.fact_id is not None and fact is None:
        return None
    said: dict[str, Any] = {
        "id": row.message_id,
        "type": row.name,
        "timestamp": row.at.isoformat(),
        "data": {},
    }
    if fact is not None:
        said |= {"actor": {"kind": fact.actor_kind, "name": fact.actor_name}, "data": fact.payload}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, cls=DjangoJSONEncoder).encode()


def _send_all(
    rows: Sequence[Delivery], bodies: dict[int, bytes | None], at: datetime, until: float
) -> list[Sent]:
    """One endpoint's, until it does not answer or the time is over. Runs in a thread, and asks no database."""
    sent: list[Sent] = []
    for row in rows:
        if sent and monotonic() > until:
            break
        body = bodies[row.pk]
        if body is None:
            sent.append((row, LOST))
            continue
        now = max(at, timezone.now())
        headers = {"content-type": "application/json", "user-agent": "Bihuan-Webhooks/1"} | headers_for(
            keys=row.endpoint.keys(at=now), message_id=row.message_id, at=now, body=body
        )
        answer = post(row.endpoint.url, body=body, headers=headers, allowed=allowed_networks())
        sent.append((row, answer))
        if _is_away(answer) or answer.status == GONE:
            break
    return sent


def allowed_networks() -> Any:
    """What the operator lists beside the public internet."""
    return networks(settings.WEBHOOK_NETWORKS)


def _is_away(answer: Answer) -> bool:
    return answer.status in NOT_NOW or answer.status >= 500 or 300 <= answer.status < 400


def back_off(failures: int) -> timedelta:
    """The pause after so many failures."""
    return timedelta(seconds=BACK_OFF[min(max(failures, 1), len(BACK_OFF)) - 1])


@transaction.atomic
def _write_down(rows: Sequence[Delivery], sent: Sequence[Sent], *, at: datetime) -> None:
    """How it went; what was not tried is due again as soon as its endpoint is."""
    endpoint = Endpoint.objects.select_for_update().get(pk=rows[0].endpoint_id)
    tried = {row.pk for row, _answer in sent}
    left = [row.pk for row in rows if row.pk not in tried]
    Delivery.objects.filter(pk__in=left, state=Delivery.State.WAITING).update(next_at=at)
    for row, answer in sent:
        _write_one(row, answer, at=at)
    answers = [answer for _row, answer in sent if answer is not LOST]
    if not answers:
        return
    if any(answer.ok for answer in answers):
        endpoint.failures, endpoint.failing_since, endpoint.retry_at = 0, None, None
    if not answers[-1].ok:
        endpoint.failures += 1
        endpoint.failing_since = endpoint.failing_since or at
        endpoint.retry_at = at + back_off(endpoint.failures) if _is_away(answers[-1]) else None
    endpoint.save(update_fields=["failures", "failing_since", "retry_at"])
    long = endpoint.failing_since is not None and at - endpoint.failing_since >= OFF_AFTER
    if long or answers[-1].status == GONE:
        _switch_off(endpoint, why=answers[-1].error, at=at)


def _write_one(row: Delivery, answer: Answer, *, at: datetime) -> None:
    row.attempts += 1
    row.tried_at, row.status, row.error = at, answer.status, answer.error[:500]
    row.answer, row.took_ms = answer.text, answer.took_ms
    if answer.ok:
        row.state, row.done_at = Delivery.State.DONE, at
    elif answer is LOST or answer.status == GONE or at + back_off(row.attempts) > row.give_up_at:
        row.state = Delivery.State.GIVEN_UP
    row.next_at = at + back_off(row.attempts)
    row.save(update_fields=[
        "attempts", "tried_at", "status", "error", "answer", "took_ms", "state", "done_at", "next_at",
    ])  # fmt: skip


def _switch_off(endpoint: Endpoint, *, why: str, at: datetime) -> None:
    """It is not called any more, and the administrators are told."""
    endpoint.active, endpoint.off_why = False, why[:500]
    endpoint.save(update_fields=["active", "off_why"])
    by = system_actor("webhooks")
    people = get_user_model()._default_manager.filter(is_active=True)
    admins = [one.pk for one in people if Role.ADMIN in getattr(one, "roles", ())]
    about = {"name": endpoint.name, "why": why}
    notify(users=admins, kind="webhooks.off", args=about, url=f"/webhooks/{endpoint.pk}/", by=by, at=at)
    publish(WebhookSwitchedOff(endpoint_id=endpoint.pk, url=endpoint.url, why=why[:500]), by=by, at=at)

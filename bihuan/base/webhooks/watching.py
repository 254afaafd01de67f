"""Every published fact is looked at: a delivery for each endpoint that wants it, in the transaction that makes it true."""

from collections.abc import Sequence
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bihuan.base.access import system_actor
from bihuan.base.bus.outbox import watcher
from bihuan.base.jobs import enqueue
from bihuan.base.webhooks.models import Delivery, Endpoint

#: A delivery is tried for so long.
TRIED_FOR = timedelta(days=1)
LOOK_AGAIN_SECONDS = 1.0
_nobody: dict[str, float] = {}


def forget() -> None:
    """Somebody may listen from now on: called by whoever changes an endpoint."""
    _nobody.clear()


@watcher
def deliver_to_endpoints(rows: Sequence[Any]) -> None:
    """That nobody listens is remembered for a second; that somebody does is asked each time."""
    database = str(connection.settings_dict["NAME"])
    if monotonic() - _nobody.get(database, float("-inf")) < LOOK_AGAIN_SECONDS:
        return
    endpoints = list(Endpoint.objects.kept().filter(active=True).only("pk", "facts"))
    if not endpoints:
        _nobody[database] = monotonic()
        return
    found = [
        Delivery(endpoint=endpoint, uid=row.uid, fact_id=row.pk, name=row.name, at=row.at, next_at=row.at,
                 give_up_at=row.at + TRIED_FOR)
        for row in rows for endpoint in endpoints if row.name in endpoint.facts
    ]  # fmt: skip
    if found:
        Delivery.objects.bulk_create(found)
        transaction.on_commit(send_soon)


def send_soon() -> None:
    """The worker sends what is due; were this lost, the schedule would send it within a minute."""
    enqueue("webhooks.send", by=system_actor("webhooks"), at=timezone.now(), unique_key="webhooks.send")

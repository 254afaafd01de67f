"""One text for many, by hand or by a program: some hundred at once, more by the worker, piece by piece."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from bihuan.act.reach.actions.messages import send_message
from bihuan.act.reach.models import Channel, Template
from bihuan.act.reach.queries.audience import Chosen
from bihuan.base.access import Actor
from bihuan.base.jobs import enqueue
from bihuan.know.accounts.models import Account, Person

#: So many are queued while somebody waits, and so many in one transaction.
AT_ONCE, PIECE = 200, 100
Pair = Sequence[int | None]


def send_to_all(
    *, chosen: Sequence[Chosen], key: str, channel: Channel, template: Template, by: Actor, at: datetime,
    data: Mapping[str, Any] | None = None, only: Mapping[str, Any] | None = None,
) -> int:  # fmt: skip
    """One message each; how many. `only`: whom an inbox shows it to. A second time under the same key sends nothing more."""
    pairs = [(one.account.pk, one.person.pk if one.person is not None else None) for one in chosen]
    if len(pairs) <= AT_ONCE:
        queue_pieces(
            pairs=pairs, key=key, channel=channel, template=template, by=by, at=at, data=data or {}, only=only or {}
        )  # fmt: skip
    else:
        enqueue(
            "reach.queue", by=by, at=at, unique_key=f"reach.queue:{key}", pairs=pairs, key=key, channel=channel.pk,
            template=template.pk, data=dict(data or {}), only=dict(only or {}),
        )  # fmt: skip
    return len(pairs)


def queue_pieces(
    *, pairs: Sequence[Pair], key: str, channel: Channel, template: Template, by: Actor, at: datetime, data: Mapping[str, Any],
    only: Mapping[str, Any], told: Callable[[int], None] = lambda done: None,
) -> None:  # fmt: skip
    """Each piece in a transaction of its own; what was queued before a crash is not queued again, for its key."""
    origin, done = f"hand:{key}", 0
    for piece in (pairs[n : n + PIECE] for n in range(0, len(pairs), PIECE)):
        accounts = Account.objects.in_bulk([account for account, _person in piece])
        people = Person.objects.in_bulk([person for _account, person in piece if person is not None])
        with transaction.atomic():
            for account, person in piece:
                if account not in accounts or (person is not None and person not in people):
                    continue  # gone meanwhile
                whom = f"a{account}" if person is None else f"p{person}"
                send_message(
                    key=f"{origin}:{whom}", channel=channel, template=template, account=accounts[account],
                    person=None if person is None else people[person], by=by, at=at, data=data, origin=origin, only=only,
                )  # fmt: skip
        done += len(piece)
        told(done)

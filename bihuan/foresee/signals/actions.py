"""Writes about signals: each is one transaction and one fact."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.foresee.signals.events import SignalDismissed, SignalHandled, SignalRaised, SignalReopened
from bihuan.foresee.signals.models import Signal, State
from bihuan.foresee.signals.queries import kinds
from bihuan.know.accounts.models import Account
from bihuan.know.products.models import Product

NOTE = 300


@transaction.atomic
def raise_signal(
    *, kind: str, day: date, seen: Mapping[str, Any], origin: str, about: str, by: Actor, at: datetime,
    account: Account | None = None, product: Product | None = None, metric: str = "", needs: str = "",
) -> Signal | None:  # fmt: skip
    """Say that something happened; None when the same origin raised it already. `about` is the subject's name, `seen` what the
    kind puts into words, `needs` a permission without which nobody sees it. ValueError for a kind that nobody declared."""
    if kind not in kinds():
        raise ValueError(f"no kind of signal is called {kind!r}; there is: {', '.join(sorted(kinds()))}")
    row, new = Signal.objects.get_or_create(
        origin=origin,
        defaults={
            "kind": kind, "day": day, "seen": dict(seen), "about": about[:200], "account": account, "product": product,
            "metric": metric, "needs": needs, "raised_at": at,
        },
    )  # fmt: skip
    if not new:
        return None
    fact = SignalRaised(
        signal_id=row.pk, kind=kind, account_id=row.account_id, product_id=row.product_id, metric=metric,
        day=day.isoformat(), seen=row.seen,
    )  # fmt: skip
    publish(fact, by=by, at=at)
    return row


@transaction.atomic
def handle_signal(*, signal: Signal, by: Actor, at: datetime, note: str = "") -> Signal:
    """Somebody saw to it; ValidationError unless it is open."""
    row = _settled(signal, state=State.HANDLED, note=note, by=by, at=at)
    fact = SignalHandled(signal_id=row.pk, kind=row.kind, account_id=row.account_id, note=row.note)
    publish(fact, by=by, at=at)
    return row


@transaction.atomic
def dismiss_signal(*, signal: Signal, reason: str, by: Actor, at: datetime) -> Signal:
    """Nothing is to be done, and why; ValidationError without a reason and unless it is open."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why nothing is to be done.")})
    row = _settled(signal, state=State.DISMISSED, note=reason, by=by, at=at)
    fact = SignalDismissed(signal_id=row.pk, kind=row.kind, account_id=row.account_id, reason=row.note)
    publish(fact, by=by, at=at)
    return row


@transaction.atomic
def reopen_signal(*, signal: Signal, by: Actor, at: datetime) -> Signal:
    """It waits for somebody again; ValidationError when it is open."""
    row: Signal = Signal.objects.select_for_update().get(pk=signal.pk)
    if row.state == State.OPEN:
        raise ValidationError({"state": _("It is open.")})
    row.state, row.note, row.settled_by_id, row.settled_by_name, row.settled_at = (
        State.OPEN,
        "",
        None,
        "",
        None,
    )
    row.save()
    publish(SignalReopened(signal_id=row.pk, kind=row.kind, account_id=row.account_id), by=by, at=at)
    return row


def _settled(signal: Signal, *, state: State, note: str, by: Actor, at: datetime) -> Signal:
    row: Signal = Signal.objects.select_for_update().get(pk=signal.pk)
    if row.state != State.OPEN:
        raise ValidationError({"state": _("It is settled already.")})
    if len(note.strip()) > NOTE:
        raise ValidationError({"note": _("Write at most %(n)s characters.") % {"n": NOTE}})
    row.state, row.note, row.settled_at = state, note.strip(), at
    row.settled_by_id, row.settled_by_name = by.user_id, by.name
    row.save()
    return row

"""Raising and settling signals: each is one transaction and one fact."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.foresee.signals.actions.telling import fact_of, owners_of, tell_owners
from bihuan.foresee.signals.events import SignalDismissed, SignalHandled, SignalReopened
from bihuan.foresee.signals.models import KindOfSignal, Severity, Signal, State
from bihuan.foresee.signals.queries import kinds
from bihuan.know.accounts.models import Account, Person
from bihuan.know.products.models import Product
from bihuan.know.staff.models import Region

NOTE = 300


@transaction.atomic
def raise_signal(
    *, kind: str, day: date, seen: Mapping[str, Any], origin: str, about: str, by: Actor, at: datetime,
    account: Account | None = None, product: Product | None = None, metric: str = "", needs: str = "",
    person: Person | None = None, region: Region | None = None, feature: str = "",
) -> Signal | None:  # fmt: skip
    """Say that something happened. `about` is the subject's name, `seen` what the kind puts into words, `needs` a permission
    without which nobody sees it. None when the same origin raised it already, when the kind is switched off or still in
    cooldown, and when one about the same subject is open: that one is brought up to date. ValueError for a kind that nobody
    declared."""
    own = KindOfSignal.objects.filter(key=kind).first()
    if own is None and kind not in kinds():
        raise ValueError(f"no kind of signal is called {kind!r}; there is: {', '.join(sorted(kinds()))}")
    if (own is not None and not own.on) or Signal.objects.filter(origin=origin).exists():
        return None
    subject = subject_of(
        account=account, person=person, product=product, region=region, feature=feature, metric=metric
    )
    before = (
        Signal.objects.select_for_update()
        .filter(kind=kind, subject=subject)
        .order_by("-last_seen", "-pk")
        .first()
    )
    if before is not None and before.state == State.OPEN:
        see_again(before, day=day, seen=seen)
        before.save(update_fields=["seen", "last_seen", "times"])
        return None
    if before is not None and (day <= before.last_seen or cooling(before, kind=own, at=at)):
        return None
    row = Signal(
        kind=kind, subject=subject, day=day, last_seen=day, seen=dict(seen), about=about[:200], account=account,
        person=person, product=product, region=region, feature=feature, metric=metric,
        needs=needs or (own.needs if own else ""), origin=origin,
        severity=severity_of(kind, own), raised_at=at,
    )  # fmt: skip
    row.owner_id = owners_of([row], kind=own).get(row.account_id)
    row.save()
    publish(fact_of(row), by=by, at=at)
    tell_owners([row], by=by, at=at)
    return row


def subject_of(
    *, account: Account | None, person: Person | None, product: Product | None, region: Region | None, feature: str,
    metric: str,
) -> str:  # fmt: skip
    """The one thing that a signal is about, as a word."""
    if person is not None:
        return f"person:{person.pk}"
    for name, thing in (("account", account), ("product", product), ("region", region)):
        if thing is not None:
            return f"{name}:{thing.pk}"
    return f"feature:{feature}" if feature else f"metric:{metric}"


def severity_of(kind: str, own: KindOfSignal | None) -> int:
    """As the kind is set, else as its room declared it."""
    if own is not None:
        return int(own.severity)
    declared = kinds().get(kind)
    return int(declared.severity) if declared is not None else int(Severity.WARNING)


def see_again(row: Signal, *, day: date, seen: Mapping[str, Any]) -> bool:
    """An open one is seen again: the newest numbers, and one day more when it is a later day. Whether anything changed."""
    if day < row.last_seen or (day == row.last_seen and row.seen == dict(seen)):
        return False
    row.times += 1 if day > row.last_seen else 0
    row.seen, row.last_seen = dict(seen), day
    return True


def cooling(row: Signal, *, kind: KindOfSignal | None, at: datetime) -> bool:
    """Whether so little time went by since it was settled that the same is not raised again."""
    if kind is None or row.settled_at is None:
        return False
    return at < row.settled_at + timedelta(days=kind.cooldown)


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
    """It waits for somebody again; ValidationError when it is open, or when a newer one about the same is."""
    row: Signal = Signal.objects.select_for_update().get(pk=signal.pk)
    if row.state == State.OPEN:
        raise ValidationError({"state": _("It is open.")})
    if Signal.objects.open().filter(kind=row.kind, subject=row.subject).exists():
        raise ValidationError({"state": _("A newer signal about the same is open.")})
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

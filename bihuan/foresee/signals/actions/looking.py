"""Looking for every kind that is on: new signals are raised, open ones are brought up to date."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from bihuan.base.access import Actor, system_actor
from bihuan.base.bus import publish, publish_all
from bihuan.base.rows import insert_rows, update_rows
from bihuan.foresee.signals.actions.kinds import ensure_kinds
from bihuan.foresee.signals.actions.signals import see_again
from bihuan.foresee.signals.actions.telling import fact_of, owners_of, tell_owners
from bihuan.foresee.signals.events import SignalsLookedFor
from bihuan.foresee.signals.models import About, KindOfSignal, Signal, State
from bihuan.foresee.signals.queries import Seen, subjects_of
from bihuan.foresee.signals.rules import KindError, Wanted, read_kind
from bihuan.know.accounts.models import Account, Person
from bihuan.know.products.models import Product
from bihuan.know.staff.models import Region

#: So many of one kind are raised at once; the others come with the next look.
MOST_RAISED = 2_000


@dataclass(kw_only=True)
class Looked:
    """How many signals were raised, how many open ones were seen again, how many wait for the next look, and why kinds
    could not be told."""

    raised: int = 0
    repeated: int = 0
    waiting: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def look_for_signals(
    *, day: date, by: Actor, at: datetime, keys: Iterable[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Looked:  # fmt: skip
    """Every kind that is on (or those of `keys`), over every customer, as of the end of the day."""
    ensure_kinds(at=at)
    rows = KindOfSignal.objects.filter(on=True).exclude(rule="").order_by("pk")
    chosen = list(rows if keys is None else rows.filter(key__in=list(keys)))
    looked, able, wanted = Looked(), [], []
    for kind in chosen:
        try:
            wanted.append(wanted_of(kind))
            able.append(kind)
        except KindError as error:
            _fail(kind, error, looked=looked, at=at)
    found = subjects_of(wanted, day=day, actor=system_actor("signals"))
    for number, (kind, seen) in enumerate(zip(able, found, strict=True), start=1):
        if isinstance(seen, KindError):
            _fail(kind, seen, looked=looked, at=at)
        else:
            _raise(kind, seen, day=day, looked=looked, by=by, at=at)
        if progress:
            progress(number, len(able))
    with transaction.atomic():
        publish(
            SignalsLookedFor(
                day=day.isoformat(), kinds=len(able), raised=looked.raised, repeated=looked.repeated
            ),
            by=by,
            at=at,
        )
    return looked


def wanted_of(kind: KindOfSignal) -> Wanted:
    """The kind, read; KindError when it cannot be. What its sentence says is read in the source language and, since the
    numbers are kept by their expressions, holds for every other."""
    return read_kind(
        about=kind.about,
        rule=kind.rule,
        sentence=kind.sentence,
        behaviour=kind.behaviour,
        against=kind.against,
    )


def _fail(kind: KindOfSignal, error: KindError, *, looked: Looked, at: datetime) -> None:
    problem = f"{error.field}: {error}"
    looked.failed[kind.key] = problem
    KindOfSignal.objects.filter(pk=kind.pk).update(problem=problem[:300], looked_at=at)


@transaction.atomic
def _raise(
    kind: KindOfSignal, seen: list[Seen], *, day: date, looked: Looked, by: Actor, at: datetime
) -> None:
    """One kind, in one transaction; two looks at once wait for each other."""
    KindOfSignal.objects.select_for_update().get(pk=kind.pk)
    found = {f"{kind.about}:{one.unit}": one for one in seen}
    open_ones = [row for row in Signal.objects.open().filter(kind=kind.key) if row.subject in found]
    changed = [row for row in open_ones if see_again(row, day=day, seen=found[row.subject].numbers)]
    update_rows(changed, ["seen", "last_seen", "times"])
    settled = Signal.objects.filter(kind=kind.key).exclude(state=State.OPEN)
    resting = settled.filter(settled_at__gt=at - timedelta(days=kind.cooldown)) | settled.filter(
        last_seen__gte=day
    )
    known = {row.subject for row in open_ones} | set(resting.values_list("subject", flat=True))
    new = [one for subject, one in found.items() if subject not in known]
    rows = _rows(kind, new[:MOST_RAISED], day=day, at=at)
    owners = owners_of(rows, kind=kind)
    for row in rows:
        row.owner_id = owners.get(row.account_id)
    insert_rows(rows)
    publish_all([fact_of(row) for row in rows], by=by, at=at)
    tell_owners(rows, by=by, at=at)
    KindOfSignal.objects.filter(pk=kind.pk).update(problem="", looked_at=at)
    looked.raised += len(rows)
    looked.repeated += len(open_ones)
    looked.waiting += len(new) - len(rows)


def _rows(kind: KindOfSignal, seen: list[Seen], *, day: date, at: datetime) -> list[Signal]:
    """Unsaved rows."""
    names = _names(kind.about, [one.unit for one in seen])
    return [
        Signal(
            kind=kind.key, severity=kind.severity, subject=f"{kind.about}:{one.unit}", day=day, last_seen=day,
            seen=one.numbers, about=names.get(one.unit, str(one.unit))[:200], needs=kind.needs, raised_at=at,
            origin=f"kind:{kind.key}:{kind.about}:{one.unit}:{at.isoformat()}", **_subject(kind.about, one),
        )
        for one in seen
    ]  # fmt: skip


def _subject(about: str, one: Seen) -> dict[str, Any]:
    if about == About.FEATURE:
        return {"feature": str(one.unit)[:200]}
    if about == About.PERSON:
        return {"person_id": one.unit, "account_id": one.account}
    return {f"{about}_id": one.unit}


def _names(about: str, units: list[Any]) -> dict[Any, str]:
    models: dict[str, Any] = {"account": Account, "person": Person, "product": Product, "region": Region}
    if about not in models:
        return {}
    return {row.pk: str(row) for row in models[about].objects.in_bulk(units).values()}

"""Writes about kinds of signals: each is one transaction and one fact."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.access.policy import permissions
from bihuan.base.bus import kept, publish
from bihuan.foresee.signals.actions.shipped import SHIPPED
from bihuan.foresee.signals.events import SignalKindAdded, SignalKindChanged, SignalKindRemoved
from bihuan.foresee.signals.models import KindOfSignal, OwnerRule, Signal
from bihuan.foresee.signals.queries import kinds
from bihuan.foresee.signals.rules import KindError, read_kind

SETTINGS = ("severity", "cooldown", "owner_rule", "staff", "needs", "on")
CHANGEABLE = ("title", "about", "rule", "behaviour", "against", "sentence", *SETTINGS)
MOST_KINDS = 200


def ensure_kinds(*, at: datetime) -> None:
    """The kinds that ship with the product, and a row of settings for each that rooms raise, where they are missing."""
    there = set(KindOfSignal.objects.values_list("key", flat=True))
    rows = [
        KindOfSignal(shipped=True, created_at=at, updated_at=at, **fields)
        for fields in SHIPPED
        if fields["key"] not in there
    ]
    rows += [
        KindOfSignal(key=name, title="", severity=kind.severity, cooldown=0, created_at=at, updated_at=at)
        for name, kind in kinds().items()
        if name not in there and name not in {fields["key"] for fields in SHIPPED}
    ]
    KindOfSignal.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def add_kind(*, key: str, title: str, rule: str, by: Actor, at: datetime, **fields: Any) -> KindOfSignal:
    """A kind to look for from now on; ValidationError names the field that is wrong."""
    if KindOfSignal.objects.count() >= MOST_KINDS:
        raise ValidationError(
            {"key": _("There are %(n)d kinds already; remove one first.") % {"n": MOST_KINDS}}
        )
    if key in kinds():
        raise ValidationError({"key": _("A kind of this key exists already.")})
    row = KindOfSignal(key=key, title=title, rule=rule, created_at=at, updated_at=at, **fields)
    _check(row, by=by)
    row.save()
    publish(SignalKindAdded(kind=key), by=by, at=at)
    return row


@transaction.atomic
def change_kind(*, kind: KindOfSignal, by: Actor, at: datetime, **fields: Any) -> KindOfSignal:
    """Set the given fields of CHANGEABLE; nothing happens when none differs. Of one that a room raises only the SETTINGS
    change; another `needs` holds for its signals too. Whoever writes other words for a shipped kind writes them for every
    language."""
    row: KindOfSignal = KindOfSignal.objects.select_for_update().get(pk=kind.pk)
    if row.shipped:
        fields = {
            name: value
            for name, value in fields.items()
            if name not in ("title", "sentence") or value != _(getattr(row, name))
        }
    changed = [name for name in CHANGEABLE if name in fields and getattr(row, name) != fields[name]]
    if not changed:
        return row
    fixed = [name for name in changed if name not in SETTINGS]
    if fixed and not row.rule:
        raise ValidationError(
            dict.fromkeys(fixed, _("A room raises this kind; only its settings can be changed."))
        )
    if row.shipped and {"title", "sentence"} & set(changed):
        row.title, row.sentence, row.shipped = _(row.title), _(row.sentence), False
    before = {name: kept(getattr(row, name)) for name in changed}
    for name in changed:
        setattr(row, name, fields[name])
    row.updated_at = at
    _check(row, by=by)
    row.save()
    if "needs" in changed:
        Signal.objects.filter(kind=row.key, needs=before["needs"]).update(needs=row.needs)
    after = {name: kept(getattr(row, name)) for name in changed}
    publish(SignalKindChanged(kind=row.key, before=before, after=after), by=by, at=at)
    return row


@transaction.atomic
def remove_kind(*, kind: KindOfSignal, by: Actor, at: datetime) -> None:
    """Its signals stay. ValidationError for one that ships or that a room raises: switch it off instead."""
    if kind.key in {fields["key"] for fields in SHIPPED} or kind.key in kinds():
        raise ValidationError({"key": _("This kind belongs to the product; switch it off instead.")})
    key = kind.key
    kind.delete()
    publish(SignalKindRemoved(kind=key), by=by, at=at)


def _check(row: KindOfSignal, *, by: Actor) -> None:
    row.owner_rule = row.owner_rule or OwnerRule.NOBODY
    if row.owner_rule == OwnerRule.STAFF and row.staff_id is None:
        raise ValidationError({"staff": _("Choose the person who is told.")})
    if row.owner_rule != OwnerRule.STAFF:
        row.staff = None
    if row.needs and row.needs not in permissions():
        raise ValidationError({"needs": _("There is no permission %(name)s.") % {"name": row.needs}})
    if row.needs and not by.may(row.needs):
        raise ValidationError({"needs": _("You do not have this permission yourself.")})
    row.full_clean(exclude=["title"] if not row.title and row.key in kinds() else [])
    if row.rule:
        read_checked(row.__dict__)
    elif row.key not in kinds():
        raise ValidationError({"rule": _("Write when it is raised.")})


def read_checked(fields: Mapping[str, Any]) -> Any:
    """The kind that fields describe, as read_kind reads it; ValidationError names the field."""
    try:
        return read_kind(
            about=str(fields.get("about", "account")), rule=str(fields.get("rule", "")),
            sentence=str(fields.get("sentence", "") or ""), behaviour=fields.get("behaviour") or {},
            against=int(fields.get("against") or 28),
        )  # fmt: skip
    except KindError as error:
        raise ValidationError({error.field: str(error)}) from None

"""Links for those outside: with one, a customer or partner does one item and sees nothing else."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.act.work.actions.doing import answers_for, check_theirs, finish, held
from bihuan.act.work.actions.talking import no_strays
from bihuan.act.work.models import Invitation, Tick, WorkItem
from bihuan.base.access import Actor

#: Roles whose people may have no account here.
OUTSIDE = ("customer", "partner")
VALID = timedelta(days=14)


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def invite(*, item: WorkItem, name: str, by: Actor, at: datetime) -> tuple[Invitation, str]:
    """(the invitation, its secret, which is shown once). Valid for two weeks and for one use."""
    with held(item, by=by, at=at) as (_move, row):
        check_theirs(row, by=by, outside=True)
        if row.role not in OUTSIDE:
            raise ValidationError({"role": _("Only steps of customers and partners are done by a link.")})
        secret = secrets.token_urlsafe(24)
        found = Invitation(
            item=row,
            digest=digest_of(secret),
            name=name.strip(),
            made_by_name=by.name,
            made_at=at,
            ends_at=at + VALID,
        )
        found.full_clean(exclude=["item"])
        found.save()
        return found, secret


@transaction.atomic
def revoke(*, invitation: Invitation, by: Actor, at: datetime) -> Invitation:
    """The link leads nowhere from now on; NotTheirs for an item that is neither theirs nor one of those outside."""
    row: Invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    check_theirs(row.item, by=by, outside=True)
    row.revoked_at = row.revoked_at or at
    row.save(update_fields=["revoked_at"])
    return row


def accept(
    *, invitation: Invitation, values: Mapping[str, Any], ticks: Iterable[int], signed: str, at: datetime
) -> WorkItem:
    """Whoever holds the link has done the item; ValidationError names what is missing, or says that the link is over."""
    by = Actor(name=invitation.name, kind="guest")
    with no_strays(), held(invitation.item, by=by, at=at) as (move, row):
        kept: Invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if kept.used_at or kept.revoked_at or kept.ends_at < at:
            raise ValidationError({"link": _("This link is not valid any more.")})
        for line in {line for line in ticks if 0 <= line < len(move.node(row.element).checks)}:
            Tick.objects.get_or_create(item=row, line=line, defaults={"by_name": by.name, "at": at})
        answers = answers_for(move, row, raw=values, signed=signed)
        kept.used_at = at
        kept.save(update_fields=["used_at"])
        return finish(move, row, values=answers, signed=signed)

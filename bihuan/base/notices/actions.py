"""Telling, reading, and switching kinds off. Notices are no facts: they tell of facts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from bihuan.base.access import Actor
from bihuan.base.notices.kinds import notice_kinds
from bihuan.base.notices.models import Notice, SwitchedOff


def notify(
    *, users: Iterable[int | None], kind: str, args: Mapping[str, Any], url: str, by: Actor, at: datetime
) -> int:
    """Tell them, in the transaction of the caller; how many were told. Left out are the actor, and those who have switched the
    kind off."""
    asked = {one for one in users if one is not None and one != by.user_id}
    if not asked:
        return 0
    asked -= set(SwitchedOff.objects.filter(user__in=asked, kind=kind).values_list("user_id", flat=True))
    rows = [Notice(user_id=one, kind=kind, args=dict(args), url=url, at=at) for one in sorted(asked)]
    Notice.objects.bulk_create(rows)
    return len(rows)


def take_back_notices(*, kind: str, urls: Iterable[str], at: datetime) -> int:
    """Unsay, in the transaction of the caller, what it told of these pages at that moment, because one notice says it all; how
    many are gone."""
    gone = Notice.objects.filter(kind=kind, url__in=list(urls), at=at, read_at=None)
    return gone.delete()[0]


@transaction.atomic
def read(*, notice: Notice, by: Actor, at: datetime) -> Notice:
    """It was read; a second time changes nothing."""
    Notice.objects.of(by).unread().filter(pk=notice.pk).update(read_at=at)
    notice.refresh_from_db()
    return notice


@transaction.atomic
def read_all(*, by: Actor, at: datetime) -> int:
    """Everything was read; how many were not before."""
    return Notice.objects.of(by).unread().update(read_at=at)


@transaction.atomic
def choose_kinds(*, wanted: Iterable[str], by: Actor, at: datetime) -> None:
    """Only these of the kinds that the actor may choose from are told from now on; about the others nothing is said."""
    if by.user_id is None:
        return
    offered = {one.name for one in notice_kinds() if not one.permission or by.may(one.permission)}
    off = offered - set(wanted)
    SwitchedOff.objects.filter(user=by.user_id, kind__in=offered - off).delete()
    SwitchedOff.objects.bulk_create(
        [SwitchedOff(user_id=by.user_id, kind=kind) for kind in sorted(off)], ignore_conflicts=True
    )

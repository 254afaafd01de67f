"""Erasing a person: asked by somebody with a reason, done by a job, told when it is done."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.base.jobs import enqueue
from bihuan.base.personal import erase_everywhere
from bihuan.know.accounts.events import PersonErased, PersonErasureAsked
from bihuan.know.accounts.models import Membership, Person
from bihuan.know.accounts.queries import merged_ids


@transaction.atomic
def ask_to_erase(*, person: Person, reason: str, by: Actor, at: datetime) -> int:
    """Queue the erasure; returns the number of its job. A reason is needed (ValidationError)."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the audit keeps the reason.")})
    publish(PersonErasureAsked(erased_id=person.pk, reason=reason.strip()[:300]), by=by, at=at)
    row = enqueue("accounts.erase_person", by=by, at=at, unique_key=f"erase:{person.pk}", person_id=person.pk)
    return int(row.pk)


def erase_person(
    *, person_id: int, by: Actor, at: datetime, told: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, int]:
    """Erase everything kept of this person, and of who was merged into them, now; returns how many rows went from
    where. Twice does no harm."""
    accounts = sorted(
        set(Membership.objects.filter(person_id=person_id).values_list("account_id", flat=True))
    )
    gone: Counter[str] = Counter()
    for one in [*merged_ids(person_id), person_id]:
        gone.update(erase_everywhere(one, told=told))
    with transaction.atomic():
        publish(PersonErased(erased_id=person_id, rows=dict(gone), account_ids=accounts), by=by, at=at)
    return dict(gone)

"""Who wants no messages, and how often anybody is written to."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.act.reach.events import OptedIn, OptedOut, ReachLimitsChanged
from bihuan.act.reach.models import Kind, Limits, OptOut, Silence, silence_of
from bihuan.base.access import Actor, Reach
from bihuan.base.bus import publish
from bihuan.know.accounts.models import Person

BY_LINK, BY_STAFF = "link", "staff"
FIELDS = ("person_week", "account_week", "business_hours", "count_opens")


@transaction.atomic
def opt_out(*, person: Person, kind: str, how: str, by: Actor, at: datetime) -> OptOut:
    """Messages of this kind (empty: of any) are skipped from now on; a second time changes nothing."""
    if kind and kind not in Kind.values:
        raise ValidationError({"kind": _("There is no channel “%(kind)s”.") % {"kind": kind}})
    row, new = OptOut.objects.get_or_create(
        person=person, kind=kind, defaults={"how": how, "by_name": by.name, "at": at}
    )
    if new:
        publish(OptedOut(person_id=person.pk, kind=kind, how=how), by=by, at=at)
    return row


@transaction.atomic
def opt_in(*, row: OptOut, by: Actor, at: datetime) -> None:
    """The person wants them again; so does whoever had the address before."""
    person_id, kind = row.person_id, row.kind
    Silence.objects.filter(address=silence_of(row.person.email), kind=kind).delete()
    gone, _by_model = OptOut.objects.filter(pk=row.pk).delete()
    if gone:
        publish(OptedIn(person_id=person_id, kind=kind), by=by, at=at)


@transaction.atomic
def change_limits(
    *, person_week: int, account_week: int, business_hours: bool, count_opens: bool, by: Actor, at: datetime
) -> Limits:
    """From the next message on, for every customer: so only whoever sees them all changes them (PermissionDenied)."""
    if by.reach != Reach.ALL:
        raise PermissionDenied(_("Limits hold for all customers: changing them needs the territory of all."))
    row = Limits.objects.select_for_update().order_by("pk").first() or Limits()
    before = {name: getattr(row, name) for name in FIELDS}
    row.person_week, row.account_week = person_week, account_week
    row.business_hours, row.count_opens = business_hours, count_opens
    row.full_clean()
    after = {name: getattr(row, name) for name in FIELDS}
    row.save()
    changed = [name for name in FIELDS if before[name] != after[name]]
    if changed:
        fact = ReachLimitsChanged(
            before={name: before[name] for name in changed}, after={name: after[name] for name in changed}
        )
        publish(fact, by=by, at=at)
    return row

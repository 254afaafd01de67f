"""Adding and changing people and their dated memberships."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import kept, publish
from bihuan.know.accounts.events import MembershipEnded, MembershipStarted, PersonAdded, PersonChanged
from bihuan.know.accounts.models import Account, Membership, Person


@transaction.atomic
def add_person(
    *, by: Actor, at: datetime, account: Account | None = None, starts_on: date | None = None, **fields: Any
) -> Person:
    """Add a person, and make them a member of `account` from `starts_on`; not given, from the day of `at` in the
    organisation's zone."""
    person = Person(created_at=at, **fields)
    if not (person.name or person.email or person.key):
        raise ValidationError({"name": _("Give a name, an e-mail or a key.")})
    person.full_clean()
    person.save()
    publish(PersonAdded(person_id=person.pk, account_id=account.pk if account else None), by=by, at=at)
    if account is not None:
        first = starts_on or timezone.localdate(at)
        start_membership(person=person, account=account, starts_on=first, by=by, at=at)
    return person


@transaction.atomic
def change_person(*, person: Person, by: Actor, at: datetime, **fields: Any) -> Person:
    """Set the given fields; publishes which ones, not their values."""
    changed = sorted(name for name, value in fields.items() if getattr(person, name) != value)
    if not changed:
        return person
    for name in changed:
        setattr(person, name, fields[name])
    person.full_clean()
    person.save()
    publish(PersonChanged(person_id=person.pk, fields=changed), by=by, at=at)
    return person


@transaction.atomic
def start_membership(
    *, person: Person, account: Account, starts_on: date, by: Actor, at: datetime, title: str = ""
) -> Membership:
    """The person belongs to the account from that day; one already open at the account is kept as it is."""
    held: Membership | None = (
        Membership.objects.filter(person=person, account=account).valid_on(starts_on).first()
    )
    if held is not None:
        return held
    row = Membership(person=person, account=account, starts_on=starts_on, title=title)
    row.full_clean()
    row.save()
    publish(
        MembershipStarted(person_id=person.pk, account_id=account.pk, starts_on=starts_on.isoformat()),
        by=by,
        at=at,
    )
    return row


@transaction.atomic
def end_membership(*, membership: Membership, ends_on: date, by: Actor, at: datetime) -> Membership:
    """The person belongs to the account until the day before `ends_on`."""
    held = Membership.objects.select_for_update().get(pk=membership.pk)
    membership.ends_on = ends_on
    membership.full_clean()
    membership.save()
    publish(
        MembershipEnded(
            person_id=membership.person_id,
            account_id=membership.account_id,
            ends_on=ends_on.isoformat(),
            membership_id=membership.pk,
            before={"ends_on": kept(held.ends_on)},
        ),
        by=by,
        at=at,
    )
    return membership

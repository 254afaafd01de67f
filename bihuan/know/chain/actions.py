"""Writes about decision chains."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import kept, publish
from bihuan.base.importing import Field, ImportCount, Noun, Row, references, register_noun
from bihuan.base.upsert import upsert
from bihuan.know.accounts.models import Account, Membership, Person
from bihuan.know.chain.events import ChainContacted, ChainImported, ChainMemberRemoved, ChainMemberSet
from bihuan.know.chain.metrics import HISTORY, NOTHING_KNOWN
from bihuan.know.chain.models import ChainMember, ChainRole

SHOWN = ("stance", "influence", "last_contact_on", "note")


@transaction.atomic
def set_chain_member(
    *,
    account: Account,
    person: Person,
    role: str,
    stance: int,
    influence: int,
    by: Actor,
    at: datetime,
    last_contact_on: date | None = None,
    note: str = "",
    instead_of: ChainMember | None = None,
) -> ChainMember:
    """Record or change a person's place in the chain; the person must belong or have belonged to the account.

    `instead_of` is a place that this one takes over: when its person or role differs, it is given up with the change.
    """
    if instead_of is not None and (instead_of.person_id, instead_of.role) != (person.pk, role):
        remove_chain_member(member=instead_of, by=by, at=at)
    if not Membership.objects.filter(person=person, account=account).exists():
        raise ValidationError({"person": _("This person does not belong to the account.")})
    if last_contact_on is not None and last_contact_on > timezone.localdate(at):
        raise ValidationError({"last_contact_on": _("A contact cannot lie in the future.")})
    row = ChainMember.objects.filter(account=account, person=person, role=role).first()
    before = {name: kept(getattr(row, name)) for name in SHOWN} if row else {}
    row = row or ChainMember(account=account, person=person, role=role, known_since=at)
    row.stance, row.influence, row.last_contact_on, row.note = stance, influence, last_contact_on, note
    row.full_clean()
    row.save()
    after = {name: kept(getattr(row, name)) for name in SHOWN}
    if before != after:
        publish(
            ChainMemberSet(
                account_id=account.pk,
                person_id=person.pk,
                role=role,
                before=before,
                after=after,
                member_id=row.pk,
            ),
            by=by,
            at=at,
        )
    return row


@transaction.atomic
def remove_chain_member(*, member: ChainMember, by: Actor, at: datetime) -> None:
    """Take the person out of this role."""
    fact = ChainMemberRemoved(account_id=member.account_id, person_id=member.person_id, role=member.role)
    member.delete()
    publish(fact, by=by, at=at)


@transaction.atomic
def record_contact(*, member: ChainMember, on: date, by: Actor, at: datetime) -> None:
    """One of us spoke with this person: it counts for every role they have in this account's chain."""
    if on > timezone.localdate(at):
        raise ValidationError({"last_contact_on": _("A contact cannot lie in the future.")})
    rows = ChainMember.objects.filter(account=member.account_id, person=member.person_id)
    before = {row.pk: {"last_contact_on": kept(row.last_contact_on)} for row in rows}
    for row in rows:
        row.last_contact_on = max(on, row.last_contact_on or on)
        row.save(update_fields=["last_contact_on"])
    publish(
        ChainContacted(
            account_id=member.account_id,
            person_id=member.person_id,
            contact_on=on.isoformat(),
            before={HISTORY.table: before},
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def import_chain(*, rows: Sequence[Row], by: Actor, at: datetime) -> ImportCount:
    """Chain members by account, person and role; `known_since` defaults to the time of the import. What is imported of a place
    that it dates back is known from the import on only."""
    newest = ChainMember.objects.aggregate(pk=Max("pk"))["pk"] or 0
    count = upsert(
        model=ChainMember, rows=[{**row, "known_since": row.get("known_since") or at} for row in rows],
        key=["account", "person", "role"], keep=["known_since"],
        refs={
            "account_key": ("account", references(queryset=Account.objects)),
            "person_key": ("person", references(queryset=Person.objects)),
        },
    )  # fmt: skip
    if count.created or count.updated:
        dated_back = ChainMember.objects.filter(pk__gt=newest, known_since__lt=at).values_list(
            "pk", flat=True
        )
        before = HISTORY.before(count).get(HISTORY.table, {}) | dict.fromkeys(dated_back, NOTHING_KNOWN)
        held = {HISTORY.table: before} if before else {}
        publish(ChainImported(created=count.created, updated=count.updated, before=held), by=by, at=at)
    return count


register_noun(Noun(name="chain", permission="chain.edit", load=import_chain, fields=(
    Field(name="account_key", required=True), Field(name="person_key", required=True),
    Field(name="role", required=True, choices=tuple(ChainRole.values)), Field(name="stance", kind="int"),
    Field(name="influence", kind="int"), Field(name="last_contact_on", kind="date"),
    Field(name="known_since", kind="datetime"), Field(name="note"))))  # fmt: skip

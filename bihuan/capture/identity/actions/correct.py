"""What an operator corrects: two people are one (and were not, after all), a key means an account, a guess is wrong.

Records change here, in one transaction with the fact; the events follow by a reaction on it, which is tried until it is done.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.capture.identity.actions.places import spells
from bihuan.capture.identity.actions.resolve import get_resolver
from bihuan.capture.identity.events import AccountKeyNamed, SuggestionRefused
from bihuan.capture.identity.models import AccountAlias, Identity, Merge, RefusedSuggestion, UnknownAccount
from bihuan.capture.identity.rules import Belongs
from bihuan.capture.store import get_store
from bihuan.know.accounts.events import MergeUndone, PeopleMerged
from bihuan.know.accounts.models import Account, Membership, Person

_WAITING = """
SELECT person_id, epoch_us(min(ts)) AS first, epoch_us(max(ts)) AS last FROM events
WHERE account_id IS NULL AND company IS NULL AND person_id IS NOT NULL GROUP BY person_id"""
_AT_ONCE = 900
FIELDS = ("account_id", "starts_on", "ends_on", "title")


@transaction.atomic
def merge_by_hand(*, gone: Person, stays: Person, by: Actor, at: datetime) -> Merge:
    """`gone` becomes part of `stays`: ids, memberships and events follow. ValidationError when that cannot be."""
    people = {p.pk: p for p in Person.objects.select_for_update().filter(pk__in=[gone.pk, stays.pk])}
    if len(people) < 2:
        raise ValidationError({"person": _("Choose somebody else: these are one person already.")})
    if any(person.merged_into_id for person in people.values()):
        raise ValidationError({"person": _("One of the two is part of somebody else already.")})
    row = Merge.objects.create(gone=gone, stays=stays, by_name=by.name, at=at, before=_as_it_is(gone))
    Identity.objects.filter(person=gone).update(person=stays)
    held = set(Membership.objects.filter(person=stays).values_list("account_id", "starts_on"))
    for membership in Membership.objects.filter(person=gone):
        if (membership.account_id, membership.starts_on) in held:
            membership.delete()
        else:
            Membership.objects.filter(pk=membership.pk).update(person=stays)
    Person.objects.filter(pk=gone.pk).update(merged_into=stays)
    publish(PeopleMerged(person_id=stays.pk, gone_id=gone.pk), by=by, at=at)
    transaction.on_commit(get_resolver().forget)
    return row


@transaction.atomic
def undo_merge(*, merge: Merge, by: Actor, at: datetime) -> None:
    """`gone` stands alone again with the ids, memberships and events it had; what came since under those ids too."""
    row = Merge.objects.select_for_update().get(pk=merge.pk)
    if row.undone_at is not None:
        return
    ids = [(product, distinct_id) for product, distinct_id in row.before["ids"]]
    for product, distinct_id in ids:
        Identity.objects.filter(product_id=product, distinct_id=distinct_id, person_id=row.stays_id).update(
            person_id=row.gone_id
        )
    for was in row.before["memberships"]:
        found = Membership.objects.filter(pk=was["id"], person_id=row.stays_id)
        if not found.update(person_id=row.gone_id) and not Membership.objects.filter(pk=was["id"]).exists():
            fields = {name: was[name] for name in FIELDS}
            Membership.objects.get_or_create(
                person_id=row.gone_id,
                account_id=fields.pop("account_id"),
                starts_on=fields.pop("starts_on"),
                defaults=fields,
            )
    Person.objects.filter(pk=row.gone_id).update(merged_into=None)
    row.undone_at = at
    row.save(update_fields=["undone_at"])
    publish(MergeUndone(person_id=row.stays_id, gone_id=row.gone_id), by=by, at=at)
    transaction.on_commit(get_resolver().forget)


def _as_it_is(person: Person) -> dict[str, Any]:
    ids = Identity.objects.filter(person=person).values_list("product_id", "distinct_id")
    held = [{"id": m.pk, "account_id": m.account_id, "starts_on": str(m.starts_on), "title": m.title,
             "ends_on": str(m.ends_on) if m.ends_on else None} for m in Membership.objects.filter(person=person)]  # fmt: skip
    return {"ids": [list(pair) for pair in ids], "memberships": held}


@transaction.atomic
def name_account_key(*, unknown: UnknownAccount, account: Account, by: Actor, at: datetime) -> AccountAlias:
    """Events of the product that carry this key belong to the account: those to come, and those that came."""
    alias, _fresh = AccountAlias.objects.update_or_create(
        product_id=unknown.product_id, key=unknown.key, defaults={"account": account, "created_at": at}
    )
    publish(
        AccountKeyNamed(account_id=account.pk, product_id=unknown.product_id, key=unknown.key), by=by, at=at
    )
    UnknownAccount.objects.filter(pk=unknown.pk).delete()
    transaction.on_commit(get_resolver().forget)
    return alias


@transaction.atomic
def refuse_suggestion(*, person: Person, account: Account, by: Actor, at: datetime) -> None:
    """This account is not suggested for this person any more."""
    _row, fresh = RefusedSuggestion.objects.get_or_create(
        person=person, account=account, defaults={"created_at": at}
    )
    if fresh:
        publish(SuggestionRefused(person_id=person.pk, account_id=account.pk), by=by, at=at)


def move_events_of_merge(*, gone_id: int, stays_id: int) -> int:
    """The events of the one become the other's; returns the place to wait for."""
    return get_store().merge_people(from_ids=[gone_id], to_id=stays_id)


def give_events_back(*, gone_id: int) -> int | None:
    """Events under the ids that a merge took are the person's again; None when there was no merge."""
    merge = Merge.objects.filter(gone_id=gone_id).exclude(undone_at=None).order_by("-undone_at").first()
    if merge is None:
        return None
    return get_store().split_person(
        person_id=gone_id, ids=[(product, one) for product, one in merge.before["ids"]]
    )


def give_events_of_key(*, product_id: int, key: str, account_id: int) -> int:
    """Events that came under the key go to the account; returns the place to wait for."""
    return get_store().give_company(product_id=product_id, company=key, account_id=account_id)


def attribute_again(*, person_id: int) -> int:
    """Give the person's past events to the accounts that the memberships say now; returns the place to wait for.

    An event that names its account keeps it.
    """
    held = list(
        Membership.objects.filter(person_id=person_id).values_list("account_id", "starts_on", "ends_on")
    )
    return get_store().place_person(person_id=person_id, spells=spells_of(held))


def attribute_waiting() -> int:
    """Give events without an account to those that memberships say now, as after an import; returns of how many people.

    Only people who have such events within a membership are touched, so that a second import costs nothing.
    """
    store = get_store()
    store.wait_applied(store.log.head())
    waiting = {row["person_id"]: (row["first"], row["last"]) for row in store.execute(_WAITING).to_pylist()}
    people, done = sorted(waiting), 0
    for start in range(0, len(people), _AT_ONCE):
        held: dict[int, list[tuple[int, date, date | None]]] = {}
        rows = Membership.objects.filter(person_id__in=people[start : start + _AT_ONCE])
        for person, *spell in rows.values_list("person_id", "account_id", "starts_on", "ends_on"):
            held.setdefault(person, []).append((spell[0], spell[1], spell[2]))
        for person, spells_held in held.items():
            places = spells_of(spells_held)
            if _within(places, *waiting[person]):
                store.place_person(person_id=person, spells=places)
                done += 1
    return done


def _within(places: list[tuple[int | None, int | None]], first: int, last: int) -> bool:
    """Whether the person belongs to an account at some time between the two microseconds."""
    ends = [start for start, _account in places[1:]] + [None]
    return any(
        account is not None and (start is None or start <= last) and (end is None or end > first)
        for (start, account), end in zip(places, ends, strict=True)
    )


def spells_of(held: list[tuple[int, date, date | None]]) -> list[tuple[int | None, int | None]]:
    """(from microsecond, account) in order: from then on the person belongs there; the first begins at None."""
    starts, accounts = spells([Belongs(account_id=a, starts_on=s, ends_on=e) for a, s, e in held])
    return [(None, None), *zip(starts, accounts, strict=True)]

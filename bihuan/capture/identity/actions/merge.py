"""One person becomes part of another: ids, memberships and events follow."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F, ProtectedError, QuerySet

from bihuan.capture.identity.models import Identity
from bihuan.capture.store import get_store
from bihuan.know.accounts.models import Membership, Person


@transaction.atomic
def merge_people(*, into: Mapping[int, int]) -> None:
    """`into` maps each person that goes to the person that stays; the events of the one become the other's.

    The correction is written to the event log first: should this transaction fail after that, the sender is
    told so, sends again, and the same merge is made whole.
    """
    for gone, stays in into.items():
        Identity.objects.filter(person_id=gone).update(person_id=stays)
        _move_memberships(gone=gone, stays=stays)
        get_store().merge_people(from_ids=[gone], to_id=stays)
    for gone in into:
        try:
            with transaction.atomic():
                Person.objects.filter(pk=gone).delete()
        except ProtectedError:
            continue  # a record names it (a ticket, for instance): the empty person stays for that


def adopt_keyed_people() -> int:
    """Merge anonymous people into those who were added later under the same id as key; returns how many."""
    found: QuerySet[Identity] = Identity.objects.filter(
        person__anonymous=True,
        person__key=None,
        distinct_id__in=Person.objects.exclude(key=None).values("key"),
    )
    gone_by_key = dict(found.values_list("distinct_id", F("person_id")))
    people = Person.objects.filter(key__in=list(gone_by_key)).values_list("key", "pk")
    into = {gone_by_key[key]: pk for key, pk in people if key is not None and gone_by_key[key] != pk}
    if into:
        merge_people(into=into)
    return len(into)


def _move_memberships(*, gone: int, stays: int) -> None:
    taken = set(Membership.objects.filter(person_id=stays).values_list("account_id", "starts_on"))
    for row in Membership.objects.filter(person_id=gone):
        if (row.account_id, row.starts_on) in taken:
            row.delete()
        else:
            row.person_id = stays
            row.save(update_fields=["person"])

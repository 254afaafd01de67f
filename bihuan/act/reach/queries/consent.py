"""Who declined messages."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from bihuan.act.reach.models import OptOut, Silence, silence_of
from bihuan.base.access import Actor, Reach
from bihuan.know.accounts.models import Person


def declined_for(actor: Actor) -> QuerySet[OptOut]:
    """By people of the territory."""
    rows = OptOut.objects.select_related("person")
    return (
        rows
        if actor.reach == Reach.ALL
        else rows.filter(person__in=Person.objects.visible_to(actor).values("pk"))
    )


def declined_among(people: Collection[int], *, kind: str) -> set[int]:
    """Those of these people who want none of the kind. What somebody said who became part of another person holds for that
    person: it is the same human. So it is for who was erased and came back with the same address."""
    theirs = Q(person__in=people) | Q(person__merged_into__in=people)
    rows = OptOut.objects.filter(theirs, kind__in=["", kind]).values_list(
        "person_id", "person__merged_into_id"
    )
    return {pk for pair in rows for pk in pair if pk is not None} | _silent(people, kind=kind)


def _silent(people: Collection[int], *, kind: str) -> set[int]:
    if not Silence.objects.exists():
        return set()
    known = Person.objects.filter(pk__in=people).exclude(email="").values_list("pk", "email")
    digests = {pk: silence_of(address) for pk, address in known}
    rows = Silence.objects.filter(address__in=set(digests.values()), kind__in=["", kind])
    silent = set(rows.values_list("address", flat=True))
    return {pk for pk, digest in digests.items() if digest in silent}

"""Reads about ids and unknown accounts."""

from bihuan.base.access import Actor
from bihuan.capture.identity.models import Identity, UnknownAccount
from bihuan.know.accounts.models import Person


def ids_of(*, person_id: int) -> list[str]:
    """Every id by which SDKs call this person."""
    rows = Identity.objects.filter(person_id=person_id).order_by("distinct_id")
    return list(rows.values_list("distinct_id", flat=True))


def unknown_accounts(*, actor: Actor) -> list[UnknownAccount]:
    """Account keys on events that no account has, the most frequent first."""
    if not actor.may("identity.view"):
        return []
    return list(UnknownAccount.objects.select_related("product"))


def words_of(*, person_id: int) -> list[str]:
    """By what a person can be found in raw text: the ids products know them by, key, e-mail, phone."""
    words = set(ids_of(person_id=person_id))
    for row in Person.objects.filter(pk=person_id).values_list("key", "email", "phone"):
        words |= {word for word in row if word}
    return sorted(words)

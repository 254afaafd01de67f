"""Reads about ids and unknown accounts."""

from bihuan.base.access import Actor
from bihuan.capture.identity.models import Identity, UnknownAccount


def ids_of(*, person_id: int) -> list[str]:
    """Every id by which SDKs call this person."""
    rows = Identity.objects.filter(person_id=person_id).order_by("distinct_id")
    return list(rows.values_list("distinct_id", flat=True))


def unknown_accounts(*, actor: Actor) -> list[UnknownAccount]:
    """Account keys on events that no account has, the most frequent first."""
    if not actor.may("identity.view"):
        return []
    return list(UnknownAccount.objects.select_related("product"))

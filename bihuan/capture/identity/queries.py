"""Reads about ids and unknown accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bihuan.base.access import Actor
from bihuan.capture.identity.models import Identity, RefusedSuggestion, UnknownAccount
from bihuan.capture.identity.rules import accounts_by_domain, domain_of
from bihuan.capture.store import get_store
from bihuan.know.accounts.models import Account, Membership, Person


def ids_of(*, person_id: int) -> list[str]:
    """Every id by which SDKs call this person."""
    rows = Identity.objects.filter(person_id=person_id).order_by("distinct_id")
    return list(rows.values_list("distinct_id", flat=True))


def person_behind(*, product_id: int, distinct_id: str) -> int | None:
    """The person whom a product knows by this id, as events of it find them; None for nobody, or somebody anonymous."""
    found = Person.objects.filter(
        pk__in=Identity.objects.filter(product_id=product_id, distinct_id=distinct_id).values("person_id")
    ).first()
    found = found or Person.objects.filter(key=distinct_id).first()
    if found is None or found.anonymous:
        return None
    return found.merged_into_id or found.pk


def unknown_accounts(*, actor: Actor) -> list[UnknownAccount]:
    """Account keys on events that no account has, the most frequent first."""
    if not actor.may("identity.view"):
        return []
    return list(UnknownAccount.objects.select_related("product"))


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """An account to which a person's e-mail points: so many of its members have the same domain."""

    account: Account
    domain: str
    members: int


def suggestions_for(*, people: Iterable[Person], actor: Actor) -> dict[int, Suggestion]:
    """By person: the account of the territory that their e-mail's domain points to, unless an operator refused it."""
    members = (
        Membership.objects.exclude(person__email="").values_list("person__email", "account_id").distinct()
    )
    by_domain = accounts_by_domain(members)
    wanted = {
        p.pk: (domain, by_domain[domain])
        for p in people
        if (domain := domain_of(p.email)) in by_domain and domain
    }
    accounts = Account.objects.visible_to(actor).in_bulk(
        {account for _domain, (account, _n) in wanted.values()}
    )
    refused = set(
        RefusedSuggestion.objects.filter(person_id__in=wanted).values_list("person_id", "account_id")
    )
    return {
        person: Suggestion(account=accounts[account], domain=domain, members=n)
        for person, (domain, (account, n)) in wanted.items()
        if account in accounts and (person, account) not in refused
    }


def first_event_days(*, people: Iterable[int]) -> dict[int, date]:
    """The day of each person's first product event in the organisation's zone; absent without one."""
    ids = sorted(people)
    if not ids:
        return {}
    table = get_store().execute(
        "SELECT person_id, min(day) AS first_day FROM events WHERE person_id IN (SELECT unnest($people)) GROUP BY person_id",
        {"people": ids},
    )
    return dict(zip(table["person_id"].to_pylist(), table["first_day"].to_pylist(), strict=True))


def words_of(*, person_id: int) -> list[str]:
    """By what a person can be found in raw text: the ids products know them by, key, e-mail, phone."""
    words = set(ids_of(person_id=person_id))
    for row in Person.objects.filter(pk=person_id).values_list("key", "email", "phone"):
        words |= {word for word in row if word}
    return sorted(words)

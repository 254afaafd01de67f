"""From ids to people and accounts, many at once, while events arrive.

Reads are cached; rows are written only for ids never seen, for identify and for changed traits. Several
processes may resolve at the same time: the unique constraint on identities decides who was first.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from bihuan.capture.identity.actions.cast import Cast, Human, Sighting
from bihuan.capture.identity.actions.merge import merge_people
from bihuan.capture.identity.actions.unknown import UnknownCounts
from bihuan.capture.identity.models import Identity
from bihuan.capture.identity.rules import Belongs, account_on, changed_traits
from bihuan.know.accounts.models import Account, Membership, Person

_MAX_REMEMBERED = 300_000
_MEMBERSHIP_SECONDS = 5
_CHUNK = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """Who and where; `account_id` is None when the account is not known."""

    person_id: int | None
    account_id: int | None


class Resolver:
    """Use one per process (`get_resolver()`), so that what it remembers stays true."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._zone = ZoneInfo(settings.TIME_ZONE)
        self._unknown = UnknownCounts()
        self.forget()

    def forget(self) -> None:
        """Drop everything remembered: people or accounts were changed elsewhere."""
        self._people: dict[tuple[int, str], tuple[int, bool]] = {}
        self._accounts: dict[str, int] = {}
        self._memberships: dict[int, tuple[datetime, list[Belongs]]] = {}
        self._traits: dict[int, tuple[Any, Any]] = {}

    def resolve(self, *, product_id: int, sightings: Sequence[Sighting], at: datetime) -> list[Resolved]:
        """One answer per sighting, in order; people are made, linked and changed as the sightings say."""
        with self._lock:
            if len(self._people) + len(self._memberships) + len(self._traits) > _MAX_REMEMBERED:
                self.forget()
            people = self._resolve_people(product_id, sightings, at)
            accounts = self._named_accounts(product_id, sightings, at)
            self._load_memberships(
                {p for p, s in zip(people, sightings, strict=True) if p is not None and s.company is None}, at
            )
            return [
                Resolved(person_id=person, account_id=self._account(sighting, person, accounts))
                for person, sighting in zip(people, sightings, strict=True)
            ]

    def finish(self) -> None:
        """Write what was only counted so far."""
        with self._lock:
            self._unknown.write()

    # People

    def _resolve_people(
        self, product_id: int, sightings: Sequence[Sighting], at: datetime
    ) -> list[int | None]:
        if all(self._is_plain(product_id, sighting) for sighting in sightings):
            ids_seen = (s.distinct_id for s in sightings)
            return [None if one is None else self._people[product_id, one][0] for one in ids_seen]
        cast = self._cast(product_id, sightings)
        humans = [cast.see(sighting) for sighting in sightings]
        try:
            self._write(product_id, cast, at)
        except BaseException:
            self.forget()
            raise
        for distinct_id, human in cast.by_id.items():
            self._people[product_id, distinct_id] = (human.person_id, human.anonymous)
        final = cast.by_id
        return [
            final[s.distinct_id].person_id if human and s.distinct_id else None
            for s, human in zip(sightings, humans, strict=True)
        ]

    def _is_plain(self, product_id: int, sighting: Sighting) -> bool:
        """Nothing new: the id is remembered and the event says nothing about the person."""
        if sighting.distinct_id is None:
            return True
        found = self._people.get((product_id, sighting.distinct_id))
        if found is None or (sighting.identified and found[1]):
            return False
        if sighting.same_as is not None:
            other = self._people.get((product_id, sighting.same_as))
            if other is None or (other[0] != found[0] and other[1]):
                return False
        if not sighting.set and not sighting.set_once:
            return True
        return self._traits.get(found[0]) == (sighting.set or {}, sighting.set_once or {})

    def _cast(self, product_id: int, sightings: Sequence[Sighting]) -> Cast:
        """The people behind these ids: from memory, else by identity, else by key."""
        ids = {i for s in sightings for i in (s.distinct_id, s.same_as) if i is not None}
        humans: dict[int, Human] = {}
        by_id: dict[str, Human] = {}
        for i in ids:
            if (found := self._people.get((product_id, i))) is not None:
                by_id[i] = humans.setdefault(found[0], Human(*found))
        asked = {i for i in ids if i not in by_id}
        for chunk in _chunks(asked):
            rows = Identity.objects.filter(product_id=product_id, distinct_id__in=chunk)
            for distinct_id, person_id, anonymous in rows.values_list(
                "distinct_id", "person_id", "person__anonymous"
            ):
                by_id[distinct_id] = humans.setdefault(person_id, Human(person_id, anonymous))
        asked |= {s.distinct_id for s in sightings if s.identified and s.distinct_id is not None}
        by_key: dict[str, Human] = {}
        for chunk in _chunks(i for i in asked if i not in by_id or by_id[i].anonymous):
            people = Person.objects.filter(key__in=chunk)
            for key, person_id, anonymous in people.values_list("key", "pk", "anonymous"):
                if key is not None:
                    by_key[key] = humans.setdefault(person_id, Human(person_id, anonymous))
        return Cast(by_id=by_id, by_key=by_key)

    def _write(self, product_id: int, cast: Cast, at: datetime) -> None:
        humans = set(cast.by_id.values())
        if not (cast.linked or cast.merged or any(human.became_known or human.traits for human in humans)):
            return
        with transaction.atomic():
            added = [human for human in cast.added() if human in humans]
            rows = Person.objects.bulk_create(
                Person(anonymous=h.anonymous, key=None if h.anonymous else h.key, created_at=at)
                for h in added
            )
            for human, row in zip(added, rows, strict=True):
                human.person_id = row.pk
            fresh = {human.person_id for human in added}
            self._link(product_id, cast, fresh, at)
            self._make_known([h for h in humans if h.became_known and h.person_id not in fresh])
            self._set_traits([human for human in humans if human.traits])
            if into := cast.into():
                merge_people(into=into)
        if cast.merged:
            gone = cast.into()
            for key, (person_id, _anonymous) in list(self._people.items()):
                if person_id in gone:
                    del self._people[key]

    def _link(self, product_id: int, cast: Cast, fresh: set[int], at: datetime) -> None:
        mine = {i: cast.by_id[i].person_id for i in cast.linked}
        Identity.objects.bulk_create(
            [
                Identity(product_id=product_id, distinct_id=i, person_id=person_id, created_at=at)
                for i, person_id in sorted(mine.items())
            ],
            ignore_conflicts=True,
        )
        for chunk in _chunks(mine):
            rows = Identity.objects.filter(product_id=product_id, distinct_id__in=chunk)
            for row in rows.select_related("person"):
                ours = cast.by_id[row.distinct_id]
                if row.person_id == ours.person_id:
                    continue
                # Another process was first: theirs counts, and a person made just now for it is not needed.
                if ours.person_id in fresh:
                    Identity.objects.filter(person_id=ours.person_id).update(person_id=row.person_id)
                    Person.objects.filter(pk=ours.person_id).delete()
                    ours.person_id = row.person_id
                else:
                    cast.by_id[row.distinct_id] = Human(row.person_id, row.person.anonymous)

    def _make_known(self, humans: list[Human]) -> None:
        keys = {human.key for human in humans if human.key}
        taken = set(Person.objects.filter(key__in=keys).values_list("key", flat=True))
        for human in humans:
            changes: dict[str, Any] = {"anonymous": False}
            Person.objects.filter(pk=human.person_id).update(**changes)
            if human.key and human.key not in taken:
                Person.objects.filter(pk=human.person_id, key=None).update(key=human.key)

    def _set_traits(self, humans: list[Human]) -> None:
        rows = Person.objects.in_bulk({human.person_id for human in humans})
        for human in humans:
            row = rows.get(human.person_id)
            if row is None:
                continue
            changed: dict[str, Any] = {}
            for set_, set_once in human.traits:
                now = {f: getattr(row, f) for f in ("name", "email", "phone", "title", "props")}
                changed |= changed_traits(now=now, set_=set_, set_once=set_once)
                for name, value in changed.items():
                    setattr(row, name, value)
            if changed:
                row.save(update_fields=list(changed))
            self._traits[human.person_id] = human.traits[-1]

    # Accounts

    def _named_accounts(
        self, product_id: int, sightings: Sequence[Sighting], at: datetime
    ) -> dict[str | None, int]:
        named = {s.company for s in sightings if s.company is not None}
        missing = [key for key in named if key not in self._accounts]
        for chunk in _chunks(missing):
            self._accounts.update(Account.objects.filter(key__in=chunk).values_list("key", "pk"))
        for s in sightings:
            if s.company is not None and s.company not in self._accounts:
                self._unknown.add(product_id=product_id, key=s.company, at=at)
        self._unknown.write_when_due(at=at)
        return {key: self._accounts[key] for key in named if key in self._accounts}

    def _load_memberships(self, people: set[int], at: datetime) -> None:
        missing = [p for p in people if p not in self._memberships or self._memberships[p][0] <= at]
        until = at + timedelta(seconds=_MEMBERSHIP_SECONDS)
        for person_id in missing:
            self._memberships[person_id] = (until, [])
        for chunk in _chunks(missing):
            rows = Membership.objects.filter(person_id__in=chunk).values_list(
                "person_id", "account_id", "starts_on", "ends_on"
            )
            for person_id, account_id, starts_on, ends_on in rows:
                belongs = Belongs(account_id=account_id, starts_on=starts_on, ends_on=ends_on)
                self._memberships[person_id][1].append(belongs)

    def _account(self, sighting: Sighting, person: int | None, accounts: dict[str | None, int]) -> int | None:
        if sighting.company is not None:
            return accounts.get(sighting.company)
        if person is None:
            return None
        belongs = self._memberships[person][1]
        return account_on(belongs, sighting.ts.astimezone(self._zone).date()) if belongs else None


T = TypeVar("T", int, str)


def _chunks(items: Iterable[T]) -> Iterable[list[T]]:
    everything = sorted(items)
    return [everything[start : start + _CHUNK] for start in range(0, len(everything), _CHUNK)]


_resolver: Resolver | None = None


def get_resolver() -> Resolver:
    """The resolver of this process."""
    global _resolver
    if _resolver is None:
        _resolver = Resolver()
    return _resolver

"""From ids to people, many at once, while events arrive.

Reads are remembered; rows are written only for ids never seen, for identify and for changed traits. Several
processes may do this at the same time: the unique constraint on identities decides who was first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from bihuan.capture.identity.actions.cast import Cast, Human, Sighting
from bihuan.capture.identity.actions.merge import merge_people
from bihuan.capture.identity.actions.rows import known_ids, link_ids, people_by_key
from bihuan.capture.identity.models import Identity
from bihuan.capture.identity.rules import changed_traits
from bihuan.know.accounts.models import Person

_ROUNDS = 4


class People:
    """Who is behind the ids met lately."""

    def __init__(self) -> None:
        self.merges = 0
        self.forget()

    def forget(self) -> None:
        """Drop everything remembered."""
        self._known: dict[int, dict[str | None, int]] = {}
        self._anonymous: set[int] = set()
        self._traits: dict[int, tuple[Any, Any]] = {}

    @property
    def size(self) -> int:
        """How much is remembered."""
        return sum(map(len, self._known.values())) + len(self._traits)

    def of(
        self,
        *,
        product_id: int,
        ids: Sequence[str | None],
        said: Mapping[int, Sighting],
        at: datetime,
    ) -> list[int | None]:
        """The person of each id, in order, after what the events `said` (by position) has been taken in."""
        known = self._known.setdefault(product_id, {})
        news = {place: what for place, what in said.items() if not self._is_plain(known, what)}
        for _round in range(_ROUNDS):
            found = list(map(known.get, ids))
            if not news and None not in found:
                break
            met = dict(news)
            strangers: set[str] = set()
            for place, (person, distinct_id) in enumerate(zip(found, ids, strict=True)):
                if (
                    person is None
                    and distinct_id is not None
                    and place not in met
                    and distinct_id not in strangers
                ):
                    strangers.add(distinct_id)
                    met[place] = Sighting(distinct_id=distinct_id)
            if not met:
                break
            self._meet(product_id, [met[place] for place in sorted(met)], at)
            news = {}
        return found

    def _is_plain(self, known: Mapping[str | None, int], sighting: Sighting) -> bool:
        """Nothing new: the id is remembered and the event says nothing about the person."""
        if sighting.distinct_id is None:
            return True
        person = known.get(sighting.distinct_id)
        if person is None or (sighting.identified and person in self._anonymous):
            return False
        if sighting.same_as is not None:
            other = known.get(sighting.same_as)
            if other is None or (other != person and other in self._anonymous):
                return False
        if not sighting.set and not sighting.set_once:
            return True
        return self._traits.get(person) == (sighting.set or {}, sighting.set_once or {})

    def _meet(self, product_id: int, sightings: Sequence[Sighting], at: datetime) -> None:
        """Take in what is new, and remember who everybody is."""
        cast = self._cast(product_id, sightings)
        for sighting in sightings:
            cast.see(sighting)
        try:
            self._write(product_id, cast, at)
        except BaseException:
            self.forget()
            raise
        known = self._known.setdefault(product_id, {})
        for distinct_id, human in cast.by_id.items():
            known[distinct_id] = human.person_id
            if human.anonymous:
                self._anonymous.add(human.person_id)
            else:
                self._anonymous.discard(human.person_id)

    def _cast(self, product_id: int, sightings: Sequence[Sighting]) -> Cast:
        """The people behind these ids: from memory, else by identity, else by key."""
        ids = {i for s in sightings for i in (s.distinct_id, s.same_as) if i is not None}
        known = self._known.get(product_id, {})
        humans: dict[int, Human] = {}
        by_id: dict[str, Human] = {}
        for i in ids:
            if (found := known.get(i)) is not None:
                by_id[i] = humans.setdefault(found, Human(found, found in self._anonymous))
        asked = {i for i in ids if i not in by_id}
        for distinct_id, person_id, anonymous in known_ids(product_id=product_id, ids=asked):
            by_id[distinct_id] = humans.setdefault(person_id, Human(person_id, anonymous))
        asked |= {s.distinct_id for s in sightings if s.identified and s.distinct_id is not None}
        by_key: dict[str, Human] = {}
        for key, person_id, anonymous in people_by_key(
            i for i in asked if i not in by_id or by_id[i].anonymous
        ):
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
            into = cast.into()
            moved = Identity.objects.filter(person_id__in=into).values_list("product_id", "distinct_id")
            theirs = list(moved) if into else []
            if into:
                merge_people(into=into)
                self.merges += 1
        for product, distinct_id in theirs:
            self._known.get(product, {}).pop(distinct_id, None)

    def _link(self, product_id: int, cast: Cast, fresh: set[int], at: datetime) -> None:
        mine = {i: cast.by_id[i].person_id for i in cast.linked}
        theirs = link_ids(product_id=product_id, people=mine, at=at)
        for distinct_id, person_id, anonymous in known_ids(product_id=product_id, ids=theirs):
            ours = cast.by_id[distinct_id]
            if person_id == ours.person_id:
                continue
            # Another process was first: theirs counts, and a person made just now for it is not needed.
            if ours.person_id in fresh:
                Identity.objects.filter(person_id=ours.person_id).update(person_id=person_id)
                Person.objects.filter(pk=ours.person_id).delete()
                ours.person_id = person_id
            else:
                cast.by_id[distinct_id] = Human(person_id, anonymous)

    def _make_known(self, humans: list[Human]) -> None:
        if not humans:
            return
        keys = {human.key for human in humans if human.key}
        taken = set(Person.objects.filter(key__in=keys).values_list("key", flat=True))
        for human in humans:
            changes: dict[str, Any] = {"anonymous": False}
            Person.objects.filter(pk=human.person_id).update(**changes)
            if human.key and human.key not in taken:
                Person.objects.filter(pk=human.person_id, key=None).update(key=human.key)

    def _set_traits(self, humans: list[Human]) -> None:
        rows = Person.objects.in_bulk({human.person_id for human in humans}) if humans else {}
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

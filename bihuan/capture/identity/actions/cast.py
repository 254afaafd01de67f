"""The people of one batch while it is looked at: who is there, who is new, who turns out to be whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bihuan.capture.identity.rules import Known, Verdict, identify


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """What one event says about who: ids that passed `why_refused`, and traits."""

    distinct_id: str | None
    same_as: str | None = None
    identified: bool = False
    set: Mapping[str, Any] | None = None
    set_once: Mapping[str, Any] | None = None


@dataclass(eq=False, slots=True)
class Human:
    """A person of the batch; a negative `person_id` means that the row does not exist yet."""

    person_id: int
    anonymous: bool
    key: str | None = None
    became_known: bool = False
    traits: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = field(default_factory=list)

    def known(self) -> Known:
        """What the rules need to know."""
        return Known(person_id=self.person_id, anonymous=self.anonymous)


class Cast:
    """Start with the people behind the ids that have one; then `see` each sighting in order."""

    def __init__(self, *, by_id: dict[str, Human], by_key: dict[str, Human]) -> None:
        self.by_id = by_id
        self.merged: list[tuple[Human, Human]] = []
        self.new: list[Human] = []
        self.linked: set[str] = set()
        self._by_key = by_key
        for distinct_id, human in list(by_id.items()):
            keyed = by_key.get(distinct_id)
            if keyed is not None and human.anonymous and keyed is not human:
                self._merge(gone=human, stays=keyed)

    def see(self, sighting: Sighting) -> Human | None:
        """The person this sighting is of, after what it says has been taken in."""
        main_id, other_id = sighting.distinct_id, sighting.same_as
        if main_id is None:
            return None
        if other_id is not None and other_id != main_id:
            self._identify(main_id, other_id)
        human = self._of(main_id)
        if sighting.identified and human.anonymous:
            human.anonymous, human.became_known, human.key = False, True, main_id
        if sighting.set or sighting.set_once:
            human.traits.append((sighting.set or {}, sighting.set_once or {}))
        return human

    def _identify(self, main_id: str, other_id: str) -> None:
        main = self.by_id.get(main_id) or self._keyed(main_id)
        other = self.by_id.get(other_id) or self._keyed(other_id)
        verdict = identify(main=main.known() if main else None, other=other.known() if other else None)
        if verdict == Verdict.LINK_OTHER:
            self._link(other_id, main or self._of(main_id))
        elif verdict == Verdict.LINK_MAIN and other is not None:
            self._link(main_id, other)
        elif verdict == Verdict.MERGE and main is not None and other is not None:
            self._merge(gone=other, stays=main)

    def _of(self, distinct_id: str) -> Human:
        human = self.by_id.get(distinct_id) or self._keyed(distinct_id)
        if human is None:
            human = Human(person_id=-1 - len(self.new), anonymous=True)
            self.new.append(human)
            self._link(distinct_id, human)
        return human

    def _keyed(self, distinct_id: str) -> Human | None:
        human = self._by_key.get(distinct_id)
        if human is not None:
            self._link(distinct_id, human)
        return human

    def _link(self, distinct_id: str, human: Human) -> None:
        self.by_id[distinct_id] = human
        self.linked.add(distinct_id)

    def _merge(self, *, gone: Human, stays: Human) -> None:
        self.merged.append((gone, stays))
        stays.traits[:0] = gone.traits
        for distinct_id, human in self.by_id.items():
            if human is gone:
                self.by_id[distinct_id] = stays

    def into(self) -> dict[int, int]:
        """Existing people that go → people that stay, once the new ones have their ids."""
        stays = {id(gone): stay for gone, stay in self.merged}

        def last(human: Human) -> Human:
            while id(human) in stays:
                human = stays[id(human)]
            return human

        return {gone.person_id: last(stay).person_id for gone, stay in self.merged if gone.person_id > 0}

    def added(self) -> Iterable[Human]:
        """New people that are still someone of their own at the end."""
        gone = {id(human) for human, _stays in self.merged}
        return [human for human in self.new if id(human) not in gone]

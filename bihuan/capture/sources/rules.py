"""Write keys: how one is made and what is kept of it. Rhythm: how long a source is usually quiet, hour by hour."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

PREFIX = "bhw_"
RESERVED_CODE = "bihuan"


def new_key() -> str:
    """A fresh write key with 192 bits from the system's random source."""
    return PREFIX + secrets.token_urlsafe(24)


def hash_of(key: str) -> str:
    """What is stored and compared instead of the key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def hint_of(key: str) -> str:
    """The beginning of the key, enough to tell two apart and too little to use."""
    return key[: len(PREFIX) + 4]


ENOUGH_MARKS = 20
LEAST_LIMIT = 30.0
TIMES_USUAL = 3.0
KEEP = 0.7
"""How much of a slot's usual gap stays when a later day was livelier; one that was quieter counts at once."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One hour of a working day or of a weekend: its usual longest gap in seconds, and the longest of `day` so far."""

    usual: float
    longest: float
    day: date


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How often a source has been marked as seen, and what it did in each slot ("w09": working days, nine to ten)."""

    marks: int = 0
    slots: Mapping[str, Slot] = field(default_factory=dict)

    def after(self, *, before: datetime, at: datetime) -> "Rhythm":
        """The rhythm once events came at `at` after the last at `before` (both in the organisation's zone)."""
        gap, name = max(0.0, (at - before).total_seconds()), slot_of(before)
        old = self.slots.get(name)
        if old is None:
            new = Slot(usual=gap, longest=gap, day=before.date())
        elif old.day == before.date():
            new = replace(old, longest=max(old.longest, gap), usual=max(old.usual, gap))
        else:  # a new day begins: the day before settles what is usual
            settled = max(old.longest, KEEP * old.usual)
            new = Slot(usual=max(settled, gap), longest=gap, day=before.date())
        return Rhythm(marks=self.marks + 1, slots={**self.slots, name: new})

    def limit(self, *, before: datetime) -> float | None:
        """Seconds of quiet after `before` that are no longer usual; None while too little is known.

        Three times the usual longest gap of the hour in which it was last heard, thirty seconds at least.
        """
        if self.marks < ENOUGH_MARKS:
            return None
        slot = self.slots.get(slot_of(before))
        usual = slot.usual if slot is not None else max(one.usual for one in self.slots.values())
        return max(LEAST_LIMIT, TIMES_USUAL * usual)

    def as_json(self) -> dict[str, Any]:
        """What the database keeps."""
        slots = {
            name: [round(s.usual, 1), round(s.longest, 1), s.day.isoformat()]
            for name, s in self.slots.items()
        }
        return {"marks": self.marks, "slots": slots}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Rhythm":
        """Back from the database; an empty object is a source that was never heard."""
        slots = {
            name: Slot(usual=usual, longest=longest, day=date.fromisoformat(day))
            for name, (usual, longest, day) in kept.get("slots", {}).items()
        }
        return cls(marks=kept.get("marks", 0), slots=slots)


def slot_of(moment: datetime) -> str:
    """The hour and the kind of day of a moment in the organisation's zone: 48 slots."""
    return f"{'e' if moment.weekday() >= 5 else 'w'}{moment.hour:02d}"

"""Who and where, for many events at once: the one door for those who store events."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bihuan.capture.identity.actions.cast import Sighting
from bihuan.capture.identity.actions.people import People
from bihuan.capture.identity.actions.places import Places

_MAX_REMEMBERED = 400_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolved:
    """Who and where; `account_id` is None when the account is not known."""

    person_id: int | None
    account_id: int | None


class Resolver:
    """Use one per process (`get_resolver()`), so that what it remembers stays true. Safe in many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._people, self._places = People(), Places()

    def forget(self) -> None:
        """Drop everything remembered: people or accounts were changed elsewhere."""
        with self._lock:
            self._people.forget()
            self._places.forget()

    def people(
        self, *, product_id: int, ids: Sequence[str | None], said: Mapping[int, Sighting], at: datetime
    ) -> list[int | None]:
        """The person behind each id, made when it is new; `said` is what few events say, by position."""
        with self._lock:
            if self._people.size + self._places.size > _MAX_REMEMBERED:
                self._people.forget()
                self._places.forget()
            before = self._people.merges
            found = self._people.of(product_id=product_id, ids=ids, said=said, at=at)
            if self._people.merges != before:
                self._places.forget()  # memberships moved with the people
            return found

    def accounts(
        self,
        *,
        product_id: int,
        companies: Sequence[str | None],
        people: Sequence[int | None],
        times: Sequence[int],
        at: datetime,
    ) -> list[int | None]:
        """The account of each event: of the key it names, else of its person at its time (in microseconds)."""
        with self._lock:
            return self._places.of(
                product_id=product_id, companies=companies, people=people, times=times, at=at
            )

    def finish(self) -> None:
        """Write what was only counted so far."""
        with self._lock:
            self._places.unknown.write()


_resolver: Resolver | None = None


def get_resolver() -> Resolver:
    """The resolver of this process."""
    global _resolver
    if _resolver is None:
        _resolver = Resolver()
    return _resolver

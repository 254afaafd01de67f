"""From account keys and people to accounts, many at once, while events arrive; at most seconds old."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings

from bihuan.base.bus.queries import newest_fact
from bihuan.capture.identity.actions.rows import chunks
from bihuan.capture.identity.actions.unknown import UnknownCounts
from bihuan.capture.identity.models import AccountAlias
from bihuan.capture.identity.rules import Belongs, account_on
from bihuan.know.accounts.models import Account, Membership

_FRESH = timedelta(seconds=2)
_LONGEST = timedelta(minutes=1)
_NO_SPELLS: tuple[list[int], list[int | None]] = ([], [])


class Places:
    """Where things happen: the account named on an event, else the membership of its person at its time."""

    def __init__(self) -> None:
        self.unknown = UnknownCounts()
        self.forget()

    def forget(self) -> None:
        """Drop everything remembered."""
        self._accounts: dict[int, dict[str | None, int]] = {}
        self._spells: dict[int, tuple[list[int], list[int | None]]] = {}
        self._since: datetime | None = None
        self._until: datetime | None = None
        self._newest = 0

    @property
    def size(self) -> int:
        """How much is remembered."""
        return sum(map(len, self._accounts.values())) + len(self._spells)

    def of(
        self,
        *,
        product_id: int,
        companies: Sequence[str | None],
        people: Sequence[int | None],
        times: Sequence[int],
        at: datetime,
    ) -> list[int | None]:
        """The account of each event, in order; `times` are microseconds since 1970."""
        if self._until is None or not self._until - _FRESH <= at < self._until:
            self._look_whether_it_is_true(at)
        found = list(map(self._look_up(product_id, companies, at).get, companies))
        if None not in found:
            return found
        rest = [n for n, company in enumerate(companies) if company is None and people[n] is not None]
        self._load_spells({person for n in rest if (person := people[n]) is not None})
        held = self._spells
        for n in rest:
            starts, accounts = held.get(people[n] or 0, _NO_SPELLS)
            if starts and (place := bisect_right(starts, times[n])):
                found[n] = accounts[place - 1]
        return found

    def _look_whether_it_is_true(self, at: datetime) -> None:
        """Whoever changes accounts and memberships publishes a fact: without a new one, what is remembered holds."""
        newest = newest_fact()
        if self._since is None or newest != self._newest or not self._since <= at < self._since + _LONGEST:
            self.forget()
            self._since, self._newest = at, newest
        self._until = at + _FRESH

    def _look_up(
        self, product_id: int, companies: Sequence[str | None], at: datetime
    ) -> dict[str | None, int]:
        """The accounts of these keys as far as they are known: by their own key, else by what an operator said."""
        known = self._accounts.setdefault(product_id, {})
        missing = {key for key in set(companies) if key is not None and key not in known}
        if missing:
            for chunk in chunks(missing):
                aliases = AccountAlias.objects.filter(product_id=product_id, key__in=chunk)
                known.update(aliases.values_list("key", "account_id"))
                known.update(Account.objects.filter(key__in=chunk).values_list("key", "pk"))
            for key, events in Counter(companies).items():
                if key is not None and key not in known:
                    self.unknown.add(product_id=product_id, key=key, at=at, events=events)
        self.unknown.write_when_due(at=at)
        return known

    def _load_spells(self, people: set[int]) -> None:
        missing = people - self._spells.keys()
        if not missing:
            return
        belongs: dict[int, list[Belongs]] = {}
        for chunk in chunks(missing):
            rows = Membership.objects.filter(person_id__in=chunk).values_list(
                "person_id", "account_id", "starts_on", "ends_on"
            )
            for person_id, account_id, starts_on, ends_on in rows:
                one = Belongs(account_id=account_id, starts_on=starts_on, ends_on=ends_on)
                belongs.setdefault(person_id, []).append(one)
        for person_id in missing:
            self._spells[person_id] = spells(belongs[person_id]) if person_id in belongs else _NO_SPELLS


def spells(memberships: Sequence[Belongs]) -> tuple[list[int], list[int | None]]:
    """From when on (microseconds since 1970, ascending) which account counts, by the rule for a day."""
    turns = sorted({d for m in memberships for d in (m.starts_on, m.ends_on) if d is not None})
    return [_midnight(day) for day in turns], [account_on(memberships, day) for day in turns]


@lru_cache(4_096)
def _midnight(day: date) -> int:
    start = datetime.combine(day, time.min, tzinfo=ZoneInfo(settings.TIME_ZONE))
    return int(start.timestamp()) * 1_000_000

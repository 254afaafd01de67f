"""Reads of presence: the event store is asked once for everybody, a territory is cut out of the answer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bihuan.base.access import Actor, Reach
from bihuan.base.kept import Kept
from bihuan.capture.presence.rules import AHEAD, LIVE_PATH, ONLINE_FOR, Online, counted, share, version_of
from bihuan.capture.store import INTERNAL_SOURCE, StoreError, get_store
from bihuan.know.accounts.models import Account, Membership

__all__ = ["LIVE_PATH", "Online", "Week", "counted", "forget", "online", "online_for", "share", "territory_of",
           "versions_in_use", "weekly_logins"]  # fmt: skip
WEEKS = 12
USED_DAYS = 28
NOW_SECONDS, SLOW_SECONDS, TERRITORY_SECONDS = 4.0, 600.0, 60.0
_memory = Kept()
_ONLINE = f"""
    SELECT person_id, arg_max(account_id, ts) AS account_id, arg_max(product_id, ts) AS product_id,
           arg_max(props, ts) AS props, max(ts) AS last_at
    FROM events WHERE ts > $since AND ts <= $until AND received_at > $since AND person_id IS NOT NULL
         AND source_id <> {INTERNAL_SOURCE}
    GROUP BY person_id
"""
_VERSIONS = f"""
    SELECT person_id, arg_max(account_id, ts) AS account_id, arg_max(props, ts) AS props
    FROM events WHERE day > $since AND day <= $until AND person_id IS NOT NULL AND source_id <> {INTERNAL_SOURCE}
         AND props LIKE '%version%'
    GROUP BY person_id
"""
_WEEKS = f"""
    SELECT date_trunc('week', day)::DATE AS week, account_id, count(DISTINCT person_id) AS people
    FROM events WHERE day >= $since AND day <= $until AND account_id IS NOT NULL AND source_id <> {INTERNAL_SOURCE}
    GROUP BY 1, 2
"""


def online(*, at: datetime) -> list[Online] | None:
    """Everybody online, kept for four seconds; None while the store cannot be asked."""
    found: list[Online] | None = _memory.get("online", NOW_SECONDS, lambda: _online(at))
    return found


def _online(at: datetime) -> list[Online] | None:
    rows = _asked(_ONLINE, {"since": at - ONLINE_FOR, "until": at + AHEAD})
    if rows is None:
        return None
    return [
        Online(person_id=row["person_id"], account_id=row["account_id"], product_id=row["product_id"],
               version=version_of(row["props"]), last_at=row["last_at"])
        for row in rows
    ]  # fmt: skip


def versions_in_use(*, day: date, accounts: Collection[int] | None) -> list[tuple[str, int]]:
    """People of 28 days by the version of their latest event that names one; the most people first."""
    rows = _memory.get(f"versions:{day}", SLOW_SECONDS, lambda: _versions(day)) or []
    counts: dict[str, int] = {}
    for account, version in rows:
        if version and (accounts is None or account in accounts):
            counts[version] = counts.get(version, 0) + 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _versions(day: date) -> list[tuple[int | None, str]] | None:
    rows = _asked(_VERSIONS, {"since": day - timedelta(days=USED_DAYS), "until": day})
    return None if rows is None else [(row["account_id"], version_of(row["props"])) for row in rows]


@dataclass(frozen=True, kw_only=True)
class Week:
    """A calendar week from Monday: people who were active, people who belonged to an account on its last day."""

    monday: date
    active: int
    members: int


def weekly_logins(*, day: date, accounts: Collection[int] | None, weeks: int = WEEKS) -> list[Week]:
    """Twelve weeks up to the one of `day`, the oldest first; a person of two accounts counts in each."""
    last = day - timedelta(days=day.weekday())
    mondays = [last - timedelta(days=7 * age) for age in reversed(range(weeks))]
    rows = (
        _memory.get(f"weeks:{day}", SLOW_SECONDS, lambda: _asked(_WEEKS, {"since": mondays[0], "until": day}))
        or []
    )
    active = dict.fromkeys(mondays, 0)
    for row in rows:
        if accounts is None or row["account_id"] in accounts:
            active[row["week"]] = active.get(row["week"], 0) + row["people"]
    members = _memory.get(f"members:{day}", SLOW_SECONDS, _members) or []
    return [
        Week(
            monday=monday,
            active=active[monday],
            members=_belonging(members, min(monday + timedelta(days=6), day), accounts),
        )
        for monday in mondays
    ]


def _members() -> list[tuple[int, date, date | None]]:
    rows = Membership.objects.filter(person__anonymous=False)
    return list(rows.values_list("account_id", "starts_on", "ends_on"))


def _belonging(
    members: list[tuple[int, date, date | None]], day: date, accounts: Collection[int] | None
) -> int:
    return sum(
        start <= day and (end is None or end > day) and (accounts is None or account in accounts)
        for account, start, end in members
    )


def territory_of(actor: Actor) -> frozenset[int] | None:
    """Ids of the accounts the actor sees, kept for a minute; None for all of them."""
    if actor.reach == Reach.ALL:
        return None
    key = f"territory:{actor.reach}:{actor.user_id}:{actor.team_id}:{sorted(actor.region_ids)}"
    found: frozenset[int] = _memory.get(
        key,
        TERRITORY_SECONDS,
        lambda: frozenset(Account.objects.visible_to(actor).values_list("pk", flat=True)),
    )
    return found


def online_for(*, actor: Actor, at: datetime) -> list[Online] | None:
    """Those of the actor's territory; people of no account only for those who see everything."""
    people, accounts = online(at=at), territory_of(actor)
    if people is None or accounts is None:
        return people
    return [one for one in people if one.account_id in accounts]


def forget() -> None:
    """Ask anew next time."""
    _memory.forget()


def _asked(sql: str, params: dict[str, Any]) -> list[dict[str, Any]] | None:
    try:
        rows: list[dict[str, Any]] = get_store().execute(sql, params).to_pylist()
    except StoreError:
        return None
    return rows

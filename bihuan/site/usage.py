"""Reads of the event store for our own pages. Product events only: the platform's own facts are left out.

What pages ask bears a store that cannot be asked (another process has the index, or it is being rebuilt):
it answers with nothing, and the pages say so through `store_answers`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bihuan.capture.store import INTERNAL_SOURCE, StoreError, get_store

WEEKS = 12
OURS = f"source_id <> {INTERNAL_SOURCE}"


def asked(sql: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Rows of a statement; none while the store cannot be asked."""
    try:
        return rows_of(sql, params)
    except StoreError:
        return []


def rows_of(sql: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Rows of a statement; StoreError while the store cannot be asked."""
    rows: list[dict[str, Any]] = get_store().execute(sql, params).to_pylist()
    return rows


def store_answers() -> bool:
    """Whether the store can be asked now."""
    try:
        get_store().execute("SELECT 1 AS one")
    except StoreError:
        return False
    return True


@dataclass(frozen=True, kw_only=True)
class Usage:
    """An account's use of the products up to a day."""

    last_active_on: date
    active_people: int
    weekly: list[int]


def usage_by_account(*, day: date, account_ids: Iterable[int] | None = None) -> dict[int, Usage]:
    """Last active day, people active in 28 days, events a week over twelve weeks (the oldest first).

    Raises StoreError when the store cannot be asked: no use and no answer are not the same.
    """
    since = day - timedelta(days=7 * WEEKS - 1)
    params: dict[str, Any] = {"day": day, "month": day - timedelta(days=27), "since": since}
    some = ""
    if account_ids is not None:
        params["ids"] = list(account_ids)
        some = "AND account_id IN (SELECT unnest($ids))"
    weeks = ", ".join(
        f"count(*) FILTER (day > $day - {7 * (age + 1)} AND day <= $day - {7 * age}) AS w{age}"
        for age in reversed(range(WEEKS))
    )
    recent = rows_of(
        f"SELECT account_id, count(DISTINCT person_id) FILTER (day >= $month) AS people, {weeks} FROM events "
        f"WHERE account_id IS NOT NULL AND {OURS} AND day BETWEEN $since AND $day {some} GROUP BY account_id",
        params,
    )
    params_of_last = {key: value for key, value in params.items() if key in ("day", "ids")}
    last = rows_of(
        f"SELECT account_id, max(day) AS last FROM events WHERE account_id IS NOT NULL AND {OURS} "
        f"AND day <= $day {some} GROUP BY account_id",
        params_of_last,
    )
    found = {row["account_id"]: row for row in recent}
    result = {}
    for row in last:
        more = found.get(row["account_id"], {})
        result[row["account_id"]] = Usage(
            last_active_on=row["last"],
            active_people=more.get("people", 0),
            weekly=[more.get(f"w{age}", 0) for age in reversed(range(WEEKS))],
        )
    return result


def days_of_account(*, account_id: int, day: date, days: int) -> list[dict[str, Any]]:
    """Per day of use: people, events, distinct event names."""
    return asked(
        "SELECT day, count(DISTINCT person_id) AS people, count(*) AS events, "
        "count(DISTINCT name_id) AS features FROM events "
        f"WHERE account_id = $account AND {OURS} AND day > $since AND day <= $day GROUP BY day ORDER BY day",
        {"account": account_id, "since": day - timedelta(days=days), "day": day},
    )


def weeks_of_account(*, account_id: int, day: date, days: int) -> list[dict[str, Any]]:
    """Per calendar week from Monday: people, events, distinct event names."""
    return asked(
        "SELECT date_trunc('week', day)::DATE AS day, count(DISTINCT person_id) AS people, "
        "count(*) AS events, count(DISTINCT name_id) AS features FROM events "
        f"WHERE account_id = $account AND {OURS} AND day > $since AND day <= $day GROUP BY 1 ORDER BY 1",
        {"account": account_id, "since": day - timedelta(days=days), "day": day},
    )


def people_of_account(*, account_id: int, day: date) -> dict[int, dict[str, Any]]:
    """Per person: when last active, and active days of the last 28."""
    rows = asked(
        "SELECT person_id, max(ts) AS last, count(DISTINCT day) FILTER (day > $since) AS days "
        f"FROM events WHERE account_id = $account AND {OURS} AND person_id IS NOT NULL AND day <= $day "
        "GROUP BY person_id",
        {"account": account_id, "since": day - timedelta(days=28), "day": day},
    )
    return {row["person_id"]: row for row in rows}


def features_of_account(*, account_id: int, day: date, limit: int = 8) -> list[dict[str, Any]]:
    """The most used events of 28 days with people and counts."""
    return asked(
        "SELECT name, count(*) AS events, count(DISTINCT person_id) AS people FROM events "
        f"WHERE account_id = $account AND {OURS} AND day > $since AND day <= $day "
        "GROUP BY name ORDER BY events DESC, name LIMIT $n",
        {"account": account_id, "since": day - timedelta(days=28), "day": day, "n": limit},
    )


def daily_use(*, account_id: int, before: datetime, days: int) -> list[dict[str, Any]]:
    """One row per day of use, the last `days` of them before a moment, however long ago (a customer who fell silent has
    a past too): people, events, the three most used, the last time."""
    params: dict[str, Any] = {"account": account_id, "before": before}
    mine = f"FROM events WHERE account_id = $account AND {OURS} AND ts < $before"
    used = asked(f"SELECT DISTINCT day {mine} ORDER BY day DESC LIMIT $n", params | {"n": days})
    if not used:
        return []
    params["since"], mine = used[-1]["day"], f"{mine} AND day >= $since"
    rows = asked(
        "SELECT day, max(ts) AS last, count(*) AS events, count(DISTINCT person_id) AS people "
        f"{mine} GROUP BY day ORDER BY day DESC",
        params,
    )
    most_used: dict[date, list[str]] = {}
    for row in asked(
        "SELECT day, name FROM (SELECT day, name, n, row_number() OVER (PARTITION BY day ORDER BY n DESC, name) AS nth "
        f"FROM (SELECT day, name, count(*) AS n {mine} GROUP BY day, name) AS counted) AS ranked "
        "WHERE nth <= 3 ORDER BY day, nth",
        params,
    ):
        most_used.setdefault(row["day"], []).append(row["name"])
    return [row | {"top": most_used[row["day"]]} for row in rows]


def single_events(*, account_id: int, before: datetime, limit: int) -> list[dict[str, Any]]:
    """The latest product events of an account before a moment."""
    return asked(
        "SELECT ts, name, person_id, props FROM events "
        f"WHERE account_id = $account AND {OURS} AND ts < $before ORDER BY ts DESC LIMIT $n",
        {"account": account_id, "before": before, "n": limit},
    )


def tail(*, account_ids: Sequence[int] | None, name: str, account_id: int | None, person_id: int | None,
         now: datetime, limit: int = 50) -> list[dict[str, Any]]:  # fmt: skip
    """The events that came in last. `account_ids` limits to a territory; None is everything."""
    where, params = conditions(account_ids=account_ids, name=name, account_id=account_id, person_id=person_id)
    columns = "event_id, ts, received_at, name, person_id, account_id, source_id, distinct_id, props"
    for hours in (1, 24, 24 * 3650):
        rows = asked(
            f"SELECT {columns} FROM events WHERE {where} AND received_at > $since "
            "ORDER BY received_at DESC, ts DESC LIMIT $n",
            params | {"since": now - timedelta(hours=hours), "n": limit},
        )
        if rows:
            return rows
    return []


def trend(*, account_ids: Sequence[int] | None, name: str, account_id: int | None, person_id: int | None,
          day: date, days: int) -> list[dict[str, Any]]:  # fmt: skip
    """Events, people and accounts per day."""
    where, params = conditions(account_ids=account_ids, name=name, account_id=account_id, person_id=person_id)
    return asked(
        "SELECT day, count(*) AS events, count(DISTINCT person_id) AS people, "
        f"count(DISTINCT account_id) AS accounts FROM events WHERE {where} "
        "AND day > $since AND day <= $day GROUP BY day ORDER BY day",
        params | {"since": day - timedelta(days=days), "day": day},
    )


def conditions(*, account_ids: Sequence[int] | None, name: str, account_id: int | None,
               person_id: int | None) -> tuple[str, dict[str, Any]]:  # fmt: skip
    """WHERE and its parameters."""
    parts, params = [OURS], dict[str, Any]()
    if account_ids is not None:
        parts.append("account_id IN (SELECT unnest($territory))")
        params["territory"] = list(account_ids)
    for column, value in (("name", name), ("account_id", account_id), ("person_id", person_id)):
        if value:
            parts.append(f"{column} = ${column}")
            params[column] = value
    return " AND ".join(parts), params


def event_names() -> list[str]:
    """Every event name seen."""
    return sorted(row["name"] for row in asked("SELECT name FROM names"))


def newest_day() -> date | None:
    """The last day with a product event."""
    rows = asked(f"SELECT max(day) AS day FROM events WHERE {OURS}")
    return rows[0]["day"] if rows else None

"""Computing measures for many accounts at once, as of any day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db import connection
from django.utils.functional import cached_property

from bihuan.base.measures import measure
from bihuan.base.scratch import open_tables
from bihuan.capture.store import INTERNAL_SOURCE, get_store
from bihuan.understand.metrics.queries.records import columns_of, record_table

USAGE_DAYS = 28


@dataclass(frozen=True, kw_only=True)
class Values:
    """Values by measure, aligned with `account_ids` (int64, ascending); NaN where there is none."""

    day: date
    account_ids: np.ndarray[Any, np.dtype[np.int64]]
    by_measure: dict[str, np.ndarray[Any, np.dtype[np.float64]]]


def end_of(day: date) -> datetime:
    """The first moment after the day in the organisation's zone, in UTC."""
    zone = ZoneInfo(settings.TIME_ZONE)
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)


class Catalogue:
    """The tables of one computation, in a DuckDB of its own in memory: record tables and use, brought in on demand.

    Use is counted where the events lie, one row an account; what is measured of it does not depend on their engine.
    """

    def __init__(self, *, day: date, needs: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self._day = day
        self._needs = needs or {}
        self._bases: dict[str, tuple[str, ...]] = {}
        self._tables = open_tables()
        self._records: dict[tuple[str, ...], str] = {}

    @property
    def day(self) -> date:
        """The day as of which to measure."""
        return self._day

    @cached_property
    def cutoff(self) -> str:
        """End of the day as a SQL literal."""
        return f"TIMESTAMPTZ '{end_of(self._day).isoformat()}'"

    def usage(self) -> str:
        """The use of every account that ever had a product event, computed once."""
        return self._usage

    @cached_property
    def _usage(self) -> str:
        past = self._day - timedelta(days=4 * USAGE_DAYS)
        days = {"day": self._day, "recent": self._day - timedelta(days=USAGE_DAYS), "past": past,
                "previous": self._day - timedelta(days=2 * USAGE_DAYS),
                "first": past + timedelta(days=1), "cutoff": end_of(self._day)}  # fmt: skip
        self._tables.register("usage", get_store().execute(_USAGE, days))
        return "usage"

    def records(self, table: str, *columns: str) -> str:
        """A record table as a view; decimals become doubles. What `needs` names of a table is read with it, once."""
        key = (table, *columns)
        if key not in self._records:
            base = f"base_{len(self._records)}_{table}"
            there = next((name for name, held in self._bases.items() if set(key) <= set(held)), "")
            if not there:
                wanted = tuple(dict.fromkeys((*columns, *self._needs.get(table, ()))))
                self._tables.register(base, record_table(table, wanted))
                self._bases[base] = (table, *wanted)
            name = f"records_{len(self._records)}_{table}"
            said = ", ".join(f'"{one}"' for one in columns)
            self._tables.execute(f"CREATE TEMP VIEW {name} AS SELECT {said} FROM {there or base}")
            self._records[key] = name
        return self._records[key]

    def run(self, sql: str) -> pa.Table:
        """The answer of a SELECT."""
        return self._tables.sql(sql).to_arrow_table()

    def close(self) -> None:
        """Let go of the tables."""
        self._tables.close()


_KNOWN = f"ts < $cutoff AND received_at < $cutoff AND source_id <> {INTERNAL_SOURCE}"
_USAGE = f"""
    WITH ever AS (
        SELECT account_id, max(day) AS last_day, min(day) AS first_day FROM events
        WHERE account_id IS NOT NULL AND {_KNOWN} GROUP BY account_id
    ), lately AS (
        SELECT account_id,
               count(DISTINCT person_id) FILTER (WHERE day > $recent) AS active_people,
               count(DISTINCT day) FILTER (WHERE day > $recent) AS active_days,
               count(DISTINCT name_id) FILTER (WHERE day > $recent) AS features,
               count(*) FILTER (WHERE day > $recent) AS events,
               count(*) FILTER (WHERE NOT day > $recent) AS earlier,
               count(*) FILTER (WHERE NOT day > $recent AND day > $previous) AS previous
        FROM events
        WHERE account_id IS NOT NULL AND {_KNOWN} AND day > $past AND day <= $day
        GROUP BY account_id
    )
    SELECT ever.account_id AS account_id, coalesce(active_people, 0) AS active_people,
           coalesce(active_days, 0) AS active_days, coalesce(features, 0) AS features,
           coalesce(events, 0)::DOUBLE AS events,
           CASE WHEN first_day <= $first THEN coalesce(earlier, 0) / 3.0 END AS events_before,
           coalesce(previous, 0)::DOUBLE AS events_previous,
           last_day
    FROM ever LEFT JOIN lately ON lately.account_id = ever.account_id
"""


def all_accounts() -> np.ndarray[Any, np.dtype[np.int64]]:
    """The ids of every account, ascending."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_account ORDER BY id")
        return np.array([row[0] for row in cursor.fetchall()], dtype=np.int64)


@dataclass(kw_only=True)
class Asked:
    """Tables that only note which columns a measure asks for; nothing is read."""

    day: date = date(2000, 1, 1)
    cutoff: str = "TIMESTAMPTZ '2000-01-02T00:00:00+00:00'"
    columns: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def usage(self) -> str:
        """Events."""
        return "usage"

    def records(self, table: str, *columns: str) -> str:
        """Noted."""
        self.columns.append((table, columns))
        return table


def needs_of(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Every column of each record table that these measures read. LookupError for a name that there is not."""
    asked = Asked()
    for name in names:
        measure(name).sql(asked)
    return columns_of(asked.columns)


def values_as_of(*, day: date, names: Iterable[str], account_ids: Iterable[int] | None = None) -> Values:
    """The named measures of the accounts (all of them when not given) as of the end of a day."""
    ids = all_accounts() if account_ids is None else np.array(sorted(set(account_ids)), dtype=np.int64)
    names = list(dict.fromkeys(names))
    catalogue = Catalogue(day=day, needs=needs_of(names))
    try:
        found = {name: column_of(catalogue.run(measure(name).sql(catalogue)), ids) for name in names}
    finally:
        catalogue.close()
    return Values(day=day, account_ids=ids, by_measure=found)


def column_of(
    answer: pa.Table, ids: np.ndarray[Any, np.dtype[np.int64]]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """One measure's answer as an array aligned with the accounts."""
    column = np.full(len(ids), np.nan)
    answer = answer.drop_null()
    if len(ids) == 0 or answer.num_rows == 0:
        return column
    of = answer["account_id"].to_numpy().astype(np.int64)
    values = answer["value"].cast(pa.float64()).to_numpy()
    places = np.searchsorted(ids, of).clip(max=len(ids) - 1)
    known = ids[places] == of
    column[places[known]] = values[known]
    return column

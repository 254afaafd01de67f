"""Measures of many accounts as of many days, from one reading of the events and one of each record table.

Nothing that came after a day is there: events that happened or arrived later, rows that began later, dates that had not come,
values that were dated later; and what was changed in place stands as it did before, as the facts of the change tell. A column
whose history nobody declared (base/history.py) cannot be read at all, so a measure cannot look ahead whatever its SQL says.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa

from bihuan.base.history import history_of
from bihuan.base.measures import measure
from bihuan.base.scratch import CLOSED
from bihuan.capture.store import INTERNAL_SOURCE, get_store
from bihuan.understand.metrics.queries.as_known import Base, changes_of
from bihuan.understand.metrics.queries.measured import (
    USAGE_DAYS,
    Values,
    all_accounts,
    column_of,
    end_of,
    needs_of,
)
from bihuan.understand.metrics.queries.records import record_table

MOST_DAYS = 400


def values_over(
    *, days: Iterable[date], names: Iterable[str], account_ids: Iterable[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Values]:  # fmt: skip
    """The named measures as of the end of each day, the earliest first. Days lie 28 or more apart when a measure reads use, so
    that an event is in one window only: ValueError else, and for more than 400 days. Undated for a measure that reads what has
    only a present value (see undated_in)."""
    wanted, measured = sorted(set(days)), [measure(name) for name in dict.fromkeys(names)]
    if len(wanted) > MOST_DAYS:
        raise ValueError(f"{len(wanted)} days are more than {MOST_DAYS}")
    ids = all_accounts() if account_ids is None else np.array(sorted(set(account_ids)), dtype=np.int64)
    past = _Past(days=wanted, needs=needs_of(one.name for one in measured))
    found = []
    try:
        for number, day in enumerate(wanted):
            tables = _AsOf(day=day, number=number, past=past)
            columns = {one.name: column_of(past.run(one.sql(tables)), ids) for one in measured}
            found.append(Values(day=day, account_ids=ids, by_measure=columns))
            past.forget()
            if progress is not None:
                progress(number + 1, len(wanted))
    finally:
        past.close()
    return found


class _Past:
    """Record tables and use of every day, each read once."""

    def __init__(self, *, days: Sequence[date], needs: Mapping[str, tuple[str, ...]]) -> None:
        self.days = days
        self._needs = needs
        self._tables = duckdb.connect(":memory:", config=CLOSED)
        self._tables.execute("SET TimeZone = 'UTC'")
        self._bases: dict[str, Base] = {}
        self._views: set[str] = set()
        self._of_this_day: list[str] = []

    def records(self, table: str, columns: tuple[str, ...], *, at: "_AsOf") -> str:
        """A record table as it was known at the end of the day; Undated when some column does not know its past."""
        if table not in self._bases:
            self._bases[table] = self._read(table)
        view = f"on_{at.number}_{table}"
        if view not in self._views:
            self._tables.execute(f"CREATE TABLE {view} AS {self._bases[table].as_of(at)}")
            self._views.add(view)
            self._of_this_day.append(view)
        return f"(SELECT {', '.join(columns)} FROM {view})"

    def _read(self, table: str) -> Base:
        columns = self._needs[table]
        history = history_of(table, columns)
        dating = [history.since[one] for one in columns if one in history.since]
        changed = {one for one in (*columns, *dating, history.begins) if one in history.changed}
        rows = record_table(
            table, dict.fromkeys((*columns, *dating, history.begins, *(["id"] if changed else [])))
        )
        self._keep(f"now_{table}", rows)
        told = changes_of(history, since=end_of(self.days[0])) if changed else {}
        for column in changed & set(told):
            self._keep(f"now_{table}_{column}", told[column])
        return Base(
            name=f"now_{table}",
            history=history,
            columns=columns,
            schema=rows.schema,
            edited=frozenset(changed & set(told)),
        )

    def forget(self) -> None:
        """Let go of the records of the day that was measured."""
        for view in self._of_this_day:
            self._tables.execute(f"DROP TABLE {view}")
        self._of_this_day.clear()

    def _keep(self, name: str, rows: pa.Table) -> None:
        self._tables.register("arrived", rows)
        self._tables.execute(f"CREATE TABLE {name} AS SELECT * FROM arrived")
        self._tables.unregister("arrived")

    def read_use(self) -> None:
        """Every event, once; ValueError when the windows of two days overlap."""
        if "lately" in self._views:
            return
        for first, second in zip(self.days, self.days[1:], strict=False):
            if second - first < timedelta(days=USAGE_DAYS):
                raise ValueError(f"use on {first} and {second} overlaps; days must lie {USAGE_DAYS} apart")
        store = get_store()
        self._tables.register("arrived", store.execute(_lately(self.days)))
        self._tables.execute("CREATE TABLE lately AS SELECT * FROM arrived")
        self._tables.register("arrived", store.execute(_daily(self.days)))
        self._tables.execute("CREATE TABLE daily AS SELECT * FROM arrived")
        self._tables.unregister("arrived")
        self._views.add("lately")

    def usage(self, *, at: "_AsOf") -> str:
        """The use as of one of the days, as measures read it."""
        name = f"use_{at.number}"
        if name not in self._views:
            days = USAGE_DAYS
            day, past = f"DATE '{at.day}'", f"(DATE '{at.day}' - {4 * days})"
            self._tables.execute(f"""
                CREATE TABLE {name} AS
                WITH ever AS (
                    SELECT account_id, max(day) AS last_day, min(day) AS first_day,
                           sum(n) FILTER (WHERE day > {past} AND day <= {day} - {days}) AS earlier,
                           sum(n) FILTER (WHERE day > {day} - {2 * days} AND day <= {day} - {days}) AS previous
                    FROM daily WHERE known <= {at.number} AND day <= {day} GROUP BY account_id
                )
                SELECT ever.account_id, coalesce(active_people, 0) AS active_people, coalesce(active_days, 0) AS active_days,
                       coalesce(features, 0) AS features, coalesce(events, 0)::DOUBLE AS events,
                       CASE WHEN first_day <= {past} + 1 THEN coalesce(earlier, 0) / 3.0 END AS events_before,
                       coalesce(previous, 0)::DOUBLE AS events_previous, last_day
                FROM ever LEFT JOIN (SELECT * FROM lately WHERE known = {at.number}) l ON l.account_id = ever.account_id
            """)
            self._views.add(name)
        return name

    def run(self, sql: str) -> pa.Table:
        """The answer of a SELECT."""
        return self._tables.sql(sql).to_arrow_table()

    def close(self) -> None:
        """Let go of the tables."""
        self._tables.close()


@dataclass(frozen=True, kw_only=True)
class _AsOf:
    """One of the days, as measures see it."""

    day: date
    number: int
    past: _Past

    @property
    def cutoff(self) -> str:
        """End of the day as a SQL literal."""
        return f"TIMESTAMPTZ '{end_of(self.day).isoformat()}'"

    def usage(self) -> str:
        """The use of every account that had an event by then."""
        self.past.read_use()
        return self.past.usage(at=self)

    def records(self, table: str, *columns: str) -> str:
        """A record table as it was known then."""
        return self.past.records(table, columns, at=self)


def _first(column: str, bounds: Sequence[str], *, less: str) -> str:
    """SQL: the number of the first bound that a column lies below; their count when it lies below none."""
    cases = " ".join(f"WHEN {column} {less} {bound} THEN {number}" for number, bound in enumerate(bounds))
    return f"CASE {cases} ELSE {len(bounds)} END"


def _known(days: Sequence[date]) -> tuple[str, str]:
    """SQL: the number of the first day that an event lies on or before, and of the first at whose end it had come in."""
    cutoffs = [f"TIMESTAMPTZ '{end_of(day).isoformat()}'" for day in days]
    on = _first("day", [f"DATE '{day}'" for day in days], less="<=")
    return on, f"greatest({on}, {_first('received_at', cutoffs, less='<')})"


_OURS = f"account_id IS NOT NULL AND source_id <> {INTERNAL_SOURCE}"


def _lately(days: Sequence[date]) -> str:
    """One row per account and day: the use of the 28 days up to it."""
    on, known = _known(days)
    spans = " OR ".join(
        f"(day > DATE '{day - timedelta(days=USAGE_DAYS)}' AND day <= DATE '{day}')" for day in days
    )
    return f"""
        SELECT account_id, known, count(DISTINCT person_id) AS active_people, count(DISTINCT day) AS active_days,
               count(DISTINCT name_id) AS features, count(*) AS events
        FROM (SELECT account_id, person_id, day, name_id, {on} AS window_of, {known} AS known FROM events
              WHERE {_OURS} AND ({spans}))
        WHERE known = window_of GROUP BY account_id, known
    """


def _daily(days: Sequence[date]) -> str:
    """Events of each account by day and by when they were known first."""
    _on, known = _known(days)
    return f"""
        SELECT account_id, day, {known} AS known, count(*) AS n FROM events
        WHERE {_OURS} AND day <= DATE '{days[-1]}' GROUP BY account_id, day, 3
    """

"""Computing measures for many accounts at once, as of any day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db import connection
from django.utils.functional import cached_property

from bihuan.base.measures import measure
from bihuan.capture.store import INTERNAL_SOURCE, get_store

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

    def __init__(self, *, day: date) -> None:
        self._day = day
        self._tables = duckdb.connect(":memory:", config=_CLOSED)
        self._tables.execute("SET TimeZone = 'UTC'; SET enable_external_access = false")
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
                "first": past + timedelta(days=1), "cutoff": end_of(self._day)}  # fmt: skip
        self._tables.register("usage", get_store().execute(_USAGE, days))
        return "usage"

    def records(self, table: str, *columns: str) -> str:
        """A record table as a view; decimals become doubles."""
        key = (table, *columns)
        if key not in self._records:
            name = f"records_{len(self._records)}_{table}"
            self._tables.register(name, record_table(table, columns))
            self._records[key] = name
        return self._records[key]

    def run(self, sql: str) -> pa.Table:
        """The answer of a SELECT."""
        return self._tables.sql(sql).to_arrow_table()

    def close(self) -> None:
        """Let go of the tables."""
        self._tables.close()


_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
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
               count(*) FILTER (WHERE NOT day > $recent) AS earlier
        FROM events
        WHERE account_id IS NOT NULL AND {_KNOWN} AND day > $past AND day <= $day
        GROUP BY account_id
    )
    SELECT ever.account_id AS account_id, coalesce(active_people, 0) AS active_people,
           coalesce(active_days, 0) AS active_days, coalesce(features, 0) AS features,
           coalesce(events, 0)::DOUBLE AS events,
           CASE WHEN first_day <= $first THEN coalesce(earlier, 0) / 3.0 END AS events_before,
           last_day
    FROM ever LEFT JOIN lately ON lately.account_id = ever.account_id
"""


def record_table(table: str, columns: Iterable[str]) -> pa.Table:
    """Columns of a record table as Arrow: exact types from the model, so that an empty table has them too."""
    model = next(m for m in _models() if m._meta.db_table == table)
    names = list(columns)
    fields = [next(f for f in model._meta.concrete_fields if f.column == name) for name in names]
    rows = model._base_manager.values_list(*[field.attname for field in fields])
    by_column = list(zip(*rows.iterator(chunk_size=5000), strict=True)) or [()] * len(names)
    return pa.table(
        [
            pa.array(_plain(values, field), _arrow_type(field))
            for values, field in zip(by_column, fields, strict=True)
        ],
        names=names,
    )


def _models() -> list[Any]:
    from django.apps import apps

    return list(apps.get_models())


def _plain(values: tuple[Any, ...], field: Any) -> list[Any]:
    if field.get_internal_type() == "DecimalField":
        return [None if value is None else float(value) for value in values]
    return list(values)


def _arrow_type(field: Any) -> pa.DataType:
    """The Arrow type of a model field."""
    kind = field.target_field.get_internal_type() if field.is_relation else field.get_internal_type()
    types = {
        "BooleanField": pa.bool_(),
        "DateField": pa.date32(),
        "DateTimeField": pa.timestamp("us", "UTC"),
        "DecimalField": pa.float64(),
        "FloatField": pa.float64(),
    }
    if kind.endswith("IntegerField") or kind in ("BigAutoField", "AutoField"):
        return pa.int64()
    return types.get(kind, pa.string())


def values_as_of(*, day: date, names: Iterable[str], account_ids: Iterable[int] | None = None) -> Values:
    """The named measures of the accounts (all of them when not given) as of the end of a day."""
    if account_ids is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM accounts_account ORDER BY id")
            ids = np.array([row[0] for row in cursor.fetchall()], dtype=np.int64)
    else:
        ids = np.array(sorted(set(account_ids)), dtype=np.int64)
    catalogue = Catalogue(day=day)
    try:
        found = {
            name: _column(catalogue.run(measure(name).sql(catalogue)), ids) for name in dict.fromkeys(names)
        }
    finally:
        catalogue.close()
    return Values(day=day, account_ids=ids, by_measure=found)


def _column(
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

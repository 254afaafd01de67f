"""Measures: a number for each account as of a day. Apps contribute them in metrics.py.

A measure is a function from a catalogue of tables and a day to a table with the columns `account_id` and
`value`. It may use only rows that were known by the end of that day. An account without a row has no value,
which is not zero.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.utils.functional import Promise


class Tables(Protocol):
    """What a measure reads: DuckDB relations by SQL name."""

    def events(self) -> str:
        """The name of the event table, to stand in a FROM."""
        ...

    def records(self, table: str, columns: tuple[str, ...]) -> str:
        """The name of a view on a record table (e.g. "tickets_ticket") with those columns."""
        ...

    def cutoff(self) -> str:
        """SQL literal: the end of the day as a UTC timestamp; rows known later do not count."""
        ...


Sql = Callable[[Tables, date], str]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A declared measure. `higher_is_better` is its polarity; `sql` returns a SELECT of account_id, value."""

    name: str
    title: str | Promise
    unit: str
    higher_is_better: bool
    sql: Sql
    definition: str | Promise = ""
    reason: Any = None


_measures: dict[str, Measure] = {}


def register_measure(measure: Measure) -> Measure:
    """Make a measure known under its name; a second registration is an error."""
    if measure.name in _measures:
        raise ValueError(f"the measure {measure.name!r} is registered twice")
    _measures[measure.name] = measure
    return measure


def measure(name: str) -> Measure:
    """The measure of that name; LookupError lists what there is."""
    try:
        return _measures[name]
    except KeyError:
        raise LookupError(f"no measure is called {name!r}; there is: {', '.join(sorted(_measures))}") from None


def measures() -> dict[str, Measure]:
    """Every declared measure by name (a copy)."""
    return dict(_measures)

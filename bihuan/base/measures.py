"""Measures: a number for each account as of a day, and for each product. Apps contribute them in metrics.py.

A measure is a function from a catalogue of tables to a SELECT of `account_id` and `value`. It may use only
what was known by the end of that day. An account without a row, or with a null, has no value, which is not zero.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.utils.functional import Promise

Text = str | Promise


class Tables(Protocol):
    """What a measure may read, as names that stand in a FROM of DuckDB's SQL."""

    @property
    def day(self) -> date:
        """The day as of which to measure."""
        ...

    @property
    def cutoff(self) -> str:
        """SQL literal: the end of that day in the organisation's zone, as a timestamp."""
        ...

    def usage(self) -> str:
        """One row per account that ever had a product event: active_people, active_days, features and events
        of the last 28 days, events_before (the mean of the three 28-day windows before), events_previous
        (those of the 28 days before), last_day."""
        ...

    def records(self, table: str, *columns: str) -> str:
        """A record table (by its database name) with these columns."""
        ...


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A declared measure. `higher_is_better` is its polarity; `kind` says how to write a value: number, money
    (in the currency of lists and totals), percent (0.25 is 25 %), days, hours or score. `change`: the value is a change
    against an earlier time, so that below 0 it fell."""

    name: str
    title: Text
    definition: Text
    higher_is_better: bool
    sql: Callable[[Tables], str]
    kind: str = "number"
    change: bool = False


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
        raise LookupError(
            f"no measure is called {name!r}; there is: {', '.join(sorted(_measures))}"
        ) from None


def measures() -> dict[str, Measure]:
    """Every declared measure by name (a copy)."""
    return dict(_measures)


@dataclass(frozen=True, kw_only=True)
class ProductMeasure:
    """A number for each product as of a day: a SELECT of `product_id` and `value`, with the rules of a measure. Who may see it
    needs `permission`, when there is one."""

    name: str
    sql: Callable[[Tables], str]
    permission: str = ""


_product_measures: dict[str, ProductMeasure] = {}


def register_product_measure(measure: ProductMeasure) -> ProductMeasure:
    """Make a measure of products known under its name; a second registration is an error."""
    if measure.name in _product_measures:
        raise ValueError(f"the measure {measure.name!r} of products is registered twice")
    _product_measures[measure.name] = measure
    return measure


def product_measures() -> dict[str, ProductMeasure]:
    """Every measure of products by name (a copy)."""
    return dict(_product_measures)

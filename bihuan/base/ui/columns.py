"""Columns of a list: each knows its raw value (for export and sort) and its cell (for reading).

Cells are built in Python and printed by a lean row template: fifty rows of ten columns take a few
milliseconds, where a general table library took more than the whole page may.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from html import escape
from operator import attrgetter
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from bihuan.base.access.said import actor_said
from bihuan.base.money import reporting_currency
from bihuan.base.ui import formats, html
from bihuan.base.ui.nav import Text

Value = Any
DASH = html.raw('<span class="nothing">–</span>')


class Reading:
    """What the cells of one answer share, asked for once: the moment, its day, the language, the currency of totals."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now
        self.today = timezone.localtime(now).date()
        self.language = get_language()

    @cached_property
    def currency(self) -> str:
        """The currency of amounts that name none."""
        return reporting_currency()


@dataclass(frozen=True, eq=False)
class Column:
    """A column of text.

    `get` is a dotted path ("account.name", default: the column's name) or a function of the record.
    `sort` names the model fields behind a click on the title (default: `get` with `__`; None: not sortable).
    `link` makes the cell a link; `hidden` leaves it to the column chooser; `pinned` keeps it always.
    `phone` keeps it in the short row of a narrow screen. Without `permission` (when it names one) a reader
    neither sees the column nor sorts, chooses or exports it.
    """

    name: str
    title: Text
    get: str | Callable[[Any], Value] = field(default="", kw_only=True)
    sort: str | tuple[str, ...] | None = field(default="", kw_only=True)
    link: Callable[[Any], str] | None = field(default=None, kw_only=True)
    choices: Mapping[Any, Text] | None = field(default=None, kw_only=True)
    help: Text = field(default="", kw_only=True)
    hidden: bool = field(default=False, kw_only=True)
    pinned: bool = field(default=False, kw_only=True)
    phone: bool = field(default=False, kw_only=True)
    export: bool = field(default=True, kw_only=True)
    permission: str = field(default="", kw_only=True)

    css = "text"
    _getter: Callable[[Any], Value] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        path = self.get or self.name
        object.__setattr__(self, "_getter", attrgetter(path) if isinstance(path, str) else path)

    @property
    def order_by(self) -> tuple[str, ...]:
        """Model fields to sort by; empty when the column does not sort."""
        if self.sort is None or (self.sort == "" and callable(self.get)):
            return ()
        if isinstance(self.sort, tuple):
            return self.sort
        return (self.sort or str(self.get or self.name).replace(".", "__"),)

    def value(self, record: Any) -> Value:
        """The raw value; None when a relation on the way is missing."""
        try:
            return self._getter(record)
        except AttributeError:
            return None

    def plain(self, record: Any) -> Value:
        """The value for an export: numbers stay numbers, choices become words."""
        value = self.value(record)
        return (
            str(self.choices.get(value, value)) if self.choices is not None and value is not None else value
        )

    def inner(self, record: Any, *, reading: Reading) -> str | SafeString:
        """The inside of the cell without its link. Subclasses override this."""
        value = self.plain(record)
        if value is None or value == "":
            return DASH
        return value if isinstance(value, SafeString) else escape(str(value))

    def cell(self, record: Any, *, reading: Reading) -> str:
        """The cell's HTML."""
        inside = self.inner(record, reading=reading)
        if self.link is not None and inside is not DASH:
            return f'<a href="{escape(self.link(record))}">{inside}</a>'
        return inside


@dataclass(frozen=True, eq=False)
class ActorColumn(Column):
    """Who did it: staff by name, the platform's own actors in the reader's language."""

    def plain(self, record: Any) -> Value:
        """The name as people say it."""
        value = self.value(record)
        return actor_said(value) if isinstance(value, str) else value


@dataclass(frozen=True, eq=False)
class NumberColumn(Column):
    """A number, right-aligned, with thousands separators."""

    places: int = field(default=0, kw_only=True)
    css = "num"

    def inner(self, record: Any, *, reading: Reading) -> str | SafeString:
        """As the class says."""
        value = self.value(record)
        return DASH if value is None else formats.number(value, self.places)


@dataclass(frozen=True, eq=False)
class PercentColumn(Column):
    """A share between 0 and 1 as a percentage."""

    css = "num"

    def inner(self, record: Any, *, reading: Reading) -> str | SafeString:
        """As the class says."""
        value = self.value(record)
        return DASH if value is None else formats.percent(value)


@dataclass(frozen=True, eq=False)
class MoneyColumn(Column):
    """An amount with its currency: `currency` is a path or function; else the installation's."""

    currency: str = field(default="", kw_only=True)
    css = "num"

    def inner(self, record: Any, *, reading: Reading) -> str | SafeString:
        """As the class says."""
        value = self.value(record)
        if value is None:
            return DASH
        currency = attrgetter(self.currency)(record) if self.currency else reading.currency
        return escape(formats.money(value, currency))

    def plain(self, record: Any) -> Value:
        """For an export."""
        value = self.value(record)
        return Decimal(str(value)) if isinstance(value, float) else value


@dataclass(frozen=True, eq=False)
class DateColumn(Column):
    """A calendar date, as it is."""

    css = "date"

    def inner(self, record: Any, *, reading: Reading) -> str | SafeString:
        """As the class says."""
        value: date | None = self.value(record)
        return DASH if value is None else formats.day(value)


@dataclass(frozen=True, eq=False)
class AgoColumn(Column):
    """A moment: relative within a week, exact on hover."""

    css = "date"

    def inner(self, record: Any, *, reading: Reading) -> str | SafeString:
        """As the class says."""
        value = self.value(record)
        if value is None:
            return DASH
        if isinstance(value, datetime):
            return html.moment(value, now=reading.now)
        return html.moment_of_day(value, reading.today, reading.language)


@dataclass(frozen=True, eq=False)
class BadgeColumn(Column):
    """A choice as a quiet label; `kinds` may give some values a meaning (ok, warn, bad, info)."""

    kinds: Mapping[Any, str] = field(default_factory=dict, kw_only=True)
    css = "text"

    def inner(self, record: Any, *, reading: Reading) -> str | SafeString:
        """As the class says."""
        value = self.value(record)
        if value in (None, ""):
            return DASH
        return html.badge(self.plain(record), self.kinds.get(value, ""))


@dataclass(frozen=True, eq=False)
class SparkColumn(Column):
    """A spark-line of a list of numbers."""

    css = "spark-cell"

    def inner(self, record: Any, *, reading: Reading) -> str | SafeString:
        """As the class says."""
        return html.spark(self.value(record) or [], label=str(self.title))

    def plain(self, record: Any) -> Value:
        """For an export."""
        return " ".join(str(v) for v in self.value(record) or [])

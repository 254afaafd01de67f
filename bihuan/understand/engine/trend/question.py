"""The trend question, checked and complete."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.fields import (
    BY,
    NAMES,
    PERIOD,
    RULE,
    SEGMENT,
    TEXT,
    WHERE,
    Field,
    known_fields,
    one_of,
    whole,
)
from bihuan.understand.engine.formula import names_of
from bihuan.understand.engine.listing import (
    LEFT_OUT,
    WHO,
    Cell,
    Read,
    a_day,
    a_value,
    either,
    list_field,
    read_cell,
    true,
)
from bihuan.understand.engine.listing import values as several_values
from bihuan.understand.engine.scope import (
    Scope,
    Selector,
    no_unit,
    read_by,
    read_events,
    read_scope,
    read_selector,
)

EVERY = ("hour", "day", "week", "month", "all")
SIMPLE = ("count", "people", "accounts")
COMPARE, PER = ("previous", "year"), ("account", "person")
AGGREGATE = re.compile(r"^(sum|avg|min|max|p(\d{1,2}))\((props\.[\w$.]+)\)$")
LETTERS = "ABCDEFGHIJ"
FIELDS = (
    Field(name="measure", schema=TEXT, default="`count`",
          meaning="`count` of events, different `people` or `accounts`, or `sum`, `avg`, `min`, `max`, `p50`, `p95` … of a "
          "property: `sum(props.amount)`"),
    Field(name="event", schema=TEXT, default="all product events",
          meaning="the name of an event; a named one may also be a fact of your own staff, such as `ticket_solved`"),
    Field(name="events", schema=NAMES, default="–", meaning="several names instead of one"),
    Field(name="series", default="–", schema={"type": "array", "minItems": 1, "maxItems": 10, "items": {
        "type": "object", "additionalProperties": False,
        "properties": {"event": TEXT, "events": NAMES, "where": RULE, "label": TEXT, "measure": TEXT}}},
          meaning="instead of `measure` and `event`: up to 10 of `{event or events, where, measure, label}`"),
    Field(name="formula", schema=TEXT, default="none",
          meaning="over the series in their order: `A / B * 100`, with + - * / and parentheses"),
    Field(name="per", schema=one_of(*PER), default="none",
          meaning="divided by the number of different accounts or people with such an event in the bucket"),
    Field(name="every", schema=one_of(*EVERY), default="`day`",
          meaning="the bucket: `hour`, `day`, `week` (from Monday), `month`, `all`"),
    BY,
    Field(name="cumulative", schema={"type": "boolean"}, default="`false`",
          meaning="running totals from the first day; for counts and sums"),
    Field(name="smooth", schema={"type": "integer", "minimum": 2, "maximum": 90}, default="none",
          meaning="moving average of so many buckets, this one and those before"),
    Field(name="compare", schema=one_of(*COMPARE), default="none",
          meaning="beside it the period of the same length before (`previous`) or a `year` earlier, bucket by bucket"),
    list_field("bucket", "of", "series", "not_series", "before", "unit",
               meaning="`{bucket: 2026-03-02}`, without `bucket` the whole period, `series` with a breakdown, `of: B` with "
               "several series, `unit: person` instead of accounts; who has such events, and how many. Behind a formula stands "
               "a list for each of its series (`of`), "
               "behind a number per account the accounts (`unit: account`), behind a moving average everybody of its window"),
    PERIOD, WHERE, SEGMENT,
    Field(name="unit", schema=TEXT, default="–", meaning="accepted, no effect here"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Series:
    """What is measured of which events, under the name that a formula knows it by."""

    name: str
    measure: str
    selector: Selector

    @property
    def plan(self) -> str:
        """What its expression is called among the plans."""
        return "rows" if self.name == LETTERS[0] else self.name

    @property
    def title(self) -> str:
        """Its label, or what it measures."""
        return self.selector.label or f"{self.measure} of {self.selector.title}"

    @property
    def sums(self) -> bool:
        """Whether values of parts may be added up."""
        return self.measure == "count" or self.measure.startswith("sum")

    @property
    def empty(self) -> float | None:
        """The value of a bucket without events."""
        return 0.0 if self.sums or self.measure in SIMPLE else None


@dataclass(frozen=True, kw_only=True)
class TrendQuestion:
    """Checked and complete; there is at least one series."""

    scope: Scope
    series: tuple[Series, ...]
    formula: str | None
    per: str | None
    every: str
    by: str | None
    cumulative: bool
    smooth: int | None
    compare: str | None
    listed: Cell | None = None

    @property
    def computed_of(self) -> tuple[Series, ...]:
        """The series that the numbers are computed of: those that the formula names; all of them without one."""
        if self.formula is None:
            return self.series
        names = names_of(self.formula, field="formula")
        return tuple(one for one in self.series if one.name in names)

    @property
    def earlier(self) -> "TrendQuestion":
        """The same question of the period to compare with."""
        first, last = self.scope.first, self.scope.last
        if self.compare == "year":
            first, last = _a_year_before(first), _a_year_before(last)
        else:
            length = (last - first).days + 1
            first, last = first - timedelta(days=length), last - timedelta(days=length)
        return replace(self, scope=replace(self.scope, first=first, last=last), compare=None)


def read_trend(raw: Mapping[str, Any], *, today: date) -> TrendQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "trend", FIELDS)
    series = _series(raw)
    every = str(raw.get("every", "day"))
    if every not in EVERY:
        raise QuestionError("every", f"{every!r} is none of {', '.join(EVERY)}")
    for name, values in (("compare", COMPARE), ("per", PER)):
        if raw.get(name) is not None and raw[name] not in values:
            raise QuestionError(name, f"{raw[name]!r} is none of {', '.join(values)}")
    cumulative, formula = raw.get("cumulative", False), raw.get("formula")
    smooth = None if raw.get("smooth") is None else whole(raw, "smooth", default=0, least=2, most=90)
    if not isinstance(cumulative, bool):
        raise QuestionError("cumulative", f"write true or false, not {cumulative!r}")
    if cumulative and (raw.get("per") or not all(one.sums for one in series)):
        raise QuestionError("cumulative", "only counts and sums add up over time")
    if every == "hour":
        for name in ("cumulative", "smooth", "compare"):
            if raw.get(name):
                raise QuestionError(name, "not for hours; ask for days, weeks or months")
    if formula is not None:
        unknown = names_of(str(formula), field="formula") - {one.name for one in series}
        if unknown:
            raise QuestionError("formula", f"there is no series {min(unknown)!r}; there is: "
                                f"{', '.join(one.name for one in series)}")  # fmt: skip
    return TrendQuestion(
        scope=read_scope({name: raw[name] for name in raw if name != "unit"}, today=today), series=series,
        formula=None if formula is None else str(formula), per=raw.get("per"), every=every, by=read_by(raw.get("by")),
        cumulative=cumulative, smooth=smooth, compare=raw.get("compare"), listed=_listed(raw, every, series),
    )  # fmt: skip


def _listed(raw: Mapping[str, Any], every: str, series: tuple[Series, ...]) -> Cell | None:
    takes: dict[str, Read] = {"unit": either(*WHO), LEFT_OUT: either(*map(no_unit, WHO))}
    needs = []
    if every != "all":
        takes["bucket"] = _hour if every == "hour" else a_day
    if len(series) > 1:
        takes["of"] = either(*(one.name for one in series))
        needs.append("of")
    if raw.get("by") is not None:
        takes |= {"series": a_value, "not_series": several_values}
    if raw.get("compare") is not None:
        takes["before"] = true
    return read_cell(raw.get("list"), takes=takes, needs=tuple(needs))


def _hour(raw: Any, field: str) -> datetime:
    """The moment at which an hour begins."""
    try:
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise QuestionError(
            field, f"write a moment with its zone such as 2026-03-02T09:00:00+08:00, not {raw!r}"
        )
    return moment.astimezone(UTC)


def _series(raw: Mapping[str, Any]) -> tuple[Series, ...]:
    given = raw.get("series")
    if given is None:
        return (
            Series(name="A", measure=_measure(raw, "measure"), selector=Selector(events=read_events(raw))),
        )
    if not isinstance(given, (list, tuple)) or not 1 <= len(given) <= len(LETTERS):
        raise QuestionError("series", f"write a list of 1 to {len(LETTERS)} series")
    for name in ("measure", "event", "events"):
        if name in raw:
            raise QuestionError(name, "write it in each of the series")
    result: list[Series] = []
    for letter, one in zip(LETTERS, given, strict=False):
        field = f"series[{len(result) + 1}]"
        if not isinstance(one, Mapping):
            raise QuestionError(field, f"write {{event, measure}}, not {one!r}")
        selector = read_selector({k: one[k] for k in one if k != "measure"}, field, needs_event=False)
        result.append(Series(name=letter, measure=_measure(one, f"{field}.measure"), selector=selector))
    return tuple(result)


def _measure(raw: Mapping[str, Any], field: str) -> str:
    measure = str(raw.get("measure", "count"))
    if measure not in SIMPLE and not AGGREGATE.match(measure):
        raise QuestionError(
            field, f"{measure!r} is none of count, people, accounts, sum(props.x), avg, min, max, p95"
        )
    return measure


def _a_year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)

"""What all questions about events share: whose, which days, which events, and by what they are broken down."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from bihuan.base.rules import RuleError, filter_of, parsed
from bihuan.understand.engine.answer import AnswerColumn, QuestionError

MOST_SERIES = 12
MOST_EVENTS = 200
OTHER = "…"
NONE = "—"
COLUMNS = {"event": "name", "account": "account_id", "person": "person_id", "product": "product_id",
           "source": "source_id"}  # fmt: skip
SPANS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
DAY_US = 86_400_000_000
Reach = Mapping[str, ir.Table]
Names = Callable[[str | None, list[str | None]], dict[str | None, str]]
_PROP = re.compile(r"props\.[\w$]+")
_TRAIT = re.compile(r"(account|person)\.\w+")
_KEY = re.compile(r"@[a-z0-9][a-z0-9-]{0,59}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Selector:
    """One or several events, each row of which a rule may refuse. No events: every product event."""

    events: tuple[str, ...] = ()
    where: str | None = None
    label: str = ""

    @property
    def title(self) -> str:
        """Its label, or what it selects."""
        names = " or ".join(self.events) or "any product event"
        return self.label or (f"{names} where {self.where}" if self.where else names)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whose events of which days. `first` and `last` are inclusive days in the organisation's zone.

    `segment` is only told: whoever asks turns it into the units that count (`reach`).
    """

    unit: str
    first: date
    last: date
    where: str | None
    segment: str | None


def read_scope(raw: Mapping[str, Any], *, today: date, unit: str = "person") -> Scope:
    """The unit, the period and the rules over events and accounts."""
    first, last = read_period(raw.get("period"), today=today)
    return Scope(
        unit=read_unit(raw.get("unit", unit)), first=first, last=last,
        where=read_rule(raw.get("where"), "where"), segment=read_segment_name(raw.get("segment"), "segment"),
    )  # fmt: skip


def read_unit(raw: Any) -> str:
    """person, account or props.<name>."""
    if isinstance(raw, str) and (raw in ("person", "account") or _PROP.fullmatch(raw)):
        return raw
    raise QuestionError("unit", f"{raw!r} is none of person, account or props.<name>")


def read_by(raw: Any, field: str = "by") -> str | None:
    """A breakdown, or None."""
    if raw is None:
        return None
    if isinstance(raw, str) and (raw in COLUMNS or _PROP.fullmatch(raw) or _TRAIT.fullmatch(raw)):
        return raw
    raise QuestionError(
        field, f"{raw!r} is none of {', '.join(COLUMNS)}, props.<name>, account.<field> or person.<field>"
    )


def read_selector(raw: Any, field: str, *, needs_event: bool = True) -> Selector:
    """The name of an event, or `{event | events, where, label}`."""
    if isinstance(raw, str):
        raw = {"event": raw}
    if not isinstance(raw, Mapping):
        raise QuestionError(field, f"write the name of an event or {{event, where, label}}, not {raw!r}")
    for name in raw:
        if name not in ("event", "events", "where", "label"):
            raise QuestionError(f"{field}.{name}", "there is: event, events, where, label")
    events = read_events(raw, field)
    if needs_event and not events:
        raise QuestionError(field, "name an event")
    label = raw.get("label", "")
    if not isinstance(label, str):
        raise QuestionError(f"{field}.label", f"write a text, not {label!r}")
    return Selector(events=events, where=read_rule(raw.get("where"), f"{field}.where"), label=label)


def read_events(raw: Mapping[str, Any], field: str = "") -> tuple[str, ...]:
    """The names under `event` or `events`."""
    place = f"{field}." if field else ""
    found = raw.get("events", raw.get("event"))
    names = (found,) if isinstance(found, str) else () if found is None else found
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) and name for name in names):
        raise QuestionError(f"{place}event", "write the name of an event, or a list of names")
    if len(names) > MOST_EVENTS:
        raise QuestionError(f"{place}events", f"it names {len(names)} events; name {MOST_EVENTS} at most")
    return tuple(names)


def read_rule(raw: Any, field: str) -> str | None:
    """The text of a rule that can be read, or None when there is none."""
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise QuestionError(field, f"write a rule as a text such as \"props.plan == 'pro'\", not {raw!r}")
    try:
        parsed(raw)
    except RuleError as error:
        raise QuestionError(field, str(error)) from None
    return raw


def read_segment_name(raw: Any, field: str) -> str | None:
    """A rule, or @ and the key of a saved segment; None when there is none."""
    if isinstance(raw, str) and raw.startswith("@"):
        if not _KEY.fullmatch(raw):
            raise QuestionError(field, f"write @ and the key of a segment such as @renewal-risk, not {raw!r}")
        return raw
    return read_rule(raw, field)


def read_span(raw: Any, field: str, *, default: str) -> int:
    """Microseconds of a text such as 30m, 12h, 7d."""
    found = re.fullmatch(r"(\d{1,5})([smhdw])", str(default if raw is None else raw))
    if not found or not int(found[1]):
        raise QuestionError(field, f"write a span such as 30m, 12h or 7d, not {raw!r}")
    return int(found[1]) * SPANS[found[2]] * 1_000_000


def span_text(us: int) -> str:
    """The largest unit that says it whole: 7 d, 90 m."""
    seconds = us // 1_000_000
    unit = next(name for name in ("d", "h", "m", "s") if seconds % SPANS[name] == 0)
    return f"{seconds // SPANS[unit]} {unit}"


def read_period(raw: Any, *, today: date) -> tuple[date, date]:
    """Inclusive days of `{from, to}` or `{last: 28d}`; the last 28 days when nothing is given."""
    if raw is None:
        return today - timedelta(days=27), today
    if not isinstance(raw, Mapping):
        raise QuestionError(
            "period", f"write {{from: 2024-01-01, to: 2024-01-31}} or {{last: 28d}}, not {raw!r}"
        )
    if "last" in raw:
        days = re.match(r"^(\d{1,4})d$", str(raw["last"]))
        if not days or int(days[1]) < 1:
            raise QuestionError("period.last", f"write a number of days such as 28d, not {raw['last']!r}")
        return today - timedelta(days=int(days[1]) - 1), today
    first, last = (read_day(raw.get(name), f"period.{name}") for name in ("from", "to"))
    if last < first:
        raise QuestionError("period", f"it ends ({last}) before it begins ({first})")
    if first.year < 1900 or last.year > 2200:
        raise QuestionError("period", "ask for days from 1900 to 2200")
    if (last - first).days > 3700:
        raise QuestionError("period", "ask for ten years at most")
    return first, last


def read_day(raw: Any, field: str) -> date:
    """A day from a date or its ISO text."""
    if isinstance(raw, datetime):
        raw = raw.date()
    if isinstance(raw, date):
        return raw
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        raise QuestionError(field, f"write a day such as 2024-06-30, not {raw!r}") from None


def in_scope(events: ir.Table, scope: Scope, *, reach: Reach, first: date | None = None) -> ir.Table:
    """Events from `first` (default: the scope's first day) to its last day that its rule and the reach leave.

    `reach` holds tables with the column `account_id` or `person_id`, under that name: only what lies in all of them.
    """
    t = events.filter(events.day.between(first or scope.first, scope.last))
    if scope.where:
        t = t.filter(rule(scope.where, t, field="where"))
    for column, units in reach.items():
        t = t.semi_join(units, column)
    return t


def since_ever(events: ir.Table, scope: Scope, *, reach: Reach) -> ir.Table:
    """Like `in_scope`, from the first event on."""
    return in_scope(events, scope, reach=reach, first=date(1900, 1, 1))


def rule(text: str, table: ir.Table, *, field: str) -> ir.BooleanValue:
    """A CEL rule over events: their columns and props.x."""

    def resolve(path: tuple[str, ...]) -> ir.Value:
        if path[0] == "props" and len(path) == 2:
            return table.props[path[1]]
        if len(path) == 1 and path[0] in ("name", "ts", "distinct_id", "person_id", "account_id"):
            return table[path[0]]
        raise LookupError(
            f"unknown name {'.'.join(path)!r}; write props.<name>, name, ts, distinct_id, person_id, account_id"
        )

    return _compiled(text, resolve, field)


def _compiled(text: str, resolve: Callable[[tuple[str, ...]], ir.Value], field: str) -> ir.BooleanValue:
    try:
        return filter_of(text, resolve=resolve)
    except RuleError as error:
        raise QuestionError(field, str(error)) from None


def chosen(t: ir.Table, selector: Selector, *, internal_source: int, field: str) -> ir.BooleanValue:
    """Whether an event is one of these."""
    if selector.events:
        found = t.name.isin(selector.events)
    else:
        found = t.source_id != internal_source
    return found & rule(selector.where, t, field=field) if selector.where else found


def unit_of(t: ir.Table, unit: str) -> ir.Value:
    """The unit of an event; null when it has none."""
    if unit in ("person", "account"):
        return t[COLUMNS[unit]]
    return property_text(t, unit)


def property_text(t: ir.Table, name: str) -> ir.StringValue:
    """A property as text: `pro`, `12`, `true`; null when it is absent."""
    value = t.props[name.removeprefix("props.")]
    return ibis.coalesce(value.str, value.cast("string"))


def count_of(condition: ir.BooleanValue) -> ir.IntegerValue:
    """In how many rows it is true."""
    return condition.count(where=condition)


def no_unit(unit: str) -> str:
    """Why an event does not count."""
    return f"no {unit}"


def trait_of(by: str | None) -> tuple[str, str] | None:
    """("account", "industry") of a breakdown by what is known of accounts or people."""
    found = by is not None and _TRAIT.fullmatch(by)
    return (by.split(".")[0], by.split(".")[1]) if by is not None and found else None


def with_series(t: ir.Table, by: str | None, *, traits: ir.Table | None) -> ir.Table:
    """The events with `series`, a text. `traits` has account_id or person_id, and `value`, for account.x and person.x."""
    if (trait := trait_of(by)) is not None:
        assert traits is not None, by
        key = COLUMNS[trait[0]]
        found = traits.select(trait_id=traits[key], series=traits["value"])
        return t.left_join(found, t[key] == found.trait_id).drop("trait_id")
    if by is None:
        return t.mutate(series=ibis.null("string"))
    return t.mutate(series=t[COLUMNS[by]].cast("string") if by in COLUMNS else property_text(t, by))


def microseconds(ts: ir.TimestampValue) -> ir.IntegerValue:
    """Since 1970 in UTC: whole numbers compare and subtract the same on every engine."""
    return ts.delta(ibis.literal(_EPOCH), unit="microsecond")


def bucket_of(day: ir.DateValue, every: str) -> ir.Value:
    """The first day of the day, week (Monday) or month, or "all"."""
    if every == "all":
        return ibis.literal("all")
    return day if every == "day" else day.truncate({"week": "W", "month": "M"}[every])


def start_of(day: date, every: str) -> date:
    """The same of one day."""
    if every == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if every == "month" else day


def after(start: date, every: str, n: int = 1) -> date:
    """The first day of the n-th bucket after one that begins at `start`."""
    if every != "month":
        return start + timedelta(days=n * (7 if every == "week" else 1))
    year, month = divmod(start.year * 12 + start.month - 1 + n, 12)
    return date(year, month + 1, 1)


def buckets_between(first: date, last: date, every: str) -> list[Any]:
    """Every bucket that has a day of the period, in order, so that a quiet one is a zero and not a gap."""
    if every == "all":
        return ["all"]
    result: list[Any] = [start_of(first, every)]
    while (following := after(result[-1], every)) <= last:
        result.append(following)
    return result


def scope_lines(scope: Scope, *, zone: str) -> list[str]:
    """What every definition says of unit, period and rules."""
    lines = [f"{scope.first} to {scope.last}, inclusive days in {zone}"]
    if scope.where:
        lines.append(f"where {scope.where}")
    if scope.segment:
        lines.append(f"segment {scope.segment}; an event of nobody in it does not count")
    return lines


def unit_line(scope: Scope) -> str:
    """What does not count for want of a unit."""
    article = "an" if scope.unit == "account" else "a"
    return f"by {scope.unit}: an event without {article} {scope.unit} does not count"


def end_of_knowledge(scope: Scope, *, today: date) -> date:
    """The day on which everything that an answer may know has ended: after the period, and never after today began."""
    return min(scope.last + timedelta(days=1), today)


def biggest(totals: Mapping[str | None, float], *, most: int = MOST_SERIES) -> list[str | None]:
    """The series to show, the biggest first."""
    return sorted(totals, key=lambda name: (-totals[name], name or ""))[:most]


def plain_names(by: str | None, values: list[str | None]) -> dict[str | None, str]:
    """What to call each series when nobody knows better."""
    return {value: NONE if value is None else value for value in values}


def series_columns(by: str | None) -> list[AnswerColumn]:
    """The column of a breakdown, when there is one."""
    return [AnswerColumn(name=by, type="text")] if by else []


def left_out_of(found: Mapping[str, pa.Table]) -> dict[str, int]:
    """What a plan `left_out` counted, by reason."""
    rows = found["left_out"].to_pylist()
    return {reason: int(n) for reason, n in rows[0].items() if n} if rows else {}


def as_day(value: Any) -> Any:
    """A bucket out of an engine as a date."""
    return value.date() if isinstance(value, datetime) else value

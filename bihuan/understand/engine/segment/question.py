"""The segment question: who is in, how many over time, and what sets them apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.fields import (
    NAMES,
    PERIOD_SCHEMA,
    RULE,
    TEXT,
    Field,
    known_fields,
    one_of,
    whole,
)
from bihuan.understand.engine.listing import (
    LEFT_OUT,
    Cell,
    Read,
    a_day,
    a_text,
    a_value,
    either,
    list_field,
    read_cell,
)
from bihuan.understand.engine.scope import (
    after,
    buckets_between,
    read_by,
    read_day,
    read_period,
    read_segment_name,
    trait_of,
)
from bihuan.understand.engine.segment.definition import COUNTS, UNITS, Definition, read_definition

EVERY = ("day", "week", "month")
MOST_BUCKETS = 60
REST = "rest"
UNKNOWN = "unknown"
BEHAVIOUR_SCHEMA: Mapping[str, Any] = {
    "type": "object", "maxProperties": 10,
    "additionalProperties": {
        "type": "object", "additionalProperties": False,
        "properties": {"event": TEXT, "events": NAMES, "where": RULE, "label": TEXT,
                       "last": {"type": "string", "pattern": "^[0-9]{1,3}d$"}, "count": one_of(*COUNTS)},
    },
}  # fmt: skip
FIELDS = (
    Field(name="segment", schema=RULE, default="required",
          meaning="a rule, or `@` and the key of a saved segment: `\"@renewal-risk\"`"),
    Field(name="unit", schema=one_of(*UNITS), default="by the rule",
          meaning="`account` or `person`; without it people when the rule speaks of `person`"),
    Field(name="behaviour", schema=BEHAVIOUR_SCHEMA, default="none",
          meaning="what `behaviour.<name>` counts: `{exports: {event: report_exported, where: 'props.rows > 10', "
          "last: 28d, count: events}}`; `count` may be `days`"),
    Field(name="as_of", schema={"type": "string", "format": "date"}, default="today",
          meaning="the day of measures and behaviour"),
    Field(name="top", schema={"type": "integer", "minimum": 1, "maximum": 10_000}, default="`1000`",
          meaning="how many members are listed, by name"),
    Field(name="by", schema=TEXT, default="none",
          meaning="instead of the members their number and share for each value: `account.industry`, `person.title`"),
    Field(name="every", schema=one_of(*EVERY), default="none",
          meaning="instead of the members their number at the end of each `day`, `week` or `month` of `period`"),
    Field(name="period", schema=PERIOD_SCHEMA, default="last 84 days", meaning="of `every`: `{from, to}` or `{last: 84d}`"),
    Field(name="compare", schema=RULE, default="none",
          meaning="instead of the members: measure by measure against another segment, a rule, or `rest`, everybody else"),
    Field(name="measures", schema=NAMES, default="all", meaning="which measures `compare` takes"),
    list_field("of", "series", "bucket", "measure", meaning=(
        "who is behind one number: `{of: size}` the members, `{of: everybody}` whom the rule was asked of; with `by` "
        "`{of: size, series: retail}`, with `every` `{of: size, bucket: 2026-03-08}`; of a comparison `of: a`, `b` or `both`, "
        "with `measure: mrr` those who have that measure"
    )),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SegmentQuestion:
    """`segment` and `compare` are @keys when their definition is None; `days` are the ends of buckets."""

    segment: str
    definition: Definition | None
    as_of: date
    top: int
    days: tuple[date, ...] = ()
    by: str | None = None
    compare: str | None = None
    measures: tuple[str, ...] | None = None
    listed: Cell | None = None


def read_segment(raw: Mapping[str, Any], *, today: date) -> SegmentQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "segment", FIELDS)
    segment = read_segment_name(raw.get("segment"), "segment")
    if segment is None:
        raise QuestionError("segment", "write a rule, or @ and the key of a saved segment")
    saved = segment.startswith("@")
    if saved and ("behaviour" in raw or "unit" in raw):
        raise QuestionError("segment", "a saved segment has its own unit and behaviour; leave them out")
    compare = raw.get("compare")
    if compare is not None and compare != REST:
        compare = read_segment_name(compare, "compare")
    by = read_by(raw.get("by"))
    if by is not None and trait_of(by) is None:
        raise QuestionError("by", f"{by!r} is no field of an account or a person")
    if sum(one is not None for one in (compare, by, raw.get("every"))) > 1:
        raise QuestionError("compare", "ask for one of: sizes over time, a breakdown, a comparison")
    days = _days(raw, today=today)
    return SegmentQuestion(
        segment=segment, listed=_listed(raw, days=days, by=by, compare=compare),
        definition=None if saved else read_definition(raw, field="segment"),
        as_of=read_day(raw.get("as_of", today), "as_of"), top=whole(raw, "top", default=1000, least=1, most=10_000),
        days=days, by=by, compare=compare, measures=_measures(raw.get("measures")),
    )  # fmt: skip


def _listed(
    raw: Mapping[str, Any], *, days: tuple[date, ...], by: str | None, compare: str | None
) -> Cell | None:
    """The number that `list` names; QuestionError for one that there is not."""
    sides = ("a", "b", "both") if compare is not None else ("size", "everybody")
    takes: dict[str, Read] = {"of": either(*sides)}
    if by is not None:
        takes["series"] = a_value
    if days:
        takes["bucket"] = a_day
    if compare is not None:
        takes["measure"] = a_text
    cell = read_cell(raw.get("list"), takes=takes, needs=("of",), left_out={LEFT_OUT: either(UNKNOWN)})
    if cell is not None and "bucket" in cell and cell.get("bucket") not in days:
        raise QuestionError("list.bucket", f"there is: {', '.join(map(str, days))}")
    return cell


def _days(raw: Mapping[str, Any], *, today: date) -> tuple[date, ...]:
    """The last day of each bucket, none after the period's."""
    every = raw.get("every")
    if every is None:
        if "period" in raw:
            raise QuestionError("period", "it goes with every; for one day write as_of")
        return ()
    if every not in EVERY:
        raise QuestionError("every", f"{every!r} is none of {', '.join(EVERY)}")
    first, last = read_period(raw.get("period", {"last": "84d"}), today=today)
    last = min(last, today)
    ends = [
        min(after(start, every) - timedelta(days=1), last) for start in buckets_between(first, last, every)
    ]
    if len(ends) > MOST_BUCKETS:
        raise QuestionError("every", f"it gives {len(ends)} points; ask for {MOST_BUCKETS} at most")
    return tuple(ends)


def _measures(raw: Any) -> tuple[str, ...] | None:
    if raw is None:
        return None
    if not isinstance(raw, (list, tuple)) or not raw or not all(isinstance(name, str) for name in raw):
        raise QuestionError("measures", "write a list of names of measures, such as [mrr, active_people]")
    return tuple(dict.fromkeys(name.removeprefix("m.").removeprefix("measure.") for name in raw))

"""Attribution: which touches a conversion is owed to, by a stated model."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn, QuestionError
from bihuan.understand.engine.fields import (
    BY,
    DURATION,
    SELECTOR,
    SHARED,
    TEXT,
    Field,
    choice,
    known_fields,
    one_of,
)
from bihuan.understand.engine.left_out import shape_nameless, takes_left_out, without_unit
from bihuan.understand.engine.listing import (
    LEFT_OUT,
    Cell,
    a_value,
    either,
    in_series,
    list_field,
    plans_of_list,
    read_cell,
    shape_list,
    told_left_out,
)
from bihuan.understand.engine.scope import (
    DAY_US,
    NONE,
    Names,
    Reach,
    Scope,
    Selector,
    chosen,
    in_scope,
    microseconds,
    no_unit,
    plain_names,
    read_by,
    read_scope,
    read_selector,
    read_span,
    scope_lines,
    span_text,
    unit_line,
    unit_of,
    with_series,
)

WITHOUT = "conversions without a touch"
MODELS = ("last", "first", "linear", "decay", "position")
ENDS, MIDDLE = 0.4, 0.2
FIELDS = (
    Field(name="touch", schema=SELECTOR, default="required",
          meaning="what may have led to the conversion: `{events, where}`"),
    Field(name="conversion", schema=SELECTOR, default="required",
          meaning="what was reached; every such event of the period counts"),
    Field(name="model", schema=one_of(*MODELS), default="`last`",
          meaning="`last`, `first`, `linear` (equal parts), `decay` (half as much each half-life before), `position` (40 % "
          "first, 40 % last, 20 % between)"),
    Field(name="within", schema=DURATION, default="`30d`",
          meaning="how long before the conversion a touch counts, end inclusive"),
    Field(name="half_life", schema=DURATION, default="`7d`", meaning="of `decay`"),
    Field(name="value", schema=TEXT, default="none",
          meaning="`props.<name>` of the conversion: its amount is shared out too"),
    BY,
    list_field("series", "of", "unit", meaning="`{series: webinar_joined}`: whose conversions had this touch; `{}`: had any; "
               "`{of: conversions}`: all who converted"),
    *SHARED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AttributionQuestion:
    """Checked and complete; spans in microseconds."""

    scope: Scope
    touch: Selector
    conversion: Selector
    model: str
    within: int
    half_life: int
    value: str | None
    by: str
    listed: Cell | None


def read_attribution(raw: Mapping[str, Any], *, today: date) -> AttributionQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "attribution", FIELDS)
    for name in ("touch", "conversion"):
        if name not in raw:
            raise QuestionError(name, "name an event")
    value = raw.get("value")
    if value is not None and not str(value).startswith("props."):
        raise QuestionError("value", f"write props.<name>, not {value!r}")
    scope = read_scope(raw, today=today)
    return AttributionQuestion(
        scope=scope, touch=read_selector(raw["touch"], "touch"),
        conversion=read_selector(raw["conversion"], "conversion"), model=choice(raw, "model", MODELS),
        within=read_span(raw.get("within"), "within", default="30d"),
        half_life=read_span(raw.get("half_life"), "half_life", default="7d"),
        value=read_by(value, "value"), by=read_by(raw.get("by")) or "event",
        listed=read_cell(raw.get("list"), takes={"series": a_value, "of": either("conversions")},
                                                      left_out=takes_left_out(no_unit(scope.unit), WITHOUT)),
    )  # fmt: skip


def plans_of_attribution(
    q: AttributionQuestion,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None = None,
) -> Mapping[str, ir.Table]:
    """`rows`: `series`, `touches`, `credit` (conversions) and `value`; `total`: conversions and their value; `left_out`."""
    done = in_scope(events, q.scope, reach=reach)
    done = done.filter(chosen(done, q.conversion, internal_source=internal_source, field="conversion.where"))
    cell = q.listed
    if cell is not None and cell.get(LEFT_OUT) == no_unit(q.scope.unit):
        return without_unit(done, q.scope.unit, cell=cell)
    left_out = without_unit(done, q.scope.unit)
    amount = done.props[q.value.removeprefix("props.")].float.fill_null(0.0) if q.value else ibis.literal(0.0)
    done = done.select(unit=unit_of(done, q.scope.unit), us=microseconds(done.ts), amount=amount, done_id=done.event_id,
                       done_source=done.source_id)  # fmt: skip
    done = done.filter(done.unit.notnull())
    order = [done.us, done.done_id, done.done_source]
    done = done.mutate(nth=ibis.row_number().over(group_by="unit", order_by=order))
    pairs = _pairs(q, done, events=events, reach=reach, internal_source=internal_source, traits=traits)
    pairs = pairs.mutate(weight=_weight(q, pairs))
    if cell is not None and (LEFT_OUT in cell or "of" in cell):
        if LEFT_OUT in cell:
            touched = pairs.select(was=pairs.unit, nth_was=pairs.nth).distinct()
            done = done.anti_join(touched, [done.unit == touched.was, done.nth == touched.nth_was])
        units = done.group_by("unit").aggregate(conversions=done.count(), value=done.amount.sum())
        sums = {name: name for name in ("conversions", *(["value"] if q.value else []))}
        return plans_of_list(units, first=(ibis.desc("conversions"),), **sums) | left_out
    if cell is not None:
        mine = in_series(pairs, cell)
        units = mine.group_by("unit").aggregate(
            touches=mine.count(), conversions=mine.weight.sum(), value=(mine.weight * mine.amount).sum()
        )
        sums = {name: name for name in ("touches", "conversions", *(["value"] if q.value else []))}
        return plans_of_list(units, first=(ibis.desc("conversions"),), **sums) | left_out
    rows = pairs.group_by("series").aggregate(
        touches=pairs.count(), credit=pairs.weight.sum(), value=(pairs.weight * pairs.amount).sum()
    )
    total = done.aggregate(conversions=done.count(), value=done.amount.sum())
    return {"rows": rows.order_by("series"), "total": total, **left_out}


def _pairs(
    q: AttributionQuestion,
    done: ir.Table,
    *,
    events: ir.Table,
    reach: Reach,
    internal_source: int,
    traits: ir.Table | None,
) -> ir.Table:
    """One row a conversion and touch before it: series, amount, age (µs), place (from 0) and count within the conversion."""
    first = q.scope.first - timedelta(days=-(-q.within // DAY_US))
    t = in_scope(events, q.scope, reach=reach, first=first)
    t = t.filter(chosen(t, q.touch, internal_source=internal_source, field="touch.where"))
    t = with_series(t, q.by, traits=traits)
    t = t.select(
        "series", "event_id", "source_id", touch_unit=unit_of(t, q.scope.unit), touch_us=microseconds(t.ts)
    )
    pairs = done.join(t, done.unit == t.touch_unit)
    pairs = pairs.mutate(age=pairs.us - pairs.touch_us)
    itself = (pairs.event_id == pairs.done_id) & (pairs.source_id == pairs.done_source)
    pairs = pairs.filter(pairs.age.between(0, q.within) & ~itself)
    key = ["unit", "nth"]
    order = [pairs.touch_us, pairs.event_id, pairs.source_id]
    return pairs.mutate(
        place=ibis.row_number().over(group_by=key, order_by=order),
        n=pairs.count().over(ibis.window(group_by=key)),
    )


def _weight(q: AttributionQuestion, t: ir.Table) -> ir.Value:
    """The part of the conversion that a touch is given; the parts of a conversion add up to one."""
    one = ibis.literal(1.0)
    if q.model == "first":
        return ibis.cases((t.place == 0, one), else_=0.0)
    if q.model == "last":
        return ibis.cases((t.place == t.n - 1, one), else_=0.0)
    if q.model == "linear":
        return one / t.n
    if q.model == "decay":
        half = ibis.literal(0.5) ** (t.age.cast("float64") / q.half_life)
        return half / half.sum().over(ibis.window(group_by=["unit", "nth"]))
    ends = (t.place == 0) | (t.place == t.n - 1)
    return ibis.cases((t.n <= 2, one / t.n), (ends, ENDS), else_=ibis.literal(MIDDLE) / (t.n - 2).nullif(0))


def shape_attribution(
    q: AttributionQuestion,
    *,
    found: Mapping[str, pa.Table],
    zone: str,
    today: date,
    names: Names = plain_names,
) -> Answer:
    """A row a channel, the one with most credit first."""
    if q.listed is not None and q.listed.get(LEFT_OUT) == no_unit(q.scope.unit):
        return shape_nameless("attribution", q.listed, found=found, definition=definition_of(q, zone=zone))
    if q.listed is not None:
        all_of_them = LEFT_OUT in q.listed or "of" in q.listed
        names_ = (*([] if all_of_them else ["touches"]), "conversions", *(["value"] if q.value else []))
        return shape_list(
            kind="attribution", unit=q.scope.unit, cell=q.listed, found=found, definition=definition_of(q, zone=zone),
            columns=tuple(AnswerColumn(name=one, type="number") for one in names_),
            values_of=lambda row: tuple(row[one] for one in names_),
        )  # fmt: skip
    raw = sorted(found["rows"].to_pylist(), key=lambda row: (-row["credit"], row["series"] or ""))
    titles = names(q.by, [row["series"] for row in raw])
    total = (found["total"].to_pylist() or [{}])[0]
    conversions, amount = int(total.get("conversions") or 0), float(total.get("value") or 0)
    credited = float(sum(row["credit"] for row in raw))
    rows = tuple(
        (
            titles.get(row["series"], NONE),
            int(row["touches"]),
            float(row["credit"]),
            float(row["credit"]) / credited if credited else None,
        )
        + ((float(row["value"]),) if q.value else ())
        for row in raw
    )
    columns = [AnswerColumn(name=q.by, type="text"), AnswerColumn(name="touches", type="number"),
               AnswerColumn(name="conversions", type="number"), AnswerColumn(name="share", type="percent")]  # fmt: skip
    summary: dict[str, Any] = {"conversions": conversions, "attributed": credited}
    if q.value:
        columns.append(AnswerColumn(name="value", type="number"))
        summary |= {"value": amount, "value_attributed": float(sum(row["value"] for row in raw))}
    told = told_left_out(found)
    if (without := conversions - round(credited)) > 0:
        told["left_out"][WITHOUT] = without
        told["behind_left_out"][WITHOUT] = {LEFT_OUT: WITHOUT}
    counted = [column.name for column in columns[1:] if column.type == "number"]
    behind = tuple({name: {"series": row["series"]} for name in counted} for row in raw)
    return Answer(kind="attribution", question={}, definition=definition_of(q, zone=zone), columns=tuple(columns), rows=rows,
                  summary=summary, behind=behind, behind_summary={"conversions": {"of": "conversions"}, "attributed": {}},
                  drawn_from={"share": "conversions", "value": "conversions", "value_attributed": "attributed"},
                  **told)  # fmt: skip


def definition_of(q: AttributionQuestion, *, zone: str) -> tuple[str, ...]:
    """The definition line, in the words of SEMANTICS."""
    model = {
        "last": "all to the last touch", "first": "all to the first touch", "linear": "equal parts to all touches",
        "decay": f"parts that halve every {span_text(q.half_life)} before the conversion",
        "position": "40 % to the first touch, 40 % to the last, 20 % to those between; two share equally",
    }[q.model]  # fmt: skip
    return (
        f"touch: {q.touch.title}; conversion: {q.conversion.title}",
        f"model {q.model}: {model}",
        f"touches at most {span_text(q.within)} before the conversion, end inclusive, also before the period; every "
        "conversion of the period counts",
        unit_line(q.scope),
        *scope_lines(q.scope, zone=zone),
    )

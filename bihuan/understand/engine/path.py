"""Path: what units do after an event, or before one, as links between steps."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
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
    Field,
    choice,
    known_fields,
    one_of,
    whole,
)
from bihuan.understand.engine.left_out import shape_nameless, takes_no_unit, without_unit
from bihuan.understand.engine.listing import (
    LEFT_OUT,
    Cell,
    a_text,
    a_value,
    in_series,
    list_field,
    number,
    plans_of_list,
    read_cell,
    same,
    shape_list,
    told_left_out,
)
from bihuan.understand.engine.scope import (
    OTHER,
    Names,
    Reach,
    Scope,
    Selector,
    chosen,
    in_scope,
    microseconds,
    plain_names,
    read_by,
    read_scope,
    read_selector,
    read_span,
    scope_lines,
    series_columns,
    span_text,
    unit_line,
    unit_of,
    with_series,
)
from bihuan.understand.engine.series import shown_of

END, BEGIN = "(end)", "(begin)"
REPEATS = ("collapse", "keep")
FIELDS = (
    Field(name="from", schema=SELECTOR, default="the unit's first event",
          meaning="paths that begin with the first of these"),
    Field(name="to", schema=SELECTOR, default="none",
          meaning="instead of `from`: paths that end with the last of these"),
    Field(name="events", schema=SELECTOR, default="any product event",
          meaning="what may stand on a path: `{events, where}`"),
    Field(name="steps", schema={"type": "integer", "minimum": 2, "maximum": 20}, default="`5`",
          meaning="how many events of a path are shown, 20 at most"),
    Field(name="within", schema=DURATION, default="none",
          meaning="how far from the first (or to the last) event a path reaches"),
    Field(name="repeats", schema=one_of(*REPEATS), default="`collapse`",
          meaning="`collapse`: the same event again and again is one step; `keep` each"),
    Field(name="top", schema={"type": "integer", "minimum": 1, "maximum": 100}, default="`8`",
          meaning="how many events are told apart at each step; the rarer ones together are `…`"),
    BY,
    list_field("step", "source", "target", "series", "unit",
               meaning="`{step: 2, source: a, target: b}` as in a row; without `target` or `source` all links of the other "
               "end; with a breakdown also `series`; `{}` all who have a path"),
    *SHARED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PathQuestion:
    """Checked and complete. `back`: the anchor is the end and the path is read backwards."""

    scope: Scope
    anchor: Selector | None
    back: bool
    events: Selector
    steps: int
    within: int | None
    repeats: str
    top: int
    by: str | None
    listed: Cell | None


def read_path(raw: Mapping[str, Any], *, today: date) -> PathQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "path", FIELDS)
    if "from" in raw and "to" in raw:
        raise QuestionError("to", "ask for paths from an event or to one; leave one of them out")
    end = "to" if "to" in raw else "from"
    given = raw.get("events")
    if isinstance(given, (list, tuple)):
        given = {"events": given}
    by, steps = read_by(raw.get("by")), whole(raw, "steps", default=5, least=2, most=20)
    places = number(1 - steps, -1) if end == "to" else number(1, steps - 1)
    takes = {"step": places, "source": a_text, "target": a_text} | ({"series": a_value} if by else {})
    scope = read_scope(raw, today=today)
    listed = read_cell(raw.get("list"), takes=takes, left_out=takes_no_unit(scope.unit))
    if listed is not None and "step" not in listed and ("source" in listed or "target" in listed):
        raise QuestionError("list.step", "name it, so that it is one number")
    return PathQuestion(
        scope=scope, anchor=read_selector(raw[end], end) if end in raw else None, back=end == "to",
        events=Selector() if given is None else read_selector(given, "events", needs_event=False),
        steps=steps, by=by, listed=listed,
        within=None if raw.get("within") is None else read_span(raw["within"], "within", default=""),
        repeats=choice(raw, "repeats", REPEATS), top=whole(raw, "top", default=8, least=1, most=100),
    )  # fmt: skip


def plans_of_path(
    q: PathQuestion, *, events: ir.Table, reach: Reach, internal_source: int, traits: ir.Table | None = None
) -> Mapping[str, ir.Table]:
    """`rows`: `series` (of the anchor), `step` (0 is the anchor), `name`, `then` (the next event away from the anchor, null:
    none) and `units`, for steps 0 to steps - 2; each unit has one path. `left_out`."""
    t = in_scope(events, q.scope, reach=reach)
    anchors = ibis.literal(False)
    if q.anchor is not None:
        anchors = chosen(
            t, q.anchor, internal_source=internal_source, field="to.where" if q.back else "from.where"
        )
    t = t.mutate(anchor=anchors)
    t = t.filter(t.anchor | chosen(t, q.events, internal_source=internal_source, field="events.where"))
    left_out = without_unit(t, q.scope.unit, cell=q.listed)
    if q.listed is not None and LEFT_OUT in q.listed:
        return left_out
    t = with_series(t, q.by, traits=traits)
    t = t.select(
        "name", "anchor", "received_at", "series", unit=unit_of(t, q.scope.unit), us=microseconds(t.ts)
    )
    t = t.filter(t.unit.notnull())
    # two of one name at one moment are the same to a path, but for the value of the first
    order = [t.us, t.received_at, t.name, *([t.series.asc(nulls_first=False)] if q.by else [])]
    if q.back:
        order = [t.us.desc(), t.received_at.desc(), t.name.desc(), *order[3:]]
    t = t.mutate(pos=ibis.row_number().over(group_by="unit", order_by=order))
    if q.anchor is None:
        t = t.mutate(anchor=t.pos == 0)
    whole_unit = ibis.window(group_by="unit")
    t = t.mutate(anchor_pos=ibis.cases((t.anchor, t.pos)).min().over(whole_unit))
    t = t.filter(t.anchor_pos.notnull() & (t.pos >= t.anchor_pos))
    if q.by:
        first = ibis.cases((t.pos == t.anchor_pos, t.series))
        t = t.mutate(series=first.max().over(whole_unit))
    if q.within is not None:
        t = t.mutate(anchor_us=ibis.cases((t.pos == t.anchor_pos, t.us)).min().over(whole_unit))
        t = t.filter((t.us - t.anchor_us).abs() <= q.within)
    in_order = ibis.window(group_by="unit", order_by="pos")
    if q.repeats == "collapse":
        t = t.mutate(before=t.name.lag().over(in_order))
        t = t.filter(t.before.isnull() | (t.before != t.name))
    t = t.mutate(step=ibis.row_number().over(in_order), then=t.name.lead().over(in_order))
    t = t.filter(t.step < q.steps - 1)
    if q.listed is not None:
        return plans_of_list(_inside(q, q.listed, t)) | left_out
    key = ["series", "step", "name", "then"]
    return {"rows": t.group_by(key).aggregate(units=t.count()).order_by(key), **left_out}


def _inside(q: PathQuestion, cell: Cell, t: ir.Table) -> ir.Table:
    """The units of one link, or of all links from or to one event."""
    step = abs(cell.get("step") or 1) - 1
    near, far = ("target", "source") if q.back else ("source", "target")
    here = in_series(t.filter(t.step == step), cell)
    if near in cell:
        here = _called(q, t, here, "name", cell.get(near), step=step)
    if far in cell:
        nothing = cell.get(far) == (BEGIN if q.back else END)
        here = (
            here.filter(here.then.isnull())
            if nothing
            else _called(q, t, here, "then", cell.get(far), step=step + 1)
        )
    return here.select("unit")


def _called(q: PathQuestion, t: ir.Table, here: ir.Table, column: str, name: str, *, step: int) -> ir.Table:
    """Those whose event has the name; for OTHER those whose event is not among the most frequent ones of the step."""
    if name != OTHER:
        return here.filter(same(here[column], name))
    at = t.filter(t.step == step).select(found="name") if step == 0 else t.filter(
        (t.step == step - 1) & t.then.notnull()
    ).select(found="then")  # fmt: skip
    sizes = at.group_by("found").aggregate(size=at.count())
    shown = sizes.order_by(sizes["size"].desc(), "found").limit(q.top)
    return here.filter(here[column].notnull()).anti_join(shown, here[column] == shown.found)


def shape_path(
    q: PathQuestion, *, found: Mapping[str, pa.Table], zone: str, today: date, names: Names = plain_names
) -> Answer:
    """A row a link (of a series): its step, both ends and units. Ends are told apart by step, so that links never form a
    loop; which events are shown at a step is the same in all series."""
    if q.listed is not None and LEFT_OUT in q.listed:
        return shape_nameless("path", q.listed, found=found, definition=definition_of(q, zone=zone))
    if q.listed is not None:
        return shape_list(kind="path", unit=q.scope.unit, cell=q.listed, found=found,
                          definition=definition_of(q, zone=zone))  # fmt: skip
    raw = found["rows"].to_pylist()
    units_of: Counter[str | None] = Counter()
    sizes: dict[int, Counter[str]] = defaultdict(Counter)
    for row in raw:
        if row["step"] == 0:
            sizes[0][row["name"]] += row["units"]
            units_of[row["series"]] += row["units"]
        if row["then"] is not None:
            sizes[row["step"] + 1][row["then"]] += row["units"]
    shown = {
        step: set(sorted(names_, key=lambda n: (-names_[n], n))[: q.top]) for step, names_ in sizes.items()
    }
    series_shown = shown_of(units_of, by=q.by, names=names)
    links: Counter[tuple[str | None, int, str, str]] = Counter()
    for row in raw:
        step, then = int(row["step"]), row["then"]
        source = row["name"] if row["name"] in shown[step] else OTHER
        target = (BEGIN if q.back else END) if then is None else then if then in shown[step + 1] else OTHER
        links[row["series"], step, source, target] += row["units"]
    totals: Counter[tuple[str | None, int, str]] = Counter()
    for (series, step, source, _), units in links.items():
        totals[series, step, source] += units
    rows, behind = [], []
    for series in series_shown.kept:
        own = [(link[1:], units) for link, units in links.items() if link[0] == series]
        for (step, near, far), units in sorted(own, key=lambda one: (one[0][0], -one[1], one[0])):
            source, target = (far, near) if q.back else (near, far)
            place = -step - 1 if q.back else step + 1
            rows.append(
                (
                    *series_shown.label(series),
                    place,
                    source,
                    target,
                    units,
                    units / totals[series, step, near],
                )
            )
            behind.append(
                {"units": {"step": place, "source": source, "target": target} | series_shown.cell(series)}
            )
    columns = (
        *series_columns(q.by), AnswerColumn(name="step", type="number"), AnswerColumn(name="source", type="text"),
        AnswerColumn(name="target", type="text"), AnswerColumn(name="units", type="number", unit=q.scope.unit),
        AnswerColumn(name="share", type="percent"),
    )  # fmt: skip
    return Answer(
        kind="path", question={}, definition=definition_of(q, zone=zone), columns=columns, rows=tuple(rows),
        summary={"units": sum(sizes[0].values()), "links": len(rows)}, behind=tuple(behind),
        behind_summary={"units": {}}, drawn_from={"share": "units", "links": "units"},
        **series_shown.told(told_left_out(found)),
    )  # fmt: skip


def definition_of(q: PathQuestion, *, zone: str) -> tuple[str, ...]:
    """The definition line, in the words of SEMANTICS."""
    anchor = q.anchor.title if q.anchor else "the unit's first event in the period"
    lines = [
        f"paths to the last {anchor}, read backwards" if q.back else f"paths from the first {anchor}",
        f"over {q.events.title}; {q.steps} events at most; one path a unit",
        "the same event again and again is one step"
        if q.repeats == "collapse"
        else "every repetition is a step",
        f"at each step the {q.top} most frequent events, the rarer ones together as {OTHER}",
        "ties in time in the order in which they were received, then by name",
        unit_line(q.scope),
    ]
    if q.within is not None:
        lines.append(f"within {span_text(q.within)} of that event, end inclusive")
    if q.by:
        lines.append(f"by {q.by} of the event that the path is read from")
    return (*lines, *scope_lines(q.scope, zone=zone))

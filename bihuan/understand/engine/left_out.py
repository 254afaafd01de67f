"""What a question about events leaves out, and who is behind that: events without a unit, or without what it needs."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.listing import (
    KNOWN,
    LEFT_OUT,
    WHO,
    Cell,
    Read,
    either,
    plans_of_list,
    shape_list,
)
from bihuan.understand.engine.scope import COLUMNS, count_of, no_unit, unit_of

OF_NOBODY = "of nobody who is known"


def takes_left_out(*reasons: str) -> dict[str, Read]:
    """What `list` takes where it names a count of what was left out."""
    return {LEFT_OUT: either(*reasons), "unit": either(*WHO)}


def takes_no_unit(unit: str) -> dict[str, Read]:
    """The same of a kind that leaves out nothing but events without a unit."""
    return takes_left_out(no_unit(unit))


def plans_of_left_out(t: ir.Table, reasons: Mapping[str, ir.BooleanValue]) -> dict[str, ir.Table]:
    """`left_out`: how many of the events each reason means; `left_out_known`: how many of these have an account or a person.

    A reason is why an event does not count, and which events that are."""
    known = {
        f"{reason}|{who}": count_of(there & t[COLUMNS[who]].notnull())
        for reason, there in reasons.items()
        for who in WHO
    }
    return {
        "left_out": t.aggregate(**{reason: count_of(there) for reason, there in reasons.items()}),
        KNOWN: t.aggregate(**known),
    }


def without_unit(t: ir.Table, unit: str, *, cell: Cell | None = None) -> dict[str, ir.Table]:
    """These plans of a kind that leaves out events without a unit and no others; or who is behind them, if the cell asks."""
    reason = {no_unit(unit): unit_of(t, unit).isnull()}
    if cell is not None and LEFT_OUT in cell:
        return plans_of_nameless(t, reason, cell)
    return plans_of_left_out(t, reason)


def nothing_left_out(*reasons: str) -> dict[str, pa.Table]:
    """The rows of these plans where no event was left out."""
    return {
        "left_out": pa.table({reason: [0] for reason in reasons}),
        KNOWN: pa.table({f"{reason}|{who}": [0] for reason in reasons for who in WHO}),
    }


def plans_of_nameless(t: ir.Table, reasons: Mapping[str, ir.BooleanValue], cell: Cell) -> dict[str, ir.Table]:
    """Who is behind the events of one reason: `rows` with `unit` and `events`, `count`, and `left_out`, those of nobody."""
    t = t.filter(reasons[cell.get(LEFT_OUT)])
    whose = t[COLUMNS[_who(cell)]]
    left_out = t.aggregate(**{OF_NOBODY: count_of(whose.isnull())})
    units = t.filter(whose.notnull()).group_by(unit=whose).aggregate(events=lambda g: g.count())
    return plans_of_list(units, first=(ibis.desc("events"),), events="events") | {"left_out": left_out}


def shape_nameless(
    kind: str, cell: Cell, *, found: Mapping[str, pa.Table], definition: tuple[str, ...]
) -> Answer:
    """A row an account, or a person, with how many of those events it has."""
    who = _who(cell)
    other = next(one for one in WHO if one != who)
    also = (("", cell.with_(unit=other)),) if cell.get(LEFT_OUT) != no_unit(other) else ()
    return shape_list(
        kind=kind, unit=who, cell=cell, found=found, definition=definition, also=also,
        columns=(AnswerColumn(name="events", type="number"),), values_of=lambda row: (int(row["events"]),),
    )  # fmt: skip


def _who(cell: Cell) -> str:
    return cell.get("unit") or ("account" if cell.get(LEFT_OUT) != no_unit("account") else "person")

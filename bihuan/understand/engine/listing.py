"""Who is behind a number: any kind's question with a `list` gives the units of one number, instead of the numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn, QuestionError
from bihuan.understand.engine.fields import Field
from bihuan.understand.engine.scope import left_out_of, read_day

MOST = 10_000
BEYOND = f"beyond the first {MOST:,}"
Read = Callable[[Any, str], Any]
LEFT_OUT = "left_out"  # what names the count of one reason
KNOWN = "left_out_known"  # the plan that counts which of them name an account, or a person
WHO = ("account", "person")
NAMELESS = "these events name neither an account nor a person"
HIDDEN = "smaller series, not shown"
#: Why nobody can be listed behind a number.
VALUES = "it counts values, not accounts or people; filter by one of them"
LINES = "it counts lines of the table, not accounts or people"
TOLD = "told again in the rows, with who is behind it"
CUT = "a list ends there; a narrower question has the rest"


@dataclass(frozen=True)
class Cell:
    """One number of an answer: the names and values that tell it from the others."""

    items: tuple[tuple[str, Any], ...]

    def __contains__(self, name: str) -> bool:
        return any(name == one for one, _value in self.items)

    def get(self, name: str) -> Any:
        """A value; None when it is not named."""
        return next((value for one, value in self.items if one == name), None)

    def with_(self, **items: Any) -> dict[str, Any]:
        """What `list` says of a number that differs in these."""
        return dict(self.items) | items

    @property
    def said(self) -> str:
        """Its line in a definition."""
        if LEFT_OUT in self:
            return f"who is behind what was left out: {self.get(LEFT_OUT)}"
        told = ", ".join(f"{name} {_text(value)}" for name, value in self.items)
        return f"who is behind one number: {told or 'all'}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " → ".join(map(_text, value)) if isinstance(value, tuple) else "—" if value is None else str(value)


def list_field(*names: str, meaning: str) -> Field:
    """The field `list` of a kind, whose numbers are told apart by these names."""
    names = tuple(dict.fromkeys((*names, LEFT_OUT)))
    schema = {"type": "object", "additionalProperties": False, "properties": {name: {} for name in names}}
    return Field(name="list", schema=schema, default="none",
                 meaning=f"{meaning}: the units themselves instead of their number, {MOST:,} at most")  # fmt: skip


def read_cell(
    raw: Any,
    *,
    takes: Mapping[str, Read],
    needs: tuple[str, ...] = (),
    left_out: Mapping[str, Read] | None = None,
) -> Cell | None:
    """The number that `list` names; None without one. QuestionError for an unknown name or a missing one.

    `left_out` is what it takes where it names a count of what was left out, and not a number of the answer."""
    if raw is None:
        return None
    if not isinstance(raw, Mapping):
        raise QuestionError("list", f"write {{name: value}}, not {raw!r}")
    if left_out is not None and LEFT_OUT in raw:
        takes, needs = left_out, ()
    for name in raw:
        if name not in takes:
            raise QuestionError(f"list.{name}", f"there is: {', '.join(sorted(takes))}")
    for name in needs:
        if name not in raw:
            raise QuestionError(f"list.{name}", "name it, so that it is one number")
    return Cell(tuple((name, read(raw[name], f"list.{name}")) for name, read in takes.items() if name in raw))


def a_day(raw: Any, field: str) -> date:
    """The first day of a bucket."""
    return read_day(raw, field)


def a_text(raw: Any, field: str) -> str:
    """The name of an event or of a series."""
    if not isinstance(raw, str):
        raise QuestionError(field, f"write a text, not {raw!r}")
    return raw


def a_value(raw: Any, field: str) -> str | None:
    """The value of a breakdown; null stands for those without one."""
    return None if raw is None else a_text(raw if isinstance(raw, str) else str(raw), field)


def values(raw: Any, field: str) -> tuple[str | None, ...]:
    """Several of them."""
    if not isinstance(raw, (list, tuple)) or len(raw) > 1_000:
        raise QuestionError(field, f"write a list of texts, not {raw!r}")
    return tuple(a_value(one, field) for one in raw)


def true(raw: Any, field: str) -> bool:
    """A condition that is there or not."""
    if raw is not True:
        raise QuestionError(field, f"write true or leave it out, not {raw!r}")
    return True


def yes_or_no(raw: Any, field: str) -> bool:
    """A condition, or its contrary."""
    if not isinstance(raw, bool):
        raise QuestionError(field, f"write true or false, not {raw!r}")
    return raw


def number(least: int, most: int) -> Read:
    """A whole number within its bounds."""

    def read(raw: Any, field: str) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
            raise QuestionError(field, f"write a whole number from {least} to {most}, not {raw!r}")
        return raw

    return read


def amount(least: float, most: float) -> Read:
    """A number within its bounds, whole or not."""

    def read(raw: Any, field: str) -> float:
        if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not least <= raw <= most:
            raise QuestionError(field, f"write a number from {least:g} to {most:g}, not {raw!r}")
        return raw

    return read


def either(*names: str) -> Read:
    """One of these words."""

    def read(raw: Any, field: str) -> str:
        if raw not in names:
            raise QuestionError(field, f"{raw!r} is none of {', '.join(names)}")
        return str(raw)

    return read


def same(column: ir.Value, value: Any) -> ir.BooleanValue:
    """Whether a column has the value, null being one."""
    return column.isnull() if value is None else column == ibis.literal(value)


def in_series(t: ir.Table, cell: Cell) -> ir.Table:
    """The rows of the series that the cell names, if it names one."""
    return t.filter(same(t.series, cell.get("series"))) if "series" in cell else t


def plans_of_list(units: ir.Table, *, first: tuple[Any, ...] = (), **sums: str) -> dict[str, ir.Table]:
    """`rows`: a row a unit with `unit` and more, in the order of `first`, MOST of them; `count`: how many there are, and the
    sums of columns under other names."""
    totals = {name: units[column].sum().cast("float64") for name, column in sums.items()}
    return {
        "rows": units.order_by(*first, "unit").limit(MOST),
        "count": units.aggregate(units=units.count(), **totals),
    }


def told_left_out(
    found: Mapping[str, pa.Table], *, within: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What an answer says of the events that it left out: `left_out`, `behind_left_out`, and `nobody` where they name nobody.

    `within` is what else the list of one reason has to name."""
    counted = left_out_of(found)
    rows = found[KNOWN].to_pylist() if KNOWN in found else []
    known = rows[0] if rows else {}
    cells: dict[str, dict[str, Any]] = {}
    for reason in counted:
        sizes = {who: known.get(f"{reason}|{who}") or 0 for who in WHO}
        if most := max(sizes.values()):
            cells[reason] = {
                **(within or {}),
                LEFT_OUT: reason,
                "unit": next(who for who in WHO if sizes[who] == most),
            }
    return {
        "left_out": counted, "behind_left_out": cells,
        "nobody": {reason: NAMELESS for reason in counted if reason not in cells},
    }  # fmt: skip


def shape_list(
    *, kind: str, unit: str, cell: Cell, found: Mapping[str, pa.Table], columns: tuple[AnswerColumn, ...] = (),
    definition: tuple[str, ...], values_of: Callable[[Mapping[str, Any]], tuple[Any, ...]] = lambda row: (), said: str = "",
    also: tuple[tuple[str, Mapping[str, Any]], ...] = (), within: Mapping[str, Any] | None = None,
) -> Answer:  # fmt: skip
    """A row a unit; `values_of` fills the columns after it; `said` is the first line of the definition; `also` as in Answer,
    `within` as in told_left_out.

    The summary counts all, also those beyond MOST, and holds the sums of the plan."""
    counted = (found["count"].to_pylist() or [{}])[0]
    summary = {name: int(n or 0) if float(n or 0).is_integer() else n for name, n in counted.items()}
    summary = {"units": 0} | summary
    told = told_left_out(found, within=within) if "left_out" in found else {"left_out": {}, "nobody": {}}
    if summary["units"] > MOST:
        told |= {
            "left_out": told["left_out"] | {BEYOND: summary["units"] - MOST},
            "nobody": told["nobody"] | {BEYOND: CUT},
        }
    rows = tuple((row["unit"], *values_of(row)) for row in found["rows"].to_pylist())
    return Answer(
        kind=kind, question={}, definition=(said or cell.said, *definition), summary=summary, rows=rows,
        columns=(AnswerColumn(name=unit, type="text"), *columns), also=also, **told,
    )  # fmt: skip


def list_at_hand(
    *, kind: str, unit: str, cell: Cell, rows: Sequence[tuple[Any, ...]], columns: tuple[AnswerColumn, ...] = (),
    sums: tuple[str, ...] = (), definition: tuple[str, ...], also: tuple[tuple[str, Mapping[str, Any]], ...] = (),
) -> Answer:  # fmt: skip
    """The same of units that are all at hand: each row begins with its unit, in the order in which they are shown; `sums` are
    the columns whose sum the summary tells."""
    places = {column.name: place for place, column in enumerate(columns, start=1)}
    totals = {name: sum(row[places[name]] or 0 for row in rows) for name in sums}
    return Answer(
        kind=kind, question={}, definition=(cell.said, *definition), summary={"units": len(rows)} | totals,
        left_out={BEYOND: len(rows) - MOST} if len(rows) > MOST else {}, rows=tuple(rows[:MOST]),
        columns=(AnswerColumn(name=unit, type="text"), *columns), also=also,
        nobody={BEYOND: CUT} if len(rows) > MOST else {},
    )  # fmt: skip

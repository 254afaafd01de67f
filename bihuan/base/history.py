"""Since when the values of a record table were known. A room declares it beside its measures; of a column that nobody declared
only the present value is known, and nothing may be said of the past by it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bihuan.base.importing import ImportCount


class Undated(LookupError):
    """Columns, as table.column, of which only the present value is known."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.columns = tuple(columns)
        super().__init__(f"only the present value is known of {', '.join(self.columns)}: declare its history")


@dataclass(frozen=True, kw_only=True)
class History:
    """How a table knows the time of its values. `begins` is the column from whose day or moment on a row is there; columns that
    are `fixed` hold from then on. `dates` are days and moments that are known from themselves on. `since` names for a column
    the one that dates it. What is `changed` in place is undone by facts: those of `facts` tell under `before` what columns
    held until then, of the row whose id stands under `row`, or, after an import, by table and the id of each row."""

    table: str
    begins: str
    fixed: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    since: Mapping[str, str] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    row: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """Every column whose past is known."""
        return frozenset((self.begins, *self.fixed, *self.dates, *self.since, *self.changed))

    def before(self, count: ImportCount) -> dict[str, dict[int, dict[str, Any]]]:
        """What an import overwrote, as its fact keeps it: earlier values by table, row id and column."""
        found = {
            pk: {name: value for name, value in held.items() if name in self.changed}
            for pk, held in count.before.items()
        }
        kept = {pk: held for pk, held in found.items() if held}
        return {self.table: kept} if kept else {}

    def told(self, payload: Mapping[str, Any]) -> list[tuple[int, str, Any]]:
        """(row, column, earlier value) of a stored fact."""
        held: Any = payload.get("before") or {}
        by_row = {payload[self.row]: held} if self.row in payload else held.get(self.table, {})
        return [
            (int(pk), name, value)
            for pk, values in by_row.items()
            for name, value in values.items()
            if name in self.changed
        ]


_histories: dict[str, History] = {}


def register_history(history: History) -> History:
    """Make the history of a table known; a second one is an error, and so is a `since` without its date."""
    if history.table in _histories:
        raise ValueError(f"the history of {history.table!r} is declared twice")
    if history.changed and not (history.facts and history.row):
        raise ValueError(f"say which facts tell what {history.table!r} held before a change")
    if not set(history.since.values()) <= {history.begins, *history.dates}:
        raise ValueError(f"what dates a column of {history.table!r} must be a date itself")
    _histories[history.table] = history
    return history


def history_of(table: str, columns: Iterable[str]) -> History:
    """The history of these columns of a table; Undated names those that have none."""
    history, wanted = _histories.get(table), tuple(columns)
    known = history.columns if history is not None else frozenset()
    missing = [f"{table}.{name}" for name in wanted if name not in known]
    if history is None or missing:
        raise Undated(missing)
    return history

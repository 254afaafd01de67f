"""What an index is: rows of the log in a layout that answers quickly. DuckDB's and ClickHouse's are two of the kind.

An `Engine` stands for the place (a file, a server), an `Index` for what was opened there. Both hold the same rows in
the same columns, take DuckDB's SQL and Ibis expressions, and tell the same checksum.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import ibis.expr.types as ir
import pyarrow as pa

from bihuan.capture.store.errors import StoreError
from bihuan.capture.store.touched import Touched
from bihuan.capture.store.tracks import Order, Tracks

Params = Mapping[str, Any] | Sequence[Any] | None
Tables = Mapping[str, pa.Table] | None


class IndexUnusable(StoreError):
    """It does not open, or is not a sound index of this log: set it aside and rebuild."""


class Native(str):
    """SQL in the engine's own dialect: what `compile` gives."""

    __slots__ = ()


class Piece(Protocol):
    """What stands at a place of the truth: events or a correction."""

    @property
    def seq(self) -> int:
        """Its place."""
        ...

    @property
    def is_op(self) -> bool:
        """Whether it is a correction."""
        ...

    @property
    def rows(self) -> int:
        """How many events it holds."""
        ...

    def events(self) -> pa.Table:
        """Its rows; LogDamaged when they are not those that were written."""
        ...

    def op(self) -> dict[str, Any]:
        """Its correction; LogDamaged when it is not the one that was written."""
        ...


class Index(Protocol):
    """An open index. Questions may come from any thread; writes are serialised.

    `touched`: the days that were written to since it was opened; None when another process writes.
    """

    touched: Touched | None

    @property
    def applied_seq(self) -> int:
        """How far it holds the log."""
        ...

    def compile(self, expression: ir.Expr) -> Native:
        """The SQL of an expression."""
        ...

    def ask(self, sql: str, params: Params = None, *, tables: Tables = None) -> pa.Table:
        """The rows of one statement: `Native`, or DuckDB's SQL with `?` or `$name`.

        `tables` stand beside `events` under their names while it is answered. CannotCompute when rows do not
        bear what is asked of them, StoreNotReady when nobody answers, Cancelled when the watch of this thread says so.
        """
        ...

    def apply(self, pieces: Sequence[Piece]) -> int:
        """Hold these, in order, exactly once; returns how many events were added."""
        ...

    def repeats(self) -> list[tuple[int, str]]:
        """(source id, event id) of events that came since the last `compact` and stand more than once."""
        ...

    def compact(self) -> None:
        """Lay the rows out by account and time; readers keep what they read."""
        ...

    def tracks(self, order: Order, prop: str | None = None) -> Tracks | None:
        """Events by person or account, in time, with the values of a property;
        None when this engine has none, or none at this moment."""
        ...

    def lay_tracks(self) -> None:
        """Lay the tracks out anew, where the engine has any."""
        ...

    def checksum(self) -> tuple[int, str]:
        """Number of events and a sum over all of them that depends neither on their order nor on the engine."""
        ...

    def meta(self) -> dict[str, Any]:
        """Its own count of `rows`, how many lie sorted (`sorted_rows`), `damaged` groups met."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class Verdict(enum.Enum):
    """What an error of the engine means for the index."""

    GO_ON = "the statement failed, the index is sound"
    REOPEN = "open it anew"
    DAMAGED = "set it aside and rebuild"


class Engine(Protocol):
    """Where an index lies. `shared`: others may ask at the same time, one process alone applies.

    `rest_seconds`: how long to gather between two transactions while events arrive.
    """

    url: str
    shared: bool
    rest_seconds: float

    def open(self, *, log_id: str, head: int, lead: bool = True) -> Index:
        """Open or make it; `lead` may write. IndexUnusable, or StoreNotReady when nobody answers."""
        ...

    def set_aside(self, why: str) -> None:
        """Make room for a new one; what is there is kept beside it where that can be."""
        ...

    def set_aside_names(self) -> list[str]:
        """What was kept beside it."""
        ...

    def drop_set_aside(self) -> None:
        """Delete what was kept beside it: somebody erased may still be in there."""
        ...

    def verdict(self, error: Exception) -> Verdict:
        """What an error out of the index means."""
        ...

"""What DuckDB keeps of its file in memory: what questions read, and, though nobody asked for it, all that was written.

Its limit bounds both, but with events arriving the memory would grow until then. So the applier lets go, from time to
time, of what is above a smaller bound, when no question is under way; the system's file cache still has it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

KEEP = 256 * 10**6
EVERY_ROWS = 500_000
_TAKEN = "SELECT coalesce(sum(memory_usage_bytes), 0) FROM duckdb_memory()"


class Cache:
    """Of one open database with this `limit`; `keep` is the smaller bound in bytes. Questions run inside `asking`."""

    def __init__(self, *, limit: str, keep: int = KEEP, every_rows: int = EVERY_ROWS) -> None:
        self._limit, self._keep, self._every = limit, keep, every_rows
        self._rows = self._under_way = 0
        self._change = threading.Lock()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While it lasts the memory is left alone."""
        with self._change:
            self._under_way += 1
        try:
            yield
        finally:
            with self._change:
                self._under_way -= 1

    def written(self, cursor: duckdb.DuckDBPyConnection, *, rows: int) -> None:
        """So many rows were added: let go of what is above the bound, if it is time and nobody asks."""
        self._rows += rows
        if self._rows < self._every:
            return
        with self._change:  # questions that begin now wait some milliseconds
            if self._under_way:
                return
            self._rows = 0
            if cursor.execute(_TAKEN).fetchall()[0][0] <= self._keep:
                return
            try:
                with suppress(duckdb.OutOfMemoryException):  # some of it is in use
                    cursor.execute(f"SET memory_limit = '{self._keep}B'")
            finally:
                cursor.execute(f"SET memory_limit = '{self._limit}'")

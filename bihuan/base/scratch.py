"""Tables that live as long as one computation, in a DuckDB in memory that reads no file and no address.

A connection of its own costs 30 ms of CPU before its first answer; a cursor of one that is kept costs 2 ms, and sees nothing of
what others register or create as TEMP.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import duckdb

CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
}


def open_tables() -> duckdb.DuckDBPyConnection:
    """An empty room, its clock in UTC; whoever opens it closes it. What stays in it is registered, or created as TEMP."""
    tables = _kept(os.getpid()).cursor()
    tables.execute("SET TimeZone = 'UTC'")
    return tables


@contextmanager
def scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """The same for the length of a block."""
    tables = open_tables()
    try:
        yield tables
    finally:
        tables.close()


@lru_cache(maxsize=1)
def _kept(process: int) -> duckdb.DuckDBPyConnection:
    """Of this process: threads of a parent do not come along into a fork."""
    return duckdb.connect(":memory:", config=CLOSED)

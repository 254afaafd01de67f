"""Which engine EVENTS_URL names."""

from __future__ import annotations

import os
from pathlib import Path

from bihuan.capture.store.errors import StoreError
from bihuan.capture.store.index import Engine


def engine_of(url: str, *, folder: Path, zone: str, memory: str) -> Engine:
    """The engine: empty or `duckdb:[file]`, `clickhouse://user:password@host:8123/database`, or `chdb:[folder]`.

    Without a file or folder it lies in `folder`. StoreError says what a wrong address should look like.
    """
    if not url or url.startswith("duckdb:"):
        from bihuan.capture.store.index_duckdb import DuckDB

        return DuckDB(Path(url.removeprefix("duckdb:") or folder / "index.duckdb"), zone=zone, memory=memory)
    if url.startswith(("clickhouse:", "chdb:")):
        from bihuan.capture.store.clickhouse import ClickHouse

        return ClickHouse(url, folder=folder, zone=zone)
    raise StoreError(
        f"EVENTS_URL cannot be {url.split(':')[0]!r}: leave it empty for DuckDB in BIHUAN_HOME, or write "
        "duckdb:FILE, clickhouse://user:password@host:8123/database or chdb:FOLDER."
    )


def default_memory() -> str:
    """BIHUAN_EVENTS_MEMORY, else half of the machine's."""
    half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    return os.environ.get("BIHUAN_EVENTS_MEMORY") or f"{half // 2**20}MB"

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bihuan.capture.store import EVENTS, Store

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def events(
    count: int, *, first: int = 0, account: int | None = 1, person: int | None = 1, **fixed: Any
) -> pa.Table:
    """`count` events a minute apart, with ids that go on from `first`."""
    rows = [
        {
            "event_id": f"e{first + index}",
            "source_id": 1,
            "name": f"name_{index % 3}",
            "ts": START + timedelta(minutes=first + index),
            "received_at": START + timedelta(minutes=first + index, seconds=1),
            "distinct_id": f"u{person}",
            "person_id": person,
            "account_id": account,
            "product_id": None,
            "props": f'{{"n": {first + index}}}',
        }
        | fixed
        for index in range(count)
    ]
    return pa.Table.from_pylist(rows, schema=EVENTS)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What every engine promises is asked of DuckDB, and of ClickHouse under `-m engines` (make test-engines)."""
    if (
        metafunc.module.__name__.endswith(("test_contract", "test_corrections", "test_sealed"))
        and "url" in metafunc.fixturenames
    ):
        engines = [pytest.param("", id="duckdb")]
        if "engines" in metafunc.config.option.markexpr.replace("not engines", ""):
            engines.append(pytest.param("chdb:", id="clickhouse", marks=pytest.mark.engines))
        metafunc.parametrize("url", engines)


@pytest.fixture
def url() -> str:
    """Where the index lies: DuckDB's file in the home."""
    return ""


@pytest.fixture
def open_store(home: Path, url: str) -> Iterator[Callable[[], Store]]:
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(Store(home, memory="500MB", url=url))
        return opened[-1]

    yield open_one
    for store in opened:
        if not store.closed:
            store.close()


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    return open_store()

"""A ledger of drawn events on an engine: DuckDB, under `-m engines` ClickHouse's in this process, under `-m spark` Spark."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import duckdb
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, settings

from bihuan.capture.store import EVENTS, events_table
from bihuan.capture.store.duckdb_sql import compiled
from bihuan.capture.store.schema import INDEX_TABLES, local_days
from bihuan.understand.engine.answer import Answer

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, tzinfo=ZONE).astimezone(UTC)
TODAY = date(2026, 4, 30)
PERIOD = {"from": "2026-03-02", "to": "2026-03-29"}
#: Many units an example: what costs is the question, not its rows. A failure is told as drawn, not shrunk for minutes.
#: BIHUAN_EXAMPLES says fewer for an engine that needs a second a question.
thoroughly = settings(max_examples=int(os.environ.get("BIHUAN_EXAMPLES", "60")), deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
                      suppress_health_check=list(HealthCheck))  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every question is asked of DuckDB, of ClickHouse under `-m engines`, of Spark alone under `-m spark`."""
    if "engine" in metafunc.fixturenames:
        engines: list[Any] = ["duckdb"]
        if metafunc.config.option.markexpr == "spark":
            engines = [pytest.param("spark", marks=pytest.mark.spark)]
        elif "engines" in metafunc.config.option.markexpr.replace("not engines", ""):
            engines.append(pytest.param("clickhouse", marks=pytest.mark.engines))
        metafunc.parametrize("engine", engines, scope="module")


class Ledger(Protocol):
    """What asks an engine about rows."""

    def fill(self, rows: Sequence[Mapping[str, Any]]) -> None: ...

    def rows(self, question: ir.Table) -> list[dict[str, Any]]: ...

    def table(
        self,
        question: ir.Table,
        *,
        beside: Sequence[pa.Table] = (),
        named: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table: ...


def as_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Drawn events (name, ts, and what they have of person_id, account_id, props, event_id, source_id) as stored."""
    filled = [
        {"event_id": f"e{number:05}", "source_id": 1, "received_at": row["ts"], "distinct_id": "d", "person_id": None,
         "account_id": None, "product_id": None, "company": None} | row | {"props": json.dumps(row.get("props", {}))}
        for number, row in enumerate(rows)
    ]  # fmt: skip
    table = pa.Table.from_pylist(filled, schema=EVENTS)
    days = local_days(pa.chunked_array([table["ts"].combine_chunks()]), zone=str(ZONE))
    codes = pa.array([0] * table.num_rows, pa.int32())
    return table.append_column("day", days).append_column("name_id", codes)


def answered(ledger: Ledger, module: Any, rows: Sequence[Mapping[str, Any]] | None, **raw: Any) -> Answer:
    """The answer of the module's kind over these rows, or over those that are there; of March unless it says otherwise."""
    kind = module.__name__.split(".")[-1]
    q = getattr(module, f"read_{kind}")({"kind": kind, "period": PERIOD} | raw, today=TODAY)
    if rows is not None:
        ledger.fill(rows)
    plans = getattr(module, f"plans_of_{kind}")(q, events=events_table(), reach={}, internal_source=0)
    beside = q.beside(zone=str(ZONE)) if hasattr(q, "beside") else {}
    found = {name: ledger.table(plan, named=beside) for name, plan in plans.items()}
    return getattr(module, f"shape_{kind}")(q, found=found, zone="Asia/Shanghai", today=TODAY)


def _called(beside: Sequence[pa.Table], named: Mapping[str, pa.Table] | None) -> list[tuple[str, pa.Table]]:
    return [*((f"beside{number}", rows) for number, rows in enumerate(beside)), *(named or {}).items()]


class OnDuckDB:
    """The store's table in memory."""

    def __init__(self) -> None:
        self.db = duckdb.connect(":memory:")
        self.db.execute("SET TimeZone = 'UTC'")
        self.db.execute(INDEX_TABLES)

    def fill(self, rows: Sequence[Mapping[str, Any]]) -> None:
        drawn = as_table(rows)
        self.db.execute("DELETE FROM events")
        self.db.register("drawn", drawn)
        self.db.execute("INSERT INTO events BY NAME SELECT * FROM drawn")

    def table(
        self,
        question: ir.Table,
        *,
        beside: Sequence[pa.Table] = (),
        named: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        """The rows; the tables beside the events are called beside0, beside1 …, or by their names."""
        for name, rows in _called(beside, named):
            self.db.register(name, rows)
        return self.db.sql(compiled(question)).to_arrow_table()

    def rows(self, question: ir.Table) -> list[dict[str, Any]]:
        return self.table(question).to_pylist()


class OnClickHouse:
    """The store's tables in ClickHouse's engine, and the corrections of its compiler."""

    def __init__(self, folder: Path) -> None:
        from bihuan.capture.store.clickhouse import ClickHouse
        from bihuan.capture.store.clickhouse_tables import definitions

        folder.mkdir(exist_ok=True)
        engine = ClickHouse("chdb:", folder=folder, zone=str(ZONE))
        engine.path.mkdir(exist_ok=True)
        first = engine.client(database="default")
        for statement in definitions(database=engine.database):
            first.command(statement)
        self.db = engine.client()
        first.close()

    def fill(self, rows: Sequence[Mapping[str, Any]]) -> None:
        drawn = as_table(rows)
        nothing = pa.array([0] * drawn.num_rows)
        drawn = drawn.append_column("seq", nothing.cast(pa.uint64())).append_column(
            "place", nothing.cast(pa.uint32())
        )
        self.db.command("TRUNCATE TABLE events")
        if drawn.num_rows:
            self.db.insert_arrow("events", drawn)

    def table(
        self,
        question: ir.Table,
        *,
        beside: Sequence[pa.Table] = (),
        named: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        from bihuan.capture.store.clickhouse_sql import compiled

        for called, rows in _called(beside, named):
            kinds = (
                (field.name, "String" if pa.types.is_string(field.type) else "Int64") for field in rows.schema
            )
            columns = ", ".join(f"{name} {kind}" for name, kind in kinds)
            self.db.command(f"CREATE OR REPLACE TABLE {called} ({columns}) ENGINE = Memory")
            if rows.num_rows:
                self.db.insert_arrow(called, rows)
        return self.db.query_arrow(compiled(question))

    def rows(self, question: ir.Table) -> list[dict[str, Any]]:
        return self.table(question).to_pylist()


class OnSpark:
    """Drawn events as a view of one Spark session, which all modules share: starting one takes seconds."""

    def __init__(self) -> None:
        from pyspark.sql import SparkSession

        from bihuan.capture.store.spark_sql import SETTINGS

        builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
        small = {"spark.sql.shuffle.partitions": "1", "spark.default.parallelism": "1", "spark.driver.memory": "1g",
                 "spark.sql.adaptive.enabled": "false", "spark.log.level": "ERROR",
                 "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}  # fmt: skip
        for name, value in (SETTINGS | small).items():
            builder = builder.config(name, value)
        self.db = builder.getOrCreate()

    def fill(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.db.createDataFrame(as_table(rows)).createOrReplaceTempView("events")

    def table(
        self,
        question: ir.Table,
        *,
        beside: Sequence[pa.Table] = (),
        named: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        from bihuan.capture.store.spark_sql import compiled

        for called, rows in _called(beside, named):
            self.db.createDataFrame(rows).createOrReplaceTempView(called)
        return self.db.sql(compiled(question)).toArrow()

    def rows(self, question: ir.Table) -> list[dict[str, Any]]:
        return self.table(question).to_pylist()


@pytest.fixture(scope="module")
def ledger(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    if engine == "spark":
        yield OnSpark()
        return
    found = OnDuckDB() if engine == "duckdb" else OnClickHouse(tmp_path_factory.mktemp("chdb"))
    yield found
    found.db.close()

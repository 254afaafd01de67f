"""The shape of an event: in Arrow (log and appends), in DuckDB (index) and in Ibis (questions).

ClickHouse's tables stand in clickhouse_tables.py."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.capture.store.errors import StoreError

#: Source id of the platform's own facts (staff actions). No write key exists for it.
INTERNAL_SOURCE = 0

#: One row per event. `event_id` is unique within its source; `props` is the text of a JSON object; `company` is the
#: account key that the event itself names: such an event keeps its account when a membership is corrected.
EVENTS = pa.schema(
    [
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("source_id", pa.int32(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("ts", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("received_at", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("distinct_id", pa.string(), nullable=False),
        pa.field("person_id", pa.int64()),
        pa.field("account_id", pa.int64()),
        pa.field("product_id", pa.int32()),
        pa.field("props", pa.string(), nullable=False),
        pa.field("company", pa.string()),
    ]
)
#: What the log held before events kept the key they name (format 1).
EVENTS_BEFORE_COMPANY = EVENTS.remove(EVENTS.get_field_index("company"))
#: Stands for "it named its account, and the key was not kept": see `with_company`.
NOT_KEPT = ""

#: Raise when the shape below changes: older indexes are then set aside and rebuilt.
INDEX_VERSION = 3

INDEX_COLUMNS = """
    account_id BIGINT,
    ts TIMESTAMPTZ NOT NULL,
    day DATE NOT NULL,
    name_id INTEGER NOT NULL,
    person_id BIGINT,
    product_id INTEGER,
    source_id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    event_id VARCHAR NOT NULL,
    distinct_id VARCHAR NOT NULL,
    props VARCHAR NOT NULL,
    company VARCHAR
"""

#: `layout` is another one whenever rows were moved or deleted; `touched` are those whose events changed since: see tracks.py.
INDEX_TABLES = f"""
    CREATE TABLE events ({INDEX_COLUMNS});
    CREATE TABLE names (name_id INTEGER NOT NULL, name VARCHAR NOT NULL);
    CREATE TABLE merged (from_id BIGINT NOT NULL, to_id BIGINT NOT NULL);
    CREATE TABLE meta (
        version INTEGER, applied_seq BIGINT, rows BIGINT, sorted_rows BIGINT, damaged BIGINT,
        zone VARCHAR, log_id VARCHAR, layout VARCHAR
    );
    CREATE TABLE touched (person_id BIGINT, account_id BIGINT);
"""

#: `day` is the calendar day in the organisation's zone; `name_id` is a small code for `name`.
_QUESTION_COLUMNS = {
    "event_id": "string",
    "source_id": "int32",
    "name": "string",
    "name_id": "int32",
    "ts": "timestamp('UTC')",
    "day": "date",
    "received_at": "timestamp('UTC')",
    "distinct_id": "string",
    "person_id": "int64",
    "account_id": "int64",
    "product_id": "int32",
    "props": "json",
    "company": "string",
}


def events_table() -> ir.Table:
    """The table `events` for Ibis expressions, bound to no engine."""
    return ibis.table(_QUESTION_COLUMNS, name="events")


def local_days(ts: pa.ChunkedArray, *, zone: str) -> pa.ChunkedArray:
    """The calendar day of each moment in the organisation's zone."""
    return pc.local_timestamp(ts.cast(pa.timestamp("us", zone))).cast(pa.date32())


def as_events(batch: pa.Table) -> pa.Table:
    """The same rows with exactly the columns and types of EVENTS; raises StoreError when they do not fit."""
    if "company" not in batch.column_names:
        batch = batch.append_column("company", pa.nulls(batch.num_rows, pa.string()))
    try:
        table = batch.select(EVENTS.names).cast(EVENTS)
    except (KeyError, pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise StoreError(f"These rows are not events: {error}") from error
    for field in EVENTS:
        if not field.nullable and table.column(field.name).null_count:
            raise StoreError(f"These rows are not events: {field.name} is empty in some of them.")
    return table


def with_company(old: pa.Table) -> pa.Table:
    """Rows of format 1 in today's shape: whatever had an account may have named it, so it keeps it."""
    named = pc.if_else(pc.is_valid(old["account_id"]), NOT_KEPT, pa.scalar(None, pa.string()))
    return old.append_column("company", named).cast(EVENTS)

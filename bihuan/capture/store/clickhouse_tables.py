"""The tables of an index in ClickHouse: one node, or a cluster with shards by account and replicas.

`docs/OPERATIONS.md` shows what `definitions` answers; a test compares the two.
"""

from __future__ import annotations

#: By what a cluster spreads the rows. An account's events lie on one shard, so that counts of its people are exact.
SHARDING = {
    "account": "if(isNull(account_id), cityHash64(distinct_id), cityHash64(assumeNotNull(account_id)))",
    "person": "if(isNull(person_id), cityHash64(distinct_id), cityHash64(assumeNotNull(person_id)))",
    "random": "rand()",
}

#: `house` and `lane` are the account and the person at the time of storing: rows are sorted by them, for a sorted column
#: cannot be given another value later; the index `accounts` finds an account's rows all the same. `seq` and `place` say
#: where in the log a row stands, so that what was half done can be taken back.
_EVENTS = """
    account_id Nullable(Int64),
    house Nullable(Int64),
    lane Nullable(Int64),
    ts DateTime64(6, 'UTC') CODEC(Delta, ZSTD),
    day Date32 CODEC(Delta, ZSTD),
    name_id Int32,
    person_id Nullable(Int64),
    product_id Nullable(Int32),
    source_id Int32,
    name LowCardinality(String),
    received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD),
    event_id String CODEC(ZSTD),
    distinct_id String CODEC(ZSTD),
    props String CODEC(ZSTD(3)),
    company LowCardinality(Nullable(String)),
    seq UInt64 CODEC(Delta, ZSTD),
    place UInt32 CODEC(Delta, ZSTD),
    INDEX days day TYPE minmax GRANULARITY 4,
    INDEX accounts account_id TYPE minmax GRANULARITY 1
"""
_SMALL = {
    "names": ("seq UInt64, name_id Int32, name String", "name_id", "MergeTree"),
    "merged": ("seq UInt64, place UInt32, from_id Int64, to_id Int64", "(seq, place)", "MergeTree"),
    "meta": (
        "turn UInt64, version Int32, applied_seq UInt64, pending UInt64, rows UInt64, sorted_rows UInt64, "
        "sorted_seq UInt64, damaged UInt64, zone String, log_id String",
        "log_id",
        "ReplacingMergeTree",
    ),
}
#: Every table, in the order in which they may be dropped.
TABLES = ("events", "events_local", *_SMALL)


def definitions(*, database: str, cluster: str = "", sharding: str = "account") -> list[str]:
    """The statements that make the tables. With `cluster`: replicated, and `events` spread by `sharding`."""
    everywhere = f" ON CLUSTER `{cluster}`" if cluster else ""
    made = [f"CREATE DATABASE IF NOT EXISTS `{database}`{everywhere}"]
    rows = "events_local" if cluster else "events"
    engine = _replicated("MergeTree", "", "{shard}", database, rows) if cluster else "MergeTree"
    made.append(
        f"CREATE TABLE IF NOT EXISTS `{database}`.{rows}{everywhere} ({_EVENTS})\nENGINE = {engine}\n"
        "ORDER BY (house, lane, ts)\nSETTINGS allow_nullable_key = 1"
    )
    if cluster:
        made.append(
            f"CREATE TABLE IF NOT EXISTS `{database}`.events{everywhere} AS `{database}`.events_local\n"
            f"ENGINE = Distributed(`{cluster}`, `{database}`, events_local, {SHARDING[sharding]})"
        )
    for name, (columns, order, kind) in _SMALL.items():
        newest = "turn" if kind == "ReplacingMergeTree" else ""
        engine = f"{kind}({newest})"
        if cluster:  # small, and the same on every node
            engine = _replicated(kind, newest, "all", database, name)
        made.append(
            f"CREATE TABLE IF NOT EXISTS `{database}`.{name}{everywhere} ({columns})\nENGINE = {engine}\n"
            f"ORDER BY {order}"
        )
    return made


def _replicated(kind: str, newest: str, shard: str, database: str, table: str) -> str:
    replica = "{replica}" if shard != "all" else "{shard}-{replica}"
    more = f", {newest}" if newest else ""
    return f"Replicated{kind}('/clickhouse/tables/{shard}/{database}/{table}', '{replica}'{more})"

"""Events in bulk: to another engine, to Parquet files by day, and back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bihuan.capture.store.errors import StoreError
from bihuan.capture.store.index import Index, IndexUnusable
from bihuan.capture.store.owner import OwnerLock
from bihuan.capture.store.schema import EVENTS, as_events, local_days
from bihuan.capture.store.store import Store

Progress = Callable[[str, int, int], None]
_BATCH_ROWS = 131_072
_DAY_AT_ONCE = 1_000_000
_COLUMNS = ", ".join(EVENTS.names)


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What a copy came to: up to group `seq`, `events` rows with that `checksum`, from which place to which."""

    seq: int
    events: int
    checksum: str
    source: str
    target: str


def copy_index(store: Store, *, to: str, progress: Progress) -> Copied:
    """Make the index `to` (a URL) hold what this store's holds, and compare the two by count and checksum.

    Rows come from the log and the sealed files, the truth, so a flaw of the source is not copied. A copy that was
    interrupted goes on where it stood. Raises StoreOwned when another process has the source: the rows are copied then,
    and stopping that process and copying again compares them. StoreError when the two differ.
    """
    engine = store.engine_at(to)
    if engine.url == store.engine.url:
        raise StoreError(f"{engine.url} is where the events are asked for already.")
    if engine.url.startswith("chdb:") and store.engine.url.startswith("chdb:"):
        raise StoreError("One process can hold one chdb folder only: copy through DuckDB or a server.")
    name = hashlib.sha256(engine.url.encode()).hexdigest()[:16]
    lock = OwnerLock(store.folder / f"copy-{name}.lock", owns=engine.url)
    lock.take()
    index: Index | None = None
    try:
        try:
            index = engine.open(log_id=store.log.id, head=store.log.head())
        except IndexUnusable as error:
            engine.set_aside(str(error))
            index = engine.open(log_id=store.log.id, head=store.log.head())
        fresh = index.applied_seq == 0
        _catch_up(store, index, progress)
        if fresh:
            index.compact()
        store.start()
        store.wait_applied(store.log.head(), timeout=3600)
        _catch_up(store, index, progress)
        ours, theirs = store.checksum(), index.checksum()
        if ours != theirs or store.applied_seq != index.applied_seq:
            raise StoreError(
                f"The copy differs: {ours[0]} events ({ours[1]}) in {store.engine.url}, "
                f"{theirs[0]} ({theirs[1]}) in {engine.url}. Rebuild the first: bihuan store rebuild."
            )
        return Copied(seq=index.applied_seq, events=theirs[0], checksum=theirs[1], source=store.engine.url,
                      target=engine.url)  # fmt: skip
    finally:
        if index is not None:
            index.close()
        lock.free()


def _catch_up(store: Store, index: Index, progress: Progress) -> None:
    while pieces := store.read_truth(after=index.applied_seq):
        index.apply(pieces)
        progress("groups", index.applied_seq, store.log.head())


@dataclass(frozen=True, kw_only=True)
class Exported:
    """How many days and events were written."""

    days: int
    events: int


def export_events(
    store: Store, folder: Path, *, first: date | None = None, last: date | None = None, progress: Progress
) -> Exported:
    """Write every event to `folder`/day=YYYY-MM-DD/events.parquet, days in the organisation's zone, both inclusive.

    A file appears whole or not at all; one that is there is written again.
    """
    bounds = [first or date.min, last or date.max]
    days = store.execute(
        "SELECT day, count(*) AS n FROM events WHERE day BETWEEN ? AND ? GROUP BY day ORDER BY day", bounds
    ).to_pylist()
    done, total = 0, sum(row["n"] for row in days)
    for row in days:
        place = folder / f"day={row['day'].isoformat()}"
        place.mkdir(parents=True, exist_ok=True)
        _write_day(store, place / "events.parquet", day=row["day"], rows=row["n"])
        done += row["n"]
        progress("events", done, total)
    return Exported(days=len(days), events=done)


def _write_day(store: Store, path: Path, *, day: date, rows: int) -> None:
    fresh = path.with_suffix(".new")
    with pq.ParquetWriter(fresh, EVENTS, compression="zstd") as writer:
        for start, end in _spans(day, zone=store.zone, at_once=rows <= _DAY_AT_ONCE):
            table = store.execute(
                f"SELECT {_COLUMNS} FROM events WHERE day = ? AND ts >= ? AND ts < ? "
                "ORDER BY account_id, person_id, ts, event_id",
                [day, start, end],
            )
            if table.num_rows:
                writer.write_table(as_events(table))
    with fresh.open("rb") as written:
        os.fsync(written.fileno())
    os.replace(fresh, path)


def _spans(day: date, *, zone: str, at_once: bool) -> Iterator[tuple[datetime, datetime]]:
    """The hours of a day, or all of it; a day may have 23 or 25 hours."""
    midnight = [
        datetime.combine(one, time(), tzinfo=ZoneInfo(zone)) for one in (day, day + timedelta(days=1))
    ]
    start, end = (moment.astimezone(ZoneInfo("UTC")) for moment in midnight)
    step = end - start if at_once else timedelta(hours=1)
    while start < end:
        yield start, min(start + step, end)
        start += step


@dataclass(frozen=True, kw_only=True)
class Imported:
    """How many events were read, stored, and known before."""

    read: int
    stored: int
    known: int


def import_events(store: Store, folder: Path, *, progress: Progress) -> Imported:
    """Store the events of the Parquet files below `folder`, those of `export_events` or the like, once by their id.

    However long ago an event was: when the store holds its id on those days, it is not stored again.
    StoreError names a file that does not fit.
    """
    files = sorted(folder.rglob("*.parquet"))
    if not files:
        raise StoreError(f"There is no Parquet file below {folder}.")
    read = stored = 0
    total = sum(pq.read_metadata(path).num_rows for path in files)
    for path in files:
        for batch in _batches(path):
            store.wait_applied(store.log.head(), timeout=3600)
            fresh = batch.filter(pc.invert(_known(store, batch)))
            read += batch.num_rows
            stored += store.append(fresh).stored
            progress("events", read, total)
    store.wait_applied(store.log.head(), timeout=3600)
    return Imported(read=read, stored=stored, known=read - stored)


def _batches(path: Path) -> Iterator[pa.Table]:
    file = pq.ParquetFile(path)
    there = [name for name in EVENTS.names if name in file.schema_arrow.names]
    missing = {field.name for field in EVENTS if field.name != "company"} - set(there)
    if missing:
        raise StoreError(f"{path} holds no events: {', '.join(sorted(missing))} is missing.")
    for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=there):
        yield as_events(pa.Table.from_batches([batch]))


def _known(store: Store, batch: pa.Table) -> pa.Array:
    """For each row whether the store holds its id, on the days of the batch."""
    days = local_days(batch["ts"], zone=store.zone)
    held: Any = store.execute(
        "SELECT source_id, event_id FROM events WHERE day BETWEEN ? AND ?",
        [pc.min(days).as_py(), pc.max(days).as_py()],
    )
    return pc.is_in(_ids(batch), value_set=_ids(held).combine_chunks())


def _ids(table: pa.Table) -> pa.ChunkedArray:
    sources = table["source_id"].cast(pa.string())
    return pc.binary_join_element_wise(sources, table["event_id"], "\x1f")

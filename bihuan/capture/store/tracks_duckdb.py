"""Tracks out of DuckDB's index: the base written to files, the fresh part read when it is asked for."""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from bihuan.capture.store.schema import INTERNAL_SOURCE
from bihuan.capture.store.tracks import (
    FORMAT,
    ORDERS,
    Base,
    Loose,
    Order,
    Track,
    Tracks,
    read_base,
    track_of,
    without,
)

logger = logging.getLogger(__name__)

_BATCH_ROWS = 1_000_000
_MOST_FRESH = 0.2  # of all units: beyond it reading them anew costs more than it saves
_CODE = f"2 * name_id + (source_id = {INTERNAL_SOURCE})::INTEGER"
_ROW = f"epoch_us(ts) AS ts, ({_CODE})::INTEGER AS code, coalesce(account_id, -1) AS account"
_ORDER = "events.ts, received_at, name"
_STATE = "SELECT layout, rows, (SELECT count(*) FROM touched) FROM meta"


class DuckTracks:
    """The tracks of one open index in `folder`. Safe in many threads; one base is made at a time."""

    def __init__(self, folder: Path, *, cursor: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._folder, self._cursor = folder, cursor
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._base = read_base(folder / "base")
        self._making: threading.Thread | None = None
        self._drops = 0
        self._ended = threading.Event()

    def read(self, order: Order) -> Tracks | None:
        """What the index holds at this moment; None while there is no base to start from: one is then being made."""
        base = self._base
        cursor = self._cursor()
        try:
            cursor.execute("BEGIN TRANSACTION")
            found = None if base is None else _read(cursor, base, order)
        finally:
            cursor.rollback()
            cursor.close()
        if found is None:
            self.make_soon()
        return found

    def make_soon(self) -> None:
        """Make a new base in a thread, unless one is being made."""
        with self._lock:
            if not self._ended.is_set() and (self._making is None or not self._making.is_alive()):
                self._making = threading.Thread(target=self._make_quietly, name="event-tracks", daemon=True)
                self._making.start()

    def make(self) -> None:
        """Make a new base; returns when it is there."""
        with self._writing:
            self._make()

    def _make(self) -> None:
        drops, cursor = self._drops, self._cursor()
        try:
            cursor.execute("BEGIN TRANSACTION")
            _write(cursor, self._folder)
        finally:
            cursor.rollback()
            cursor.close()
        with self._lock:
            if self._drops == drops:
                shutil.rmtree(self._folder / "base", ignore_errors=True)  # whoever reads it keeps its pages
                os.replace(self._folder / "new", self._folder / "base")
                self._base = read_base(self._folder / "base")
            else:
                shutil.rmtree(self._folder, ignore_errors=True)

    def drop(self) -> None:
        """Delete the files: somebody erased may still be in them."""
        with self._lock:
            self._base, self._drops = None, self._drops + 1
            shutil.rmtree(self._folder / "base", ignore_errors=True)

    def close(self) -> None:
        """Make no more; returns when the one being made has ended."""
        with self._lock:
            self._ended.set()
            making = self._making
        if making is not None and making.is_alive():
            making.join()

    def _make_quietly(self) -> None:
        try:
            self.make()
        except (duckdb.Error, OSError) as error:  # questions go on without
            logger.warning("Tracks of events could not be made: %s", error)


def _read(cursor: duckdb.DuckDBPyConnection, base: Base, order: Order) -> Tracks | None:
    layout, rows, touched = cursor.execute(_STATE).fetchall()[0]
    if layout != base.layout or rows < base.rows:
        return None
    codes = dict(cursor.execute("SELECT name, name_id FROM names").fetchall())
    track = base.tracks[order]
    loose: tuple[Loose, ...] | None = (base.loose[order],) if touched == base.touched else None
    if rows == base.rows and touched == base.touched:
        return Tracks(order=order, parts=(track,), codes=codes, loose=loose)
    if loose is not None:
        loose = (*loose, _loose(cursor, order, after=base.row))
    unit = f"{order}_id"
    ids = cursor.execute(
        f"SELECT DISTINCT {unit} FROM (SELECT {unit} FROM events WHERE rowid >= ? "
        f"UNION ALL SELECT {unit} FROM touched WHERE rowid >= ?) WHERE {unit} IS NOT NULL",
        [base.row, base.touched],
    ).fetchnumpy()[unit]
    if len(ids) > 1_000 + _MOST_FRESH * len(track.units):
        return None
    cursor.register("moved", {"id": ids} if len(ids) else {"id": np.zeros(0, np.int64)})
    fresh = _fresh(cursor, order)
    cursor.unregister("moved")
    parts = (without(track, np.asarray(ids, np.int64)), fresh)
    return Tracks(order=order, parts=parts, codes=codes, loose=loose)


def _fresh(cursor: duckdb.DuckDBPyConnection, order: Order) -> Track:
    found = cursor.execute(
        f"SELECT {order}_id AS unit, {_ROW} FROM events SEMI JOIN moved ON moved.id = {order}_id ORDER BY unit, {_ORDER}"
    ).fetchnumpy()
    account = found["account"] if order == "person" else np.zeros(0, np.int64)
    return track_of(found["unit"], found["ts"], found["code"], account)


def _loose(cursor: duckdb.DuckDBPyConnection, order: Order, *, after: int) -> Loose:
    found = cursor.execute(
        f"SELECT ({_CODE})::INTEGER AS code, (day - DATE '1970-01-01')::INTEGER AS day, count(*)::INTEGER AS n FROM events "
        f"WHERE {order}_id IS NULL AND rowid >= ? GROUP BY ALL",
        [after],
    ).fetchnumpy()
    return Loose(code=found["code"], day=found["day"], count=found["n"])


def _write(cursor: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write a new base beside the old one."""
    new = folder / "new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True, mode=0o700)
    layout, rows, touched = cursor.execute(_STATE).fetchall()[0]
    for order in ORDERS:
        _write_track(cursor, new, order)
        loose = _loose(cursor, order, after=0)
        np.save(new / f"{order}.loose.npy", np.array([loose.code, loose.day, loose.count], np.int32))
    row = cursor.execute("SELECT coalesce(max(rowid) + 1, 0) FROM events").fetchall()[0][0]
    about = {"format": FORMAT, "layout": layout, "rows": rows, "touched": touched, "row": row}
    (new / "about.json").write_text(json.dumps(about))


def _write_track(cursor: duckdb.DuckDBPyConnection, folder: Path, order: Order) -> None:
    unit = f"{order}_id"
    counts = cursor.execute(
        f"SELECT {unit} AS unit, count(*) AS n FROM events WHERE {unit} IS NOT NULL GROUP BY unit ORDER BY unit"
    ).fetchnumpy()
    offsets = np.concatenate([[0], np.cumsum(counts["n"])]).astype(np.int64)
    np.save(folder / f"{order}.units.npy", np.asarray(counts["unit"], np.int64))
    np.save(folder / f"{order}.offsets.npy", offsets)
    total = int(offsets[-1])
    kinds = {"ts": np.int64, "code": np.int32} | ({"account": np.int64} if order == "person" else {})
    columns = {name: _file(folder, order, name, kind, total) for name, kind in kinds.items()}
    if order == "account":  # the account is the unit
        np.save(folder / "account.account.npy", np.zeros(0, np.int64))
    rows = cursor.sql(f"SELECT {_ROW} FROM events WHERE {unit} IS NOT NULL ORDER BY {unit}, {_ORDER}")
    assert rows is not None
    reader = rows.to_arrow_reader(_BATCH_ROWS)
    at = 0
    for batch in reader:
        for name, column in columns.items():
            column[at : at + batch.num_rows] = batch.column(name).to_numpy(zero_copy_only=False)
        at += batch.num_rows
    if at != total:
        raise OSError(f"{at} events of {total} were written")
    for column in columns.values():
        column.flush()


def _file(folder: Path, order: Order, name: str, kind: Any, rows: int) -> Any:
    return np.lib.format.open_memmap(  # type: ignore[no-untyped-call]
        folder / f"{order}.{name}.npy", mode="w+", dtype=kind, shape=(rows,)
    )

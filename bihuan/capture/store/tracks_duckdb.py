"""Tracks out of DuckDB's index: the base written to files, the fresh part read when it is asked for."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

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
_PROPERTY = re.compile(r"\w+")  # other names are paths to DuckDB
MOST_PROPS, MOST_TEXTS = 4, 2_000
#: As many are laid before anybody asks: those that most events carry with few values, so that a first question waits less.
LIKELY, SAMPLE, FEW = 2, 4_096, 50
#: For a property of its own a base is made anew only after so many times as long as the last one took: whoever asks by one
#: property after the other keeps no processor busy.
REST = 4
#: Below so many events a property is read out of its JSON fast enough.
WORTH_LAYING = 2_000_000
_STATE = "SELECT layout, rows, (SELECT count(*) FROM touched) FROM meta"


class DuckTracks:
    """The tracks of one open index in `folder`. Safe in many threads; one base is made at a time."""

    def __init__(self, folder: Path, *, cursor: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._folder, self._cursor = folder, cursor
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._base = read_base(folder / "base")
        self._making: threading.Thread | None = None
        self._drops = 0
        self._rests_until = 0.0
        self._ended = threading.Event()

    def read(self, order: Order, prop: str | None = None) -> Tracks | None:
        """What the index holds at this moment, with the values of a property; None while there is no base to start from: one is
        then being made. A property that was never asked for is laid from now on: until then `texts` is None."""
        base = self._base
        cursor = self._cursor()
        try:
            cursor.execute("BEGIN TRANSACTION")
            found = None if base is None else _read(cursor, base, order, prop)
        finally:
            cursor.rollback()
            cursor.close()
        fresh = prop is not None and base is not None and prop not in base.props and base.rows >= WORTH_LAYING
        if prop is not None and fresh and _PROPERTY.fullmatch(prop):
            self._want(prop)
            if monotonic() >= self._rests_until:
                self.make_soon()
        if found is None:
            self.make_soon()
        return found

    def _want(self, prop: str) -> None:
        """Lay it beside the next base, and no longer the one that came before all others."""
        with self._lock:
            kept = [one for one in self._wanted() if one != prop][: MOST_PROPS - 1]
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self._folder / "wanted.json").write_text(json.dumps([prop, *kept]))

    def _wanted(self) -> list[str]:
        try:
            found = json.loads((self._folder / "wanted.json").read_text())
        except (OSError, ValueError):
            return []
        return [one for one in found if isinstance(one, str) and _PROPERTY.fullmatch(one)]

    def make_soon(self) -> None:
        """Make a new base in a thread, unless one is being made."""
        with self._lock:
            if not self._ended.is_set() and (self._making is None or not self._making.is_alive()):
                self._making = threading.Thread(target=self._make_quietly, name="event-tracks", daemon=True)
                self._making.start()

    def make(self) -> None:
        """Make a new base; returns when it is there."""
        with self._writing:
            began = monotonic()
            self._make()
            self._rests_until = monotonic() + REST * (monotonic() - began)

    def _make(self) -> None:
        drops, cursor = self._drops, self._cursor()
        try:
            cursor.execute("BEGIN TRANSACTION")
            wanted = self._wanted()
            likely = _likely(cursor) if len(wanted) < LIKELY else []
            props = list(dict.fromkeys([*wanted, *likely]))[: max(LIKELY, len(wanted))]
            _write(cursor, self._folder, props=props)
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


def _read(cursor: duckdb.DuckDBPyConnection, base: Base, order: Order, prop: str | None) -> Tracks | None:
    layout, rows, touched = cursor.execute(_STATE).fetchall()[0]
    if layout != base.layout or rows < base.rows:
        return None
    codes = dict(cursor.execute("SELECT name, name_id FROM names").fetchall())
    track = base.tracks[order]
    texts = None if prop is None else base.props.get(prop)
    key = None if prop is None or texts is None else (order, prop)
    if key is not None:
        track = replace(track, value=base.values[key])
    found = base.loose[order] if key is None else base.loose_by[key]
    loose: tuple[Loose, ...] | None = (found,) if touched == base.touched else None
    if rows == base.rows and touched == base.touched:
        return Tracks(order=order, parts=(track,), codes=codes, loose=loose, texts=texts)
    known = None if key is None else Texts(texts or ())
    asked = prop if known is not None else None
    if loose is not None:
        loose = (*loose, _loose(cursor, order, after=base.row, prop=asked, texts=known))
    unit = f"{order}_id"
    ids = cursor.execute(
        f"SELECT DISTINCT {unit} FROM (SELECT {unit} FROM events WHERE rowid >= ? "
        f"UNION ALL SELECT {unit} FROM touched WHERE rowid >= ?) WHERE {unit} IS NOT NULL",
        [base.row, base.touched],
    ).fetchnumpy()[unit]
    if len(ids) > 1_000 + _MOST_FRESH * len(track.units):
        return None
    cursor.register("moved", {"id": ids} if len(ids) else {"id": np.zeros(0, np.int64)})
    fresh = _fresh(cursor, order, prop=asked, texts=known)
    cursor.unregister("moved")
    parts = (without(track, np.asarray(ids, np.int64)), fresh)
    texts = None if known is None else known.all
    return Tracks(order=order, parts=parts, codes=codes, loose=loose, texts=texts)


class Texts:
    """The values of a property as numbers; new ones are added behind."""

    def __init__(self, known: tuple[str, ...] = ()) -> None:
        self._places = {text: place for place, text in enumerate(known)}

    @property
    def all(self) -> tuple[str, ...]:
        """In the order of their numbers."""
        return tuple(self._places)

    def places(self, column: pa.Array | pa.ChunkedArray) -> Any:
        """The number of each text as int32, -1 for null."""
        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        coded = whole.dictionary_encode()
        found = [self._places.setdefault(text, len(self._places)) for text in coded.dictionary.to_pylist()]
        table = np.array([*found, -1], np.int32)
        return table[coded.indices.fill_null(len(found)).to_numpy(zero_copy_only=False)]


def _likely(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """Properties by which somebody will ask: those that most of a sample of customers' events carry, with few values."""
    rows = cursor.execute("SELECT rows FROM meta").fetchall()[0][0]
    if rows < WORTH_LAYING:
        return []
    share = min(100.0, 400 * SAMPLE / max(rows, 1))
    drawn = cursor.execute(
        f"SELECT props FROM (SELECT props, source_id FROM events TABLESAMPLE system({share:.4f}%)) "
        f"WHERE source_id <> {INTERNAL_SOURCE} LIMIT {SAMPLE}"
    ).fetchall()
    seen: dict[str, Counter[str]] = {}
    for (text,) in drawn:
        for name, value in json.loads(text or "{}").items():
            if _PROPERTY.fullmatch(name) and isinstance(value, (str, bool)):
                seen.setdefault(name, Counter())[str(value)] += 1
    few = {name: values.total() for name, values in seen.items() if 2 <= len(values) <= FEW}
    return sorted(few, key=lambda name: (-few[name], name))[:LIKELY]


def _text(prop: str) -> str:
    """A property as text, as questions read it (understand/engine/scope.py, property_text)."""
    return f"coalesce(props ->> '{prop}', (props -> '{prop}')::TEXT)"


def _fresh(
    cursor: duckdb.DuckDBPyConnection, order: Order, *, prop: str | None, texts: Texts | None
) -> Track:
    more = f", {_text(prop)} AS value" if prop is not None else ""
    rows = cursor.sql(
        f"SELECT {order}_id AS unit, {_ROW}{more} FROM events SEMI JOIN moved ON moved.id = {order}_id "
        f"ORDER BY unit, {_ORDER}"
    ).to_arrow_table()
    found = {name: np.array(rows[name].to_numpy()) for name in ("unit", "ts", "code", "account")}
    account = found["account"] if order == "person" else np.zeros(0, np.int64)
    value = None if texts is None else texts.places(rows["value"])
    return track_of(found["unit"], found["ts"], found["code"], account, value)


def _loose(
    cursor: duckdb.DuckDBPyConnection,
    order: Order,
    *,
    after: int,
    prop: str | None = None,
    texts: Texts | None = None,
) -> Loose:
    more = f", {_text(prop)} AS value" if prop is not None else ""
    rows = cursor.sql(
        f"SELECT ({_CODE})::INTEGER AS code, (day - DATE '1970-01-01')::INTEGER AS day, count(*)::INTEGER AS n{more} "
        f"FROM events WHERE {order}_id IS NULL AND rowid >= ? GROUP BY ALL",
        params=[after],
    ).to_arrow_table()
    code, day, n = (np.asarray(rows[name].to_numpy(), np.int32) for name in ("code", "day", "n"))
    value = np.full(len(code), -1, np.int32) if texts is None else texts.places(rows["value"])
    return Loose(code=code, day=day, count=n, value=value)


def _write(cursor: duckdb.DuckDBPyConnection, folder: Path, *, props: list[str]) -> None:
    """Write a new base beside the old one, with the values of these properties."""
    new = folder / "new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True, mode=0o700)
    layout, rows, touched = cursor.execute(_STATE).fetchall()[0]
    texts = {name: Texts() for name in props}
    for order in ORDERS:
        _write_track(cursor, new, order, texts)
        _write_loose(new / f"{order}.loose.npy", _loose(cursor, order, after=0))
        for n, (name, known) in enumerate(texts.items()):
            if len(known.all) <= MOST_TEXTS:  # beyond it nobody reads the file
                _write_loose(
                    new / f"{order}.loose{n}.npy", _loose(cursor, order, after=0, prop=name, texts=known)
                )
    laid = {name: known.all if len(known.all) <= MOST_TEXTS else None for name, known in texts.items()}
    row = cursor.execute("SELECT coalesce(max(rowid) + 1, 0) FROM events").fetchall()[0][0]
    about = {"format": FORMAT, "layout": layout, "rows": rows, "touched": touched, "row": row, "props": laid}
    (new / "about.json").write_text(json.dumps(about))


def _write_loose(path: Path, loose: Loose) -> None:
    np.save(path, np.array([loose.code, loose.day, loose.count, loose.value], np.int32))


def _write_track(
    cursor: duckdb.DuckDBPyConnection, folder: Path, order: Order, texts: Mapping[str, Texts]
) -> None:
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
    values = {n: _file(folder, order, f"value{n}", np.int32, total) for n in range(len(texts))}
    more = "".join(f", {_text(name)} AS value{n}" for n, name in enumerate(texts))
    rows = cursor.sql(f"SELECT {_ROW}{more} FROM events WHERE {unit} IS NOT NULL ORDER BY {unit}, {_ORDER}")
    assert rows is not None
    reader = rows.to_arrow_reader(_BATCH_ROWS)
    at = 0
    for batch in reader:
        for name, column in columns.items():
            column[at : at + batch.num_rows] = batch.column(name).to_numpy(zero_copy_only=False)
        for n, known in enumerate(texts.values()):
            if len(known.all) <= MOST_TEXTS:  # beyond it nobody reads the file
                values[n][at : at + batch.num_rows] = known.places(batch.column(f"value{n}"))
        at += batch.num_rows
    if at != total:
        raise OSError(f"{at} events of {total} were written")
    for column in (*columns.values(), *values.values()):
        column.flush()


def _file(folder: Path, order: Order, name: str, kind: Any, rows: int) -> Any:
    return np.lib.format.open_memmap(  # type: ignore[no-untyped-call]
        folder / f"{order}.{name}.npy", mode="w+", dtype=kind, shape=(rows,)
    )

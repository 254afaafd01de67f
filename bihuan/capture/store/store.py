"""The store's face: append to the log, ask the index."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import ibis.expr.types as ir
import pyarrow as pa

from bihuan.capture.store.applied import AppliedFile
from bihuan.capture.store.applier import Applier
from bihuan.capture.store.corrections import Drop, events_before, events_of
from bihuan.capture.store.engines import default_memory, engine_of
from bihuan.capture.store.errors import SealedDamaged, StoreError, StoreNotReady
from bihuan.capture.store.index import Engine, Index, IndexUnusable, Native, Params, Piece, Tables, Verdict
from bihuan.capture.store.log import Appended, Log
from bihuan.capture.store.owner import OwnerLock
from bihuan.capture.store.schema import events_table
from bihuan.capture.store.sealed import Sealed
from bihuan.capture.store.status import Status
from bihuan.capture.store.tracks import Order, Tracks

logger = logging.getLogger(__name__)

T = TypeVar("T")
_ROUND_ROWS = 262_144
_MAX_CACHED_SQL = 2_000
_MAX_OPENINGS = 2
_MAX_REPEATS = 5_000


class Store:
    """The event store of `home`/events; the index lies where `url` says (EVENTS_URL). Anyone may append.

    Asking takes the ownership of an embedded index. One on a server is asked by everybody and filled by one process.
    """

    def __init__(
        self, home: Path, *, zone: str = "Asia/Shanghai", memory: str | None = None, url: str = ""
    ) -> None:
        self.folder = Path(home) / "events"
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        self.closed = False
        self.log = Log(self.folder / "log.sqlite")
        self.zone, self._memory = zone, memory or default_memory()
        self.engine = self.engine_at(url)
        self.sealed = Sealed(self.folder / "sealed", log=self.log, zone=zone)
        self._lock = OwnerLock(self.folder / "index.lock", owns=self.engine.url)
        self._opening = threading.RLock()
        self._applied, self._told = threading.Condition(), AppliedFile(self.folder / "applied")
        self._index: Index | None = None
        self._applier: Applier | None = None
        self._rebuild_until = 0
        self._sql: dict[Any, Native] = {}

    # Writing

    def append(self, batch: pa.Table, *, chunk_key: str | None = None) -> Appended:
        """Store these events (columns of EVENTS); on return they are on disk. See Log.append."""
        appended = self.log.append(batch, chunk_key=chunk_key)
        if self._applier:
            self._applier.wake()
        return appended

    def merge_people(self, *, from_ids: list[int], to_id: int) -> int:
        """Give the events of `from_ids`, past and future, to `to_id`; returns the place to wait for."""
        return self._correct({"op": "merge_people", "from": from_ids, "to": to_id})

    def split_person(self, *, person_id: int, ids: Sequence[tuple[int, str]]) -> int:
        """Undo a merge: events under these (product, distinct id) belong to the person again; the place to wait for."""
        return self._correct(
            {"op": "split_person", "person_id": person_id, "ids": [list(pair) for pair in ids]}
        )

    def place_person(self, *, person_id: int, spells: Sequence[tuple[int | None, int | None]]) -> int:
        """The person's events that name no account go to accounts (None: to none) by time: (from microsecond, account)."""
        op = {"op": "place_person", "person_id": person_id, "spells": [list(one) for one in spells]}
        return self._correct(op)

    def give_company(self, *, product_id: int, company: str, account_id: int) -> int:
        """Events of the product that name this key and have no account belong to the account; the place to wait for."""
        op = {"op": "give_company", "product_id": product_id, "company": company, "account_id": account_id}
        return self._correct(op)

    def erase(self, *, person_id: int) -> int:
        """Take every event of this person out of log, sealed files and index; returns how many. `compact` frees blocks.

        Those of people who were merged into this one go too. SealedDamaged names files that could not be read.
        """
        drop = events_of(person_id, self.log.ops())
        return self._take_out(drop, op={"op": "erase_person", "person_id": person_id})

    def forget(self, *, source_id: int, before: datetime) -> int:
        """Take the events of a source that happened before that moment out of log, sealed files and index."""
        us = int(before.timestamp() * 1_000_000)
        drop = events_before(before_us=us, source_id=source_id)
        return self._take_out(drop, op={"op": "forget", "source_id": source_id, "before_us": us})

    def _take_out(self, drop: Drop, *, op: dict[str, Any]) -> int:
        damaged: SealedDamaged | None = None
        gone = self.log.rewrite(drop.kept)
        try:
            self.engine.drop_set_aside()
            gone += self.sealed.drop(drop)
        except SealedDamaged as error:
            damaged = error
        if gone or op["op"] != "forget":
            seq = self._correct(op)
            if self.owner:
                self.wait_applied(seq)
        if damaged is not None:
            raise damaged
        return gone

    def seal(self, *, before: datetime) -> int:
        """Move what came before that moment from the log into sealed files; returns how many events."""
        return self.sealed.seal(before=before)

    def wait_applied(self, seq: int, timeout: float = 60.0) -> bool:
        """Wait until the index, wherever it is, holds the log up to `seq`; False when it took too long."""
        until = time.monotonic() + timeout
        if self.owner:
            self.start()
        while True:
            if self._applier is not None:
                self._applier.hurry()
            with self._applied:
                if self.applied_seq >= seq:
                    return True
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._applied.wait(min(left, 0.1))

    # Asking

    def table(self) -> ir.Table:
        """The table `events` for Ibis expressions; run them with `execute`."""
        return events_table()

    def sql(self, key: Any, build: Callable[[], ir.Expr]) -> Native:
        """The SQL of an expression, compiled once per key: compiling costs far more than most answers."""
        found = self._sql.get(key)
        if found is None:
            if len(self._sql) >= _MAX_CACHED_SQL:
                self._sql.clear()
            found = self._sql[key] = self._asked().compile(build())
        return found

    def execute(self, question: ir.Expr | str, params: Params = None, *, tables: Tables = None) -> pa.Table:
        """The answer to an expression, to what `sql` gave, or to DuckDB's SQL (`?` or `$name`), from any thread.

        `tables` stand beside `events` under their names. Raises StoreOwned when another process has the index,
        StoreNotReady when it cannot be asked now, CannotCompute when the rows do not bear the question.
        """
        index = self._asked()
        sql = question if isinstance(question, str) else index.compile(question)
        return self._answered(lambda: index.ask(sql, params, tables=tables))

    def touched_after(self, seq: int, *, until: date) -> bool:
        """Whether events of days up to `until` may have come since the index held the log up to `seq`."""
        touched = self._index.touched if self._index is not None else None
        return self.applied_seq != seq if touched is None else touched.after(seq, until=until)

    def rows(self) -> int:
        """Events in the index by its own count, which costs nothing."""
        return int(self._asked().meta()["rows"])

    def count(self) -> int:
        """Events in the index."""
        return int(self.execute("SELECT count(*) AS n FROM events")["n"][0].as_py())

    def tracks(self, order: Order, prop: str | None = None) -> Tracks | None:
        """Events by person or account, in time, for loops, with the values of a property;
        None when they are not there (now): then `execute`."""
        return self._answered(lambda: self._asked().tracks(order, prop))

    def checksum(self) -> tuple[int, str]:
        """Events in the index and a sum over them that does not depend on their order."""
        return self._answered(self._asked().checksum)

    # Care

    def engine_at(self, url: str) -> Engine:
        """The engine that a URL names, for this home."""
        return engine_of(url, folder=self.folder, zone=self.zone, memory=self._memory)

    def read_truth(self, *, after: int) -> Sequence[Piece]:
        """What stands after that place, in order; nothing when that is all."""
        return self.sealed.read(after=after, max_rows=_ROUND_ROWS)

    @property
    def owner(self) -> bool:
        """Whether this process owns the index; takes it when nobody does."""
        if not self._lock.held and not self.closed:
            try:
                self._lock.take()
            except StoreError:
                return False
        return self._lock.held

    @property
    def applied_seq(self) -> int:
        """How far the index holds the log, here or in the process that owns it."""
        return self._told.read() if self._index is None else self._index.applied_seq

    def start(self) -> None:
        """Own the index and keep it close behind the log. Raises StoreOwned when others have it."""
        with self._opening:
            if self.closed:
                raise StoreError("This store has been closed.")
            if self._applier is not None:
                return
            self._lock.take()
            if self._index is not None:  # it only read so far
                self._index.close()
            self._open()
            self._applier = Applier(
                step=self._apply_round, failed=self._apply_failed, rest=self.engine.rest_seconds
            )
            self._applier.start()

    def compact(self) -> int:
        """Drop events that were stored twice and lay the rows out by account and time; returns how many ids stood
        twice. Readers go on; new events wait in the log meanwhile."""
        index = self._leading()
        repeats = index.repeats()
        for at in range(0, len(repeats), _MAX_REPEATS):
            self._correct({"op": "drop_repeats", "ids": repeats[at : at + _MAX_REPEATS]})
        if repeats:
            self.wait_applied(self.log.head(), timeout=600)
        self._leading().compact()
        self._leading().lay_tracks()
        return len(repeats)

    def rebuild(self) -> None:
        """Make the index anew from the log and return when it is complete."""
        self.start()
        self._reopen(set_aside="on request")
        while not self.wait_applied(self._rebuild_until, timeout=60):
            logger.info("Rebuilding the event index: %s of %s groups.", self.applied_seq, self._rebuild_until)

    def status(self) -> Status:
        """How log and index stand, for pages and `bihuan doctor`."""
        index, head = self._index, self.log.head()
        state = "closed" if self.owner else "elsewhere"
        meta = {"rows": 0, "sorted_rows": 0, "damaged": 0}
        if index is not None:
            state = "rebuilding" if index.applied_seq < self._rebuild_until else "live"
            meta = index.meta()
        sealed = self.sealed.files()
        return Status(
            state=state, url=self.engine.url, head_seq=head, applied_seq=self.applied_seq, rows=meta["rows"],
            unsorted_rows=max(0, meta["rows"] - meta["sorted_rows"]), damaged_groups=meta["damaged"],
            sealed_files=len(sealed), sealed_rows=sum(one.rows for one in sealed),
            sealed_damaged=[one.file for one in sealed if one.damaged], set_aside=self.engine.set_aside_names(),
        )  # fmt: skip

    def close(self) -> None:
        """Stop applying, close the files and free the ownership."""
        with self._opening:
            self.closed, applier = True, self._applier
        if applier is not None:
            applier.stop()
        with self._opening:
            if self._index is not None:
                self._index.close()
            self._index = self._applier = None
            self.log.close()
            self._lock.free()

    # Inside

    def _asked(self) -> Index:
        """The open index; when nobody started the store, open it now and wait until it holds the log."""
        if self._applier is None and (not self.engine.shared or self.owner):
            self.start()
            self.wait_applied(self.log.head(), timeout=600)
        index = self._index
        if index is None and self._applier is None:
            with self._opening:
                if self.closed:
                    raise StoreError("This store has been closed.")
                index = self._index = self._index or self._open_engine(lead=False)
        if index is None:
            raise StoreNotReady("The event index is being opened; try again in a moment.")
        if (done := index.applied_seq) < self._rebuild_until:  # half of the events would be a wrong answer
            raise StoreNotReady(
                f"The event index is being made again: {done} of {self._rebuild_until} groups. Try again in a moment."
            )
        return index

    def _leading(self) -> Index:
        """The open index that this process fills."""
        if self._applier is None:
            self.start()
            self.wait_applied(self.log.head(), timeout=600)
        index = self._index
        if index is None:
            raise StoreNotReady("The event index is being opened; try again in a moment.")
        return index

    def _answered(self, ask: Callable[[], T]) -> T:
        """The answer; when the index turns out to be broken it is mended, and StoreNotReady says to ask again."""
        try:
            return ask()
        except Exception as error:
            if not self._recover(error):
                raise
            raise StoreNotReady("The event index is being opened anew; try again in a moment.") from error

    def _correct(self, op: dict[str, Any]) -> int:
        seq = self.log.append_op(op)
        if self._applier:
            self._applier.wake()
        return seq

    def _apply_round(self) -> bool:
        """Apply what the log has next; True when there was something."""
        with self._opening:
            if self.closed:
                return False
            index = self._index or self._open()
        groups = self.read_truth(after=index.applied_seq)
        if groups:
            try:
                index.apply(groups)
            except Exception:
                if self._index is not index:  # it was closed under our hands, to be opened anew
                    return True
                raise
            self._tell_applied(index.applied_seq)
        return bool(groups)

    def _apply_failed(self, error: Exception) -> None:
        self._recover(error)

    def _recover(self, error: Exception) -> bool:
        """Open the index anew after a fatal error, from the log if damaged; False when it can go on."""
        verdict = self.engine.verdict(error)
        if verdict == Verdict.GO_ON or self._applier is None:
            return False
        logger.error("The event index failed and is opened anew: %s", error)
        self._reopen(set_aside=str(error) if verdict == Verdict.DAMAGED else None)
        self._applier.wake()
        return True

    def _tell_applied(self, seq: int) -> None:
        self._told.write(seq)
        with self._applied:
            self._applied.notify_all()

    def _open(self) -> Index:
        """Open the index; set it aside and begin a new one when it does not open or is not sound."""
        attempts = self.folder / "index.opening"
        tried = len(attempts.read_bytes()) if attempts.exists() else 0
        if tried >= _MAX_OPENINGS and not self.engine.shared:
            self._set_aside(
                "opening it failed without an answer"
            )  # it ended the process: no loop of restarts
        with attempts.open("ab") as marker:
            marker.write(b".")
        try:
            self._index = self._open_engine()
        except IndexUnusable as error:
            self._set_aside(str(error))
            self._index = self._open_engine()
        finally:  # whatever Python could say about it, the process lives
            attempts.unlink(missing_ok=True)
        if self._index.applied_seq == 0:
            self._rebuild_until = self.log.head()
        self._tell_applied(self._index.applied_seq)
        return self._index

    def _open_engine(self, *, lead: bool = True) -> Index:
        return self.engine.open(log_id=self.log.id, head=self.log.head(), lead=lead)

    def _set_aside(self, why: str) -> None:
        logger.error("The event index is set aside and rebuilt from the log: %s", why)
        self.engine.set_aside(why)

    def _reopen(self, *, set_aside: str | None = None) -> None:
        with self._opening:
            if self._index is not None:
                self._index.close()
                self._index = None
            if set_aside:
                self._set_aside(set_aside)
            self._open()

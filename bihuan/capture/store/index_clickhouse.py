"""The index in ClickHouse.

There is no transaction over several tables. So every row carries the place in the log that it came from, the applied
place is written last, and whoever opens the index takes back what stands beyond it: the next round stores it again, once.
A correction is announced (`pending`) before it is carried out; carried out twice it changes nothing.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.capture.store.clickhouse_corrections import REPEATED, REPEATS, naming, placing, splitting
from bihuan.capture.store.clickhouse_sql import compiled, translated
from bihuan.capture.store.clickhouse_tables import definitions
from bihuan.capture.store.clickhouse_watch import told
from bihuan.capture.store.errors import CannotCompute, LogDamaged, StoreError, StoreNotReady
from bihuan.capture.store.index import IndexUnusable, Native, Params, Piece, Tables
from bihuan.capture.store.schema import INDEX_VERSION, local_days
from bihuan.capture.store.touched import Touched
from bihuan.capture.store.tracks import Order, Tracks

if TYPE_CHECKING:
    from bihuan.capture.store.clickhouse import ClickHouse

logger = logging.getLogger(__name__)

#: What rows can do to a question that no reading of it foresees.
_CANNOT = {6, 27, 36, 38, 41, 43, 44, 53, 69, 70, 72, 131, 153, 190, 321, 349, 386, 407, 427}
_WRITER = "bihuan applier"
_OPS = 2_000
_CHECKSUM = """
    SELECT count() AS n, toString(coalesce(sum(toUInt128(reinterpretAsUInt64(MD5(concatWithSeparator(char(31),
        event_id, toString(source_id), name, toString(toUnixTimestamp64Micro(ts)),
        toString(toUnixTimestamp64Micro(received_at)), distinct_id, ifNull(toString(person_id), ''),
        ifNull(toString(account_id), ''), ifNull(toString(product_id), ''), props, ifNull(company, '')))))), 0)) AS total
    FROM events
"""
_given = itertools.count(1)


class Index:
    """An open index. Questions may come from any thread; writes are serialised."""

    def __init__(self, engine: ClickHouse, *, log_id: str, head: int, lead: bool) -> None:
        self._engine, self._log_id, self._lead = engine, log_id, lead
        self._writing, self._handing_out = threading.Lock(), threading.Lock()
        self._clients: dict[threading.Thread, Any] = {}
        self._write: Any = None
        self._dirty, self._turn = False, 0
        self._names: dict[str, int] = {}
        self._merged: dict[int, int] = {}
        everywhere = f" ON CLUSTER `{engine.cluster}`" if engine.cluster else ""
        self._rows = f"{'events_local' if engine.cluster else 'events'}{everywhere}"
        try:
            if lead:
                self._make()
            self._write = engine.client(log_comment=f"{_WRITER} {log_id}")
            self._state = self._check(head)
            self.touched = Touched(since=int(self._state["applied_seq"])) if lead else None
            if lead:
                self._take_back()
                self._count_again()
        except BaseException:
            self.close()
            raise

    @property
    def applied_seq(self) -> int:
        """How far the log is held; asked of the database when another process applies."""
        if not self._lead:
            with suppress(Exception):
                return int(self._read_state(self._client())["applied_seq"])
        return int(self._state["applied_seq"])

    # Asking

    def compile(self, expression: ir.Expr) -> Native:
        """The SQL of an expression."""
        return Native(compiled(expression))

    def ask(self, sql: str, params: Params = None, *, tables: Tables = None) -> pa.Table:
        """The rows of one statement. Tables brought along stand in the database while it is answered."""
        text, values = (str(sql), {}) if isinstance(sql, Native) else translated(sql, params)
        client, brought = self._client(), list[str]()
        try:
            for name, table in (tables or {}).items():
                brought.append(_bring(client, name, table))
                text = text.replace(f'"{name}"', f'"{brought[-1]}"')
            with told(self._engine.client) as settings:
                answer: pa.Table = client.query_arrow(text, parameters=values, settings=settings)
            return answer
        except Exception as error:
            if getattr(error, "code", None) in _CANNOT:
                raise CannotCompute(str(error).split(" In scope ")[0].splitlines()[0][:300]) from error
            found = self._engine.said(error)
            if found is error:
                raise
            raise found from error
        finally:
            for name in brought:
                with suppress(Exception):
                    client.command(f"DROP TABLE IF EXISTS `{name}`")

    def tracks(self, order: Order, prop: str | None = None) -> Tracks | None:
        """None: its own functions are quick over its own layout."""
        return None

    def lay_tracks(self) -> None:
        """Nothing to do."""

    def checksum(self) -> tuple[int, str]:
        """Number of events and a sum over all of them that does not depend on their order."""
        found = self.ask(Native(_CHECKSUM)).to_pylist()[0]
        return int(found["n"]), str(found["total"])

    def meta(self) -> dict[str, Any]:
        """Its own count of rows, how many of them lie sorted, and how many damaged groups it met."""
        state = self._state if self._lead else self._read_state(self._client())
        return {name: int(state[name]) for name in ("rows", "sorted_rows", "damaged")}

    def repeats(self) -> list[tuple[int, str]]:
        """Ids that came since the last `compact` and stand more than once."""
        rows = self._client().query(REPEATS, parameters={"after": self._state["sorted_seq"]}).result_rows
        return [(int(source), str(event)) for source, event in rows]

    # Writing

    def apply(self, pieces: Sequence[Piece]) -> int:
        """Hold these, in order; what a failure leaves half done is taken back before the next round."""
        tables: list[pa.Table] = []
        added = damaged = 0
        first = [date.max]
        with self._writing:
            if self._dirty:
                self._take_back()
            self._dirty = True
            for piece in pieces:
                try:
                    if piece.is_op:
                        added += self._insert(tables, first=first)
                        first.append(date.min)
                        self._touch(piece.seq, first)
                        self._commit(seq=piece.seq - 1, added=added, damaged=damaged, pending=piece.seq)
                        tables, added, damaged = [], 0, 0
                        self._apply_op(piece.op(), seq=piece.seq)
                        self._commit(seq=piece.seq, rows=self._count())
                    else:
                        tables.append(_placed(piece))
                except LogDamaged:
                    damaged += 1
            added += self._insert(tables, first=first)
            self._touch(pieces[-1].seq, first)
            self._commit(seq=pieces[-1].seq, added=added, damaged=damaged)
            self._dirty = False
        return added

    def compact(self) -> None:
        """Merge what was stored into large sorted parts; readers go on."""
        with self._writing:
            self._write.command(f"OPTIMIZE TABLE {self._rows} FINAL")
            state = self._state
            self._commit(seq=state["applied_seq"], sorted_rows=state["rows"], sorted_seq=state["applied_seq"])

    def close(self) -> None:
        """Close every client: the engine in the process lets go of its folder when the last one is gone."""
        with self._writing, self._handing_out:
            for client in (*self._clients.values(), self._write):
                with suppress(Exception):
                    if client is not None:
                        client.close()
            self._clients.clear()
            self._write = None

    # Inside

    def _client(self) -> Any:
        thread = threading.current_thread()
        found = self._clients.get(thread)
        if found is None:
            found = self._engine.client()
            with self._handing_out:
                if self._write is None:
                    found.close()
                    raise StoreNotReady("The event index has been closed; try again in a moment.")
                for dead in [one for one in self._clients if not one.is_alive()]:
                    self._clients.pop(dead).close()
                self._clients[thread] = found
        return found

    def _make(self) -> None:
        engine = self._engine
        client = engine.client(database="default")
        try:
            for statement in definitions(
                database=engine.database, cluster=engine.cluster, sharding=engine.sharding
            ):
                client.command(statement)
            left = "SELECT name FROM system.tables WHERE database = {db:String} AND name LIKE 'given\\\\_%'"
            for (name,) in client.query(left, parameters={"db": engine.database}).result_rows:
                client.command(f"DROP TABLE IF EXISTS `{engine.database}`.`{name}`")
        finally:
            client.close()

    def _check(self, head: int) -> dict[str, Any]:
        """The state, when this is a whole index of this log, version and zone; a new one when it is empty."""
        if self._engine.cluster and self._lead:
            for table in ("names", "merged", "meta"):
                self._write.command(f"SYSTEM SYNC REPLICA {table}")
            self._write.command(f"SYSTEM SYNC REPLICA ON CLUSTER `{self._engine.cluster}` events_local")
        logs = {row[0] for row in self._write.query("SELECT DISTINCT log_id FROM meta").result_rows}
        if logs - {self._log_id}:
            raise StoreError(
                f"The event store {self._engine.url} holds the events of another installation. Name another "
                "database in EVENTS_URL, or drop that one."
            )
        if not logs:
            if not self._lead:
                raise StoreNotReady(f"The event store {self._engine.url} has not been filled yet.")
            if self._count():
                raise IndexUnusable(f"The event store {self._engine.url} has rows and no line of state.")
            return {"version": INDEX_VERSION, "zone": self._engine.zone, "log_id": self._log_id, "applied_seq": 0,
                    "pending": 0, "rows": 0, "sorted_rows": 0, "sorted_seq": 0, "damaged": 0}  # fmt: skip
        state = self._read_state(self._write)
        self._turn = state["turn"]
        if (state["version"], state["zone"]) != (INDEX_VERSION, self._engine.zone):
            raise IndexUnusable(f"The event store {self._engine.url} is of another version or time zone.")
        if state["applied_seq"] > head:
            raise IndexUnusable(
                f"The event store {self._engine.url} holds {state['applied_seq']} of {head} groups."
            )
        return state

    def _read_state(self, client: Any) -> dict[str, Any]:
        found = client.query("SELECT * FROM meta ORDER BY turn DESC LIMIT 1")
        return dict(zip(found.column_names, found.result_rows[0], strict=True))

    def _take_back(self) -> None:
        """Take out what stands beyond the applied place: a round that did not come to its end."""
        applied = self._state["applied_seq"]
        if self._engine.shared:  # a request that timed out here may still be at work there
            where = f"WHERE Settings['log_comment'] = '{_WRITER} {self._log_id}' AND query_id <> queryID()"
            with suppress(Exception):
                everywhere = f"ON CLUSTER `{self._engine.cluster}` " if self._engine.cluster else ""
                self._write.command(f"KILL QUERY {everywhere}{where} SYNC")
        for table, rows in (("events", self._rows), ("merged", "merged"), ("names", "names")):
            beyond = self._write.query(f"SELECT 1 FROM {table} WHERE seq > {applied} LIMIT 1").result_rows
            if beyond:
                logger.warning("Taking back rows of %s beyond group %s of the log.", table, applied)
                self._mutate(f"ALTER TABLE {rows} DELETE WHERE seq > {applied}")
        names = self._write.query("SELECT name, name_id FROM names").result_rows
        self._names = dict(names)
        merges = self._write.query("SELECT from_id, to_id FROM merged ORDER BY seq, place").result_rows
        self._merged = {}
        for from_id, to_id in merges:
            _follow(self._merged, from_id, to_id)
        self._dirty = False

    def _count_again(self) -> None:
        """Whether the rows are all there; a correction that was under way may have taken some, rightly."""
        if not self._state["pending"] and (count := self._count()) != self._state["rows"]:
            raise IndexUnusable(
                f"The event store {self._engine.url} holds {count} rows of {self._state['rows']}."
            )

    def _count(self) -> int:
        return int(self._write.query("SELECT count() FROM events").result_rows[0][0])

    def _commit(self, *, seq: int, added: int = 0, damaged: int = 0, pending: int = 0, **exact: int) -> None:
        state = self._state | {"applied_seq": seq, "pending": pending}
        state |= {"rows": state["rows"] + added, "damaged": state["damaged"] + damaged, **exact}
        state["turn"] = self._turn = self._turn + 1
        self._write.insert("meta", [list(state.values())], column_names=list(state))
        self._state = state

    def _touch(
        self, seq: int, first: list[date]
    ) -> None:  # before the place moves: whoever reads that must find the days
        if self.touched is not None:
            self.touched.note(seq=seq, first=min(first))

    def _insert(self, tables: list[pa.Table], *, first: list[date]) -> int:
        """Add the rows, and to `first` their earliest day; returns how many."""
        if not tables or not any(table.num_rows for table in tables):
            return 0
        batch = pa.concat_tables(tables)
        batch = batch.append_column("day", local_days(batch["ts"], zone=self._engine.zone))
        first.append(pc.min(batch["day"]).as_py())
        batch = batch.append_column("name_id", self._codes(batch))
        batch = batch.set_column(
            batch.schema.get_field_index("person_id"), "person_id", self._owners(batch["person_id"])
        )
        batch = batch.append_column("lane", batch["person_id"])
        batch = batch.append_column("house", batch["account_id"])
        self._write.insert_arrow("events", batch)
        return int(batch.num_rows)

    def _codes(self, batch: pa.Table) -> pa.ChunkedArray:
        new = [name for name in pc.unique(batch["name"]).to_pylist() if name not in self._names]
        if new:
            seq, first = pc.max(batch["seq"]).as_py(), max(self._names.values(), default=-1) + 1
            rows = [[seq, first + number, name] for number, name in enumerate(new)]
            self._write.insert("names", rows, column_names=["seq", "name_id", "name"])
            self._names |= {name: code for _, code, name in rows}
        names, codes = list(self._names), pa.array(list(self._names.values()), pa.int32())
        return pc.take(codes, pc.index_in(batch["name"], value_set=pa.array(names, pa.string())))

    def _owners(self, people: pa.ChunkedArray) -> pa.ChunkedArray:
        """The people after every merge so far."""
        if not self._merged:
            return people
        at = pc.index_in(people, value_set=pa.array(list(self._merged), pa.int64()))
        to = pc.take(pa.array(list(self._merged.values()), pa.int64()), at)
        return pc.coalesce(to, people)

    def _apply_op(self, op: dict[str, Any], *, seq: int) -> None:
        if op["op"] == "merge_people":
            self._merge(from_ids=op["from"], to_id=op["to"], seq=seq)
        elif op["op"] == "split_person":
            self._split(person_id=op["person_id"], ids=op["ids"])
        elif op["op"] == "place_person":
            self._mutate(placing(self._rows, person_id=op["person_id"], spells=op["spells"]))
        elif op["op"] == "give_company":
            self._mutate(naming(self._rows, **{key: value for key, value in op.items() if key != "op"}))
        elif op["op"] == "erase_person":
            self._mutate(f"ALTER TABLE {self._rows} DELETE WHERE person_id = {int(op['person_id'])}")
        elif op["op"] == "forget":
            where = (
                f"source_id = {int(op['source_id'])} AND toUnixTimestamp64Micro(ts) < {int(op['before_us'])}"
            )
            self._mutate(f"ALTER TABLE {self._rows} DELETE WHERE {where}")
        elif op["op"] == "drop_repeats":
            sources, ids = zip(*op["ids"], strict=True)
            values = {"sources": list(sources), "ids": list(ids)}
            found = self._write.query(REPEATED, parameters=values).result_rows
            for at in range(0, len(found), _OPS):
                rows = ", ".join(f"({seq}, {place})" for seq, place in found[at : at + _OPS])
                self._mutate(f"ALTER TABLE {self._rows} DELETE WHERE (seq, place) IN ({rows})")
        else:
            raise StoreError(f"The event log holds a correction this version does not know: {op['op']}")

    def _merge(self, *, from_ids: list[int], to_id: int, seq: int) -> None:
        rows = [[seq, place, from_id, to_id] for place, from_id in enumerate(from_ids)]
        self._write.insert("merged", rows, column_names=["seq", "place", "from_id", "to_id"])
        for from_id in from_ids:
            _follow(self._merged, from_id, to_id)
        people = ", ".join(str(int(one)) for one in from_ids)
        self._mutate(
            f"ALTER TABLE {self._rows} UPDATE person_id = {int(to_id)} WHERE person_id IN ({people})"
        )

    def _split(self, *, person_id: int, ids: list[tuple[int, str]]) -> None:
        self._merged.pop(person_id, None)
        self._mutate(f"ALTER TABLE merged DELETE WHERE from_id = {int(person_id)}")
        for at in range(0, len(ids), _OPS):
            self._mutate(splitting(self._rows, person_id=person_id, ids=ids[at : at + _OPS]))

    def _mutate(self, statement: str) -> None:
        """Change stored rows and return when every replica has."""
        self._write.command(f"{statement} SETTINGS mutations_sync = 2")


def _placed(piece: Piece) -> pa.Table:
    table = piece.events()
    seq = pa.array(np.full(table.num_rows, piece.seq, dtype=np.uint64))
    table = table.append_column("seq", seq)
    return table.append_column("place", pa.array(np.arange(table.num_rows, dtype=np.uint32)))


def _follow(merged: dict[int, int], from_id: int, to_id: int) -> None:
    for other, to in merged.items():
        if to == from_id:
            merged[other] = to_id
    merged[from_id] = to_id


def _bring(client: Any, name: str, table: pa.Table) -> str:
    """A table in the memory of the server under a name that nobody else uses; returns the name."""
    kinds = {pa.int64(): "Int64", pa.int32(): "Int32", pa.string(): "String", pa.float64(): "Float64",
             pa.bool_(): "Bool", pa.date32(): "Date32"}  # fmt: skip
    fresh = f"given_{threading.get_native_id()}_{next(_given)}_{name}"
    columns = ", ".join(f"`{field.name}` Nullable({kinds[field.type]})" for field in table.schema)
    client.command(f"CREATE TABLE `{fresh}` ({columns}) ENGINE = Memory")
    if table.num_rows:
        client.insert_arrow(fresh, table)
    return fresh

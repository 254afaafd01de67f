"""What was computed for a question, kept until something that it was computed from has changed."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

import pyarrow as pa

from bihuan.capture.store import get_store

MOST_BYTES = 128 * 2**20
Rows = dict[str, pa.Table]


@dataclass(frozen=True, kw_only=True)
class _Kept:
    seq: int
    value: Any
    size: int


class Kept:
    """The most recently wanted values, up to `most_bytes` of rows. For any thread."""

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._size = most_bytes, 0
        self._values: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> _Kept | None:
        """What is kept under the key."""
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
            return found

    def put(self, key: Hashable, value: Any, *, size: int, seq: int = 0) -> None:
        """Keep it, and let go of what was not wanted for longest; one larger than a quarter of all is not kept."""
        if size > self._most // 4:
            return
        with self._lock:
            old = self._values.pop(key, None)
            self._size += size - (old.size if old else 0)
            self._values[key] = _Kept(seq=seq, value=value, size=size)
            while self._size > self._most:
                self._size -= self._values.popitem(last=False)[1].size

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._values.clear()
            self._size = 0


kept = Kept()


def rows_of_events(key: tuple[Hashable, ...], *, until: date, ask: Callable[[], Rows]) -> tuple[Rows, bool]:
    """(rows, whether they were kept): of a question about events of days up to `until`, asked unless nothing that came
    since touches such a day. `key` is all that they depend on besides the events."""
    store = get_store()
    place = (store.log.id, *key)
    found = kept.get(place)
    if found is not None and not store.touched_after(found.seq, until=until):
        return found.value, True
    seq = store.applied_seq  # before asking: what comes meanwhile is asked for again
    rows = ask()
    kept.put(place, rows, size=1_000 + sum(table.nbytes for table in rows.values()), seq=seq)
    return rows, False


def of_rows(
    key: tuple[Hashable, ...], *, rows: pa.Table, make: Callable[[], Any], size: int
) -> tuple[Any, bool]:
    """(value, whether it was kept): of what is computed from these rows and the key alone; about `size` bytes."""
    place = (*key, digest(rows))
    found = kept.get(place)
    if found is not None:
        return found.value, True
    value = make()
    kept.put(place, value, size=size)
    return value, False


def digest(table: pa.Table) -> bytes:
    """A fingerprint of the rows and their columns."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return sha256(memoryview(sink.getvalue())).digest()

"""The one writer: a thread that commits what many requests brought in groups.

Memory is bounded: a request that does not fit any more is turned away (503) and the sender tries again. While
one group is on its way to the disk the next one gathers: the number of commits follows the disk.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Sequence

from django.db import close_old_connections, connections

from bihuan.capture.identity.actions import get_resolver
from bihuan.capture.ingest.actions.commit import Outcome, store_batches
from bihuan.capture.ingest.actions.group import Arrived
from bihuan.capture.store import close_store, get_store

logger = logging.getLogger(__name__)

MAX_WAITING_EVENTS = 200_000
MAX_WAITING_BYTES = 256 * 2**20
GROUP_EVENTS = 10_000

Answer = Outcome | Exception


class WriterFull(Exception):
    """More events wait than memory is set aside for; try again in a moment."""


class _Waiting:
    __slots__ = ("batch", "events", "future", "loop", "size")

    def __init__(
        self, batch: Arrived, size: int, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Outcome]
    ) -> None:
        self.batch, self.size, self.loop, self.future = batch, size, loop, future
        self.events = max(1, batch.delivery.size)


class Writer:
    """Start it, `store` from any event loop, stop it: `stop` returns when what was accepted is stored."""

    def __init__(self) -> None:
        self._queue: deque[_Waiting] = deque()
        self._change = threading.Condition()
        self._events = self._bytes = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="event-writer", daemon=True)

    def start(self) -> None:
        """Begin to commit; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more, commit what was accepted, end."""
        with self._change:
            self._stopping = True
            self._change.notify()
        if self._thread.is_alive():
            self._thread.join()

    async def store(self, batch: Arrived, *, size: int) -> Outcome:
        """Wait until the batch of `size` bytes is durable; raises WriterFull when there is no room."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(batch, size, loop, loop.create_future())
        with self._change:
            full = (
                self._events + waiting.events > MAX_WAITING_EVENTS or self._bytes + size > MAX_WAITING_BYTES
            )
            if self._stopping or (full and self._queue):
                raise WriterFull
            self._queue.append(waiting)
            self._events += waiting.events
            self._bytes += size
            self._change.notify()
        return await waiting.future

    def _run(self) -> None:
        while group := self._next_group():
            close_old_connections()
            _tell(group, self._store(group))
            with self._change:
                self._events -= sum(waiting.events for waiting in group)
                self._bytes -= sum(waiting.size for waiting in group)
        get_resolver().finish()
        connections.close_all()

    def _next_group(self) -> list[_Waiting]:
        with self._change:
            while not self._queue and not self._stopping:
                self._change.wait()
            group: list[_Waiting] = []
            events = 0
            while self._queue and (not group or events + self._queue[0].events <= GROUP_EVENTS):
                group.append(self._queue.popleft())
                events += group[-1].events
            return group

    def _store(self, group: Sequence[_Waiting]) -> list[Answer]:
        try:
            return list(store_batches([waiting.batch for waiting in group]))
        except Exception as error:
            if len(group) == 1:
                logger.exception("A batch of events could not be stored.")
                return [error]
            # One bad apple must not spoil the rest: each for itself.
            logger.warning("A group of %d batches failed (%s); trying each alone.", len(group), error)
            return [self._store([waiting])[0] for waiting in group]


def _tell(group: Sequence[_Waiting], answers: Sequence[Answer]) -> None:
    """Wake the requests, with one call per event loop."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Outcome], Answer]]] = {}
    for waiting, answer in zip(group, answers, strict=True):
        loops.setdefault(waiting.loop, []).append((waiting.future, answer))
    for loop, pairs in loops.items():
        try:
            loop.call_soon_threadsafe(_set, pairs)
        except RuntimeError:
            continue  # the loop has ended, and nobody waits for the answer


def _set(pairs: Sequence[tuple[asyncio.Future[Outcome], Answer]]) -> None:
    for future, answer in pairs:
        if future.done():
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)


_writer: Writer | None = None


def get_writer() -> Writer | None:
    """The running writer of this process, if any."""
    return _writer


async def start_writer() -> None:
    """Own the event index, and start to take events; raises StoreOwned when another server has the index."""
    global _writer
    await asyncio.to_thread(get_store().start)
    _writer = Writer()
    _writer.start()


async def stop_writer() -> None:
    """Take no more, finish what was accepted, and close the store."""
    global _writer
    writer, _writer = _writer, None
    if writer is not None:
        await asyncio.to_thread(writer.stop)
    await asyncio.to_thread(close_store)


def wait_until_idle(*, timeout: float = 10.0) -> bool:
    """Whether the index holds everything that was accepted so far, within that time."""
    until = time.monotonic() + timeout
    store = get_store()
    return store.wait_applied(store.log.head(), timeout=max(0.0, until - time.monotonic()))

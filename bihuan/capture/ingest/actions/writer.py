"""The one writer: what many requests brought is committed in groups.

Memory is bounded: a request that does not fit any more is turned away (503) and the sender tries again. Two threads:
while one group is on its way to the disk, the next takes its steps and a third gathers, so that the number of commits
follows the disk. Every group costs some fixed milliseconds, so few events wait for the commit before to end.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from django.db import close_old_connections, connections
from django.utils import timezone

from bihuan.capture.identity.actions import get_resolver
from bihuan.capture.ingest.actions.commit import Outcome, Prepared, commit, prepare, store_batches
from bihuan.capture.ingest.actions.counts import get_counts
from bihuan.capture.ingest.actions.group import Arrived
from bihuan.capture.plan.actions import get_guard
from bihuan.capture.store import close_store, get_store

logger = logging.getLogger(__name__)

MAX_WAITING_EVENTS = 200_000
MAX_WAITING_BYTES = 256 * 2**20
GROUP_EVENTS = 10_000
WORTH_A_GROUP = 700  # so many do not wait until the commit before is done: they prepare beside it

_LOOK_UP_SECONDS = 5.0
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

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._queue: deque[_Waiting] = deque()
        self._change = threading.Condition()
        self._events = self._bytes = self._queued = 0
        self._stopping = self._committing = False
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
            self._queued += waiting.events
            self._events += waiting.events
            self._bytes += size
            self._change.notify()
        return await waiting.future

    def _run(self) -> None:
        """Prepare group after group; another thread commits them in the same order."""
        with ThreadPoolExecutor(1, "event-commit") as committing:
            before: Future[None] | None = None
            while (group := self._next_group()) is not None:
                close_old_connections()
                self._write_counts()
                if not group:
                    continue
                prepared = self._prepare(group)
                if before is not None:
                    before.result()  # one on its way, one prepared: no more, so that groups grow instead
                with self._change:
                    self._committing = True
                before = committing.submit(self._commit, group, prepared)
            get_resolver().finish()
            get_guard().write(at=self._clock())
            if before is not None:
                before.result()
            get_counts().write(at=self._clock())
            committing.submit(connections.close_all)
        connections.close_all()

    def _write_counts(self) -> None:
        try:
            get_counts().write_when_due(at=self._clock())
        except Exception:
            logger.exception("What was counted at the door could not be written; it counts on.")

    def _prepare(self, group: Sequence[_Waiting]) -> Prepared | None:
        try:
            return prepare([waiting.batch for waiting in group])
        except Exception as error:
            logger.warning("A group of %d batches could not be prepared (%s).", len(group), error)
            return None

    def _commit(self, group: Sequence[_Waiting], prepared: Prepared | None) -> None:
        close_old_connections()
        answers: Sequence[Answer]
        try:
            answers = commit(prepared) if prepared else self._each_alone(group)
        except Exception as error:
            logger.warning("A group of %d batches failed (%s); trying each alone.", len(group), error)
            answers = self._each_alone(group)
        _tell(group, answers)
        with self._change:
            self._events -= sum(waiting.events for waiting in group)
            self._bytes -= sum(waiting.size for waiting in group)
            self._committing = False
            self._change.notify()

    def _each_alone(self, group: Sequence[_Waiting]) -> list[Answer]:
        """One bad apple must not spoil the rest: each for itself."""
        answers: list[Answer] = []
        for waiting in group:
            try:
                answers += store_batches([waiting.batch])
            except Exception as error:
                logger.exception("A batch of events could not be stored.")
                answers.append(error)
        return answers

    def _next_group(self) -> list[_Waiting] | None:
        """What waits, at most GROUP_EVENTS; empty after a while of nothing, None when there will be no more."""
        with self._change:
            while not self._stopping and (
                not self._queue or (self._committing and self._queued < WORTH_A_GROUP)
            ):
                if not self._change.wait(_LOOK_UP_SECONDS) and not self._queue:
                    return []
            if not self._queue:
                return None
            group: list[_Waiting] = []
            events = 0
            while self._queue and (not group or events + self._queue[0].events <= GROUP_EVENTS):
                group.append(self._queue.popleft())
                events += group[-1].events
            self._queued -= events
            return group


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
    _writer = Writer(clock=timezone.now)
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

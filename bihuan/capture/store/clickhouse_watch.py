"""A statement of ClickHouse under the watch of the thread that asks: found among those under way by a comment of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from bihuan.capture.store.watch import current_watch

_READ = "SELECT sum(read_rows) AS done, sum(total_rows_approx) AS whole FROM system.processes WHERE"


@contextmanager
def told(client: Callable[[], Any]) -> Iterator[dict[str, Any]]:
    """Settings for the statement, which the watch of this thread, if there is one, can look at and end while it lasts.

    `client` makes clients that no question is using.
    """
    watch = current_watch()
    if watch is None:
        yield {}
        return
    tag = f"question {uuid.uuid4()}"
    mine = f"Settings['log_comment'] = '{tag}'"

    def interrupt() -> None:
        with closing(client()) as beside:
            beside.command(f"KILL QUERY WHERE {mine} ASYNC")

    def progress() -> float | None:
        with closing(client()) as beside:
            done, whole = beside.query(f"{_READ} {mine}").result_rows[0]
        return min(1.0, done / whole) if whole else None

    with watch.statement(interrupt=interrupt, progress=progress):
        yield {"log_comment": tag}

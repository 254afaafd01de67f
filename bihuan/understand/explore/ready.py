"""What a server does soon after its start, so that nobody's first question waits for it: half a second of loading code."""

import logging
from datetime import date, timedelta

import ibis
import numpy as np

from bihuan.capture.store import INTERNAL_SOURCE, Order, Tracks, events_table, track_of
from bihuan.understand.engine.kinds import KINDS

MONDAY = date(2026, 1, 5)
_HOUR = 3_600_000_000
#: One of each loop, over tracks of one unit.
QUESTIONS = (
    {"kind": "funnel", "steps": ["a", "b"]},
    {"kind": "funnel", "steps": ["a", "b"], "order": "strict"},
    {"kind": "retention", "every": "week", "periods": 1},
    {"kind": "lifecycle", "every": "week"},
    {"kind": "stickiness", "every": "day"},
    {"kind": "path", "from": "a"},
    {"kind": "trend", "measure": "people", "every": "day"},
    {"kind": "attribution", "touch": "a", "conversion": "b"},
    {"kind": "trend", "measure": "count", "every": "day", "by": "props.plan"},
)


def make_ready() -> None:
    """Load the compiled loops, or compile them where that was never done, and the compiler of SQL."""
    from bihuan.understand.engine.fast.answers import fast_answer
    from bihuan.understand.engine.fast.ground import Ground

    ground = Ground(tracks=_tracks, scan=_nothing, accounts=None, zone="UTC")
    kinds = {kind.name: kind for kind in KINDS}
    period = {"from": MONDAY.isoformat(), "to": (MONDAY + timedelta(days=6)).isoformat()}
    for raw in QUESTIONS:
        kind = kinds[str(raw["kind"])]
        asked = kind.read(raw | {"period": period}, today=MONDAY)
        fast_answer(asked, ground=ground)
        for plan in kind.plans(
            asked, events=events_table(), reach={}, internal_source=INTERNAL_SOURCE
        ).values():
            ibis.to_sql(plan, dialect="duckdb")


def make_ready_quietly() -> None:
    """The same for a thread of a server: without it the first question is slower, and that is all."""
    try:
        make_ready()
    except Exception:
        logging.getLogger(__name__).warning("The loops could not be made ready.", exc_info=True)


def _tracks(order: Order, _prop: str | None) -> Tracks:
    start = (MONDAY - date(1970, 1, 1)).days * 24 * _HOUR
    accounts = [1, 1] if order == "person" else []
    one = track_of(
        np.array([1, 1], np.int64), np.array([start, start + _HOUR], np.int64), np.array([0, 2], np.int32),
        np.array(accounts, np.int64), np.array([0, -1], np.int32),
    )  # fmt: skip
    return Tracks(order=order, parts=(one,), codes={"a": 0, "b": 1}, loose=(), texts=("pro",))


def _nothing(*_asked: object) -> None:
    raise AssertionError("these questions name events only: nothing is scanned")

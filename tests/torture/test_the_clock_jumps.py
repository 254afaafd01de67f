"""The clock of a running server jumps hours and days forwards and backwards, and to before 2000, while senders send."""

import json
import sqlite3
import time
from contextlib import closing

import httpx
import pytest

from tests.installation import Installation
from tests.torture.clock import Clock
from tests.torture.senders import Senders
from tests.torture.served import with_source
from tests.torture.test_nothing_acknowledged_is_lost import exactly_once, ready_within

pytestmark = pytest.mark.torture
PLANS_EVERY, WATCHES_EVERY = 20, 60  # seconds
SOON, PLANNED = 2, PLANS_EVERY + 2
BEFORE_2000 = "-11000d"
#: Away from the true time → for how many seconds: in some the worker looks at its schedule, and works.
JUMPS = (("+5h", SOON), ("-7h", SOON), ("+3d", SOON), ("-2d", PLANNED), (BEFORE_2000, SOON), ("-1h", SOON),
         ("+400d", PLANNED), (BEFORE_2000, SOON), ("+0", SOON))  # fmt: skip


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path / "clock")


@pytest.fixture
def own(tmp_path, clock):
    with with_source(tmp_path / "home", **clock.environment) as made:
        yield made


def ask(own: Installation, sql: str) -> list[tuple]:
    """Records, read beside the server."""
    with closing(sqlite3.connect(own.home / "records.sqlite3", timeout=20)) as db:
        return db.execute(sql).fetchall()


def steady(own: Installation) -> None:
    """The source has long been one that sends without a pause; its events are kept for thirty days."""
    slots = {f"{day}{hour:02d}": [5.0, 5.0, "2026-01-01"] for day in "we" for hour in range(24)}
    with closing(sqlite3.connect(own.home / "records.sqlite3", timeout=20)) as db, db:
        kept = json.dumps({"marks": 30, "slots": slots})
        changed = db.execute(
            "UPDATE sources_source SET rhythm = ?, keep_days = 30 WHERE code = 'web'", [kept]
        )
        assert changed.rowcount == 1


def within(seconds: float, true) -> bool:
    """Whether it comes true in that time."""
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.2)
    return bool(true())


def test_a_clock_that_jumps_loses_nothing_doubles_nothing_and_stops_no_work(own, clock) -> None:
    steady(own)
    own.start()
    began = time.monotonic()
    senders = Senders(own.url, own.key, pause=0.05).start()
    time.sleep(SOON)
    for offset, seconds in JUMPS:
        clock.set(offset)
        time.sleep(seconds)
        assert own.process.poll() is None, (own.home / "server.log").read_text()[-2000:]
        assert httpx.get(f"{own.url}/healthz", timeout=10).status_code == 200
        ready = httpx.get(f"{own.url}/readyz", timeout=30)
        assert ready.status_code == (503 if offset == BEFORE_2000 else 200), (offset, ready.text)
    assert ready_within(own, seconds=30), "it is well again once its clock is"

    before = len(senders.acknowledged)
    assert within(10, lambda: len(senders.acknowledged) > before), "events are taken again"
    senders.finish()
    assert set(senders.answers) <= {200, 503}, senders.answers
    assert 503 in senders.answers, "before 2000 no event can be dated: its sender keeps it"

    silent = "SELECT count(*) FROM sources_source WHERE silent_since IS NOT NULL"
    noticed = within(2 * WATCHES_EVERY + PLANS_EVERY, lambda: ask(own, silent) == [(1,)])
    assert noticed, (
        "its silence is noticed: the schedule goes on, and the pauses of the clock are no usual ones"
    )
    sealed = "SELECT count(*) FROM jobs_job WHERE name = 'events.care' AND state = 'done'"
    assert ask(own, sealed)[0][0] >= 1, "the night's work was done, on a night that was none"

    possible = (time.monotonic() - began) / PLANS_EVERY + 2
    for name, times in ask(
        own, "SELECT name, count(*) FROM jobs_job WHERE by_name = 'schedule' GROUP BY name"
    ):
        assert times <= possible, f"{name} ran amok: {times} times"
    assert ask(own, "SELECT name, error FROM jobs_job WHERE state = 'parked'") == []
    own.stop()
    exactly_once(senders, own.home)
    assert senders.acknowledged == senders.sent

"""Load, size and questions of the event store, on DuckDB and, with --engine chdb, on ClickHouse in this process.

Loads simulated events in groups, says how long it took and what an event takes on disk (log, index), then asks a mix of
questions alone and again while events are written; the peer of the second is the first, in the same run.
Usage: python benches/store.py [--events 20000000] [--engine duckdb|chdb] [--seconds 20]
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from bihuan.capture.store import EVENTS, Store

GROUP, AT_ONCE = 50_000, 2_000_000
PEOPLE, ACCOUNTS, NAMES = 200_000, 20_000, 30
START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 90
RATE = 30_000  # events a second that are written beside the questions: half of what the door is meant to take
QUESTIONS = {
    "one account's days": "SELECT day, count(*) AS n FROM events WHERE account_id = $account GROUP BY day ORDER BY day",
    "one account's latest": "SELECT name, ts FROM events WHERE account_id = $account ORDER BY ts DESC LIMIT 50",
    "people a day, 28 days": "SELECT day, count(DISTINCT person_id) AS n FROM events WHERE day > $since GROUP BY day",
    "events by name, a week": "SELECT name, count(*) AS n FROM events WHERE day > $week GROUP BY name ORDER BY n DESC",
}


def group(rows: int, *, first: int, dice: np.random.Generator) -> pa.Table:
    """So many events of one moment of the ninety days, as capture would store them together."""
    people = dice.integers(1, PEOPLE + 1, rows)
    ts = START + timedelta(days=DAYS * (first % 20_000_000) / 20_000_000)
    us = int(ts.timestamp() * 1_000_000) + dice.integers(0, 3_600_000_000, rows)
    names = np.array([f"feature_{n}" for n in range(NAMES)])[dice.integers(0, NAMES, rows)]
    devices = np.array(["web", "ios", "android"])[dice.integers(0, 3, rows)]
    props = [
        json.dumps({"device": d, "seconds": int(s), "version": "5.2"})
        for d, s in zip(devices, us % 600, strict=True)
    ]
    columns = {
        "event_id": [f"e{first + n}" for n in range(rows)], "source_id": np.ones(rows, np.int32), "name": names,
        "ts": pa.array(us).cast(pa.timestamp("us", "UTC")), "received_at": pa.array(us).cast(pa.timestamp("us", "UTC")),
        "distinct_id": [f"u{p}" for p in people], "person_id": people, "account_id": 1 + people % ACCOUNTS,
        "product_id": np.ones(rows, np.int32), "props": props, "company": pa.nulls(rows, pa.string()),
    }  # fmt: skip
    return pa.table([pa.array(columns[f.name]).cast(f.type) if not isinstance(columns[f.name], pa.Array)
                     else columns[f.name] for f in EVENTS], schema=EVENTS)  # fmt: skip


def size_of(folder: Path, *patterns: str) -> int:
    """Bytes of the files that fit."""
    return sum(f.stat().st_size for pattern in patterns for f in folder.glob(pattern) if f.is_file())


def ask(store: Store, until: float, dice: random.Random) -> dict[str, list[float]]:
    """Milliseconds of each question, asked in turn until that moment."""
    times: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    last = date(2026, 3, 31)
    while time.perf_counter() < until:
        for name, sql in QUESTIONS.items():
            params = {
                "account": dice.randint(1, ACCOUNTS),
                "since": last - timedelta(days=28),
                "week": last - timedelta(days=7),
            }
            start = time.perf_counter()
            store.execute(sql, {key: value for key, value in params.items() if f"${key}" in sql})
            times[name].append(1000 * (time.perf_counter() - start))
    return times


def p95(times: list[float]) -> float:
    """The 95th percentile."""
    return sorted(times)[int(0.95 * len(times))]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--events", type=int, default=20_000_000)
    options.add_argument("--engine", choices=["duckdb", "chdb"], default="duckdb")
    options.add_argument("--seconds", type=float, default=20)
    wanted = options.parse_args()
    dice = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store = Store(home, url="" if wanted.engine == "duckdb" else f"chdb:{home / 'chdb'}")
        store.start()
        took = 0.0
        for first in range(0, wanted.events, AT_ONCE):  # made first, then stored: only the second is measured
            rows = range(first, min(first + AT_ONCE, wanted.events), GROUP)
            batches = [group(min(GROUP, wanted.events - at), first=at, dice=dice) for at in rows]
            start = time.perf_counter()
            for at, batch in zip(rows, batches, strict=True):
                store.append(batch, chunk_key=f"g{at}")
            assert store.wait_applied(store.log.head(), timeout=3600)
            took += time.perf_counter() - start
        print(
            f"{wanted.engine}: {wanted.events:,} events in {took:.0f} s, {wanted.events / took:,.0f} a second, log and index"
        )
        start = time.perf_counter()
        store.compact()
        print(f"laid out in {time.perf_counter() - start:.0f} s")
        assert store.count() == wanted.events
        events = home / "events"
        log = size_of(events, "log.sqlite*")
        index = (
            size_of(events, "index.duckdb*") if wanted.engine == "duckdb" else size_of(home / "chdb", "**/*")
        )
        print(f"on disk: log {log / wanted.events:.0f} bytes an event, index {index / wanted.events:.0f}")
        alone = ask(store, time.perf_counter() + wanted.seconds, random.Random(1))
        stop = threading.Event()
        written = [0]
        rows = range(wanted.events, wanted.events + int(RATE * wanted.seconds), 2_000)
        batches = [(at, group(2_000, first=at, dice=dice)) for at in rows]

        def write() -> None:
            due = time.perf_counter()
            for at, batch in batches:
                if stop.wait(max(0.0, due - time.perf_counter())):
                    return
                written[0] += store.append(batch, chunk_key=f"w{at}").stored
                due += 2_000 / RATE

        writer = threading.Thread(target=write)
        writer.start()
        beside = ask(store, time.perf_counter() + wanted.seconds, random.Random(1))
        stop.set()
        writer.join()
        print(
            f"{'question':26} {'alone p95':>12} {'while writing':>14}   {written[0] / wanted.seconds:,.0f} events/s beside"
        )
        for name in QUESTIONS:
            before, now = p95(alone[name]), p95(beside[name])
            print(f"{name:26} {before:9.1f} ms {now:11.1f} ms   {now / before:.1f} x")
        store.close()


if __name__ == "__main__":
    main()

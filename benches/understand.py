"""Questions over 20 (or 100) million events, beside ClickHouse's own functions over a MergeTree sorted for them, in one run.

One million people, 20,000 accounts, 30 names of events, 90 days. Bihuan is asked as a page asks it: a document in, an
answer out, on DuckDB with tracks. ClickHouse runs inside this process (chDB), over a table sorted by account, person
and time that holds only what the questions need. The answers are compared before anything is timed.
Usage: python benches/understand.py [--events 20000000] [--repeat 5]
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

options = argparse.ArgumentParser()
options.add_argument("--events", type=int, default=20_000_000)
options.add_argument("--people", type=int, default=1_000_000)
options.add_argument("--accounts", type=int, default=20_000)
options.add_argument("--repeat", type=int, default=5)
options.add_argument(
    "--home", type=Path, help="where the data is kept for another run (default: a temporary folder)"
)
options.add_argument(
    "--cold", metavar="QUESTION", help="inside: ask this one question once, in a fresh process"
)
wanted = options.parse_args()
home = wanted.home or Path(tempfile.mkdtemp(prefix="bihuan-bench-understand-"))
os.environ.update(BIHUAN_HOME=str(home), BIHUAN_LANGUAGE="en", BIHUAN_TIME_ZONE="UTC")
os.environ.pop("DATABASE_URL", None)

from bihuan.config.home import open_home

open_home()

from django.utils import timezone

from bihuan.base.access import system_actor
from bihuan.capture.store import EVENTS, close_store, get_store
from bihuan.know.accounts.models import Account
from bihuan.understand.explore.kept import kept
from bihuan.understand.explore.queries import ask
from bihuan.understand.explore.ready import make_ready

START, DAYS, NAMES = datetime(2026, 1, 5, tzinfo=UTC), 90, 30  # a Monday
LAST = START.date() + timedelta(days=DAYS - 1)
GROUP = 500_000
PERIOD = {"from": START.date().isoformat(), "to": LAST.isoformat()}
STEPS = ["feature_1", "feature_2", "feature_3"]
WEEK = 7 * 86_400 * 1_000_000

QUESTIONS: dict[str, dict[str, Any]] = {
    "funnel by person": {
        "kind": "funnel",
        "steps": STEPS,
        "within": "7d",
        "unit": "person",
        "period": PERIOD,
    },
    "funnel by account": {
        "kind": "funnel",
        "steps": STEPS,
        "within": "7d",
        "unit": "account",
        "period": PERIOD,
    },
    "unique people by day": {"kind": "trend", "measure": "people", "every": "day", "period": PERIOD},
    "people by day and event": {
        "kind": "trend",
        "measure": "people",
        "every": "day",
        "by": "event",
        "period": PERIOD,
    },
}
QUESTIONS |= {
    "weekly retention": {
        "kind": "retention",
        "every": "week",
        "clock": "calendar",
        "periods": 8,
        "period": PERIOD,
    },
    "life cycle by week": {"kind": "lifecycle", "every": "week", "period": PERIOD},
    "top paths": {"kind": "path", "steps": 4, "repeats": "keep", "top": 100, "period": PERIOD},
}
#: Questions that have no function of ClickHouse's own beside them: how long they take, and no ratio.
ALONE: dict[str, dict[str, Any]] = {
    "funnel, strict order": QUESTIONS["funnel by person"] | {"order": "strict"},
    "funnel, any order": QUESTIONS["funnel by person"] | {"order": "any"},
    "funnel, week by week": QUESTIONS["funnel by person"] | {"every": "week"},
    "funnel, by tier of account": QUESTIONS["funnel by person"] | {"by": "account.tier"},
    "funnel, by device": QUESTIONS["funnel by person"] | {"by": "props.device"},
    "events by day and device": {"kind": "trend", "measure": "count", "every": "day", "by": "props.device", "period": PERIOD},
    "stickiness": {"kind": "stickiness", "every": "day", "period": PERIOD},
    "events by day": {"kind": "trend", "measure": "count", "every": "day", "period": PERIOD},
    "events by account": {"kind": "trend", "measure": "count", "every": "all", "by": "account", "period": PERIOD},
    "attribution": {"kind": "attribution", "touch": {"events": ["feature_4", "feature_5"]}, "conversion": "feature_1",
                    "within": "7d", "period": PERIOD},
    "paths to an event": {"kind": "path", "to": "feature_1", "steps": 4, "period": PERIOD},
}  # fmt: skip
FUNNEL = """
    SELECT level, count() AS units FROM (
        SELECT {unit}, windowFunnel({week})(us, name = 'feature_1', name = 'feature_2', name = 'feature_3') AS level
        FROM plain WHERE name IN ('feature_1', 'feature_2', 'feature_3') GROUP BY {unit}
    ) WHERE level > 0 GROUP BY level ORDER BY level
"""
NATIVE: dict[str, str] = {
    "funnel by person": FUNNEL.format(unit="person_id", week=WEEK),
    "funnel by account": FUNNEL.format(unit="account_id", week=WEEK),
    "unique people by day": "SELECT day, uniqExact(person_id) FROM plain GROUP BY day ORDER BY day",
    "weekly retention": """
        SELECT cohort, dateDiff('week', cohort, week) AS n, count() FROM (
            SELECT person_id, toMonday(min(day)) AS cohort, arrayJoin(groupUniqArray(toMonday(day))) AS week
            FROM plain GROUP BY person_id
        ) WHERE n <= 8 GROUP BY cohort, n ORDER BY cohort, n
    """,
    "life cycle by week": """
        SELECT week, countIf(before = toDate('1970-01-01')), countIf(before = week - 7),
               countIf(before > toDate('1970-01-01') AND before < week - 7)
        FROM (
            SELECT arrayJoin(arrayZip(weeks, arrayPushFront(arrayPopBack(weeks), toDate('1970-01-01')))) AS pair,
                   pair.1 AS week, pair.2 AS before
            FROM (SELECT person_id, arraySort(groupUniqArray(toMonday(day))) AS weeks FROM plain GROUP BY person_id)
        ) GROUP BY week ORDER BY week
    """,
    "top paths": """
        SELECT link.1 AS step, link.2 AS source, link.3 AS target, count() FROM (
            SELECT arrayJoin(arrayMap(i -> (i, names[i], if(i < length(names), names[i + 1], '(end)')),
                                      range(1, least(length(names), 3) + 1))) AS link
            FROM (SELECT arrayMap(x -> x.2, groupArraySorted(4)((us, toString(name)))) AS names FROM plain GROUP BY person_id)
        ) GROUP BY link
    """,
    "people by day and event": "SELECT day, name, uniqExact(person_id) FROM plain GROUP BY day, name ORDER BY day, name",
}


def group(rows: int, *, first: int, dice: np.random.Generator) -> pa.Table:
    """So many events; whoever does one belongs to one account. Their moments follow each other, as they arrive."""
    at = first + np.arange(rows)
    people = dice.integers(1, wanted.people + 1, rows)
    us = int(START.timestamp() * 1e6) + (at * (DAYS * 86_400 * 1_000_000 / wanted.events)).astype(np.int64)
    names = pa.array([f"feature_{n}" for n in range(NAMES)]).take(pa.array(dice.integers(0, NAMES, rows)))
    props = pa.array(['{"device":"web"}', '{"device":"ios"}', '{"device":"android"}']).take(
        pa.array(dice.integers(0, 3, rows))
    )
    moments = pa.array(us).cast(pa.timestamp("us", "UTC"))
    one = pa.array(np.ones(rows, np.int32))
    columns = {
        "event_id": pc.binary_join_element_wise("e", pa.array(at).cast(pa.string()), ""), "source_id": one, "name": names,
        "ts": moments, "received_at": moments, "product_id": one, "props": props, "company": pa.nulls(rows, pa.string()),
        "distinct_id": pc.binary_join_element_wise("u", pa.array(people).cast(pa.string()), ""),
        "person_id": pa.array(people), "account_id": pa.array(1 + people % wanted.accounts),
    }  # fmt: skip
    return pa.table([columns[field.name].cast(field.type) for field in EVENTS], schema=EVENTS)


def fill() -> None:
    """Both stores, once."""
    from clickhouse_connect import get_client

    store, dice, start = get_store(), np.random.default_rng(7), time.perf_counter()
    now = timezone.now()
    Account.objects.bulk_create(
        [
            Account(key=f"a{n}", name=f"A {n}", tier="SABC"[n % 4], created_at=now, updated_at=now)
            for n in range(wanted.accounts)
        ],
        batch_size=5_000,
    )
    client = get_client(interface="chdb", path=str(home / "chdb"))
    client.command(
        "CREATE TABLE plain (account_id UInt32, person_id UInt32, us UInt64, day Date, name LowCardinality(String)) "
        "ENGINE = MergeTree ORDER BY (account_id, person_id, us)"
    )
    for first in range(0, wanted.events, GROUP):
        table = group(min(GROUP, wanted.events - first), first=first, dice=dice)
        store.append(table, chunk_key=f"g{first}")
        client.insert_arrow("plain", pa.table({
            "account_id": table["account_id"].cast(pa.uint32()), "person_id": table["person_id"].cast(pa.uint32()),
            "us": table["ts"].cast(pa.int64()).cast(pa.uint64()), "day": table["ts"].cast(pa.date32()), "name": table["name"],
        }))  # fmt: skip
    store.wait_applied(store.log.head(), timeout=7_200)
    print(f"{wanted.events:,} events in both stores after {time.perf_counter() - start:.0f} s", flush=True)
    start = time.perf_counter()
    store.compact()
    print(f"Bihuan laid out in {time.perf_counter() - start:.0f} s", flush=True)
    start = time.perf_counter()
    client.command("OPTIMIZE TABLE plain FINAL")
    print(f"ClickHouse laid out in {time.perf_counter() - start:.0f} s", flush=True)
    client.close()
    close_store()
    (home / "filled").touch()


def answer(name: str) -> Any:
    """As a page asks; nothing that was computed before is used."""
    kept.clear()
    return ask(question=(QUESTIONS | ALONE)[name], actor=system_actor("bench"), at=timezone.now())


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds, and what came out."""
    start = time.perf_counter()
    found = work()
    return 1000 * (time.perf_counter() - start), found


def same(name: str, ours: Any, rows: list[tuple[Any, ...]]) -> None:
    """Both say the same, or the bench ends."""
    if name.startswith("funnel"):
        reached = {int(level): int(units) for level, units in rows}
        theirs = [
            sum(units for level, units in reached.items() if level >= k) for k in range(1, len(STEPS) + 1)
        ]
        found = [int(row[[column.name for column in ours.columns].index("units")]) for row in ours.rows]
    elif name == "unique people by day":
        theirs, found = [int(n) for _day, n in rows], [int(row[-1]) for row in ours.rows]
    elif name == "weekly retention":
        told = {(as_day(cohort), int(n)): int(units) for cohort, n, units in rows}
        found = [int(row[3]) for row in ours.rows]
        theirs = [told.get((row[0], row[2]), 0) for row in ours.rows]
    elif name == "top paths":
        told = {(int(step), source, target): int(units) for step, source, target, units in rows}
        found = [int(row[3]) for row in ours.rows]
        theirs = [told[row[:3]] for row in ours.rows]
        assert len(told) == len(ours.rows), "as many links"
    elif name == "life cycle by week":
        theirs = [int(value) for row in rows for value in row[1:]]
        found = [int(value) for row in ours.rows for value in row[2:5]]
    else:
        told = {(day, event): int(n) for day, event, n in rows}
        shown = {row[1] for row in ours.rows if row[1] != "…"}
        found = [int(row[-1]) for row in ours.rows if row[1] in shown]
        theirs = [told[as_day(row[0]), row[1]] for row in ours.rows if row[1] in shown]
    assert found == theirs, f"{name}: {found[:5]} is not {theirs[:5]}"


def as_day(value: Any) -> date:
    """A date."""
    return value if isinstance(value, date) and not isinstance(value, datetime) else value.date()


def main() -> None:
    from clickhouse_connect import get_client

    if not (home / "filled").exists():
        fill()
    get_store().start()
    client = get_client(interface="chdb", path=str(home / "chdb"))
    print(
        f"{'question':26} {'Bihuan, cold':>13} {'warm':>9} {'ClickHouse, first':>18} {'warm':>9} {'ratio':>7}"
    )
    for name, sql in NATIVE.items():
        theirs_first, rows = timed(lambda sql=sql: client.query(sql).result_rows)
        ours = answer(name)
        same(name, ours, rows)
        mine, theirs = [], []
        for _turn in range(wanted.repeat):  # in turn, so that a slow moment of the machine meets both
            mine.append(timed(lambda name=name: answer(name))[0])
            theirs.append(timed(lambda sql=sql: client.query(sql).result_rows)[0])
        ratio = median(mine) / median(theirs)
        print(
            f"{name:26} {cold(name):10.0f} ms {median(mine):6.0f} ms {theirs_first:15.0f} ms {median(theirs):6.0f} ms "
            f"{ratio:6.2f} x", flush=True,
        )  # fmt: skip
    client.close()
    for name in ALONE:
        answer(name)
        wait_until_laid((QUESTIONS | ALONE)[name].get("by", ""))
        mine = [timed(lambda name=name: answer(name))[0] for _turn in range(min(3, wanted.repeat))]
        print(f"{name:26} {cold(name):10.0f} ms {median(mine):6.0f} ms", flush=True)


def wait_until_laid(by: str) -> None:
    """A property that was asked for the first time is laid beside the tracks in a thread; the answers since come from there."""
    while by.startswith("props."):
        tracks = get_store().tracks("person", by.removeprefix("props."))
        if tracks is not None and tracks.texts is not None:
            return
        time.sleep(1)


def cold(name: str) -> float:
    """Milliseconds of the first question of a server that has just started, with nothing of the files in the system's
    cache: it has loaded what `bihuan serve` loads soon after its start, and read no event."""
    close_store()
    subprocess.run(["sync"], check=True)
    if os.access("/proc/sys/vm/drop_caches", os.W_OK):
        Path("/proc/sys/vm/drop_caches").write_text("3")
    command = [sys.executable, __file__, "--home", str(home), "--events", str(wanted.events), "--cold", name]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


if wanted.cold:
    get_store().start()
    make_ready()
    print(json.dumps(timed(lambda: answer(wanted.cold))[0]))
else:
    main()
    close_store()
    if wanted.home is None:
        shutil.rmtree(home)

"""Acknowledged events a second over HTTP: one server process, the client on the same machine.

Events have ten properties and ids of their own; half of them name their account, the others belong to it by the
membership of their person. One event in 500 comes from somebody new, one in 2,000 is an `$identify`; one request in 200
is sent twice. Identity, de-duplication and the tracking plan are on; every answer comes after the commit
(synchronous=FULL). The peer in the same run is DuckDB alone: the same rows from Arrow, in batches of 5,000.
Usage: python benches/capture.py [--seconds 60] [--connections 16] [--minutes 0] [--profile out.txt]
"""

import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

options = argparse.ArgumentParser()
options.add_argument("--seconds", type=float, default=60, help="of each measurement")
options.add_argument("--connections", type=int, default=16)
options.add_argument("--single-connections", type=int, default=64, help="for requests of one event")
options.add_argument(
    "--goal", type=int, default=60_000, help="events a second; latency is taken at half of it"
)
options.add_argument("--minutes", type=float, default=0, help="at half load, to watch the memory")
options.add_argument("--people", type=int, default=20_000)
options.add_argument("--accounts", type=int, default=400)
options.add_argument("--keep", action="store_true", help="keep the folder and say where it is")
wanted = options.parse_args()
home = Path(tempfile.mkdtemp(prefix="bihuan-bench-capture-"))
os.environ.update(BIHUAN_HOME=str(home), BIHUAN_LANGUAGE="en")
os.environ.pop("DATABASE_URL", None)

from bihuan.config.home import open_home

open_home()

import duckdb
import pyarrow as pa
from django.db import connections
from django.utils import timezone

from bihuan.base.access import system_actor
from bihuan.capture.plan.actions import import_plan
from bihuan.capture.sources.actions import add_source
from bihuan.capture.store import Store, close_store
from bihuan.know.accounts.models import Account, Membership, Person
from bihuan.know.products.actions import add_product

FRESH = "0" * 32
NAMES = ("order_opened", "order_saved", "report_opened", "report_exported", "user_invited", "file_uploaded",
         "search_done", "settings_changed", "page_viewed", "payment_confirmed")  # fmt: skip
PLANNED = [
    {"name": "path", "type": "text", "required": True}, {"name": "duration_ms", "type": "number", "required": True},
    {"name": "amount", "type": "number"}, {"name": "plan", "type": "text"}, {"name": "version", "type": "text"},
    {"name": "title", "type": "text"}, {"name": "ok", "type": "boolean"}, {"name": "region", "type": "text"},
]  # fmt: skip
chance = random.Random(7)


def company() -> str:
    """Accounts, people and their memberships, a product and a source; returns the write key."""
    now = timezone.now()
    by = system_actor("bench")
    product = add_product(name="Bench", by=by, at=now)
    _source, key = add_source(code="bench", product=product, by=by, at=now)
    document = {"events": [{"name": name, "properties": PLANNED} for name in NAMES]}
    import_plan(product=product, document=document, by=by, at=now)
    accounts = Account.objects.bulk_create(
        Account(key=f"acme-{n}", name=f"Acme {n}", created_at=now, updated_at=now)
        for n in range(wanted.accounts)
    )
    people = Person.objects.bulk_create(
        Person(key=f"user-{n}", name=f"User {n}", created_at=now) for n in range(wanted.people)
    )
    Membership.objects.bulk_create(
        Membership(person=person, account=accounts[n % len(accounts)], starts_on=datetime(2020, 1, 1).date())
        for n, person in enumerate(people)
    )
    connections.close_all()
    return key


def event(at: datetime) -> dict:
    person = chance.randrange(wanted.people)
    props: dict = {
        "$lib": "posthog-python", "$lib_version": "7.9.1", "path": f"/app/{chance.choice(NAMES)}/{chance.randrange(5000)}",
        "duration_ms": chance.randrange(20_000), "amount": round(chance.random() * 1000, 2),
        "plan": chance.choice(("free", "pro", "enterprise")), "version": f"4.{chance.randrange(30)}.1",
        "title": chance.choice(("订单列表", "客户健康度", "月度报表", "新建合同")), "ok": chance.random() < 0.97,
    }  # fmt: skip
    if person % 2:
        props["$groups"] = {"company": f"acme-{person % wanted.accounts}"}
    else:
        props["region"] = chance.choice(("east", "west", "north", "south"))
    made = {"event": chance.choice(NAMES), "distinct_id": f"user-{person}", "uuid": FRESH, "properties": props,
            "timestamp": (at - timedelta(milliseconds=chance.randrange(30_000))).isoformat()}  # fmt: skip
    dice = chance.randrange(2000)
    if dice == 0:
        made |= {"event": "$identify", "properties": props | {"$anon_distinct_id": f"a-{FRESH}"}}
    elif dice < 5:
        made["distinct_id"] = f"a-{FRESH}"
    return made


def templates(key: str, size: int, number: int) -> list[str]:
    now = datetime.now(UTC)
    return [
        json.dumps(
            {"api_key": key, "batch": [event(now) for _ in range(size)], "sent_at": now.isoformat()},
            ensure_ascii=False,
        )
        for _ in range(number)
    ]


class Server:
    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "bihuan", "serve", "--port", str(self.port)]
        )
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                assert self.process.poll() is None, "the server did not start"
                time.sleep(0.1)

    def rss(self) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


def send(
    server: Server, bodies: list[str], *, size: int, seconds: float, connections: int, rate: int = 0
) -> dict:
    orders = {"port": server.port, "path": "/batch/", "templates": bodies, "events_a_request": size,
              "seconds": seconds, "connections": connections, "rate": rate}  # fmt: skip
    before = server.cpu()
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("sender.py"))],
        input=json.dumps(orders), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) | {"server_cpu": server.cpu() - before}


def say(name: str, found: dict, *, of: str = "events") -> None:
    seconds, cost = found["seconds"], found["server_cpu"] / max(1, found["accepted"]) * 1e6
    print(
        f"{name:34} {found['accepted'] / seconds:9,.0f} {of}/s   p50 {found['p50']:6.1f} ms  p99 {found['p99']:6.1f} ms  "
        f"longest {found['longest']:6.0f} ms   server {found['server_cpu'] / seconds:.2f} cores, {cost:.1f} µs each; "
        f"client {found['client_cpu'] / seconds:.2f}   {found['duplicates']:,} duplicates"
        + (f"   {found['rejected']:,} rejected" if found["rejected"] else "")
        + ("" if set(found["statuses"]) == {"200"} else f"   statuses {found['statuses']}"),
        flush=True,
    )


def watch(server: Server, every: float, seen: list[float], stop: threading.Event) -> None:
    while not stop.wait(every):
        seen.append(server.rss())


def bare_duckdb(rows: pa.Table) -> float:
    """Rows a second of DuckDB alone: a fresh file, the same columns, batches of 5,000, a commit each."""
    path = home / "bare.duckdb"
    db = duckdb.connect(str(path))
    db.register("first", rows.slice(0, 0))
    db.execute("CREATE TABLE events AS SELECT * FROM first")
    batches = [rows.slice(at, 5_000) for at in range(0, rows.num_rows, 5_000)]
    start = time.perf_counter()
    for batch in batches:
        db.register("batch", batch)
        db.execute("INSERT INTO events SELECT * FROM batch")
    took = time.perf_counter() - start
    db.close()
    path.unlink()
    return rows.num_rows / took


key = company()
close_store()
server = Server()
many, single = templates(key, 100, 64), templates(key, 1, 2_000)
load = os.getloadavg()[0]
print(f"{os.cpu_count()} cores; load before the run {load:.2f}; {len(many[0]) / 100:.0f} bytes an event; "
      f"{wanted.people:,} people, {wanted.accounts} accounts")  # fmt: skip
runs = [send(server, many, size=100, seconds=min(5, wanted.seconds), connections=wanted.connections)]
rss = [server.rss()]
stop = threading.Event()
threading.Thread(target=watch, args=(server, 5, rss, stop), daemon=True).start()
full = send(server, many, size=100, seconds=wanted.seconds, connections=wanted.connections)
say(f"batches of 100, {wanted.connections} connections", full)
half = send(server, many, size=100, seconds=max(wanted.seconds, wanted.minutes * 60), connections=wanted.connections,
            rate=wanted.goal // 2)  # fmt: skip
say(f"at half the goal ({wanted.goal // 2:,}/s)", half)
ones = send(server, single, size=1, seconds=wanted.seconds, connections=wanted.single_connections)
say(f"single events, {wanted.single_connections} connections", ones, of="requests")
stop.set()
step = max(1, len(rss) // 12)
print("memory of the server, MB:", " ".join(f"{value:.0f}" for value in [*rss[::step], server.rss()]))
runs += [full, half, ones]
server.stop()

store = Store(home)
acknowledged = sum(run["accepted"] for run in runs)
stored, groups, after, parts = 0, 0, 0, []
while found := store.log.read(after=after, max_rows=200_000):
    for group in found:
        after, groups = group.seq, groups + 1
        if group.kind == 0:
            table = group.events().filter(pa.compute.not_equal(group.events()["source_id"], 0))
            stored += table.num_rows
            if sum(part.num_rows for part in parts) < 500_000:
                parts.append(table)
begin = time.perf_counter()
index = store.count()
print(f"acknowledged {acknowledged:,}, in the log {stored:,} in {groups:,} groups, in the index {index:,} "
      f"(caught up in {time.perf_counter() - begin:.1f} s)")  # fmt: skip
assert stored == acknowledged, "what was acknowledged is not what is stored"
size = (home / "events" / "log.sqlite").stat().st_size
store.close()
bare = bare_duckdb(pa.concat_tables(parts).combine_chunks())
rate = full["accepted"] / full["seconds"]
print(f"DuckDB alone, Arrow in batches of 5,000: {bare:,.0f} rows/s; capture reaches {rate / bare:.1%} of it; "
      f"log {size / stored:.0f} bytes an event")  # fmt: skip
if wanted.keep:
    print(home)
else:
    shutil.rmtree(home)

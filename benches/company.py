"""The simulated company of the benches: made once per size, kept in tmp/, served on a free port."""

import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
BIHUAN = str(ROOT / ".venv/bin/bihuan")


def company_home(*, accounts: int, events: int, days: int = 365) -> Path:
    """The folder of an installation with that many accounts and events in so many days; simulated when it is not there yet."""
    home = ROOT / "tmp" / (f"bench-{accounts}-{events}" + (f"-{days}" if days != 365 else ""))
    if not (home / "ready").exists():
        start = time.perf_counter()
        command = [
            BIHUAN,
            "simulate",
            "--accounts",
            str(accounts),
            "--events",
            str(events),
            "--days",
            str(days),
            "--seed",
            "7",
            "--no-processes",
        ]
        subprocess.run(command, env={**os.environ, "BIHUAN_HOME": str(home)}, check=True)
        with closing(sqlite3.connect(home / "records.sqlite3")) as records, records:
            records.execute("DELETE FROM jobs_job WHERE name = 'health.backfill'")
        (home / "ready").write_text(f"{time.perf_counter() - start:.0f} s")
    return home


@contextmanager
def server(home: Path) -> Iterator[int]:
    """`bihuan serve` on a free port, stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    env = {**os.environ, "BIHUAN_HOME": str(home)}
    process = subprocess.Popen([BIHUAN, "serve", "--port", str(port)], env=env)
    try:
        for _ in range(600):
            try:
                urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=2).read()
                break
            except (URLError, OSError):
                time.sleep(0.2)
        wait_until_idle(home)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def wait_until_idle(home: Path, *, most_seconds: float = 600) -> None:
    """Let the work that every first start queues (sorting the store, scoring, cards) end before anything is timed."""
    until = time.monotonic() + most_seconds
    with closing(sqlite3.connect(home / "records.sqlite3", timeout=30)) as records:
        quiet = 0
        while quiet < 3 and time.monotonic() < until:
            time.sleep(1)
            waiting = (
                "SELECT count(*) FROM jobs_job WHERE state = 'running' OR (state = 'queued' AND attempts = 0)"
            )
            quiet = quiet + 1 if records.execute(waiting).fetchone()[0] == 0 else 0

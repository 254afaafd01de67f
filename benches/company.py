"""The simulated company of the benches: made once per size, kept in tmp/, served on a free port."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
BIHUAN = str(ROOT / ".venv/bin/bihuan")


def company_home(*, accounts: int, events: int) -> Path:
    """The folder of an installation with that many accounts and events; simulated when it is not there yet."""
    home = ROOT / "tmp" / f"bench-{accounts}-{events}"
    if not (home / "ready").exists():
        start = time.perf_counter()
        command = [BIHUAN, "simulate", "--accounts", str(accounts), "--events", str(events), "--seed", "7"]
        subprocess.run(command, env={**os.environ, "BIHUAN_HOME": str(home)}, check=True)
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
        yield port
    finally:
        process.terminate()
        process.wait(30)

import gzip
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from installation import make_ready

from bihuan.capture.store import Store


class Server:
    """A real `bihuan serve` in a process of its own, on a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        make_ready(home)
        self.environment = {
            **os.environ,
            "BIHUAN_HOME": str(home),
            "BIHUAN_LANGUAGE": "en",
            "BIHUAN_THREADS": "2",
        }
        self.environment.pop("DATABASE_URL", None)
        self.port = _free_port()
        self.process: subprocess.Popen[str] | None = None

    def run(self, *command: str) -> str:
        """The output of a `bihuan` command on the same home."""
        done = subprocess.run(
            [sys.executable, "-m", "bihuan", *command], env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self) -> None:
        self.process = self.open_process(self.port)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
            try:
                if httpx.options(self.url + "/batch/").status_code == 204:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def open_process(self, port: int) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "bihuan", "serve", "--port", str(port)],
            env=self.environment, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.communicate(timeout=30)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(
        self, body: Any, *, path: str = "/batch/", packed: bool = False, **headers: str
    ) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        if packed:
            content, headers = gzip.compress(content), headers | {"content-encoding": "gzip"}
        return httpx.post(self.url + path, content=content, headers=headers, timeout=60)

    def events(self) -> list[dict[str, Any]]:
        """Every event of customers in the log."""
        store = Store(self.home)
        groups = store.log.read(after=0, max_rows=10_000_000)
        rows = [row for group in groups if group.kind == 0 for row in group.events().to_pylist()]
        store.close()
        return [row for row in rows if row["source_id"] != 0]

    def rows(self, sql: str) -> list[Any]:
        """Records, read beside the running server."""
        with sqlite3.connect(self.home / "records.sqlite3", timeout=20) as db:
            return db.execute(sql).fetchall()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("server"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    found = server.run("source", "add", "web", "--product", "Demo")
    assert re.fullmatch(r"bhw_[\w-]{32}", found), "the key and nothing else on stdout"
    return found


@pytest.fixture
def batch(key: str):
    """`batch(event, …)`: a request body with the key of the source."""
    return lambda *events, **more: {"api_key": key, "batch": list(events)} | more

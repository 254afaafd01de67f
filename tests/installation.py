"""An installation in a folder of its own, driven as a person drives it: by `bihuan` commands and over HTTP."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import httpx

from tests import ready_made


class Installation:
    """`run` commands; `start` a server and `stop` it. A `ready` one has its tables already."""

    def __init__(self, home: Path, *, ready: bool = False, **environment: str) -> None:
        self.home = home
        if ready:
            make_ready(home)
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment = {**kept, "BIHUAN_HOME": str(home), "BIHUAN_LANGUAGE": "en", **environment}
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *command: str, said: str | None = None) -> subprocess.CompletedProcess[str]:
        """A finished command, whatever its exit code; `said` is what it reads from stdin."""
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "bihuan", *command],
            env=self.environment, input=said, capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    def out(self, *command: str, said: str | None = None) -> str:
        """What a command that succeeds prints on stdout."""
        done = self.run(*command, said=said)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "bihuan", "serve", "--port", str(self.port)],
            env=self.environment, stderr=(self.home / "server.log").open("w"), text=True,
        )  # fmt: skip
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError((self.home / "server.log").read_text())
            try:
                if httpx.get(f"{self.url}/sign-in/", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def signed_in(self, username: str, password: str) -> httpx.Client:
        """A browser of somebody whom `bihuan user add` added; `post` sends forms with the token that pages ask for."""
        browser = httpx.Client(base_url=self.url, timeout=60)
        browser.get("/sign-in/")
        form = {
            "username": username,
            "password": password,
            "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        }
        answer = browser.post("/sign-in/", data=form)
        assert answer.status_code == 302, answer.text
        browser.headers["X-CSRFToken"] = browser.cookies["csrftoken"]
        return browser

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)


def make_ready(home: Path) -> None:
    """What the first command makes in a folder, without the seconds that it takes to make it each time."""
    shutil.copytree(_ready(), home, dirs_exist_ok=True)


@cache
def _ready() -> Path:
    made = Installation(Path(tempfile.mkdtemp(prefix="bihuan-ready-")) / "home")
    if ready_made.place().exists():
        made.home.mkdir(mode=0o700)
        shutil.copy(ready_made.place(), made.home / "records.sqlite3")
    made.out("migrate")
    return made.home


def free_port() -> int:
    """A port that nobody listens on, and that no outgoing connection is given while a server is down: the system takes
    those from 32768 on."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port

"""Senders as SDKs are: they send batches with ids of their own, try again what was not answered, and remember what was."""

import random
import threading
import time
from uuid import uuid4

import httpx

BATCH = 20


class Senders:
    """Some threads that send until they are told to stop; `acknowledged` is what the server said yes to."""

    def __init__(self, url: str, key: str, *, threads: int = 3, seed: int = 1, pause: float = 0.0) -> None:
        self.url, self.key, self.pause = url, key, pause
        self.acknowledged: set[str] = set()
        self.sent: set[str] = set()
        self.answers: dict[int, int] = {}
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(seed + n,), daemon=True) for n in range(threads)
        ]

    def start(self) -> "Senders":
        for thread in self._threads:
            thread.start()
        return self

    def acknowledged_so_far(self) -> set[str]:
        """A copy, while others go on to add to it."""
        with self._lock:
            return set(self.acknowledged)

    def finish(self, *, within: float = 120) -> None:
        """Send no new batches; return when everything that was sent is acknowledged."""
        self._stop.set()
        until = time.monotonic() + within
        for thread in self._threads:
            thread.join(max(0.1, until - time.monotonic()))
        assert not any(thread.is_alive() for thread in self._threads), "a batch was never acknowledged"

    def _run(self, seed: int) -> None:
        dice = random.Random(seed)
        with httpx.Client(base_url=self.url, timeout=30, trust_env=False) as client:
            while not self._stop.is_set():
                ids = [str(uuid4()) for _ in range(dice.randint(1, 2 * BATCH))]
                with self._lock:
                    self.sent.update(ids)
                self._until_acknowledged(client, ids, people=dice.randint(1, 50))
                time.sleep(self.pause)

    def _until_acknowledged(self, client: httpx.Client, ids: list[str], *, people: int) -> None:
        batch = [
            {"event": "e", "distinct_id": f"u{n % people}", "uuid": one, "properties": {"n": n}}
            for n, one in enumerate(ids)
        ]
        give_up = time.monotonic() + 300
        while time.monotonic() < give_up:
            try:
                status = client.post("/batch/", json={"api_key": self.key, "batch": batch}).status_code
            except httpx.HTTPError:
                status = 0
            with self._lock:
                self.answers[status] = self.answers.get(status, 0) + 1
                if status == 200:
                    self.acknowledged.update(ids)
                    return
            time.sleep(0.05 if status == 0 else 0.3)

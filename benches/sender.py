"""The client of `capture.py`, a process of its own: bodies made beforehand, fresh ids patched in, raw sockets.

Reads one JSON document of orders on stdin, prints one of results on stdout. Each connection sends its next request
when the last one was answered; with a `rate` (events a second) it also waits for its turn.
"""

import json
import selectors
import socket
import sys
import time
from collections import deque

import numpy as np

NEW = b"0" * 32  # stands for 32 fresh hexadecimal digits
HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
AGAIN_EVERY = 200  # one request of so many is sent a second time, as an SDK does that did not hear the answer


class Bodies:
    """Requests in turn, each with event ids never sent before."""

    def __init__(self, path: str, templates: list[str]) -> None:
        self._random = np.random.default_rng()
        self._requests, self._places, self._next = [], [], 0
        for template in templates:
            body = template.encode()
            head = f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
            whole = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
            starts, at = [], whole.find(NEW)
            while at >= 0:
                starts.append(at)
                at = whole.find(NEW, at + 32)
            self._requests.append(bytearray(whole))
            self._places.append(np.array(starts)[:, None] + np.arange(32))

    def take(self) -> bytes:
        number = self._next % len(self._requests)
        self._next += 1
        if self._next % AGAIN_EVERY == 0:
            return bytes(self._requests[number - 1])
        request, places = self._requests[number], self._places[number]
        digits = self._random.integers(0, 16, size=places.shape, dtype=np.uint8)
        np.frombuffer(request, np.uint8)[places] = HEX[digits]
        return bytes(request)


class Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.left, self.answer, self.since = memoryview(b""), b"", 0.0

    def begin(self, request: bytes, now: float) -> None:
        self.left, self.answer, self.since = memoryview(request), b"", now
        self.write()

    def write(self) -> bool:
        """Whether everything is out."""
        while self.left:
            try:
                self.left = self.left[self.socket.send(self.left) :]
            except BlockingIOError:
                return False
        return True

    def read(self) -> bytes | None:
        """The answer, when it is whole."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        self.answer += part
        head, found, body = self.answer.partition(b"\r\n\r\n")
        if not found:
            return None
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return self.answer if len(body) >= length else None


def main() -> None:
    orders = json.load(sys.stdin)
    bodies = Bodies(orders["path"], orders["templates"])
    connections = [Connection(orders["port"]) for _ in range(orders["connections"])]
    choice = selectors.DefaultSelector()
    for connection in connections:
        choice.register(connection.socket, selectors.EVENT_READ, connection)
    rate, size = orders.get("rate") or 0, orders["events_a_request"]
    accepted = duplicates = rejected = 0
    statuses: dict[int, int] = {}
    times: list[float] = []
    idle = deque(connections)
    start = time.perf_counter()
    until, due = start + orders["seconds"], start

    def send() -> None:
        nonlocal due
        now = time.perf_counter()
        while idle and now < until and (not rate or due <= now):
            if rate:
                due = max(due, now - 0.5) + size / rate
            one = idle.popleft()
            one.begin(bodies.take(), now)
            if one.left:
                choice.modify(one.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, one)

    send()
    while len(idle) < len(connections) or time.perf_counter() < until:
        now = time.perf_counter()
        for key, events in choice.select(min(0.05, max(0.0, due - now)) if rate and idle else 0.05):
            one = key.data
            if events & selectors.EVENT_WRITE and one.write():
                choice.modify(one.socket, selectors.EVENT_READ, one)
            if not events & selectors.EVENT_READ:
                continue
            answer = one.read()
            if answer is None:
                continue
            times.append(time.perf_counter() - one.since)
            status = int(answer[9:12])
            statuses[status] = statuses.get(status, 0) + 1
            if status == 200:
                told = json.loads(answer.partition(b"\r\n\r\n")[2])
                accepted += told["accepted"]
                duplicates += told["duplicates"]
                rejected += len(told["rejected"])
            idle.append(one)
        send()
    took = time.perf_counter() - start
    spent = np.array(times) * 1000
    print(json.dumps({
        "seconds": took, "accepted": accepted, "duplicates": duplicates, "rejected": rejected,
        "statuses": statuses, "requests": len(times), "client_cpu": time.process_time(),
        **{f"p{p}": float(np.percentile(spent, p)) for p in (50, 95, 99)}, "longest": float(spent.max()),
    }))  # fmt: skip


if __name__ == "__main__":
    main()

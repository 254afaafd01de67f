"""One POST to a pinned address: no redirects, no proxies, at most so many seconds and so many bytes of answer."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from bihuan.base.webhooks.guard import Network, Refused, Target, resolve

SECONDS = 10.0
MOST_ANSWER = 16 * 1024
#: So much of an answer is kept for the log.
KEPT = 500


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How it went: `status` of HTTP, 0 when there was none; `error` in words; `text` the beginning of the answer."""

    status: int
    error: str
    text: str
    took_ms: int

    @property
    def ok(self) -> bool:
        """Whether it was taken."""
        return 200 <= self.status < 300


class LastByte(Protocol):
    """Told just before and just after the last byte of a request leaves: before it, nobody has been asked for anything."""

    def before(self) -> None:
        """It is about to leave."""

    def after(self) -> None:
        """It is in the kernel's hands."""


def post(
    url: str, *, body: bytes, headers: Mapping[str, str], allowed: Sequence[Network] = (), seconds: float = SECONDS,
    last: LastByte | None = None,
) -> Answer:  # fmt: skip
    """Send it; never raises for what the other side does. `last` is told when its last byte leaves."""
    started = monotonic()
    try:
        target = resolve(url, allowed=allowed)
        status, text = _exchange(target, body=body, headers=headers, seconds=seconds, last=last)
    except Refused as refused:
        return Answer(status=0, error=str(refused), text="", took_ms=_since(started))
    except (OSError, http.client.HTTPException) as error:
        late = monotonic() - started >= seconds
        why = f"no answer within {seconds:g} seconds" if late else str(error) or type(error).__name__
        return Answer(status=0, error=_printable(why), text="", took_ms=_since(started))
    said = "" if 200 <= status < 300 else f"answered {status}"
    if 300 <= status < 400:
        said = f"answered {status}: redirects are not followed"
    return Answer(status=status, error=said, text=text, took_ms=_since(started))


def _printable(text: str) -> str:
    """The beginning, without what no database or page takes: the other side chooses also the words of errors."""
    return "".join(one if one.isprintable() else " " for one in text[:KEPT])


def _since(started: float) -> int:
    return int((monotonic() - started) * 1000)


def _exchange(
    target: Target, *, body: bytes, headers: Mapping[str, str], seconds: float, last: LastByte | None
) -> tuple[int, str]:  # fmt: skip
    connection = _connection(target, seconds=seconds)
    cut = threading.Event()  # the other side may send a byte now and then for ever
    watch = threading.Timer(seconds, _cut, args=[connection, cut])
    watch.daemon = True
    watch.start()
    try:
        if last is None or not body:
            connection.request("POST", target.path, body=body, headers=dict(headers))
        else:
            _ask(connection, target.path, body=body, headers=headers, last=last)
        answer = connection.getresponse()
        text = answer.read(MOST_ANSWER).decode("utf-8", "replace")
        if cut.is_set():
            raise TimeoutError(f"no whole answer within {seconds:g} seconds")
        return answer.status, _printable(text)
    finally:
        watch.cancel()
        connection.close()


def _ask(
    connection: http.client.HTTPConnection, path: str, *, body: bytes, headers: Mapping[str, str], last: LastByte
) -> None:  # fmt: skip
    connection.putrequest("POST", path)
    for name, value in {**headers, "content-length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.endheaders(body[:-1])
    last.before()
    connection.send(body[-1:])
    last.after()


def _cut(connection: http.client.HTTPConnection, cut: threading.Event) -> None:
    cut.set()
    sock: socket.socket | None = connection.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _connection(target: Target, *, seconds: float) -> http.client.HTTPConnection:
    if target.scheme == "https":
        return _PinnedTLS(target, seconds=seconds)
    return _Pinned(target, seconds=seconds)


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was looked at, and says the name."""

    def __init__(self, target: Target, *, seconds: float, **options: Any) -> None:
        super().__init__(target.host, target.port, timeout=seconds, **options)
        self._target, self._seconds = target, seconds

    def connect(self) -> None:
        """To the pinned address."""
        self.sock = socket.create_connection((self._target.address, self._target.port), self._seconds)


class _PinnedTLS(_Pinned):
    """The same with TLS: the certificate must be that of the name."""

    def connect(self) -> None:
        """To the pinned address, with the certificate checked."""
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self._target.host)

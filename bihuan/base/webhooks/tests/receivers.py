"""A receiver that keeps the bytes that arrive, and answers as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """`got`: (headers, body) of each request, `paths` where to; `answers`: a status for each of the next ones, then 204, or 200
    with `text` when there is one."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        self.answers: list[int] = []
        self.text = ""
        self.slow = threading.Event()
        self.url = ""


@contextmanager
def receiver() -> Iterator[Receiver]:
    one = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            one.got.append(({key.lower(): value for key, value in self.headers.items()}, body))
            one.paths.append(self.path)
            status = one.answers.pop(0) if one.answers else 200 if one.text else 204
            if status == 2:  # no status line at all
                self.wfile.write(b"\x00\x01<script>\x7f\r\n\r\n")
                self.close_connection = True
                return
            if status == 1:  # hold the line open, a byte now and then
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not one.slow.wait(0.05):
                    self.wfile.write(b"x-more: 1\r\n")
                    self.wfile.flush()
                return
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", f"{one.url}elsewhere")
            said = b"" if status == 204 else one.text.encode() if status == 200 and one.text else b"nope"
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        one.slow.set()
        server.shutdown()
        server.server_close()

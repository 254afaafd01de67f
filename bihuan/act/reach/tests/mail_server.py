"""A mail server that keeps what arrives, and stumbles where it is told to."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass
class MailBox:
    """`got`: what was taken, as bytes; `answers`: by command, replies for the next ones instead of a friendly one.
    "hang" says nothing until the other side is gone, "drop" closes the line."""

    port: int = 0
    got: list[bytes] = field(default_factory=list)
    begun: list[bytes] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    asked: threading.Event = field(default_factory=threading.Event)
    end: threading.Event = field(default_factory=threading.Event)

    def letters(self) -> list[EmailMessage]:
        return [message_from_bytes(one, policy=default) for one in self.got]


@contextmanager
def mail_server() -> Iterator[MailBox]:
    box = MailBox()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, step: str, usual: str) -> bool:
            waiting = box.answers.get(step)
            said = waiting.pop(0) if waiting else usual
            if said == "hang":
                box.asked.set()
                self.connection.settimeout(0.05)
                while not box.end.is_set():
                    with suppress(TimeoutError):
                        if not self.connection.recv(1, socket.MSG_PEEK):
                            return False
                return False
            if said == "drop":
                return False
            self.wfile.write(f"{said}\r\n".encode())
            return True

        def handle(self) -> None:
            with suppress(OSError):
                if self.say("connect", "220 there"):
                    while line := self.rfile.readline():
                        verb = line.split()[0].decode().lower() if line.split() else ""
                        if not self.answer(verb):
                            return

        def answer(self, verb: str) -> bool:
            if verb != "data":
                return self.say(verb, "221 bye" if verb == "quit" else "250 ok") and verb != "quit"
            if not self.say("data", "354 go on"):
                return False
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                if not line:  # broken off: a server keeps nothing
                    box.begun.append(b"".join(lines))
                    return False
                lines.append(line[1:] if line.startswith(b".") else line)
            refused = (box.answers.get("end") or [""])[0][:1] in ("4", "5")
            if not refused:
                box.got.append(b"".join(lines))
            return self.say("end", "250 taken")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    box.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield box
    finally:
        box.end.set()
        server.shutdown()
        server.server_close()

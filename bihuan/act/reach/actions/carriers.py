"""How one post leaves: to the mail server, a robot, a program. Runs in threads and asks no database."""

import smtplib
import ssl
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings

from bihuan.act.reach.actions.journal import Entry, entry
from bihuan.act.reach.rules import robots
from bihuan.act.reach.rules.mail import one_line
from bihuan.base.webhooks.guard import networks
from bihuan.base.webhooks.sending import post
from bihuan.base.webhooks.signing import headers_for

SECONDS = 20.0
AGENT = "Bihuan-Reach/1"


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The time of a run: when it was begun, and what has gone by since."""

    at: datetime
    begun: float = field(default_factory=monotonic)

    def now(self) -> datetime:
        """This moment."""
        return self.at + timedelta(seconds=monotonic() - self.begun)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a post went: taken (`ok`); not now (`again`), and nobody can be reached there (`away`); `unclear` whether
    it was taken; else refused. `pause`: so long the channel is to be left alone."""

    ok: bool = False
    again: bool = False
    away: bool = False
    unclear: bool = False
    status: int = 0
    said: str = ""
    took_ms: int = 0
    pause: timedelta | None = None

    def written(self) -> dict[str, Any]:
        """What the journal keeps."""
        return {"ok": self.ok, "again": self.again, "status": self.status, "said": self.said[:500]}


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A letter ready to go."""

    sender: str
    to: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class RobotText:
    """A text for a robot; its address and signature are made when it leaves."""

    kind: str
    token: str
    secret: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """A signed call of another program."""

    url: str
    body: bytes
    message_id: str
    keys: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class Post:
    """One thing that leaves, for the messages of these numbers."""

    batch: uuid.UUID
    load: Mail | RobotText | Call
    messages: tuple[int, ...]


@dataclass(kw_only=True)
class Way:
    """One channel's posts in their order; `outcomes` as far as they were tried."""

    channel_id: int
    posts: list[Post]
    outcomes: list[Outcome] = field(default_factory=list)

    def go(self, *, clock: Clock, until: float) -> "Way":
        """Send them until the time is over or nobody is there."""
        server = MailServer()
        try:
            for one in self.posts:
                if self.outcomes and (
                    monotonic() > until or self.outcomes[-1].away or self.outcomes[-1].pause
                ):
                    break
                self.outcomes.append(self._one(one, server, clock))
        finally:
            server.close()
        return self

    def _one(self, one: Post, server: "MailServer", clock: Clock) -> Outcome:
        started = monotonic()
        with entry(one.batch) as noted:
            try:
                found = _carried(one.load, noted, server, clock)
            except (
                Exception
            ) as error:  # whatever a carrier stumbles over is that post's matter, not the worker's
                found = Outcome(
                    unclear=noted.handing,
                    again=not noted.handing,
                    said=f"{type(error).__name__}: {error}"[:500],
                )
            if not found.unclear:
                noted.answered(found.written())
        return replace(found, took_ms=int((monotonic() - started) * 1000), said=one_line(found.said))


def _carried(load: Mail | RobotText | Call, noted: Entry, server: "MailServer", clock: Clock) -> Outcome:
    if isinstance(load, Mail):
        return server.send(load, noted)
    return _told(load, noted, clock) if isinstance(load, RobotText) else _called(load, clock)


def _told(load: RobotText, noted: Entry, clock: Clock) -> Outcome:
    bases = {
        robots.WECOM: settings.WECOM_URL,
        robots.DINGTALK: settings.DINGTALK_URL,
        robots.FEISHU: settings.FEISHU_URL,
    }
    made = robots.posting(
        kind=load.kind,
        base=bases[load.kind],
        token=load.token,
        secret=load.secret,
        text=load.text,
        at=clock.now(),
    )
    headers = {"content-type": "application/json; charset=utf-8", "user-agent": AGENT}
    answer = post(
        made.url, body=made.body, headers=headers, allowed=networks(settings.WEBHOOK_NETWORKS), last=noted
    )
    if answer.status == 0:
        return Outcome(
            unclear=noted.handing, again=not noted.handing, away=not noted.handing, said=answer.error
        )
    said = robots.read_answer(kind=load.kind, status=answer.status, text=answer.text)
    return Outcome(ok=said.ok, again=said.again, status=answer.status, said=said.why, pause=said.pause,
                   away=said.again and said.pause is None)  # fmt: skip


def _called(load: Call, clock: Clock) -> Outcome:
    """The receiver knows it by its id, so that it may be called as often as need be."""
    headers = {"content-type": "application/json", "user-agent": AGENT} | headers_for(
        keys=load.keys, message_id=load.message_id, at=clock.now(), body=load.body
    )
    answer = post(load.url, body=load.body, headers=headers, allowed=networks(settings.WEBHOOK_NETWORKS))
    away = answer.status in (0, 408, 429) or answer.status >= 500
    return Outcome(ok=answer.ok, again=away, away=away, status=answer.status, said=answer.error)


class MailServer:
    """The operator's mail server: one connection for the letters of a run."""

    def __init__(self) -> None:
        self._open: smtplib.SMTP | None = None

    def close(self) -> None:
        """Say goodbye, if it still listens."""
        if self._open is not None:
            try:
                self._open.quit()
            except (OSError, smtplib.SMTPException):
                self._open.close()
            self._open = None

    def send(self, load: Mail, noted: Entry) -> Outcome:
        """Everything but the last line first: without it the server keeps nothing. What breaks off behind it is unclear."""
        try:
            server = self._connected()
            refused = self._asked(server, load)
            if refused is not None:
                return refused
            data = smtplib._quote_periods(load.data)  # type: ignore[attr-defined]  # smtplib's own, as its data() does
            server.send(data if data.endswith(b"\r\n") else data + b"\r\n")
            noted.before()
            server.send(b".\r\n")
            noted.after()
            code, text = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            said = str(error) or type(error).__name__
            if isinstance(error, smtplib.SMTPAuthenticationError):
                said = f"the mail server refused user and password: {said}"
            return Outcome(unclear=noted.handing, again=not noted.handing, away=not noted.handing, said=said)
        return _outcome(code, text) if code != 250 else Outcome(ok=True, status=code, said=_words(text))

    def _asked(self, server: smtplib.SMTP, load: Mail) -> Outcome | None:
        """The beginning of the conversation; what was refused, if something was."""
        steps: list[Callable[[], tuple[int, bytes]]] = [
            lambda: server.mail(load.sender), lambda: server.rcpt(load.to), lambda: server.docmd("DATA"),
        ]  # fmt: skip
        for step in steps:
            code, text = step()
            if code not in (250, 251, 354):
                server.rset()
                return _outcome(code, text)
        return None

    def _connected(self) -> smtplib.SMTP:
        if self._open is None:
            if not settings.SMTP_HOST:
                raise OSError("no mail server is set: BIHUAN_SMTP_HOST")
            context = ssl.create_default_context()
            options: dict[str, Any] = {
                "host": settings.SMTP_HOST,
                "port": settings.SMTP_PORT,
                "timeout": SECONDS,
            }
            if settings.SMTP_TLS == "tls":
                self._open = smtplib.SMTP_SSL(**options, context=context)
            else:
                self._open = smtplib.SMTP(**options)
                if settings.SMTP_TLS == "starttls":
                    self._open.starttls(context=context)
            self._open.ehlo_or_helo_if_needed()
            if settings.SMTP_USER:
                self._open.login(settings.SMTP_USER, settings.SMTP_PASSWORD)
        return self._open

    def _drop(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def _words(text: bytes) -> str:
    return text.decode("utf-8", "replace")[:300]


def _outcome(code: int, text: bytes) -> Outcome:
    """4xx: not now. 421: it goes away. 5xx: never."""
    return Outcome(
        again=400 <= code < 500, away=code == 421, status=max(0, code), said=f"{code} {_words(text)}"
    )

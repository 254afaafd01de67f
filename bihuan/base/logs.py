"""What the log says: one line or one JSON object each, with the id of the request that it belongs to."""

import json
import logging
import re
import secrets
from contextvars import ContextVar
from datetime import UTC, datetime

#: The request that this thread or task works for; empty outside of one.
request_id: ContextVar[str] = ContextVar("request_id", default="")
_SOUND = re.compile(r"[A-Za-z0-9._-]{8,64}")
#: What a caller may add with `extra=`; nothing else of a record is written, so that no secret slips in by accident.
EXTRAS = ("method", "route", "status", "ms", "job", "account_id", "source_id")


def new_request_id(given: str = "") -> str:
    """The id that a proxy gave when it is 8 to 64 plain characters, else a new one."""
    return given if _SOUND.fullmatch(given) else secrets.token_hex(8)


class WithRequest(logging.Filter):
    """Give every record the id of its request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: it only adds `request_id`, `-` outside a request."""
        record.request_id = request_id.get() or "-"
        return True


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request_id, what `extra=` gave, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line; line breaks stay inside JSON strings, so nobody can forge a line."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
        }
        said |= {name: getattr(record, name) for name in EXTRAS if hasattr(record, name)}
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


class Lines(logging.Formatter):
    """The same for people: a line of words; line breaks in a message are shown, not made."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback below it if there is one."""
        shown = logging.makeLogRecord(record.__dict__)
        shown.msg, shown.args = record.getMessage().replace("\r", "\\r").replace("\n", "\\n"), None
        return super().format(shown)

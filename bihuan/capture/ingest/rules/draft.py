"""One event on its way in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MAX_BODY = 20 * 2**20
MAX_PROPERTIES = 32 * 2**10
MAX_EVENTS = 50_000
MAX_NAME = 200
MAX_EVENT_ID = 200


class BadRequest(Exception):
    """The whole request is refused with this HTTP status."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


@dataclass(slots=True)
class Draft:
    """What the sender gave for one event; the steps fill in `ts` and check the rest."""

    index: int
    name: Any = None
    distinct_id: Any = None
    event_id: Any = None
    timestamp: Any = None
    props: str = "{}"
    company: str | None = None
    same_as: Any = None
    identified: bool = False
    person: bool = True
    set: Mapping[str, Any] | None = None
    set_once: Mapping[str, Any] | None = None
    ts: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why an event is not stored: the step that refused it, a code for programs, a sentence for people."""

    index: int
    step: str
    code: str
    reason: str
    name: str = ""
    distinct_id: str = ""
    body: str = ""


@dataclass(slots=True)
class Delivery:
    """A decoded request: who sent it, when they say they did, the drafts, and what was not even a draft."""

    key: str | None = None
    sent_at: datetime | None = None
    drafts: list[Draft] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many events the request held."""
        return len(self.drafts) + len(self.rejections)

"""One event on its way in, and the request that brought it. Times are microseconds since 1970, UTC."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

MAX_BODY = 20 * 2**20
MAX_PROPERTIES = 32 * 2**10
MAX_EVENTS = 50_000
MAX_NAME = 200
MAX_EVENT_ID = 200
KEPT_OF_A_REJECT = 64 * 2**10


class BadRequest(Exception):
    """The whole request is refused with this HTTP status, at this step."""

    def __init__(self, status: int, detail: str, *, step: str = "decode") -> None:
        super().__init__(detail)
        self.status, self.detail, self.step = status, detail, step


@dataclass(frozen=True, slots=True)
class Request:
    """What a format may look at beside the body; header names are lower case."""

    path: str = "/batch/"
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


class Said(msgspec.Struct, gc=False, frozen=True):
    """What few events say of their person: who else they are, that they are known, traits; or that there is none."""

    same_as: Any = None
    identified: bool = False
    person: bool = True
    set: Mapping[str, Any] | None = None
    set_once: Mapping[str, Any] | None = None


class Draft(msgspec.Struct, gc=False):
    """What the sender gave for one event; the steps check it. `props` is a JSON object."""

    index: int
    name: Any = None
    distinct_id: Any = None
    event_id: Any = None
    timestamp: Any = None
    props: bytes = b"{}"
    company: str | None = None
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why an event is not stored: the step that refused it, a code for programs, a sentence for people."""

    index: int
    step: str
    code: str
    reason: str
    name: str = ""
    distinct_id: str = ""
    body: bytes = b""


@dataclass(slots=True)
class Delivery:
    """A decoded request: who sent it, when they say they did, the drafts, and what was not even a draft.

    `raws` gives the JSON of every event of the request by its index; it is only asked when one is rejected.
    """

    key: str | None = None
    sent_at: datetime | None = None
    drafts: list[Draft] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    raws: Callable[[], Sequence[bytes | msgspec.Raw]] = tuple
    _raws: Sequence[bytes | msgspec.Raw] | None = None

    @property
    def size(self) -> int:
        """How many events the request held."""
        return len(self.drafts) + len(self.rejections)

    def reject(
        self, index: int, *, step: str, code: str, reason: str, name: Any = None, distinct_id: Any = None
    ) -> None:
        """Note why the event at this place of the request is not taken, with what was sent of it."""
        if self._raws is None:
            self._raws = self.raws()
        body = bytes(self._raws[index])[:KEPT_OF_A_REJECT] if index < len(self._raws) else b""
        self.rejections.append(
            Rejection(
                index=index,
                step=step,
                code=code,
                reason=reason,
                name="" if name is None else str(name)[:200],
                distinct_id="" if distinct_id is None else str(distinct_id)[:255],
                body=body,
            )
        )

    def drop(self, refused: Mapping[int, tuple[str, str]], *, step: str) -> None:
        """Reject the drafts at these positions of `drafts`: position → code and reason."""
        if not refused:
            return
        for position, (code, reason) in refused.items():
            draft = self.drafts[position]
            self.reject(
                draft.index,
                step=step,
                code=code,
                reason=reason,
                name=draft.name,
                distinct_id=draft.distinct_id,
            )
        self.drafts = [draft for position, draft in enumerate(self.drafts) if position not in refused]


Decode = Callable[[bytes, Request], Delivery]

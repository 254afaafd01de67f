"""What REST takes and gives about work."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Field, Schema

from bihuan.base.shapes import Moment, Number

Values = Annotated[dict[str, Any], Field(max_length=200, examples=[{"amount": 1200}])]


class InstanceOut(Schema):
    """One run of a process. `values` are those of the last step that was done; `stuck_why` says what keeps it from going on."""

    id: int
    process_key: str
    version: int
    title: str
    key: str
    account_id: int | None
    state: str
    values: dict[str, Any]
    started_at: datetime
    started_by_name: str
    ended_at: datetime | None
    outcome: str
    stuck_at: str
    stuck_why: str

    @staticmethod
    def resolve_process_key(row: Any) -> str:
        """The process."""
        return str(row.process.key)

    @staticmethod
    def resolve_version(row: Any) -> int:
        """The version that it runs on."""
        return int(row.version.number)


class ItemOut(Schema):
    """One work item. `element` is its step in the diagram, "" for one that was added by hand."""

    id: int
    instance_id: int
    element: str
    index: str
    kind: str
    name: str
    name_zh: str
    account_id: int | None
    role: str
    assignee_id: int | None
    state: str
    opened_at: datetime
    claimed_at: datetime | None
    due_at: datetime | None
    escalated_at: datetime | None
    done_at: datetime | None
    done_by_name: str
    values: dict[str, Any]
    signed: str
    waiting_seconds: int | None
    work_seconds: int | None
    minutes: int | None
    effort_seconds: int | None


class StartIn(Schema):
    """A process to start. `values` answer the form of its start; `key` keeps a second live one of the same matter away."""

    process: str = Field(..., min_length=1, max_length=60, examples=["customer_visit"])
    account_id: Number | None = None
    title: str = Field("", max_length=200)
    key: str = Field("", max_length=120, examples=["ticket-4711"])
    values: Values = {}


class ReasonIn(Schema):
    """Why."""

    reason: str = Field(..., min_length=1, max_length=500, examples=["The customer is on leave"])


class InstanceVersionIn(Schema):
    """The version to go on on."""

    version: int = Field(..., ge=1, le=1_000_000, examples=[2])


class AddIn(ReasonIn):
    """A step that the drawing does not have, for a colleague or a role."""

    name: str = Field(..., min_length=1, max_length=200, examples=["Ask the lawyer"])
    to_id: Number | None = None
    role: str = Field("", max_length=20, examples=["sales"])
    due_at: Moment | None = None


class AheadIn(ReasonIn):
    """A later step to do now."""

    element: str = Field(..., min_length=1, max_length=120, examples=["check"])


class CompleteIn(Schema):
    """What the form was filled with, and the name that signs where that is asked."""

    values: Values = {}
    signed: str = Field("", max_length=80)
    minutes: int | None = Field(
        None, ge=0, le=10_000, description="what it took, where it is known", examples=[25]
    )


class DelegateIn(Schema):
    """To whom."""

    to_id: int = Field(..., ge=1, le=2**63 - 1, examples=[3])
    note: str = Field("", max_length=500, examples=["I am away this week"])


class ReassignIn(ReasonIn):
    """To a colleague or to a role, and why."""

    to_id: Number | None = None
    role: str = Field("", max_length=20, examples=["sales"])


class VoteIn(Schema):
    """Yes or no; a no needs a note, and a step that is signed the name of whoever votes."""

    approved: bool = Field(..., examples=[True])
    note: str = Field("", max_length=500, examples=["I am away this week"])
    signed: str = Field("", max_length=80, examples=["Mei"])


class TickIn(Schema):
    """Whether the line of the check-list is done."""

    done: bool = Field(True, examples=[True])


class NoteIn(Schema):
    """A note."""

    note: str = Field("", max_length=500, examples=["I am away this week"])


class MessageIn(Schema):
    """A message for instances that wait for `name` with `key`, or that begin with it. `once` is the sender's own name for it: a
    second delivery has no effect."""

    name: str = Field(..., min_length=1, max_length=120, examples=["payment_received"])
    key: str = Field("", max_length=200, examples=["acme"])
    values: Values = {}
    once: str = Field("", max_length=100, examples=["bank-2026-11-24-17"])
    account_id: Number | None = None


class SignalIn(Schema):
    """A signal for every instance that waits for `name`, and for processes that begin with it."""

    name: str = Field(..., min_length=1, max_length=120, examples=["month_closed"])
    values: Values = {}
    once: str = Field("", max_length=100)


class HeardOut(Schema):
    """The instances that took it, and those that it started."""

    instances: list[int]


class CommentIn(Schema):
    """Words; a colleague whose sign-in name stands behind an @ is asked to look."""

    text: str = Field(..., min_length=1, max_length=5_000, examples=["@song please call them"])


class CommentOut(Schema):
    """What somebody wrote; `mentions` are the colleagues who were asked to look."""

    id: int
    item_id: int | None
    text: str
    by_name: str
    at: datetime
    mentions: list[int]

    @staticmethod
    def resolve_mentions(row: Any) -> list[int]:
        """Their numbers."""
        return sorted(one.pk for one in row.mentions.all())


class FileOut(Schema):
    """A file at an instance; `field` when a form asked for it. Its bytes are at `/work-files/{id}`."""

    id: int
    item_id: int | None
    field: str
    name: str
    size: int
    by_name: str
    at: datetime


class LinkIn(Schema):
    """For whom."""

    name: str = Field(..., min_length=1, max_length=120, examples=["Lin, Yunshan"])


class LinkOut(Schema):
    """A link with which somebody outside does one item."""

    id: int
    item_id: int
    name: str
    made_by_name: str
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class LinkMadeOut(LinkOut):
    """With its address, which is told at this one time."""

    url: str

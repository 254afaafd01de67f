"""What REST takes and gives about work."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Field, Schema

Number = Annotated[int | None, Field(ge=1, le=2**63 - 1)]
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


class StartIn(Schema):
    """A process to start. `values` answer the form of its start; `key` keeps a second live one of the same matter away."""

    process: str = Field(..., min_length=1, max_length=60, examples=["customer_visit"])
    account_id: Number = None
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
    to_id: Number = None
    role: str = Field("", max_length=20, examples=["sales"])
    due_at: datetime | None = None


class AheadIn(ReasonIn):
    """A later step to do now."""

    element: str = Field(..., min_length=1, max_length=120, examples=["check"])


class CompleteIn(Schema):
    """What the form was filled with, and the name that signs where that is asked."""

    values: Values = {}
    signed: str = Field("", max_length=80)


class DelegateIn(Schema):
    """To whom."""

    to_id: int = Field(..., ge=1, le=2**63 - 1, examples=[3])
    note: str = Field("", max_length=500, examples=["I am away this week"])


class ReassignIn(ReasonIn):
    """To a colleague or to a role, and why."""

    to_id: Number = None
    role: str = Field("", max_length=20, examples=["sales"])


class VoteIn(Schema):
    """Yes or no; a no needs a note."""

    approved: bool = Field(..., examples=[True])
    note: str = Field("", max_length=500, examples=["I am away this week"])


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
    account_id: Number = None


class SignalIn(Schema):
    """A signal for every instance that waits for `name`, and for processes that begin with it."""

    name: str = Field(..., min_length=1, max_length=120, examples=["month_closed"])
    values: Values = {}
    once: str = Field("", max_length=100)


class HeardOut(Schema):
    """The instances that took it, and those that it started."""

    instances: list[int]

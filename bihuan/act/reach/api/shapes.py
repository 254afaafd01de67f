"""What the operations take and give."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Router, Schema
from pydantic import StringConstraints

from bihuan.act.reach.models import Kind, Message, Shows
from bihuan.base.shapes import Number

router = Router(tags=["Reach"])
Value = Annotated[str, StringConstraints(max_length=500)]
Data = Annotated[dict[str, Value], Field(max_length=40, examples=[{"days_left": "30"}])]


class ChannelIn(Schema):
    """A way out. A robot needs its `token` (and `secret`, if it asks for signatures); a webhook its `url`; an inbox the product
    whose people read it."""

    kind: Kind
    name: str = Field(..., min_length=1, max_length=80, examples=["客户成功群"])
    account_id: Number | None = None
    product_id: Number | None = None
    url: str = Field("", max_length=500)
    token: str = Field("", max_length=200)
    secret: str = Field("", max_length=200)
    active: bool = True


class ChannelPatch(Schema):
    """What to change; fields that are absent stay, and so do the credentials without a new `token`."""

    name: str | None = Field(None, min_length=1, max_length=80)
    account_id: Number | None = None
    url: str | None = Field(None, max_length=500)
    token: str = Field("", max_length=200)
    secret: str = Field("", max_length=200)
    active: bool | None = None


class ChannelOut(Schema):
    """A channel; what others gave us is told to nobody. `public_id` is what pages name an inbox by."""

    id: int
    kind: str
    name: str
    active: bool
    account_id: int | None
    product_id: int | None
    url: str
    public_id: str
    paused_until: datetime | None


class ChannelSecretOut(ChannelOut):
    """With its secret, which is told at this one time."""

    secret: str


class MessageTemplateIn(Schema):
    """What is written. Placeholders: {{ person.name }}, {{ account.name }}, {{ my_name }}, {{ data.… }} and the like."""

    name: str = Field(..., min_length=1, max_length=80)
    kinds: list[Kind] = Field(..., min_length=1, max_length=10)
    subject_zh: str = Field(..., min_length=1, max_length=150)
    body_zh: str = Field(..., min_length=1, max_length=8000)
    subject_en: str = Field("", max_length=150)
    body_en: str = Field("", max_length=8000)
    link: str = Field("", max_length=500)
    link_zh: str = Field("", max_length=40)
    link_en: str = Field("", max_length=40)
    shows: Shows = Shows.INBOX


class MessageTemplateOut(Schema):
    """A template."""

    id: int
    name: str
    kinds: list[str]
    subject_zh: str
    body_zh: str
    subject_en: str
    body_en: str
    link: str
    link_zh: str
    link_en: str
    shows: str
    changed_at: datetime


class ReachMessageIn(Schema):
    """One message; the same `key` again is the same message. To a person by `person_id` (inbox, letter, call), else about an
    account."""

    key: str = Field(..., min_length=1, max_length=150, examples=["renewal-4711"])
    channel_id: Number
    template_id: Number
    account_id: Number | None = None
    person_id: Number | None = None
    data: Data = {}


class ReachMessageOut(Schema):
    """A message; `reason` says why it is held, was skipped or failed."""

    id: int
    uid: UUID
    channel_id: int
    channel: str
    template: str
    account_id: int | None
    person_id: int | None
    state: str
    reason: str
    subject: str
    body: str
    link: str
    origin: str
    by_name: str
    created_at: datetime
    due_at: datetime
    attempts: int
    error: str
    sent_at: datetime | None
    unconfirmed: bool
    opened_at: datetime | None
    clicked_at: datetime | None

    @staticmethod
    def resolve_channel(row: Message) -> str:
        """The kind of channel."""
        return row.channel.kind

    @staticmethod
    def resolve_template(row: Message) -> str:
        """Its name when it was written."""
        return row.template_name


class AttemptOut(Schema):
    """One try."""

    at: datetime
    ok: bool
    status: int
    said: str
    took_ms: int


class AudienceIn(Schema):
    """Whom: everybody of the territory, narrowed by what is given. `segment` is @key, or a rule. In an inbox `online`, and what
    else is given, is decided whenever the message is shown; on other channels when it is sent."""

    channel_id: Number
    template_id: Number
    region_id: Number | None = None
    stage: str = Field("", max_length=12)
    tier: str = Field("", max_length=1)
    segment: str = Field("", max_length=2000, examples=["@renewal-risk"])
    account_ids: list[Number] = Field([], max_length=1000)
    online: bool = False


class MailingIn(AudienceIn):
    """The same, to be sent once a `key`."""

    key: str = Field(..., pattern=r"^[A-Za-z0-9_-]{1,60}$", examples=["2026-11-release"])
    data: Data = {}


class LeftOutOut(Schema):
    """So many get nothing, and why."""

    why: str
    number: int


class AudienceOut(Schema):
    """How many messages it makes, and who is left out. `online_now`: how many of their readers are online at this moment, where
    that decides who sees it; null while nobody can tell."""

    messages: int
    left_out: list[LeftOutOut]
    online_now: int | None


class MailingOut(AudienceOut):
    """By this origin the messages are found again."""

    origin: str


class OptOutIn(Schema):
    """A person who wants no messages of a kind; without a kind: none at all."""

    person_id: Number
    kind: Kind | None = None


class OptOutOut(Schema):
    """Since when, and how we know."""

    id: int
    person_id: int
    kind: str
    how: str
    by_name: str
    at: datetime


class ReachLimitsBody(Schema):
    """Messages in seven days to a person and to an account (0: no limit); whether customers are left alone outside business
    hours; whether letters tell when they are opened."""

    person_week: int = Field(3, ge=0, le=1000)
    account_week: int = Field(20, ge=0, le=10000)
    business_hours: bool = True
    count_opens: bool = False

"""What happens with messages, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class ChannelAdded(Fact):
    """A way to reach customers; its credentials are told nowhere."""

    title = gettext_lazy("Channel added")
    channel_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class ChannelChanged(Fact):
    """Other words, credentials, on or off."""

    title = gettext_lazy("Channel changed")
    channel_id: int
    kind: str
    changed: list[str]


@dataclass(frozen=True, kw_only=True)
class ChannelRemoved(Fact):
    """Nothing goes out on it any more."""

    title = gettext_lazy("Channel removed")
    channel_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class TemplateSaved(Fact):
    """A template was written or changed."""

    title = gettext_lazy("Template saved")
    template_id: int
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class TemplateRemoved(Fact):
    """A template is not used any more."""

    title = gettext_lazy("Template removed")
    template_id: int


@dataclass(frozen=True, kw_only=True)
class _OfMessage(Fact):
    """What facts about one message have in common."""

    message_id: int
    channel: str
    origin: str
    account_id: int | None
    person_id: int | None


@dataclass(frozen=True, kw_only=True)
class MessageQueued(_OfMessage):
    """A message waits to be sent."""

    title = gettext_lazy("Message queued")


@dataclass(frozen=True, kw_only=True)
class MessageSent(_OfMessage):
    """It was taken by the mail server, the robot, the program, or lies in the inbox."""

    title = gettext_lazy("Message sent")
    subject: str


@dataclass(frozen=True, kw_only=True)
class MessageFailed(_OfMessage):
    """It was refused for good, or tried for long enough."""

    title = gettext_lazy("Message failed")
    why: str


@dataclass(frozen=True, kw_only=True)
class MessageSkipped(_OfMessage):
    """It was not sent, and why."""

    title = gettext_lazy("Message skipped")
    reason: str


@dataclass(frozen=True, kw_only=True)
class MessageHeld(_OfMessage):
    """It waits for a time, or for somebody who knows whether it arrived."""

    title = gettext_lazy("Message held")
    reason: str


@dataclass(frozen=True, kw_only=True)
class MessageCancelled(_OfMessage):
    """Somebody took it back before it was sent."""

    title = gettext_lazy("Message cancelled")


@dataclass(frozen=True, kw_only=True)
class MessageOpened(_OfMessage):
    """The reader saw it."""

    title = gettext_lazy("Message opened")
    subject: str


@dataclass(frozen=True, kw_only=True)
class MessageClicked(_OfMessage):
    """The reader followed its link."""

    title = gettext_lazy("Message clicked")
    subject: str


@dataclass(frozen=True, kw_only=True)
class OptedOut(Fact):
    """A person wants no messages on a kind of channel (empty: on none)."""

    title = gettext_lazy("Messages declined")
    person_id: int
    kind: str
    how: str


@dataclass(frozen=True, kw_only=True)
class OptedIn(Fact):
    """A person wants messages again."""

    title = gettext_lazy("Messages wanted again")
    person_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class ReachLimitsChanged(Fact):
    """How often somebody is written to, and when."""

    title = gettext_lazy("Limits of messages changed")
    before: Mapping[str, object]
    after: Mapping[str, object]

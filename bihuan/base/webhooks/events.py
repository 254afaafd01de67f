"""What happens with webhooks, as facts."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class WebhookAdded(Fact):
    """Another program is told facts from now on."""

    title = gettext_lazy("Webhook added")
    endpoint_id: int
    url: str
    facts: list[str]


@dataclass(frozen=True, kw_only=True)
class WebhookChanged(Fact):
    """Its address, its facts, or whether it is on; `before` and `after` hold what differs."""

    title = gettext_lazy("Webhook changed")
    endpoint_id: int
    url: str
    before: dict[str, object]
    after: dict[str, object]


@dataclass(frozen=True, kw_only=True)
class WebhookSecretChanged(Fact):
    """It has a new secret."""

    title = gettext_lazy("Secret of a webhook changed")
    endpoint_id: int
    url: str


@dataclass(frozen=True, kw_only=True)
class WebhookSwitchedOff(Fact):
    """It has failed for so long that it is not called any more."""

    title = gettext_lazy("Webhook switched off")
    endpoint_id: int
    url: str
    why: str


@dataclass(frozen=True, kw_only=True)
class WebhookRemoved(Fact):
    """It is told nothing any more."""

    title = gettext_lazy("Webhook removed")
    endpoint_id: int
    url: str

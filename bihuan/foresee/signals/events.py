"""What happens with signals, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class SignalRaised(Fact):
    """Something was seen; one of account, product and metric is what it is about."""

    title = gettext_lazy("Signal raised")
    signal_id: int
    kind: str
    account_id: int | None
    product_id: int | None
    metric: str
    day: str
    seen: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class SignalHandled(Fact):
    """Somebody saw to it."""

    title = gettext_lazy("Signal handled")
    signal_id: int
    kind: str
    account_id: int | None
    note: str


@dataclass(frozen=True, kw_only=True)
class SignalDismissed(Fact):
    """Somebody said why nothing is to be done."""

    title = gettext_lazy("Signal dismissed")
    signal_id: int
    kind: str
    account_id: int | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class SignalReopened(Fact):
    """It waits for somebody again."""

    title = gettext_lazy("Signal reopened")
    signal_id: int
    kind: str
    account_id: int | None

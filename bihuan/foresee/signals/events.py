"""What happens with signals, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class SignalRaised(Fact):
    """Something was seen; one of account, person, product, region, feature and metric is what it is about. A repeat while it
    is open publishes nothing. `severity` is info, warning or critical; `owner_id` who was told."""

    title = gettext_lazy("Signal raised")
    signal_id: int
    kind: str
    account_id: int | None
    product_id: int | None
    metric: str
    day: str
    seen: Mapping[str, object]
    severity: str = "warning"
    person_id: int | None = None
    region_id: int | None = None
    feature: str = ""
    owner_id: int | None = None


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


@dataclass(frozen=True, kw_only=True)
class SignalKindAdded(Fact):
    """A kind of signal was described."""

    title = gettext_lazy("Kind of signal added")
    kind: str


@dataclass(frozen=True, kw_only=True)
class SignalKindChanged(Fact):
    """A kind of signal was changed, or switched on or off."""

    title = gettext_lazy("Kind of signal changed")
    kind: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class SignalKindRemoved(Fact):
    """A kind of signal is not looked for any more; its signals stay."""

    title = gettext_lazy("Kind of signal removed")
    kind: str


@dataclass(frozen=True, kw_only=True)
class SignalsLookedFor(Fact):
    """Every kind that is on was looked for: how many signals were raised, and how many open ones were seen again."""

    title = gettext_lazy("Signals looked for")
    day: str
    kinds: int
    raised: int
    repeated: int

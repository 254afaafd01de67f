"""What happens with tiers, as facts. That an account changed its tier is `account_changed`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class TierRulesChanged(Fact):
    """Other rules are in force; nobody has moved yet."""

    title = gettext_lazy("Tier rules changed")
    version: int
    note: str


@dataclass(frozen=True, kw_only=True)
class TiersApplied(Fact):
    """The rules were applied: how many accounts moved, and how many no rule fits."""

    title = gettext_lazy("Tier rules applied")
    version: int
    moved: int
    without_rule: int


@dataclass(frozen=True, kw_only=True)
class TierExceptionGranted(Fact):
    """An account is in another tier than by rule until a day."""

    title = gettext_lazy("Exception from the tier rules")
    account_id: int
    tier: str
    reason: str
    expires_on: str


@dataclass(frozen=True, kw_only=True)
class TierExceptionEnded(Fact):
    """The rules count again for an account."""

    title = gettext_lazy("Exception from the tier rules ended")
    account_id: int


@dataclass(frozen=True, kw_only=True)
class AccountScored(Fact):
    """Somebody judged an account's potential, fit or brand."""

    title = gettext_lazy("Account judged")
    account_id: int
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class AccountScoresImported(Fact):
    """Judgements of accounts were imported; `before` is what was overwritten, by table, row and column."""

    title = gettext_lazy("Account judgements imported")
    created: int
    updated: int
    before: Mapping[str, Mapping[int, Mapping[str, object]]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ServicePolicyChanged(Fact):
    """What service a tier gets was changed."""

    title = gettext_lazy("Service policy changed")
    tier: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class CapacityChanged(Fact):
    """How many minutes a week somebody of us has for customers."""

    title = gettext_lazy("Capacity for customers changed")
    staff_id: int
    minutes: int

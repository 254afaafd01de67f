"""What happens with decision chains, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class ChainMemberSet(Fact):
    """A person's place in the chain was recorded or changed; `before` is empty for a new place."""

    title = gettext_lazy("Decision chain member recorded")
    account_id: int
    person_id: int
    role: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class ChainMemberRemoved(Fact):
    """A person no longer has this role in the chain."""

    title = gettext_lazy("Decision chain member removed")
    account_id: int
    person_id: int
    role: str


@dataclass(frozen=True, kw_only=True)
class ChainContacted(Fact):
    """One of us spoke with a member of the chain."""

    title = gettext_lazy("Decision chain member contacted")
    account_id: int
    person_id: int
    contact_on: str


@dataclass(frozen=True, kw_only=True)
class ChainImported(Fact):
    """An import stored chain members."""

    title = gettext_lazy("Decision chain imported")
    created: int
    updated: int

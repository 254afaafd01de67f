"""What happens with decision chains, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class ChainMemberSet(Fact):
    """A person's place in the chain was recorded or changed; `before` is empty for a new place. `member_id`: the place."""

    title = gettext_lazy("Decision chain member recorded")
    account_id: int
    person_id: int
    role: str
    before: Mapping[str, object]
    after: Mapping[str, object]
    member_id: int = 0


@dataclass(frozen=True, kw_only=True)
class ChainMemberRemoved(Fact):
    """A person no longer has this role in the chain."""

    title = gettext_lazy("Decision chain member removed")
    account_id: int
    person_id: int
    role: str


@dataclass(frozen=True, kw_only=True)
class ChainContacted(Fact):
    """One of us spoke with a member of the chain; `before` is what each of their places said, by table, row and column."""

    title = gettext_lazy("Decision chain member contacted")
    account_id: int
    person_id: int
    contact_on: str
    before: Mapping[str, Mapping[int, Mapping[str, object]]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ChainImported(Fact):
    """An import stored chain members; `before` is what it overwrote, by table, row and column: nothing for places that it dated
    back."""

    title = gettext_lazy("Decision chain imported")
    created: int
    updated: int
    before: Mapping[str, Mapping[int, Mapping[str, object]]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ChainHistoryBegun(Fact):
    """From here on every change of these places says what there was before; `before` says that of the time until then nothing
    is known."""

    title = gettext_lazy("History of decision chains begun")
    before: Mapping[str, Mapping[int, Mapping[str, object]]]

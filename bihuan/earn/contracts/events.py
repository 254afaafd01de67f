"""What happens with contracts, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class ContractAdded(Fact):
    """A contract was recorded; the amount is its recurring revenue a month on its first day."""

    title = gettext_lazy("Contract added")
    contract_id: int
    account_id: int
    mrr: str
    currency: str


@dataclass(frozen=True, kw_only=True)
class ContractChanged(Fact):
    """Facts about a contract changed."""

    title = gettext_lazy("Contract changed")
    contract_id: int
    account_id: int
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class ContractLineSet(Fact):
    """A line was added to a contract or changed; `mrr` is in `currency`, empty in facts older than that field. `before` is what
    a changed one held until then."""

    title = gettext_lazy("Contract line recorded")
    contract_id: int
    account_id: int
    line_id: int
    mrr: str
    added: bool
    currency: str = ""
    before: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ContractsImported(Fact):
    """An import stored contract lines; `before` is what it overwrote, by table, row and column."""

    title = gettext_lazy("Contracts imported")
    created: int
    updated: int
    before: Mapping[str, Mapping[int, Mapping[str, object]]] = field(default_factory=dict)

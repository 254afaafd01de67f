"""What happens with sources, as facts. Never a key in them."""

from dataclasses import dataclass

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class SourceAdded(Fact):
    """A source was added."""

    source_id: int
    code: str
    product_id: int


@dataclass(frozen=True, kw_only=True)
class SourceKeyRotated(Fact):
    """A source got a new write key; the old one is refused from now on."""

    source_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class SourceRevoked(Fact):
    """A source was stopped."""

    source_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class SourceRenamed(Fact):
    """A source got another name."""

    source_id: int
    before: str
    after: str

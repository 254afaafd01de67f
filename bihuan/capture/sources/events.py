"""What happens with sources, as facts. Never a key in them."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class SourceAdded(Fact):
    """A source was added."""

    title = gettext_lazy("Source added")
    source_id: int
    code: str
    product_id: int


@dataclass(frozen=True, kw_only=True)
class SourceKeyRotated(Fact):
    """A source got a new write key; the old one is refused from now on."""

    title = gettext_lazy("Source key rotated")
    source_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class SourceRevoked(Fact):
    """A source was stopped."""

    title = gettext_lazy("Source revoked")
    source_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class SourceRenamed(Fact):
    """A source got another name."""

    title = gettext_lazy("Source renamed")
    source_id: int
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class SourceKeepingChanged(Fact):
    """Events of a source are kept for another number of days; 0 is for ever."""

    title = gettext_lazy("Days to keep events changed")
    source_id: int
    before: int
    after: int


@dataclass(frozen=True, kw_only=True)
class SourceFellSilent(Fact):
    """A source that used to send has been quiet for longer than is usual at that hour (`usual_seconds`)."""

    title = gettext_lazy("Source went silent")
    source_id: int
    code: str
    since: str
    usual_seconds: float


@dataclass(frozen=True, kw_only=True)
class SourceIsBack(Fact):
    """A silent source sends again."""

    title = gettext_lazy("Source is sending again")
    source_id: int
    code: str
    since: str

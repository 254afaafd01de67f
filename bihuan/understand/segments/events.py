"""What happens with segments, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class SegmentAdded(Fact):
    """A segment was described."""

    title = gettext_lazy("Segment added")
    segment_id: int
    key: str
    unit: str
    mode: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class SegmentChanged(Fact):
    """A segment is described otherwise."""

    title = gettext_lazy("Segment changed")
    segment_id: int
    key: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class SegmentFrozen(Fact):
    """The members of a segment, or of a question's answer, were written down as a static segment."""

    title = gettext_lazy("Segment written down")
    segment_id: int
    key: str
    source: str
    members: int
    day: str


@dataclass(frozen=True, kw_only=True)
class SegmentRemoved(Fact):
    """A segment is no more."""

    title = gettext_lazy("Segment removed")
    segment_id: int
    key: str


@dataclass(frozen=True, kw_only=True)
class SegmentsCounted(Fact):
    """The sizes of live segments were kept for a day."""

    title = gettext_lazy("Segments counted")
    day: str
    segments: int

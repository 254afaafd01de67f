"""What happens with processes, as facts."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class ProcessCreated(Fact):
    """A process or decision table was begun."""

    title = gettext_lazy("Process created")
    process_id: int
    key: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class ProcessEdited(Fact):
    """What it is called, who owns it, or whether it was put away."""

    title = gettext_lazy("Process edited")
    process_id: int
    key: str
    before: dict[str, object]
    after: dict[str, object]


@dataclass(frozen=True, kw_only=True)
class DraftSaved(Fact):
    """The draft of a version was drawn."""

    title = gettext_lazy("Draft saved")
    process_id: int
    key: str
    number: int


@dataclass(frozen=True, kw_only=True)
class DraftDiscarded(Fact):
    """The draft was thrown away."""

    title = gettext_lazy("Draft discarded")
    process_id: int
    key: str
    number: int


@dataclass(frozen=True, kw_only=True)
class VersionPublished(Fact):
    """From now on instances start on this version."""

    title = gettext_lazy("Process published")
    process_id: int
    key: str
    number: int
    note: str


@dataclass(frozen=True, kw_only=True)
class VersionRetired(Fact):
    """No instance starts on this version any more."""

    title = gettext_lazy("Process version retired")
    process_id: int
    key: str
    number: int

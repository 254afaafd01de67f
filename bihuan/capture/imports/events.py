"""What the importer tells the house."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class ImportFinished(Fact):
    """An import has stored what it could."""

    title = gettext_lazy("Import finished")
    import_id: int
    mapping: str
    created: int
    updated: int
    rejected: int
    suspicious: int


@dataclass(frozen=True, kw_only=True)
class ImportFailed(Fact):
    """An import stopped; what was stored before stays, and running it again continues."""

    title = gettext_lazy("Import failed")
    import_id: int
    mapping: str
    error: str


@dataclass(frozen=True, kw_only=True)
class MappingKept(Fact):
    """A mapping was kept under a name, or changed."""

    title = gettext_lazy("Mapping kept")
    mapping: str
    noun: str


@dataclass(frozen=True, kw_only=True)
class MappingDropped(Fact):
    """A kept mapping was taken away."""

    title = gettext_lazy("Mapping removed")
    mapping: str

"""What happens with the tracking plan, as facts."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class PlannedEventSaved(Fact):
    """An event of the tracking plan was added or changed."""

    title = gettext_lazy("Tracking plan: event saved")
    product_id: int
    event: str
    state: str


@dataclass(frozen=True, kw_only=True)
class PlannedEventRemoved(Fact):
    """An event was taken out of the tracking plan."""

    title = gettext_lazy("Tracking plan: event removed")
    product_id: int
    event: str


@dataclass(frozen=True, kw_only=True)
class PlanFilled(Fact):
    """Events came into the tracking plan from a document, or from what had arrived."""

    title = gettext_lazy("Tracking plan filled")
    product_id: int
    drafted: bool
    added: int
    changed: int


@dataclass(frozen=True, kw_only=True)
class PlanBlockingSet(Fact):
    """A source refuses from now on what breaches the plan, or no longer does."""

    title = gettext_lazy("Tracking plan: blocking set")
    source_id: int
    blocks: bool

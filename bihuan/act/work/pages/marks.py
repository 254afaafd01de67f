"""How an item is shown wherever it stands: its address, its clock and its state."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from bihuan.act.work.models import WorkItem
from bihuan.act.work.queries import clock_of

CLOCKS = {
    "late": gettext_lazy("Overdue"), "soon": gettext_lazy("Due soon"), "fine": gettext_lazy("In time"),
    "paused": gettext_lazy("Paused"), "none": gettext_lazy("No limit"),
}  # fmt: skip
CLOCK_KINDS = {"late": "bad", "soon": "warn", "fine": "ok", "paused": "quiet", "none": "quiet"}
STATE_KINDS = {"open": "info", "claimed": "warn", "done": "ok", "skipped": "quiet", "withdrawn": "quiet"}


def page_of(item: WorkItem) -> str:
    """The address of an item."""
    return reverse("work:item", args=[item.pk])


def clock_kind(item: WorkItem) -> str:
    """Late, soon, fine, paused or none."""
    return clock_of(item, at=timezone.now()).kind

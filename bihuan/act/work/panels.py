"""The bench on the workbench."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy

from bihuan.act.work.models import WorkItem
from bihuan.act.work.queries import clock_of, waiting_for
from bihuan.base.access import actor_of
from bihuan.base.ui import Panel, register_panel

SHOWN = 5


@register_panel
class MyBenchPanel(Panel):
    """What is the reader's to do, the most urgent first."""

    name = "my-bench"
    title = gettext_lazy("My bench")
    permission = "work.do"
    slot = "workbench"
    area = "main"
    size = "m"
    order = 10

    def render(self, request: HttpRequest, subject: Any = None) -> str:
        """A few items with their clocks, how many wait and are late, and how many wait in one's queues."""
        actor, now = actor_of(request), timezone.now()
        rows = WorkItem.objects.waiting().of(actor).select_related("instance__process", "account")
        items = sorted(
            rows.order_by("due_at", "opened_at")[:200],
            key=lambda row: (row.due_at is None, row.due_at or now),
        )
        shown = [(item, clock_of(item, at=now)) for item in items[:SHOWN]]
        context = {"rows": shown, "waiting": waiting_for(actor, at=now), "more": max(0, len(items) - SHOWN)}
        return render_to_string("work/panel.html", context, request=request)

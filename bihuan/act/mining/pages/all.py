"""Every process that ran, as the way into mining."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from bihuan.act.processes.models import Area, Kind, Process
from bihuan.act.work.models import Instance, InstanceState
from bihuan.base.access import Actor
from bihuan.base.ui import Column, Empty, ListPage, NumberColumn, nav_entry

DAYS = 90
RUNNING = (InstanceState.RUNNING, InstanceState.PAUSED, InstanceState.STUCK)


def figures_of(process: Process) -> str:
    """The address of its figures."""
    return reverse("mining:figures", args=[process.pk])


class MinedProcesses(ListPage):
    """Processes with how many of their instances the reader may see, those that ran most first."""

    name, title, permission = "mining", gettext_lazy("Process mining"), "mining.view"
    export = False
    columns = (
        Column("name", gettext_lazy("Process"), get=str, pinned=True, link=figures_of),
        Column("area", gettext_lazy("Department"), choices=dict(Area.choices)),
        NumberColumn("running", gettext_lazy("Running"), phone=True),
        NumberColumn("ended", gettext_lazy("Ended in 90 days"), phone=True),
        NumberColumn("all_runs", gettext_lazy("Instances in all")),
    )  # fmt: skip
    search = ("name", "name_zh", "key")
    default_sort = "-all_runs"
    empty = Empty(
        title=gettext_lazy("No processes yet"),
        text=gettext_lazy("Mining says what instances of a process show: where they wait, what is done again, what is not as "
                          "drawn. It begins with the first process that runs."),
        action=gettext_lazy("Process library"), url="/processes/", icon="route",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Processes that are in use, or were."""
        since = timezone.now() - timedelta(days=DAYS)
        runs = Instance.objects.visible_to(actor).filter(process=OuterRef("pk")).order_by().values("process")
        return Process.objects.filter(kind=Kind.PROCESS).annotate(
            running=_counted(runs, Q(state__in=RUNNING)),
            ended=_counted(runs, Q(state=InstanceState.ENDED, ended_at__gte=since)),
            all_runs=_counted(runs, Q()),
        )

    def row_url(self, record: Any) -> str:
        """Its figures."""
        return figures_of(record)


def _counted(runs: QuerySet[Any], which: Q) -> Coalesce:
    return Coalesce(
        Subquery(runs.filter(which).annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0
    )


nav_entry("mining", title=gettext_lazy("Process mining"), url="mining:list", section="processes", permission="mining.view",
          icon="sitemap", order=36)  # fmt: skip

"""The bench 我的待办: one's own items, the queues of one's roles, and all work of the territory."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from bihuan.act.processes.models import Process
from bihuan.act.processes.roles import role_choices, role_title
from bihuan.act.work import actions
from bihuan.act.work.models import ItemState, WorkItem
from bihuan.act.work.queries import clock_of, node_of
from bihuan.base.access import Actor
from bihuan.base.ui import (
    AgoColumn,
    BadgeColumn,
    BatchAction,
    Column,
    Done,
    Empty,
    Filters,
    Hit,
    ListPage,
    nav_entry,
    palette_source,
)

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


class ItemFilters(Filters):
    """What a bench can be narrowed by."""

    process = django_filters.ModelMultipleChoiceFilter(
        field_name="instance__process",
        label=pgettext_lazy("standard", "Process"),
        queryset=Process.objects.filter(kind="process"),
    )
    role = django_filters.MultipleChoiceFilter(label=gettext_lazy("Role"), choices=role_choices)
    late = django_filters.BooleanFilter(label=gettext_lazy("Overdue"), method="only_late")
    due_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Due"))
    account = django_filters.NumberFilter(field_name="account_id", label=gettext_lazy("Account number"))

    def only_late(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Those whose time limit has passed, or those whose has not."""
        now = timezone.now()
        return rows.filter(due_at__lt=now) if value else rows.exclude(due_at__lt=now)


def complete_all(*, rows: Sequence[Any], by: Actor, at: datetime, data: Any) -> Done:
    """Complete those of the ticked ones that ask for nothing; the others are named."""
    finished, left = 0, []
    for row in rows:
        node = node_of(row)
        if node is not None and (node.fields or node.checks or node.work.approval or node.work.signature):
            left.append(str(row))
            continue
        try:
            actions.complete(item=row, by=by, at=at)
            finished += 1
        except ValidationError as error:
            left.append(f"{row}: {' '.join(error.messages)}")
    text = ngettext("%(n)d item done.", "%(n)d items done.", finished) % {"n": finished}
    if left:
        text += " " + _("Not done, because they ask for something: %(names)s") % {
            "names": "; ".join(left[:5])
        }
    return Done(text=text)


def claim_all(*, rows: Sequence[Any], by: Actor, at: datetime, data: Any) -> Done:
    """Take those of the ticked ones that nobody has."""
    taken = 0
    for row in rows:
        try:
            actions.claim(item=row, by=by, at=at)
            taken += 1
        except ValidationError:
            continue
    return Done(text=ngettext("%(n)d item taken.", "%(n)d items taken.", taken) % {"n": taken})


class Bench(ListPage):
    """What is mine to do."""

    name, title, permission = "bench", gettext_lazy("My bench"), "work.do"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("name", gettext_lazy("Step"), get=str, pinned=True, link=page_of, phone=True),
        BadgeColumn("clock", gettext_lazy("Clock"), get=clock_kind, choices=CLOCKS, kinds=CLOCK_KINDS, phone=True,
                    sort="due_at"),
        AgoColumn("due_at", gettext_lazy("Due")),
        Column("about", gettext_lazy("About"), get="instance.title", sort="instance__title",
               link=lambda row: reverse("work:instance", args=[row.instance_id])),
        Column("account", gettext_lazy("Account"), get=lambda row: row.account or "", sort="account__name",
               link=lambda row: f"/accounts/{row.account_id}/" if row.account_id else ""),
        Column("process", pgettext_lazy("standard", "Process"), get="instance.process", sort="instance__process__name"),
        AgoColumn("opened_at", gettext_lazy("Opened")),
    )  # fmt: skip
    search = ("name", "name_zh", "instance__title", "account__name")
    filters = ItemFilters
    default_sort = "due_at"
    batch: ClassVar[tuple[BatchAction, ...]] = (
        BatchAction(
            name="done", title=gettext_lazy("Done"), permission="work.do", run=complete_all, icon="check"
        ),
    )
    empty = Empty(
        title=gettext_lazy("Nothing waits for you"),
        text=gettext_lazy("When it is your turn in a process, it appears here with its clock."),
        action=gettext_lazy("See what waits for your roles"), url="/bench/queue/", icon="checks",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """One's own open items."""
        return read_with(WorkItem.objects.waiting().of(actor))

    def row_url(self, record: Any) -> str:
        """The item."""
        return page_of(record)


def read_with(rows: Any) -> QuerySet[Any]:
    """What the cells read, in one query."""
    found: QuerySet[Any] = rows.select_related(
        "instance__process", "account", "assignee", "instance__version"
    )
    return found


class Queue(Bench):
    """What waits for one's roles and that nobody has taken."""

    name, title = "bench-queue", gettext_lazy("Waits for my roles")
    columns = (
        *Bench.columns[:4],
        Column("role", gettext_lazy("Role"), get=lambda row: role_title(row.role)),
        *Bench.columns[4:],
    )
    batch = (
        BatchAction(
            name="claim", title=gettext_lazy("Take"), permission="work.do", run=claim_all, icon="check"
        ),
    )
    empty = Empty(
        title=gettext_lazy("The queues are empty"),
        text=gettext_lazy("Steps that are given to a role wait here until one of its people takes them."),
        icon="checks",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Those that one may take."""
        return read_with(WorkItem.objects.waiting().queued_for(actor))


class AllItemFilters(ItemFilters):
    """All work can be narrowed by its state and person too."""

    state = django_filters.MultipleChoiceFilter(label=gettext_lazy("State"), choices=ItemState.choices)
    assignee = django_filters.NumberFilter(field_name="assignee_id", label=gettext_lazy("Staff number"))
    instance = django_filters.NumberFilter(field_name="instance_id", label=gettext_lazy("Instance number"))


class AllItems(Bench):
    """Every item of the territory, also those that are done."""

    name, title, permission = "work-items", gettext_lazy("All work items"), "work.see"
    columns = (
        *Queue.columns[:5],
        Column("assignee", gettext_lazy("On the bench of"), get=lambda row: row.assignee or "", sort="assignee__name"),
        BadgeColumn("state", gettext_lazy("State"), choices=dict(ItemState.choices), kinds=STATE_KINDS),
        *Queue.columns[5:], AgoColumn("done_at", gettext_lazy("Done")), Column("done_by_name", gettext_lazy("Done by")),
    )  # fmt: skip
    filters = AllItemFilters
    default_sort = "-opened_at"
    batch = ()

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of the territory."""
        return read_with(WorkItem.objects.visible_to(actor))


nav_entry("bench", title=gettext_lazy("My bench"), url="work:bench", section="processes", permission="work.do",
          icon="checks", order=10, phone=True)  # fmt: skip
nav_entry("bench-queue", title=gettext_lazy("Waits for my roles"), url="work:queue", section="processes",
          permission="work.do", icon="inbox", order=12)  # fmt: skip
nav_entry("work-items", title=gettext_lazy("All work items"), url="work:items", section="processes",
          permission="work.see", icon="table", order=16)  # fmt: skip


@palette_source("bench", title=gettext_lazy("My bench"), permission="work.do", icon="checks")
def find_items(*, actor: Actor, q: str, limit: int) -> list[Hit]:
    """One's own and those one may take, by step and title."""
    rows = WorkItem.objects.waiting().visible_to(actor).select_related("instance")
    found = (
        rows.filter(name__icontains=q)
        | rows.filter(name_zh__icontains=q)
        | rows.filter(instance__title__icontains=q)
    )
    return [Hit(title=f"{row} · {row.instance.title}", url=page_of(row)) for row in found[:limit]]

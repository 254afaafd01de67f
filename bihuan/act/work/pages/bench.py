"""The bench 我的待办: one's own items, the queues of one's roles, and all work of the territory."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from bihuan.act.processes.models import Process
from bihuan.act.processes.roles import role_choices, role_title
from bihuan.act.work import actions
from bihuan.act.work.models import ItemState, WorkItem
from bihuan.act.work.models.items import overdue
from bihuan.act.work.pages.board import board_of
from bihuan.act.work.pages.marks import CLOCK_KINDS, CLOCKS, STATE_KINDS, clock_kind, page_of
from bihuan.act.work.pages.month import calendar_of
from bihuan.act.work.queries import node_of
from bihuan.base.access import Actor, actor_of
from bihuan.base.ui import (
    ActorColumn,
    AgoColumn,
    BadgeColumn,
    BatchAction,
    Column,
    Done,
    Empty,
    Filters,
    Hit,
    ListPage,
    each,
    nav_entry,
    palette_source,
)
from bihuan.base.ui.lists import Listing
from bihuan.base.ui.responses import is_fragment

#: Ways to look at a bench: (what it is called, its icon, its template).
VIEWS = {
    "list": (gettext_lazy("List"), "list", "ui/parts/list_body.html"),
    "board": (gettext_lazy("Board"), "layout-kanban", "work/parts/board.html"),
    "calendar": (gettext_lazy("Calendar"), "calendar", "work/parts/calendar.html"),
}


class ItemFilters(Filters):
    """What a bench can be narrowed by."""

    process = django_filters.ModelMultipleChoiceFilter(
        field_name="instance__process",
        label=pgettext_lazy("standard", "Process"),
        queryset=Process.objects.filter(kind="process"),
    )
    role = django_filters.MultipleChoiceFilter(label=gettext_lazy("Role"), choices=role_choices)
    late = django_filters.BooleanFilter(label=gettext_lazy("Overdue"), method="only_late")
    due_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Due at"))
    account = django_filters.NumberFilter(field_name="account_id", label=gettext_lazy("Account number"))

    def only_late(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Those whose time limit has passed, or those whose has not."""
        late = overdue(timezone.now())
        return rows.filter(late) if value else rows.exclude(late)


def complete_all(*, rows: Sequence[Any], by: Actor, at: datetime, data: Any) -> Done:
    """Complete those of the ticked ones that ask for nothing; the others are named."""
    asking = [row for row in rows if _asks(row)]
    finished, refused = each(
        [row for row in rows if row not in asking], lambda row: actions.complete(item=row, by=by, at=at)
    )
    left = [*map(str, asking), *(f"{row}: {why}" for row, why in refused)]
    text = ngettext("%(n)d item done.", "%(n)d items done.", len(finished)) % {"n": len(finished)}
    if left:
        text += " " + _("Not done, because they ask for something: %(names)s") % {
            "names": "; ".join(left[:5])
        }
    return Done(text=text)


def _asks(row: Any) -> bool:
    node = node_of(row)
    return node is not None and bool(node.fields or node.checks or node.work.approval or node.work.signature)


def claim_all(*, rows: Sequence[Any], by: Actor, at: datetime, data: Any) -> Done:
    """Take those of the ticked ones that nobody has."""
    taken, _refused = each(rows, lambda row: actions.claim(item=row, by=by, at=at))
    return Done(text=ngettext("%(n)d item taken.", "%(n)d items taken.", len(taken)) % {"n": len(taken)})


class Bench(ListPage):
    """What is mine to do, as a list, a board (`view=board`) or a calendar (`view=calendar`)."""

    template = "work/bench.html"
    #: How the board is grouped unless the reader asks otherwise.
    grouped: ClassVar[str] = "time"

    name, title, permission = "bench", gettext_lazy("My bench"), "work.do"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("name", gettext_lazy("Step"), get=str, pinned=True, link=page_of, phone=True),
        BadgeColumn("clock", gettext_lazy("Clock"), get=clock_kind, choices=CLOCKS, kinds=CLOCK_KINDS, phone=True,
                    sort="due_at"),
        AgoColumn("due_at", gettext_lazy("Due at")),
        Column("about", gettext_lazy("About"), get="instance.said_title", sort="instance__title", phone=True,
               link=lambda row: reverse("work:instance", args=[row.instance_id])),
        Column("account", gettext_lazy("Account"), get=lambda row: row.account or "", sort="account__name",
               link=lambda row: f"/accounts/{row.account_id}/" if row.account_id else ""),
        Column("process", pgettext_lazy("standard", "Process"), get="instance.process", sort="instance__process__name"),
        AgoColumn("opened_at", pgettext_lazy("work item", "Opened")),
    )  # fmt: skip
    search = ("name", "name_zh", "instance__title", "account__name")
    filters = ItemFilters
    default_sort = "due_at"
    batch: ClassVar[tuple[BatchAction, ...]] = (
        BatchAction(
            name="done",
            title=pgettext_lazy("button", "Done"),
            permission="work.do",
            run=complete_all,
            icon="check",
        ),
    )
    empty = Empty(
        title=gettext_lazy("Nothing waits for you"),
        text=gettext_lazy("When it is your turn in a process, it appears here with its clock."),
        action=gettext_lazy("See what waits for your roles"), url="/bench/queue/", icon="checks",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, board: bool = False, **route: Any) -> QuerySet[Any]:
        """One's own open items; on the board with what one may take beside them."""
        rows = WorkItem.objects.waiting()
        return read_with(rows.in_reach_of(actor) if board else rows.of(actor))

    def answer(self, request: HttpRequest, route: dict[str, Any]) -> HttpResponse:
        """The view that the address asks for; the part below the tools alone for htmx."""
        view = request.GET.get("view", "")
        view = view if view in VIEWS else "list"
        if view == "list" and is_fragment(request):
            return super().answer(request, route)
        listing = Listing(
            page=self, request=request, actor=actor_of(request), params=request.GET, route=route | {"board": view == "board"}
        )  # fmt: skip
        listing.remember_columns()
        now = timezone.now()
        context: dict[str, Any] = {"list": listing, "page": self, "view": view, "part": VIEWS[view][2]}
        context["views"] = [
            (name, title, icon, listing.query(view=None if name == "list" else name, page=None))
            for name, (title, icon, _part) in VIEWS.items()
        ]
        if view == "board":
            context |= board_of(listing, default=self.grouped, own=self.grouped != "person", at=now)
        elif view == "calendar":
            context |= calendar_of(listing, at=now)
        part = is_fragment(request) and request.headers.get("HX-Target") == "list"
        response = render(request, context["part"] if part else self.template, context)
        response["Vary"] = "HX-Request"
        return response

    def row_url(self, record: Any) -> str:
        """The item."""
        return page_of(record)


def read_with(rows: Any) -> QuerySet[Any]:
    """What the cells read, in one query."""
    found: QuerySet[Any] = rows.select_related("instance__process", "account", "assignee")
    return found.defer("instance__values", "instance__process__about", "instance__process__about_zh")


class Queue(Bench):
    """What waits for one's roles and that nobody has taken."""

    name, title = "bench-queue", gettext_lazy("Waits for my roles")
    grouped = "role"
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

    def queryset(self, *, actor: Actor, board: bool = False, **route: Any) -> QuerySet[Any]:
        """Those that one may take; on the board with what one has taken."""
        rows = WorkItem.objects.waiting()
        return read_with(rows.in_reach_of(actor) if board else rows.queued_for(actor))


class AllItemFilters(ItemFilters):
    """All work can be narrowed by its state and person too."""

    state = django_filters.MultipleChoiceFilter(label=gettext_lazy("State"), choices=ItemState.choices)
    assignee = django_filters.NumberFilter(field_name="assignee_id", label=gettext_lazy("Staff number"))
    instance = django_filters.NumberFilter(field_name="instance_id", label=gettext_lazy("Instance number"))


class AllItems(Bench):
    """Every item of the territory, also those that are done."""

    name, title, permission = "work-items", gettext_lazy("All work items"), "work.see"
    grouped = "person"
    columns = (
        *Queue.columns[:5],
        Column("assignee", gettext_lazy("On the bench of"), get=lambda row: row.assignee or "", sort="assignee__name"),
        BadgeColumn("state", gettext_lazy("State"), choices=dict(ItemState.choices), kinds=STATE_KINDS),
        *Queue.columns[5:], AgoColumn("done_at", gettext_lazy("Done")), ActorColumn("done_by_name", gettext_lazy("Done by")),
    )  # fmt: skip
    filters = AllItemFilters
    default_sort = "-opened_at"
    batch = ()

    def queryset(self, *, actor: Actor, board: bool = False, **route: Any) -> QuerySet[Any]:
        """All of the territory; on the board those that wait."""
        rows = WorkItem.objects.waiting() if board else WorkItem.objects.all()
        return read_with(rows.visible_to(actor))


nav_entry("bench", title=gettext_lazy("My bench"), url="work:bench", section="workbench", permission="work.do",
          icon="checks", order=2, phone=True)  # fmt: skip
nav_entry("bench-queue", title=gettext_lazy("Waits for my roles"), url="work:queue", section="workbench",
          permission="work.do", icon="inbox", order=3)  # fmt: skip
nav_entry("work-items", title=gettext_lazy("All work items"), url="work:items", section="processes",
          permission="work.see", icon="table", order=16)  # fmt: skip


@palette_source("bench", title=gettext_lazy("My bench"), permission="work.do", icon="checks")
def find_items(*, actor: Actor, q: str, limit: int) -> list[Hit]:
    """One's own and those one may take, by step and title."""
    rows = WorkItem.objects.waiting().visible_to(actor).select_related("instance__process")
    found = (
        rows.filter(name__icontains=q)
        | rows.filter(name_zh__icontains=q)
        | rows.filter(instance__title__icontains=q)
    )
    return [Hit(title=f"{row} · {row.instance.said_title}", url=page_of(row)) for row in found[:limit]]

"""Reads of work: how an item stands, what its instance has been through, how much waits for somebody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, F, Max, Q, Sum
from django.db.models.functions import Coalesce

from bihuan.act.bpmn import Diagram, Field, Node
from bihuan.act.processes.models import Kind, Process, State, Version
from bihuan.act.processes.queries import compiled_of
from bihuan.act.work.models import Deviation, File, Instance, ItemKind, ItemState, WorkItem
from bihuan.act.work.models.items import WAITING, overdue
from bihuan.base.access import Actor
from bihuan.base.ui.formats import listed
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff

#: Before this share of the time limit is left, the clock is green; then amber, and red when it is over.
SOON = 0.25

#: So many names of added steps are proposed at once.
MOST_ADDED = 20


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How an item stands in time: `kind` is "late", "soon", "fine", "paused" or "none"."""

    kind: str
    due_at: datetime | None


def clock_of(item: WorkItem, *, at: datetime) -> Clock:
    """By its due time; an item that is done is late when it was done after it."""
    if item.due_at is None:
        return Clock(kind="none", due_at=None)
    if item.left_seconds is not None:
        return Clock(kind="paused", due_at=None)
    end = item.done_at or at
    if end > item.due_at:
        return Clock(kind="late", due_at=item.due_at)
    whole, left = item.due_at - item.opened_at, item.due_at - end
    soon = item.state in WAITING and left < whole * SOON
    return Clock(kind="soon" if soon else "fine", due_at=item.due_at)


def node_of(item: WorkItem) -> Node | None:
    """Its place in the diagram; None for an extra step."""
    found: Node | None = compiled_of(item.instance.version_id).node(item.element) if item.element else None
    return found


def diagram_of(instance: Instance) -> Diagram:
    """The diagram of its version."""
    return compiled_of(instance.version_id).diagram


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How much waits: on one's own bench, of it overdue, and in one's queues."""

    mine: int
    late: int
    queued: int


def waiting_for(actor: Actor, *, at: datetime) -> Waiting:
    """The numbers beside the bench."""
    rows = WorkItem.objects.waiting()
    own = rows.of(actor).aggregate(mine=Count("pk"), late=Count("pk", filter=overdue(at)))
    return Waiting(mine=own["mine"], late=own["late"], queued=rows.queued_for(actor).count())


def marks_of(instance: Instance, *, at: datetime) -> list[dict[str, Any]]:
    """How each element of the diagram stands in this instance: "here", "late", "done" or "deviation", one mark an element."""
    found: dict[str, str] = {}
    for item in instance.items.exclude(element="").order_by("opened_at", "pk"):
        if item.state in WAITING:
            found[item.element] = "late" if clock_of(item, at=at).kind == "late" else "here"
        elif item.state == ItemState.SKIPPED:
            found.setdefault(item.element, "deviation")
        elif item.state == ItemState.DONE and found.get(item.element) not in ("here", "late"):
            found[item.element] = "done"
    for element in instance.deviations.exclude(element="").values_list("element", flat=True):
        if found.get(element) == "done":
            found[element] = "deviation"
    return [{"element": element, "kind": kind} for element, kind in found.items()]


def often_deviated(*, process_id: int, actor: Actor, at_least: int = 3) -> list[dict[str, Any]]:
    """Steps that are left out, done ahead or given away often in the territory, against how often they were reached, and steps
    that are often added under the same name (`name`, without an element), against the instances: candidates for a better
    standard. `title` says the kind in the reader's language."""
    seen = Instance.objects.visible_to(actor).filter(process=process_id).values("pk")
    counted = (
        Deviation.objects.filter(instance__in=seen).exclude(element="")
        .values("element", "kind").annotate(number=Count("pk")).filter(number__gte=at_least).order_by("-number")
    )  # fmt: skip
    reached = dict(
        WorkItem.objects.filter(instance__in=seen).exclude(element="").values_list("element")
        .annotate(Count("pk"))
    )  # fmt: skip
    added = (
        Deviation.objects.filter(instance__in=seen, kind=Deviation.Kind.ADD, item__isnull=False)
        .values("kind", name=F("item__name")).annotate(number=Count("pk")).filter(number__gte=at_least)
        .order_by("-number", "name")[:MOST_ADDED]
    )  # fmt: skip
    found = [row | {"name": "", "reached": reached.get(row["element"], 0)} for row in counted]
    if added:
        found += [row | {"element": "", "reached": seen.count()} for row in added]
    titles = dict(Deviation.Kind.choices)
    return [row | {"title": str(titles[str(row["kind"])])} for row in found]


def begun_by(kind: str, name: str) -> list[Process]:
    """The processes whose published version begins with a message or signal of this name."""
    rows = Version.objects.filter(
        state=State.PUBLISHED, process__kind=Kind.PROCESS, process__retired_at=None
    ).select_related("process")
    return [
        row.process for row in rows.defer("xml")
        if any(one.event == kind and one.refers_to == name for one in compiled_of(row.pk).diagram.starts)
    ]  # fmt: skip


def history_of(items: Iterable[WorkItem]) -> list[WorkItem]:
    """The items of an instance as they came, those of the platform too."""
    return sorted(items, key=lambda item: (item.opened_at, item.pk))


def is_automatic(item: WorkItem) -> bool:
    """Whether the platform does it."""
    return item.kind == ItemKind.AUTOMATIC


def file_for(actor: Actor, pk: int) -> File | None:
    """A file at an instance of which one sees an item or, with `work.see`, the whole; None for any other."""
    row = File.objects.select_related("instance").filter(pk=pk).first()
    if row is None:
        return None
    own = WorkItem.objects.visible_to(actor).filter(instance=row.instance_id).exists()
    whole = actor.may("work.see") and Instance.objects.visible_to(actor).filter(pk=row.instance_id).exists()
    return row if own or whole else None


def answers_of(item: WorkItem, *, language: str) -> list[tuple[str, str, str]]:
    """What was filled in: (the title of the field, the answer in words, where it leads, "" for nowhere)."""
    node = node_of(item)
    fields = {one.name: one for one in (node.fields if node else ())}
    found = []
    for name, value in item.values.items():
        field = fields.get(name)
        text, url = _said(field, value, language=language)
        found.append((field.title.said(language) if field else name, text, url))
    return found


def _said(field: Field | None, value: Any, *, language: str) -> tuple[str, str]:
    if field is None:
        return str(value), ""
    if field.kind == "file" and isinstance(value, dict):
        return str(value.get("name", "")), f"/work-files/{value.get('id')}/"
    if field.kind == "person":
        return str(Staff.objects.filter(username=value).first() or value), ""
    if field.kind == "account":
        row = Account.objects.filter(key=value).first()
        return (row.name, f"/accounts/{row.pk}/") if row else (str(value), "")
    titles = {choice.value: choice.title.said(language) for choice in field.choices}
    values = value if isinstance(value, list) else [value]
    return listed(titles.get(str(one), one) for one in values), ""


def seconds_due(staff_ids: Iterable[int], *, before: datetime, usual: int) -> dict[int, int]:
    """Work time of what waits on each bench and is due before a moment, or has no due time: what whoever put it there
    expects, else the effort of the same step in the mean so far, `usual` seconds where that is not known."""
    rows = WorkItem.objects.waiting().filter(assignee__in=list(staff_ids)).exclude(due_at__gte=before)
    open_ones = list(
        rows.values_list("assignee_id", "instance__process_id", "element")
        .annotate(
            number=Count("pk", filter=Q(effort_seconds=None)), expected=Coalesce(Sum("effort_seconds"), 0)
        )
        .order_by()
    )
    took = {
        (process, element): mean
        for process, element, mean in WorkItem.objects.filter(
            state=ItemState.DONE, effort_seconds__isnull=False, instance__process__in={row[1] for row in open_ones},
            element__in={row[2] for row in open_ones},
        ).values_list("instance__process_id", "element").annotate(mean=Avg("effort_seconds")).order_by()
    }  # fmt: skip
    found: dict[int, int] = {}
    for staff, process, element, number, expected in open_ones:
        known = expected + round(number * took.get((process, element), usual))
        found[staff] = found.get(staff, 0) + known
    return found


def last_done_for() -> dict[int, datetime]:
    """When the last item about each account was done by somebody; accounts without one are absent."""
    rows = WorkItem.objects.filter(state=ItemState.DONE, account__isnull=False).exclude(
        kind=ItemKind.AUTOMATIC
    )
    return {
        account: last
        for account, last in rows.values_list("account_id").annotate(Max("done_at")).order_by()
        if last
    }

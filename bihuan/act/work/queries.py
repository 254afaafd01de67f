"""Reads of work: how an item stands, what its instance has been through, how much waits for somebody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from bihuan.act.bpmn import Diagram, Node
from bihuan.act.processes.models import Kind, Process, State, Version
from bihuan.act.processes.queries import compiled_of
from bihuan.act.work.models import Deviation, Instance, ItemKind, ItemState, WorkItem
from bihuan.act.work.models.items import WAITING
from bihuan.base.access import Actor

#: Before this share of the time limit is left, the clock is green; then amber, and red when it is over.
SOON = 0.25


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
    own = rows.of(actor).aggregate(mine=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
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


def often_deviated(*, process_id: int, at_least: int = 3) -> list[dict[str, Any]]:
    """Steps that are left out or given away often, against how often they were reached: candidates for a better standard."""
    counted = (
        Deviation.objects.filter(instance__process=process_id).exclude(element="")
        .values("element", "kind").annotate(number=Count("pk")).filter(number__gte=at_least).order_by("-number")
    )  # fmt: skip
    reached = dict(
        WorkItem.objects.filter(instance__process=process_id).exclude(element="").values_list("element")
        .annotate(Count("pk"))
    )  # fmt: skip
    return [row | {"reached": reached.get(row["element"], 0)} for row in counted]


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

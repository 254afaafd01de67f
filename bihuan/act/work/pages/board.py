"""The board: the items of a list as cards in columns; moving a card takes, gives or puts back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.act.bpmn.diagram import HUMAN
from bihuan.act.processes.models import State, Version
from bihuan.act.processes.queries import compiled_of
from bihuan.act.processes.roles import role_title
from bihuan.act.work import actions
from bihuan.act.work.actions.picking import is_number
from bihuan.act.work.models import WorkItem
from bihuan.act.work.models.items import overdue
from bihuan.act.work.pages.marks import CLOCK_KINDS, CLOCKS, page_of
from bihuan.act.work.queries import clock_of
from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import Undo, done, refusals_at, undoable
from bihuan.base.ui.lists import Listing
from bihuan.know.staff.models import Staff

#: So many cards of a column are drawn; what is beyond them is counted.
MOST_CARDS = 30
#: Further than this nobody counts: it is "1,000+".
MOST_COUNTED = 1_000
MOST_PEOPLE = 12
WEEK = timedelta(days=7)
BY = {
    "time": gettext_lazy("By due time"), "role": gettext_lazy("By role"), "person": gettext_lazy("By person"),
    "step": gettext_lazy("By step"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A column before its cards are read. `drop` is where a card goes that is let fall here: "me", "queue", "staff:7" or ""
    for nowhere."""

    title: str
    rows: Any
    drop: str = ""
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Card:
    """One item as a card; `at` is where it lies, in the words of `Lane.drop`."""

    item: WorkItem
    url: str
    clock: Any
    clock_kind: str
    due_at: datetime | None
    who: str
    at: str
    may_take: bool
    may_return: bool
    may_give: bool


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A column with its cards."""

    title: str
    drop: str
    kind: str
    count: int
    cards: Sequence[Card]

    @property
    def more(self) -> int:
        """How many it holds beyond its cards."""
        return self.count - len(self.cards)

    @property
    def beyond(self) -> bool:
        """Whether there are more than anybody counts."""
        return self.count > MOST_COUNTED


def board_of(listing: Listing, *, default: str, own: bool, at: datetime) -> dict[str, Any]:
    """What the template of the board needs: the columns with their cards, and the ways to group. `own`: the items are the
    reader's and those of their queues, which indexes find."""
    actor, rows = listing.actor, listing.found.order_by("due_at", "pk")
    process = _one_process(listing)
    known = {
        "time": True, "role": True, "person": actor.may("work.see"), "step": process is not None,
    }  # fmt: skip
    asked = listing.params.get("by", "")
    by = asked if known.get(asked) else default
    lanes = {
        "time": lambda: by_time(rows, actor=actor if own else None, at=at),
        "role": lambda: by_role(rows, actor=actor),
        "person": lambda: by_person(rows, actor=actor),
        "step": lambda: by_step(rows, process=process),
    }[by]()
    ways = [(name, title, listing.query(by=name, page=None)) for name, title in BY.items() if known[name]]
    return {
        "stacks": [_stack(lane, actor=actor, at=at) for lane in lanes],
        "by": by,
        "ways": ways,
        "most_counted": MOST_COUNTED,
    }


def _one_process(listing: Listing) -> int | None:
    chosen = [one for one in listing.params.getlist("process") if is_number(one)]
    return int(chosen[0]) if len(chosen) == 1 else None


def day_starts(at: datetime) -> datetime:
    """The first moment of the day in the organisation's zone."""
    return timezone.make_aware(datetime.combine(timezone.localdate(at), time.min))


def by_time(rows: Any, *, actor: Actor | None, at: datetime) -> list[Lane]:
    """What may be taken, and by when it is due what the actor has, or what anybody has."""
    tomorrow = day_starts(at) + timedelta(days=1)
    held, open_ones = rows.exclude(assignee=None), rows.filter(assignee=None)
    if actor is not None:
        held = rows.filter(assignee=actor.user_id or 0)
        open_ones = open_ones.filter(role__in=[str(role) for role in actor.roles])
    stands = Q(left_seconds__isnull=False)
    bounds = {
        "late": (_("Overdue"), overdue(at)),
        "today": (pgettext("day", "Today"), ~stands & Q(due_at__gte=at, due_at__lt=tomorrow)),
        "week": (_("Next seven days"), ~stands & Q(due_at__gte=tomorrow, due_at__lt=tomorrow + WEEK)),
        "later": (_("Later"), ~stands & Q(due_at__gte=tomorrow + WEEK)),
        "none": (_("No limit or paused"), stands | Q(due_at=None)),
    }  # fmt: skip
    found = [Lane(title=_("To take"), rows=open_ones, drop="queue")]
    return found + [
        Lane(title=title, rows=held.filter(due), drop="me", kind=kind)
        for kind, (title, due) in bounds.items()
    ]


def by_role(rows: Any, *, actor: Actor) -> list[Lane]:
    """One's own bench, and what waits for each role."""
    roles = sorted({str(role) for role in actor.roles}) if not actor.may("work.see") else _roles_in(rows)
    mine = Lane(title=_("On my bench"), rows=rows.filter(assignee=actor.user_id or 0), drop="me")
    queues = rows.filter(assignee=None)
    return [mine] + [
        Lane(title=role_title(role), rows=queues.filter(role=role), drop="queue") for role in roles
    ]


def _roles_in(rows: Any) -> list[str]:
    found = rows.filter(assignee=None).exclude(role="").order_by().values_list("role", flat=True).distinct()
    return sorted(found)


def by_person(rows: Any, *, actor: Actor) -> list[Lane]:
    """What nobody has, one's own, and those who have most."""
    busy = (
        rows.exclude(assignee=None)
        .order_by()
        .values_list("assignee")
        .annotate(n=Count("pk"))
        .order_by("-n", "assignee")
    )
    numbers = list(dict.fromkeys([actor.user_id, *(pk for pk, _n in busy[:MOST_PEOPLE])]))
    names = Staff.objects.in_bulk([pk for pk in numbers if pk is not None])
    found = [
        Lane(title=pgettext("has the work item", "Nobody"), rows=rows.filter(assignee=None), drop="queue")
    ]
    return found + [
        Lane(title=str(names[pk]), rows=rows.filter(assignee=pk), drop="me" if pk == actor.user_id else f"staff:{pk}")
        for pk in numbers if pk in names
    ]  # fmt: skip


def by_step(rows: Any, *, process: int | None) -> list[Lane]:
    """The steps of a process that people do, in the order in which they are drawn; then what its drawing does not have."""
    version = Version.objects.filter(process=process, state=State.PUBLISHED).order_by("-number").first()
    language = get_language() or ""
    nodes = compiled_of(version.pk).diagram.nodes.values() if version else []
    drawn = [node for node in nodes if node.kind in HUMAN]
    found = [Lane(title=node.named(language), rows=rows.filter(element=node.id)) for node in drawn]
    other = rows.exclude(element__in=[node.id for node in drawn])
    return [*found, Lane(title=_("Other steps"), rows=other)] if other.exists() else found


def _stack(lane: Lane, *, actor: Actor, at: datetime) -> Stack:
    cards = [card_of(item, actor=actor, at=at) for item in lane.rows[: MOST_CARDS + 1]]
    many = len(cards) > MOST_CARDS
    count = lane.rows.order_by().values("pk")[: MOST_COUNTED + 1].count() if many else len(cards)
    return Stack(title=lane.title, drop=lane.drop, kind=lane.kind, count=count, cards=cards[:MOST_CARDS])


def card_of(item: WorkItem, *, actor: Actor, at: datetime) -> Card:
    """An item as its card, with what the reader may do with it."""
    clock, holder = clock_of(item, at=at), item.assignee_id
    mine = holder is not None and holder == actor.user_id
    theirs = mine or actor.may("work.manage") or (holder is None and item.role in actor.roles)
    return Card(
        item=item, url=page_of(item), clock=CLOCKS[clock.kind], clock_kind=CLOCK_KINDS[clock.kind], due_at=clock.due_at,
        who=str(item.assignee) if item.assignee else role_title(item.role),
        at="queue" if holder is None else "me" if mine else f"staff:{holder}",
        may_take=theirs and holder is None and actor.user_id is not None,
        may_return=theirs and holder is not None and bool(item.role), may_give=theirs,
    )  # fmt: skip


@allow("work.do")
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """A card was moved: `item`, `to` as in `Lane.drop`, and `back`, the page to return to without a script."""
    actor, back = actor_of(request), request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("work:bench")
    number = request.POST.get("item", "")
    rows: QuerySet[WorkItem] = WorkItem.objects.visible_to(actor).select_related("instance__process")
    item = get_object_or_404(rows, pk=int(number) if is_number(number) else 0)
    before = item.assignee_id
    with refusals_at(back, stay="list-changed"):
        text = _move(item, request.POST.get("to", ""), by=actor, at=timezone.now())
    item.refresh_from_db()
    way_back = Undo(name="work.move", args={"item": item.pk, "before": before, "after": item.assignee_id})
    return done(request, text, to=back, undo=way_back, stay="list-changed")


def _move(item: WorkItem, to: str, *, by: Actor, at: datetime) -> str:
    if to == "me":
        if item.assignee_id in (None, by.user_id):
            actions.claim(item=item, by=by, at=at)
        else:
            actions.delegate(item=item, to=Staff.objects.get(pk=by.user_id or 0), by=by, at=at)
        return _("“%(step)s” lies on your bench.") % {"step": item}
    if to == "queue":
        actions.give_back(item=item, by=by, at=at)
        return _("“%(step)s” is back in the queue.") % {"step": item}
    kind, _colon, number = to.partition(":")
    who = Staff.objects.filter(pk=int(number)).first() if kind == "staff" and is_number(number) else None
    if who is None:
        raise ValidationError({"to": _("There is no such place on the board.")})
    actions.delegate(item=item, to=who, by=by, at=at)
    return _("“%(step)s” lies on the bench of %(who)s.") % {"step": item, "who": who}


@undoable("work.move", permission="work.do")
def move_back(*, by: Actor, at: datetime, item: int, before: int | None, after: int | None) -> str:
    """Where it lay before, when nobody has moved it since."""
    row = get_object_or_404(WorkItem, pk=item)
    actions.put_where_it_was(item=row, before=before, after=after, by=by, at=at)
    return _("“%(step)s” lies where it lay before.") % {"step": row}

"""Lines get a day within the hours of whoever leads them; somebody moves one to another day."""

from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.act.plan.events import PlanLineChanged
from bihuan.act.plan.models import LineState, PlanLine, PlanState, WeekPlan
from bihuan.act.plan.rules import Load, laid_out
from bihuan.act.plays.queries import item_of
from bihuan.act.work.actions import due_by
from bihuan.act.work.models import WorkItem
from bihuan.base.access import Actor
from bihuan.base.bus import publish


def lay_out(plan: WeekPlan) -> None:
    """In the caller's transaction: a day for every planned line without one, the worthiest first."""
    lines = list(plan.lines.planned().prefetch_related("parts").order_by("-worth", "pk"))
    known = plan.figures.get("people", {})
    new = []
    for person in {line.person_id for line in lines if line.day is None}:
        mine = [line for line in lines if line.person_id == person]
        found = laid_out(
            [Load(id=line.pk, minutes=_minutes(line), day=line.day) for line in mine],
            free={
                date.fromisoformat(day): n for day, n in known.get(str(person), {}).get("days", {}).items()
            },
        )
        for line in mine:
            if line.day is None and line.pk in found:
                line.day = found[line.pk]
                new.append(line)
    PlanLine.objects.bulk_update(new, ["day"], batch_size=500)


def _minutes(line: PlanLine) -> int:
    """Of whoever leads it."""
    return sum(part.minutes for part in line.parts.all() if part.person_id == line.person_id)


def end_of(day: date) -> datetime:
    """The last minute of a day: when what is done on it is due."""
    return timezone.make_aware(datetime.combine(day, time(23, 59)))


@transaction.atomic
def lay_line(*, line: PlanLine, day: date, by: Actor, at: datetime) -> PlanLine:
    """Do it on another day of its week; by a manager, or by whoever leads it. A draft's line is locked by it, a published one's
    work item is due then. ValidationError for a day outside the week and for what was dropped."""
    row = PlanLine.objects.select_for_update().select_related("plan").get(pk=line.pk)
    if not by.may("plan.edit") and row.person_id != by.user_id:
        raise PermissionDenied(_("Somebody else leads this."))
    if row.state != LineState.PLANNED:
        raise ValidationError(_("This line was dropped."))
    if not row.plan.monday <= day < row.plan.monday + timedelta(days=7):
        raise ValidationError({"day": _("%(day)s is not in this week.") % {"day": day.isoformat()}})
    if row.day == day:
        return row
    row.day = day
    row.locked = row.locked or row.plan.state == PlanState.DRAFT
    row.save(update_fields=["day", "locked"])
    if row.run_id is not None:
        date_item(item_of(row.run_id), day=day, by=by, at=at)
    fact = PlanLineChanged(
        plan_id=row.plan_id, line_id=row.pk, account_id=row.account_id, what="laid", person_id=row.person_id
    )
    publish(fact, by=by, at=at)
    return row


def date_item(number: int | None, *, day: date, by: Actor, at: datetime) -> None:
    """The item on the bench that asks for a run is due on that day, if it still waits."""
    item = WorkItem.objects.waiting().filter(pk=number or 0).first()
    if item is not None:
        due_by(item=item, due_at=end_of(day), by=by, at=at)

"""A draft becomes work, and a draft again as long as nobody has begun."""

from datetime import datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.act.plan.actions.days import date_item
from bihuan.act.plan.actions.solving import must_be_draft
from bihuan.act.plan.events import WeekPublished, WeekTakenBack
from bihuan.act.plan.models import PlanLine, PlanState, WeekPlan, origin_of
from bihuan.act.plan.noticing import tell_of_the_week
from bihuan.act.plays.actions import propose_play, withdraw_run
from bihuan.act.plays.queries import Against, results_of, standings_by_number
from bihuan.base.access import Actor
from bihuan.base.bus import publish

#: States of a run that nobody has begun.
NOT_BEGUN = ("proposed",)


@transaction.atomic
def publish_week(*, plan: WeekPlan, by: Actor, at: datetime) -> tuple[int, list[PlanLine]]:
    """Propose the play of every line to whoever leads it, due on its day; the proposal waits until the end of the week: (how
    many runs there are now, the lines whose play is not for the account any more – met meanwhile, goal true, held out –, which
    stay without a run). How many plays an account gets in the week is the plan's own rule. ValidationError for a published or
    an empty week."""
    plan = WeekPlan.objects.select_for_update().get(pk=plan.pk)
    must_be_draft(plan)
    lines = list(plan.lines.planned().select_related("account"))
    if not lines:
        raise ValidationError(_("There is nothing to publish: solve the week, or add a line."))
    plan.round += 1
    due = timezone.make_aware(datetime.combine(plan.monday + timedelta(days=5), time()))
    standings = standings_by_number({line.play_id for line in lines}, day=timezone.localdate(at))
    refused, items = [], {}
    for line in lines:
        try:
            with transaction.atomic():
                run = propose_play(
                    play_id=line.play_id, account_id=line.account_id, assignee_id=line.person_id, by=by, at=at,
                    origin=f"{origin_of(plan)}{line.pk}", due_at=due,
                    of_callers=[Against.WEEK], standings=standings,
                )  # fmt: skip
        except ValidationError:
            refused.append(line)
        else:
            line.run_id = run.pk
            if run.item:
                items[run.item] = run.assignee_id
                if line.day is not None:
                    date_item(run.item, day=line.day, by=by, at=at)
    PlanLine.objects.bulk_update(lines, ["run_id"], batch_size=500)
    plan.state, plan.published_at, plan.published_by_name = PlanState.PUBLISHED, at, by.name
    plan.save(update_fields=["state", "published_at", "published_by_name", "round"])
    tell_of_the_week(items, monday=plan.monday, by=by, at=at)
    runs = len(lines) - len(refused)
    publish(WeekPublished(plan_id=plan.pk, monday=plan.monday.isoformat(), runs=runs), by=by, at=at)
    return runs, refused


@transaction.atomic
def take_back(*, plan: WeekPlan, by: Actor, at: datetime) -> int:
    """Make a published week a draft again and withdraw its runs; how many. ValidationError once somebody has begun."""
    plan = WeekPlan.objects.select_for_update().get(pk=plan.pk)
    if plan.state != PlanState.PUBLISHED:
        raise ValidationError(_("This week is a draft."))
    found = results_of(origin_of(plan))
    begun = [one for one in found if one.state not in NOT_BEGUN or one.minutes_spent]
    if begun:
        raise ValidationError(
            _("Somebody has begun: %(n)d of %(all)d.") % {"n": len(begun), "all": len(found)}
        )
    for one in found:
        withdraw_run(run_id=one.run_id, by=by, at=at)
    plan.lines.update(run_id=None)
    plan.state, plan.published_at, plan.published_by_name = PlanState.DRAFT, None, ""
    plan.save(update_fields=["state", "published_at", "published_by_name"])
    publish(WeekTakenBack(plan_id=plan.pk, monday=plan.monday.isoformat(), runs=len(found)), by=by, at=at)
    return len(found)

"""Plays of the simulated company: switched on months ago with a hold-out, they met customers, were confirmed, declined and done
by its staff, so that outcomes and the plan against its result have something to show.

Everything goes through the doors that people use, with the clock of the story passed in; one seed gives one story. What the
first play does is planted (docs/SIMULATION.md), the others do nothing. From the third on they are for the weekly plan.
"""

import random
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from bihuan.act.plan.actions import change_settings, publish_week, solve_week
from bihuan.act.plan.models import origin_of
from bihuan.act.plan.queries import monday_of, plan_of, settings_of_plan
from bihuan.act.plays.actions import (
    add_play,
    carry_due,
    confirm_run,
    decline_run,
    look_for_plays,
    note_expired,
    note_minutes,
    switch_play,
    watch_goals,
)
from bihuan.act.plays.models import Arm, PlayRun, State
from bihuan.act.work.actions import complete
from bihuan.act.work.models import WorkItem
from bihuan.act.work.models.items import WAITING
from bihuan.base.access import Actor, system_actor
from bihuan.base.notices.models import Notice
from bihuan.capture.sources.actions import get_or_add_import_source
from bihuan.capture.store import get_store
from bihuan.config.simulation.load import SOURCE_CODE
from bihuan.know.accounts.models import Account, Membership
from bihuan.know.products.models import Product

SYSTEM = system_actor("simulation")
WEEKS, EVERY = 16, 4
CONFIRMED, DECLINED, DONE = 0.8, 0.14, 0.9
#: So much of this week's plan somebody has looked at.
BEGUN = 0.4
#: The chance to do what the first play is for, without it and after it was done.
GOAL, WITHOUT, WITH = "training_finished", 0.20, 0.55
#: So much of its working time the team had for plays in the weeks that were planned, last week and this one, in percent.
PRACTICAL = {1: 6, 0: 30}
REASONS = ("客户近期已沟通过", "客户在休假，下月再说", "合同谈判中，暂不打扰")
PLAYS: tuple[dict[str, Any], ...] = (
    {
        "key": "idle_seats_training", "name": "Training for idle seats", "name_zh": "闲置席位培训",
        "about": "Customers of eighty people and more who use less than half of their seats: invite their teams to a training.",
        "about_zh": "八十人以上且席位使用不足一半的客户：邀请团队参加培训。",
        "trigger": {"kind": "segment", "segment": "m.seats_active < 0.5 && account.size >= 80"},
        "audience": "m.seats_active < 0.5 && account.size >= 80",
        "steps": [{"kind": "task", "title": "Invite the team to a training", "title_zh": "邀请团队参加培训"}],
        "goal": {"event": [GOAL], "title": "Training finished", "title_zh": "完成培训"}, "window": 28, "rest": 180,
        "hold_out": 30, "minutes": {"operator": 30}, "assumed_effect": Decimal("0.1"), "worth": Decimal("0.15"),
    },
    {
        "key": "use_falls_call", "name": "Call when use falls", "name_zh": "使用下降回访",
        "about": "Use fell by a seventh against its own past: ask why.",
        "about_zh": "使用量较自身下降七分之一以上：致电了解原因。",
        "trigger": {"kind": "segment", "segment": "m.usage_trend < -0.15 && account.tier != 'C'"},
        "audience": "m.usage_trend < -0.15 && account.tier != 'C'",
        "steps": [{"kind": "task", "title": "Call: what changed?", "title_zh": "致电了解变化原因"}],
        "goal": {"rule": "m.usage_trend >= 0.0", "title": "Use no longer falls", "title_zh": "使用量止跌回升"}, "window": 28,
        "rest": 90, "hold_out": 30, "minutes": {"operator": 20}, "assumed_effect": Decimal("0.08"), "worth": Decimal("0.2"),
    },
    {
        "key": "business_review", "name": "Business review", "name_zh": "业务回顾",
        "about": "Planned by hand or by the weekly plan: what they reached with us, and what comes next.",
        "about_zh": "手动或由每周计划安排：回顾客户取得的成果，商定下一步。",
        "trigger": {"kind": "manual"}, "audience": "account.tier == 'S' || account.tier == 'A'",
        "steps": [{"kind": "task", "title": "Hold the business review", "title_zh": "开展业务回顾"}],
        "goal": {"event": ["member_invited"], "title": "Colleagues invited", "title_zh": "邀请了同事"}, "window": 60,
        "rest": 180, "hold_out": 10, "minutes": {"sales": 45}, "assumed_effect": Decimal("0.06"), "worth": Decimal("0.3"),
    },
    {
        "key": "first_hand_help", "name": "Show the next feature", "name_zh": "功能深用辅导",
        "about": "Planned week by week: half an hour with the heaviest user on what they do not use yet.",
        "about_zh": "由每周计划安排：用半小时带核心用户用起尚未使用的功能。",
        "trigger": {"kind": "manual"}, "audience": "m.features <= 6.0 && account.stage != 'lost'",
        "steps": [{"kind": "task", "title": "Show the next feature", "title_zh": "带客户用起下一个功能"}],
        "goal": {"event": ["report_exported"], "title": "A report exported", "title_zh": "导出了报表"}, "window": 28,
        "rest": 120, "hold_out": 10, "minutes": {"operator": 30}, "assumed_effect": Decimal("0.08"), "worth": Decimal("0.2"),
    },
    {
        "key": "service_call_back", "name": "Ask how the help was", "name_zh": "服务回访",
        "about": "Planned week by week: customers with low ratings are called by whoever answered them.",
        "about_zh": "由每周计划安排：评分偏低的客户由服务人员回访。",
        "trigger": {"kind": "manual"}, "audience": "m.satisfaction < 4.0 && account.stage != 'lost'",
        "steps": [{"kind": "task", "title": "Call and close the loop", "title_zh": "致电回访，闭环问题"}],
        "goal": {"rule": "m.satisfaction >= 4.0", "title": "Satisfied again", "title_zh": "满意度恢复"}, "window": 60,
        "rest": 120, "hold_out": 10, "minutes": {"service": 20}, "assumed_effect": Decimal("0.07"), "worth": Decimal("0.25"),
    },
)  # fmt: skip


def play_plays(*, seed: int, at: datetime) -> int:
    """Let the plays run until `at`, and plan and publish the week before and this one; how many runs there are. Nothing when
    there are no simulated accounts, or when some play has run already."""
    if PlayRun.objects.exists() or not Account.objects.filter(simulated=True).exists():
        return 0
    story = _Story(seed=seed, now=at)
    story.switch_on()
    for back in range(WEEKS, 0, -EVERY):  # who is met this month is planned
        story.look(story.monday - timedelta(weeks=back))
    for back in (1, 0):
        story.plan_week(back)
    watch_goals(by=SYSTEM, at=at)
    Notice.objects.filter(read_at=None, at__lt=at - timedelta(days=3)).update(read_at=at)
    return PlayRun.objects.count()


class _Story:
    """Looks every fourth Monday morning; what people do about it falls into the days after."""

    def __init__(self, *, seed: int, now: datetime) -> None:
        self.rng, self.now = random.Random(f"plays-{seed}"), now
        self.monday = timezone.make_aware(datetime.combine(monday_of(timezone.localdate(now)), time(9)))
        product = Product.objects.order_by("pk").first()
        self.source = get_or_add_import_source(
            code=SOURCE_CODE, name="Simulated company", product=product, by=SYSTEM, at=now
        ).pk
        rows = Membership.objects.order_by().values_list("account_id").annotate(first=Min("person_id"))
        self.person = dict(rows)

    def switch_on(self) -> None:
        """All, a day before the first look."""
        start = self.monday - timedelta(weeks=WEEKS, days=1)
        for fields in PLAYS:
            switch_play(play=add_play(by=SYSTEM, at=start, **fields), on=True, by=SYSTEM, at=start)

    def look(self, moment: datetime) -> None:
        """Goals and late proposals first, then whom the plays meet, and what becomes of them."""
        if moment > self.now:
            return
        watch_goals(by=SYSTEM, at=moment)
        note_expired(by=SYSTEM, at=moment)
        look_for_plays(by=SYSTEM, at=moment)
        runs = (
            PlayRun.objects.filter(opened_at=moment)
            .select_related("play", "account", "assignee")
            .order_by("pk")
        )
        last = moment + timedelta(days=4) > self.now
        self.decide([run for run in runs if run.arm == Arm.TREATED], moment=moment, most=0.5 if last else 1.0)
        self.plant(list(runs), moment=moment)

    @transaction.atomic
    def decide(self, runs: Sequence[PlayRun], *, moment: datetime, most: float = 1.0) -> None:
        """A share of them is decided within hours, and mostly done the next day."""
        for run in runs:
            if self.rng.random() > most:
                continue
            when, chance, by = self.later(moment, hours=6), self.rng.random(), self.by(run)
            if chance < CONFIRMED:
                confirm_run(run=run, by=by, at=when)
            elif chance < CONFIRMED + DECLINED:
                decline_run(run=run, reason=self.rng.choice(REASONS), by=by, at=when)
        carried = min(moment + timedelta(hours=7), self.now)
        carry_due(at=carried)
        steps = {
            step: run for run in runs for step in run.steps.values_list("instance_id", flat=True) if step
        }
        for item in (
            WorkItem.objects.filter(instance__in=steps, state__in=WAITING)
            .select_related("assignee")
            .order_by("pk")
        ):
            run = steps[item.instance_id]
            if self.rng.random() < DONE:
                when = self.later(carried, hours=1.5)
                complete(item=item, values={}, by=self.by(run), at=when)
                note_minutes(run=run, minutes=self.rng.randrange(5, 30), by=self.by(run), at=when)

    def later(self, moment: datetime, *, hours: float) -> datetime:
        """Within so many hours, and not ahead of now."""
        return min(moment + timedelta(hours=hours * self.rng.random()), self.now)

    def by(self, run: PlayRun) -> Actor:
        """Whoever it lies with."""
        return run.assignee.actor() if run.assignee is not None else SYSTEM

    def plant(self, runs: Sequence[PlayRun], *, moment: datetime) -> None:
        """Events of the first play's goal: more often where it was carried out."""
        events = []
        for run in runs:
            chance, day = self.rng.random(), moment + timedelta(days=2 + 20 * self.rng.random())
            run.refresh_from_db(fields=["state"])
            began = run.arm == Arm.TREATED and run.state == State.RUNNING
            if run.play.key == PLAYS[0]["key"] and chance < (WITH if began else WITHOUT) and day <= self.now:
                events.append((run, day))
        if not events:
            return
        size, person = len(events), [self.person.get(run.account_id) for run, _day in events]
        days = pa.array([day for _run, day in events], pa.timestamp("us", "UTC"))
        appended = get_store().append(
            pa.table({
                "event_id": [f"play-{run.account_id}-{day:%Y%m%d}" for run, day in events],
                "source_id": pa.array([self.source] * size, pa.int32()), "name": [GOAL] * size, "ts": days,
                "received_at": days, "distinct_id": [f"play-{one}" for one in person],
                "person_id": pa.array(person, pa.int64()),
                "account_id": pa.array([run.account_id for run, _day in events], pa.int64()),
                "product_id": pa.array([None] * size, pa.int32()), "props": ["{}"] * size,
            }),
            chunk_key=f"plays-{moment:%Y%m%d}",
        )  # fmt: skip
        get_store().wait_applied(appended.seq, timeout=600)

    def plan_week(self, back: int) -> None:
        """Planned on the Sunday before, published; last week's is done in part, this week's is begun."""
        start = self.monday - timedelta(weeks=back)
        monday, sunday = start.date(), start - timedelta(hours=13)
        told = settings_of_plan().practical
        change_settings(practical=PRACTICAL[back], by=SYSTEM, at=sunday)
        solve_week(monday=monday, by=SYSTEM, at=sunday)
        change_settings(practical=told, by=SYSTEM, at=sunday)
        plan = plan_of(monday)
        if plan is None or not plan.lines.planned().exists():
            return
        publish_week(plan=plan, by=SYSTEM, at=sunday + timedelta(hours=1))
        plan.refresh_from_db()
        runs = (
            PlayRun.objects.filter(origin__startswith=origin_of(plan))
            .select_related("play", "account", "assignee")
            .order_by("pk")
        )
        moment = start + timedelta(days=2) if back else start
        if moment < self.now:
            self.decide(list(runs), moment=moment, most=1.0 if back else BEGUN)

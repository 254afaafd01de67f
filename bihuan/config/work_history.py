"""Work of the simulated company: shipped processes that were started over the last weeks and done by its staff, late,
escalated, skipped and waiting, so that benches, instances and mining have something to show.

Everything goes through the doors that people use, with the clock of the story passed in; one seed gives one story."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Min

from bihuan.act.bpmn import Field, Node
from bihuan.act.processes.models import Process, State
from bihuan.act.processes.queries import compiled_of
from bihuan.act.processes.shipped import ship
from bihuan.act.work import actions
from bihuan.act.work.actions.placing import serves
from bihuan.act.work.models import Alarm, Instance, ItemKind, Listening, WorkItem
from bihuan.act.work.models.items import WAITING
from bihuan.base.access import Actor, system_actor
from bihuan.base.calendars import add_service_time, service_time_between
from bihuan.base.calendars.queries import calendar_for
from bihuan.base.notices.models import Notice
from bihuan.know.absences.actions import enter_absence
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff

WEEKS = 8
#: process → how often it is started, against the others
OFTEN = {
    "customer_service": 10, "customer_visit": 6, "onboarding": 4, "renewal": 4, "product_issue": 4, "contract_signing": 3,
    "churn_rescue": 3, "training": 2, "demand": 2, "settlement": 2, "meeting": 1,
}  # fmt: skip
SKIPPED, GIVEN_ON, SAID, LEFT = 0.04, 0.03, 0.10, 0.03
READ_AFTER = timedelta(days=3)
WORDS = (
    "已与客户确认",
    "资料齐全，按计划进行",
    "客户希望下周再约",
    "原因已查明，正在处理",
    "已同步给项目组",
    "无特殊情况",
)
REASONS = ("客户已自行完成", "资料之前已收集", "客户要求加急", "负责人出差")
#: Steps that a story has at most; a process that turns in a circle is left alone then.
MOST_STEPS = 60


def play(*, instances: int, seed: int, at: datetime) -> int:
    """Play so many instances that end or wait at `at`; how many were started. Nothing when there are no simulated accounts, or
    when some process has run already."""
    if Instance.objects.exists() or not Account.objects.filter(simulated=True).exists():
        return 0
    ship(by=system_actor("library"), at=at)
    story = _Story(seed=seed, now=at)
    story.plan_starts(instances)
    story.run()
    story.plan_an_absence()
    Notice.objects.filter(read_at=None, at__lt=at - READ_AFTER).update(read_at=at)
    return story.started


class _Story:
    """An agenda of moments; what happens next is the earliest of it, or the earliest alarm."""

    def __init__(self, *, seed: int, now: datetime) -> None:
        self.rng, self.now = random.Random(f"work-{seed}"), now
        self.agenda: list[tuple[datetime, int, Any]] = []
        self.order, self.started, self.steps = count(), 0, 0
        self.staff = list(Staff.objects.filter(is_active=True).order_by("pk"))
        self.actors = {one.pk: one.actor() for one in self.staff}
        self.accounts = list(Account.objects.filter(simulated=True).order_by("pk"))
        self.hours, self.planned = calendar_for(), set[int]()
        self.of_account: dict[tuple[str, int | None], list[Staff]] = {}
        self.turns: dict[int, int] = {}

    def plan_starts(self, instances: int) -> None:
        """Over the weeks, more of them lately, within working hours."""
        known = {
            one.key: one for one in Process.objects.filter(key__in=OFTEN, versions__state=State.PUBLISHED)
        }
        keys = [key for key in OFTEN if key in known]
        begin = self.now - timedelta(weeks=WEEKS)
        for n in range(instances):
            passed = ((n + self.rng.random()) / instances) ** 0.6
            moment = begin + timedelta(weeks=WEEKS) * passed
            key = self.rng.choices(keys, [OFTEN[one] for one in keys])[0]
            start = self.after(moment, minutes=self.rng.uniform(0, 60))
            self.then(start, self.start, known[key], self.rng.choice(self.accounts))

    def plan_an_absence(self) -> None:
        """Somebody of service is away next week, and a colleague stands in."""
        having = [one for one in self.staff if "service" in one.roles]
        monday = self.now.date() + timedelta(days=7 - self.now.weekday())
        if having:
            enter_absence(
                staff=having[0], first_day=monday, last_day=monday + timedelta(days=4), note="年假",
                deputy=having[1] if len(having) > 1 else None, by=self.actors[having[0].pk], at=self.now,
            )  # fmt: skip

    def then(self, moment: datetime, do: Any, *about: Any) -> None:
        """Do it at that moment, unless that lies ahead of now."""
        if moment <= self.now:
            heappush(self.agenda, (moment, next(self.order), (do, about)))

    def after(self, start: datetime, *, minutes: float) -> datetime:
        """So many working minutes later."""
        return add_service_time(calendar=self.hours, start=start, span=timedelta(minutes=minutes))

    def run(self) -> None:
        """Until now."""
        while True:
            due = Alarm.objects.filter(
                asleep=False, instance__state="running", due_at__lte=self.now
            ).aggregate(first=Min("due_at"))["first"]
            if due is not None and (not self.agenda or due <= self.agenda[0][0]):
                self.ring(due)
            elif self.agenda:
                moment, _n, (do, about) = heappop(self.agenda)
                do(moment, *about)
            else:
                return

    def ring(self, moment: datetime) -> None:
        """The clocks that are due then."""
        rows = Alarm.objects.filter(asleep=False, instance__state="running", due_at=moment)
        for instance in dict.fromkeys(rows.order_by("pk").values_list("instance_id", flat=True)):
            actions.ring(instance_id=instance, by=system_actor("clock"), at=moment)
            self.look(instance, moment)

    def start(self, moment: datetime, process: Process, account: Account) -> None:
        """One instance, by somebody who serves the customer."""
        who = self.somebody("sales", account.pk) or self.somebody("operator", account.pk)
        if who is None:
            return
        version = process.versions.get(state=State.PUBLISHED)
        values = self.answers(compiled_of(version.pk).diagram.start_fields, moment=moment)
        row = actions.start_process(
            process=process, account=account, values=values, by=self.actors[who.pk], at=moment
        )
        self.started += 1
        self.look(row.pk, moment)

    def look(self, instance_id: int, moment: datetime) -> None:
        """Whatever waits now and was not planned yet."""
        rows = WorkItem.objects.filter(instance=instance_id, state__in=WAITING).order_by("pk")
        for item in rows:
            if item.pk in self.planned or self.turns.get(instance_id, 0) > MOST_STEPS:
                continue
            self.planned.add(item.pk)
            self.turns[instance_id] = self.turns.get(instance_id, 0) + 1
            if item.kind == ItemKind.AUTOMATIC:
                self.then(moment + timedelta(seconds=20), self.automatic, item.pk)
                continue
            claimed = self.after(moment, minutes=self.rng.lognormvariate(3.4, 1.0))
            self.then(claimed, self.take, item.pk)
        for heard in Listening.objects.filter(instance=instance_id, kind="message").order_by("pk"):
            if -heard.pk not in self.planned:
                self.planned.add(-heard.pk)
                arrives = self.after(moment, minutes=self.rng.uniform(120, 3_000))
                self.then(arrives, self.message, heard.name, heard.key, instance_id)

    def automatic(self, moment: datetime, item_id: int) -> None:
        """The platform's own step."""
        item = WorkItem.objects.get(pk=item_id)
        actions.run_automatic(item_id=item_id, by=system_actor("processes"), at=moment)
        self.look(item.instance_id, moment)

    def message(self, moment: datetime, name: str, key: str, instance_id: int) -> None:
        """What another program tells."""
        actions.deliver_message(
            name=name, key=key, values={}, once=f"story-{instance_id}-{name}", account=None, by=system_actor("simulation"),
            at=moment,
        )  # fmt: skip
        self.look(instance_id, moment)

    def take(self, moment: datetime, item_id: int) -> None:
        """Somebody takes it, and is done after a while: mostly within its limit, sometimes not."""
        item = WorkItem.objects.select_related("assignee").get(pk=item_id)
        if item.state not in WAITING:
            return
        who = item.assignee or self.somebody(item.role, item.account_id)
        if who is not None and item.assignee is None:
            actions.claim(item=item, by=self.actors[who.pk], at=moment)
        if self.rng.random() < SAID:
            actions.comment(
                instance=item.instance, item=item, text=self.rng.choice(WORDS), by=self.by(who), at=moment
            )
        if self.rng.random() >= LEFT:
            limit = service_time_between(calendar=self.hours, start=item.opened_at, end=item.due_at or moment)
            minutes = max(limit.total_seconds() / 60, 120.0) * self.rng.lognormvariate(-0.7, 0.8)
            self.then(self.after(moment, minutes=minutes), self.finish, item_id, 0)

    def finish(self, moment: datetime, item_id: int, tries: int) -> None:
        """Done; or skipped, or given on, by those who may, with the reason."""
        item = WorkItem.objects.select_related("assignee", "instance").get(pk=item_id)
        if item.state not in WAITING:
            return
        boss, chance = self.somebody("manager", item.account_id), self.rng.random()
        if boss is not None and item.token and chance < SKIPPED:
            actions.skip_step(item=item, reason=self.rng.choice(REASONS), by=self.actors[boss.pk], at=moment)
        elif boss is not None and chance < SKIPPED + GIVEN_ON:
            actions.reassign(
                item=item, to=boss, reason=self.rng.choice(REASONS), by=self.actors[boss.pk], at=moment
            )
            self.then(self.after(moment, minutes=90), self.finish, item_id, tries)
        elif not self.complete(item, moment) and tries < 3:
            self.then(self.after(moment, minutes=60), self.finish, item_id, tries + 1)
        self.look(item.instance_id, moment)

    def complete(self, item: WorkItem, moment: datetime) -> bool:
        """With its form, its check-list and its votes; False when something does not let it pass."""
        node = compiled_of(item.instance.version_id).node(item.element) if item.element else None
        by = self.by(item.assignee)
        try:
            if node is not None and node.work.approval:
                return self.votes(item, node, moment)
            for line in range(len(node.checks) if node else 0):
                actions.tick(item=item, line=line, done=True, by=by, at=moment)
            values = self.answers(node.fields if node else (), moment=moment)
            actions.complete(item=item, values=values, signed=by.name, by=by, at=moment)
        except ValidationError:
            return False
        return True

    def votes(self, item: WorkItem, node: Node, moment: datetime) -> bool:
        """Whoever is asked says yes, mostly."""
        for role in node.work.approvers:
            who = self.somebody(role.removeprefix("role:"), item.account_id)
            item.refresh_from_db()
            if who is not None and item.state in WAITING:
                yes = self.rng.random() < 0.9
                note = "" if yes else "请补充说明"
                actions.vote(
                    item=item, approved=yes, note=note, signed=who.name, by=self.actors[who.pk], at=moment
                )
        item.refresh_from_db()
        return item.state not in WAITING

    def by(self, who: Staff | None) -> Actor:
        """Somebody as the actor; the simulation for those outside."""
        return self.actors[who.pk] if who is not None else system_actor("simulation")

    def somebody(self, role: str, account_id: int | None) -> Staff | None:
        """One with the role who serves the customer."""
        key = (role, account_id)
        if key not in self.of_account:
            having = [one for one in self.staff if role in one.roles]
            self.of_account[key] = [one for one in having if serves(one, account_id=account_id)]
        found = self.of_account[key]
        return self.rng.choice(found) if found else None

    def answers(self, fields: Sequence[Field], *, moment: datetime) -> Mapping[str, Any]:
        """What somebody might fill in; optional ones now and then not."""
        asked = [one for one in fields if one.required or self.rng.random() < 0.6]
        return {one.name: self.answer(one, day=moment.date()) for one in asked}

    def answer(self, field: Field, *, day: date) -> Any:
        """One value that the field takes."""
        if field.kind in ("number", "money"):
            least = float(field.least or 0)
            most = float(field.most or max(least * 2, 100 if field.kind == "number" else 60_000))
            return round(least + (most - least) * self.rng.betavariate(4, 2))
        if field.kind == "date":
            return (day + timedelta(days=self.rng.randint(1, 14))).isoformat()
        if field.kind == "yesno":
            return self.rng.random() < 0.85
        if field.kind in ("choice", "choices"):
            value = self.rng.choice([one.value for one in field.choices])
            return [value] if field.kind == "choices" else value
        if field.kind == "person":
            return self.rng.choice(self.staff).username
        if field.kind == "account":
            return self.rng.choice(self.accounts).key
        return "" if field.kind == "file" else self.rng.choice(WORDS)

"""The heart: an instance is held, its run is moved, and items, clocks and facts follow the tokens."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bihuan.act.bpmn.diagram import AUTOMATIC, Diagram, Node
from bihuan.act.bpmn.running import Awaited, Compiled, Run, Token
from bihuan.act.processes.queries import compiled_of
from bihuan.act.work.actions.placing import alarms_of, assignee_of, due_for
from bihuan.act.work.clocks import surroundings
from bihuan.act.work.events import ProcessEnded, ProcessTold, StepOpened, StepWithdrawn
from bihuan.act.work.models import (
    Alarm,
    Instance,
    InstanceState,
    ItemKind,
    ItemState,
    Listening,
    Tokens,
    Vote,
    WorkItem,
)
from bihuan.act.work.models.items import WAITING
from bihuan.base.access import Actor, system_actor
from bihuan.base.bus import Fact, publish_all
from bihuan.base.jobs import enqueue

#: What a move may change of an instance.
MOVED = ["values", "state", "stuck_at", "stuck_why", "version", "ended_at", "outcome"]


class Move:
    """One change of one instance, inside the transaction of the action that makes it."""

    def __init__(self, instance: Instance, *, by: Actor, at: datetime) -> None:
        self.instance, self.by, self.at = instance, by, at
        self.compiled: Compiled = compiled_of(instance.version_id)
        self._run: Run | None = None
        self._facts: list[Fact] = []
        self._items: list[WorkItem] | None = None

    @classmethod
    def of(cls, instance_id: int, *, by: Actor, at: datetime) -> "Move":
        """Hold an instance until the transaction ends: whoever comes second sees what the first has done."""
        rows = Instance.objects.select_related("version", "process", "tokens").defer(
            "version__xml", "process__about", "process__about_zh"
        )
        if connection.features.has_select_for_update_of:
            rows = rows.select_for_update(of=("self",))
        elif connection.features.has_select_for_update:
            rows = rows.select_for_update()
        return cls(rows.get(pk=instance_id), by=by, at=at)

    @property
    def diagram(self) -> Diagram:
        """The diagram of its version."""
        return self.compiled.diagram

    @property
    def run(self) -> Run:
        """Its tokens, brought back when they are first needed."""
        if self._run is None:
            instance = self.instance
            around = surroundings(version_id=instance.version_id, account_id=instance.account_id, at=self.at)
            self._run = Run.restored(self.compiled, bytes(instance.tokens.state), surroundings=around)
        return self._run

    def begin(self, values: Mapping[str, Any]) -> None:
        """Start the run of an instance that was just written."""
        instance = self.instance
        around = surroundings(version_id=instance.version_id, account_id=instance.account_id, at=self.at)
        self._run = Run.started(self.compiled, values=values, surroundings=around)

    def go_on_with(self, compiled: Compiled, run: Run) -> None:
        """Another version, with the tokens brought over."""
        self.compiled, self._run = compiled, run

    @classmethod
    @contextmanager
    def holding(cls, instance_id: int, *, by: Actor, at: datetime) -> Iterator["Move"]:
        """One transaction: hold the instance, change it, and at the end write the facts of what was changed."""
        with transaction.atomic():
            move = cls.of(instance_id, by=by, at=at)
            yield move
            move.keep()

    def tell(self, fact: Fact) -> None:
        """A fact of this change; all are written together by `keep`."""
        self._facts.append(fact)

    def keep(self) -> None:
        """Write the facts; the last thing an action does in its transaction."""
        publish_all(self._facts, by=self.by, at=self.at)
        self._facts = []

    @property
    def items(self) -> list[WorkItem]:
        """The items that wait, and those of steps that were done ahead; read once."""
        if self._items is None:
            rows = self.instance.items.filter(Q(state__in=WAITING) | Q(token=""))
            self._items = list(rows)
        return self._items

    def node(self, element: str) -> Node:
        """The node of an element, in the diagram or in one that it calls."""
        found: Node = self.compiled.node(element)
        return found

    @property
    def place(self) -> dict[str, Any]:
        """What every fact about this instance says."""
        instance = self.instance
        return {
            "instance_id": instance.pk, "process_key": instance.process.key, "version": instance.version.number,
            "account_id": instance.account_id,
        }  # fmt: skip

    def of_item(self, item: WorkItem) -> dict[str, Any]:
        """What every fact about an item says."""
        return self.place | {
            "item_id": item.pk, "element": item.element, "step": item.name, "role": item.role,
        }  # fmt: skip

    def settle(self) -> list[str]:
        """Let items, clocks and facts follow the tokens, and keep them; returns the elements that were passed."""
        run, instance = self.run, self.instance
        while self._follow({token.id: token for token in run.tokens()}):
            pass
        self._clocks(run.awaited())
        for thrown in run.thrown:
            told = ProcessTold(
                **self.place,
                kind=thrown.kind,
                message=thrown.name,
                key=thrown.key,
                values=dict(thrown.values),
            )
            self.tell(told)
        instance.values = run.values or instance.values
        if instance.state == InstanceState.STUCK:
            instance.state, instance.stuck_at, instance.stuck_why = InstanceState.RUNNING, "", ""
        if run.done:
            self._end(run.ended_at)
        instance.save(update_fields=MOVED)
        if not Tokens.objects.filter(pk=instance.pk).update(state=run.state):
            Tokens.objects.create(instance=instance, state=run.state)
        return [moved.element for moved in run.moved]

    def _follow(self, tokens: Mapping[str, Token]) -> bool:
        """Items for the tokens, and none without; whether a step that was done ahead has moved a token on."""
        rows = [row for row in self.items if row.element]
        waiting = {row.token: row for row in rows if row.token and row.state in WAITING}
        ahead = {row.element: row for row in rows if not row.token and row.state != ItemState.WITHDRAWN}
        self.end_items([row for key, row in waiting.items() if key not in tokens])
        moved = False
        for token in tokens.values():
            early = ahead.pop(token.element, None) if token.id not in waiting else None
            if early is not None:
                early.token = token.id
                early.save(update_fields=["token"])
                if early.state not in WAITING:
                    self.run.complete(token.id, values=early.values)
                    moved = True
            elif token.id not in waiting:
                self.open_item(token)
        return moved

    def end_items(self, items: Iterable[WorkItem]) -> None:
        """Items that are nobody's turn any more."""
        for item in items:
            item.state, item.done_at = ItemState.WITHDRAWN, self.at
            item.save(update_fields=["state", "done_at"])
            if item.due_at is not None:
                item.alarms.all().delete()
            self.tell(StepWithdrawn(**self.of_item(item)))

    def open_item(self, token: Token) -> WorkItem:
        """It is the turn of a step."""
        node, instance = self.node(token.element), self.instance
        automatic = node.kind in AUTOMATIC
        index = token.index if token.item is None else f"{token.index} {token.item}".strip()
        item = WorkItem(
            instance=instance, token=token.id, element=node.id, index=index[:60],
            kind=ItemKind.AUTOMATIC if automatic else ItemKind.STEP, name=(node.name.text or node.id)[:200],
            name_zh=node.name.zh[:200], account_id=instance.account_id, role=node.work.role, opened_at=self.at,
        )  # fmt: skip
        if not automatic:
            item.assignee_id = assignee_of(node.work, instance=instance)
            item.state = ItemState.CLAIMED if item.assignee_id else ItemState.OPEN
            item.claimed_at = self.at if item.assignee_id else None
            item.due_at = due_for(node.work, item=item, at=self.at)
        item.save()
        self.items.append(item)
        if automatic:
            enqueue("work.automatic", by=system_actor("processes"), at=self.at, item=item.pk)
        else:
            Alarm.objects.bulk_create(alarms_of(node.work, item=item))
            asked = enumerate(node.work.approvers if node.work.approval else ())
            Vote.objects.bulk_create(
                Vote(item=item, place=place, approver=approver) for place, approver in asked
            )
        self.tell(StepOpened(**self.of_item(item), assignee_id=item.assignee_id))
        return item

    def _clocks(self, awaited: Iterable[Awaited]) -> None:
        if not self.compiled.waits:
            return
        instance = self.instance
        timers = {(one.id, one.element): one for one in awaited if one.kind == "timer" and one.due}
        kept = {(row.token, row.element): row for row in instance.alarms.filter(kind=Alarm.Kind.TIMER)}
        gone = [
            row.pk for place, row in kept.items() if place not in timers or row.due_at != timers[place].due
        ]
        Alarm.objects.filter(pk__in=gone).delete()
        Alarm.objects.bulk_create(
            Alarm(
                instance=instance,
                kind=Alarm.Kind.TIMER,
                token=one.id,
                element=one.element,
                due_at=one.due or self.at,
            )
            for place, one in timers.items()
            if place not in kept or kept[place].pk in gone
        )
        heard = {(one.id, one.kind, one.name): one for one in awaited if one.kind != "timer"}
        listening = {(row.token, row.kind, row.name): row for row in instance.listening.all()}
        Listening.objects.filter(pk__in=[row.pk for at, row in listening.items() if at not in heard]).delete()
        Listening.objects.bulk_create(
            Listening(
                instance=instance, token=one.id, element=one.element, kind=one.kind, name=one.name, key=one.key[:200]
            )
            for at, one in heard.items()
            if at not in listening
        )  # fmt: skip

    def _end(self, outcome: str) -> None:
        instance = self.instance
        self.end_items([row for row in self.items if row.state in WAITING])
        instance.state, instance.ended_at, instance.outcome = InstanceState.ENDED, self.at, outcome
        instance.alarms.all().delete()
        instance.listening.all().delete()
        ended = ProcessEnded(**self.place, about=instance.title, outcome=outcome)
        self.tell(ended)

    def close(self, *, why: str) -> None:
        """End it from outside: nothing waits any more."""
        self.run.cancel()
        instance = self.instance
        self.end_items([row for row in self.items if row.state in WAITING])
        instance.state, instance.ended_at = InstanceState.CANCELLED, self.at
        instance.alarms.all().delete()
        instance.listening.all().delete()
        instance.save()
        Tokens.objects.filter(pk=instance.pk).update(state=self.run.state)
        ended = ProcessEnded(**self.place, about=instance.title, outcome="", cancelled=True, why=why)
        self.tell(ended)


moving = Move.holding


def not_running(instance: Instance) -> str:
    """Why nothing can be done in an instance now, "" when it goes on."""
    if instance.state == InstanceState.PAUSED:
        return _("The process is paused. Resume it first.")
    if instance.state in (InstanceState.ENDED, InstanceState.CANCELLED):
        return _("The process has ended.")
    return ""

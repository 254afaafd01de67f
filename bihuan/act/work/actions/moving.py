"""The heart: an instance is held, its run is moved, and items, clocks and facts follow the tokens."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.act.bpmn.diagram import AUTOMATIC, Diagram, Node
from bihuan.act.bpmn.running import Awaited, Compiled, Run, Token
from bihuan.act.processes.models import Process, Version
from bihuan.act.processes.queries import compiled_of, place_of
from bihuan.act.work.actions.placing import alarms_of, assignee_of, due_for, stand_in
from bihuan.act.work.clocks import surroundings
from bihuan.act.work.events import ProcessEnded, ProcessTold, StepHandedOver, StepOpened, StepWithdrawn
from bihuan.act.work.models import (
    Alarm,
    HandOver,
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
from bihuan.act.work.noticing import tell_people
from bihuan.act.work.rules import turn_named
from bihuan.base.access import Actor, system_actor
from bihuan.base.bus import Fact, publish_all
from bihuan.base.jobs import enqueue
from bihuan.base.rows import delete_rows, insert_rows, read_rows, update_row

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
        self._alarms: list[Alarm] | None = None
        self._listening: list[Listening] | None = None
        self._silenced: list[int] = []

    @classmethod
    def of(cls, instance_id: int, *, by: Actor, at: datetime) -> "Move":
        """Hold an instance until the transaction ends: whoever comes second sees what the first has done."""
        rows = read_rows(Instance, "id = %s", [instance_id], locked=True)
        if not rows:
            raise Instance.DoesNotExist
        (instance,) = rows
        for tokens in read_rows(Tokens, "instance_id = %s", [instance_id]):
            Instance._meta.get_field("tokens").set_cached_value(instance, tokens)
        return cls(_placed(instance), by=by, at=at)

    @classmethod
    def of_all(cls, instance_ids: Collection[int], *, by: Actor, at: datetime) -> list["Move"]:
        """Hold several, each kind of row read with one statement; in the order of their numbers, so that two who hold several
        do not wait for each other."""
        rows = _held().filter(pk__in=instance_ids).order_by("pk")
        moves = {row.pk: cls(_placed(row), by=by, at=at) for row in rows}
        for move in moves.values():
            move._items, move._alarms, move._listening = [], [], []
        there: dict[str, Any] = {"instance__in": list(moves)}
        for item in WorkItem.objects.filter(_followed(), **there):
            moves[item.instance_id].items.append(item)
        for alarm in Alarm.objects.filter(**there):
            moves[alarm.instance_id].alarms.append(alarm)
        for one in Listening.objects.filter(**there):
            moves[one.instance_id].listening.append(one)
        return list(moves.values())

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

    @classmethod
    @contextmanager
    def holding_all(cls, instance_ids: Collection[int], *, by: Actor, at: datetime) -> Iterator[list["Move"]]:
        """The same for several: all of them change, or none."""
        with transaction.atomic():
            moves = cls.of_all(instance_ids, by=by, at=at)
            yield moves
            _keep(moves, by=by, at=at)

    def tell(self, fact: Fact) -> None:
        """A fact of this change; all are written together by `keep`."""
        self._facts.append(fact)

    def keep(self) -> None:
        """Write the facts, and tell whom they concern; the last thing an action does in its transaction."""
        _keep([self], by=self.by, at=self.at)

    @property
    def alarms(self) -> list[Alarm]:
        """Its alarms; read once."""
        if self._alarms is None:
            self._alarms = list(self.instance.alarms.all())
        return self._alarms

    @property
    def listening(self) -> list[Listening]:
        """The messages and signals that it waits for; read once."""
        if self._listening is None:
            self._listening = list(self.instance.listening.all())
        return self._listening

    def silence(self, alarms: Collection[Alarm]) -> None:
        """These have rung, or are not waited for any more: they are deleted with the end of the change."""
        gone = {alarm.pk for alarm in alarms}
        self._silenced += gone
        self._alarms = [alarm for alarm in self.alarms if alarm.pk not in gone]

    @property
    def items(self) -> list[WorkItem]:
        """The items that wait, and those of steps that were done ahead; read once."""
        if self._items is None:
            self._items = read_rows(WorkItem, FOLLOWED, [self.instance.pk])
            for item in self._items:
                item.instance = self.instance
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
        update_row(instance, MOVED)
        tokens = Tokens(instance=instance, state=run.state)
        if not update_row(tokens, ["state"]):
            insert_rows([tokens])
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
            update_row(item, ["state", "done_at"])
            silence_item(item)
            self.tell(StepWithdrawn(**self.of_item(item)))

    def open_item(self, token: Token) -> WorkItem:
        """It is the turn of a step."""
        node, instance = self.node(token.element), self.instance
        automatic = node.kind in AUTOMATIC
        index = turn_named(token)
        item = WorkItem(
            instance=instance, token=token.id, element=node.id, index=index[:60],
            kind=ItemKind.AUTOMATIC if automatic else ItemKind.STEP, name=(node.name.text or node.id)[:200],
            name_zh=node.name.zh[:200], account_id=instance.account_id, role=node.work.role, opened_at=self.at,
        )  # fmt: skip
        meant, absence = None, None
        if not automatic:
            item.assignee_id = meant = assignee_of(node.work, instance=instance)
            absence = stand_in(item, at=self.at)
            item.state = ItemState.CLAIMED if item.assignee_id else ItemState.OPEN
            item.claimed_at = self.at if item.assignee_id else None
            item.due_at = due_for(node.work, item=item, at=self.at)
        insert_rows([item])
        self.items.append(item)
        if automatic:
            enqueue("work.automatic", by=system_actor("processes"), at=self.at, item=item.pk)
        else:
            insert_rows(list(alarms_of(node.work, item=item)))
            asked = enumerate(node.work.approvers if node.work.approval else ())
            insert_rows([Vote(item=item, place=place, approver=approver) for place, approver in asked])
        self.tell(StepOpened(**self.of_item(item), assignee_id=item.assignee_id))
        if absence is not None:
            self.hand_over(item, absence_id=absence, was=meant)
        return item

    def hand_over(self, item: WorkItem, *, absence_id: int, was: int | None) -> None:
        """Keep and tell that it lies where it lies because somebody is away."""
        HandOver.objects.create(
            item=item, absence_id=absence_id, was_id=was, to_id=item.assignee_id, at=self.at
        )
        fact = StepHandedOver(
            **self.of_item(item), absence_id=absence_id, from_id=was, to_id=item.assignee_id
        )
        self.tell(fact)

    def _clocks(self, awaited: Iterable[Awaited]) -> None:
        if not self.compiled.waits:
            return
        instance = self.instance
        timers = {(one.id, one.element): one for one in awaited if one.kind == "timer" and one.due}
        kept = {(row.token, row.element): row for row in self.alarms if row.kind == Alarm.Kind.TIMER}
        gone = [row for at, row in kept.items() if at not in timers or row.due_at != timers[at].due]
        self.silence(gone)
        new = [
            Alarm(instance=instance, kind=Alarm.Kind.TIMER, token=one.id, element=one.element, due_at=one.due or self.at)
            for at, one in timers.items() if at not in kept or kept[at] in gone
        ]  # fmt: skip
        if new:
            self.delete_silenced()  # a round of a cycle takes the place of the one before
            self.alarms.extend(Alarm.objects.bulk_create(new))
        heard = {(one.id, one.kind, one.name): one for one in awaited if one.kind != "timer"}
        listening = {(row.token, row.kind, row.name): row for row in self.listening}
        if lost := [row.pk for at, row in listening.items() if at not in heard]:
            Listening.objects.filter(pk__in=lost).delete()
        Listening.objects.bulk_create(
            Listening(
                instance=instance, token=one.id, element=one.element, kind=one.kind, name=one.name, key=one.key[:200]
            )
            for at, one in heard.items()
            if at not in listening
        )  # fmt: skip
        self._listening = None

    def delete_silenced(self) -> None:
        """Delete what has rung."""
        if self._silenced:
            Alarm.objects.filter(pk__in=self._silenced).delete()
            self._silenced = []

    def _end(self, outcome: str) -> None:
        instance = self.instance
        self.end_items([row for row in self.items if row.state in WAITING])
        instance.state, instance.ended_at, instance.outcome = InstanceState.ENDED, self.at, outcome
        self._quiet()
        ended = ProcessEnded(**self.place, about=instance.title, outcome=outcome)
        self.tell(ended)

    def _quiet(self) -> None:
        """Nothing rings and nothing is heard any more."""
        delete_rows(Alarm, "instance_id = %s", [self.instance.pk])
        delete_rows(Listening, "instance_id = %s", [self.instance.pk])
        self._alarms, self._listening, self._silenced = [], [], []

    def close(self, *, why: str) -> None:
        """End it from outside: nothing waits any more."""
        self.run.cancel()
        instance = self.instance
        self.end_items([row for row in self.items if row.state in WAITING])
        instance.state, instance.ended_at = InstanceState.CANCELLED, self.at
        self._quiet()
        instance.save()
        Tokens.objects.filter(pk=instance.pk).update(state=self.run.state)
        ended = ProcessEnded(**self.place, about=instance.title, outcome="", cancelled=True, why=why)
        self.tell(ended)


moving = Move.holding
moving_all = Move.holding_all


def _held() -> "QuerySet[Instance]":
    """Instances that are locked as they are read, with their tokens."""
    rows = Instance.objects.select_related("tokens")
    if connection.features.has_select_for_update_of:
        return rows.select_for_update(of=("self",))
    return rows.select_for_update() if connection.features.has_select_for_update else rows


def _placed(row: Instance) -> Instance:
    """With what every change asks of its process and version, from memory; the rest is read when somebody asks."""
    process, key, number = place_of(row.version_id)
    using = row._state.db
    row.process = Process.from_db(using, ["id", "key"], [process, key])
    row.version = Version.from_db(using, ["id", "process_id", "number"], [row.version_id, process, number])
    return row


def silence_item(item: WorkItem) -> None:
    """No alarm of an item rings any more; one without a time limit has none."""
    if item.due_at is not None:
        delete_rows(Alarm, "item_id = %s", [item.pk])


#: `_followed` of one instance, as SQL.
FOLLOWED = (
    "instance_id = %s AND (" + " OR ".join(f"state = '{one.value}'" for one in WAITING) + " OR token = '')"
)


def _followed() -> Q:
    """Items that wait, and those of steps that were done ahead."""
    return Q(state__in=WAITING) | Q(token="")


def _keep(moves: Collection[Move], *, by: Actor, at: datetime) -> None:
    """Delete what has rung, tell whom the facts concern, write the facts: each with one statement for all."""
    facts: list[Fact] = []
    for move in moves:
        tell_people(move._facts, instance=move.instance, items=move._items or (), by=by, at=at)
        facts += move._facts
        move._facts = []
    silenced = [pk for move in moves for pk in move._silenced]
    if silenced:
        Alarm.objects.filter(pk__in=silenced).delete()
        for move in moves:
            move._silenced = []
    publish_all(facts, by=by, at=at)


def not_running(instance: Instance) -> str:
    """Why nothing can be done in an instance now, "" when it goes on."""
    if instance.state == InstanceState.PAUSED:
        return _("The process is paused. Resume it first.")
    if instance.state in (InstanceState.ENDED, InstanceState.CANCELLED):
        return _("The process has ended.")
    return ""

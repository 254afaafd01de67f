"""Logs to mine: the instances of a process, or cases that were imported as events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection
from django.db.models import Count, Max, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.act.bpmn.diagram import Diagram
from bihuan.act.mining.queries.kept import kept
from bihuan.act.mining.rules.log import Bools, Log, coded
from bihuan.act.processes.models import Process
from bihuan.act.work.models import Deviation, Instance, InstanceState, ItemKind, ItemState, WorkItem
from bihuan.act.work.models.items import WAITING, overdue
from bihuan.base.access import Actor
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.cases import steps_of_cases
from bihuan.understand.segments.queries import Members, members, resolve

#: More steps than this are not read at once; a shorter period is asked for.
MOST_STEPS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which instances: those begun in days (inclusive, the organisation's), on a version, about accounts of a segment (a
    rule or @key)."""

    since: date | None = None
    until: date | None = None
    version: int | None = None
    segment: str | None = None
    account: int | None = None


def instances_of(process: Process, wanted: Wanted, *, actor: Actor, at: datetime) -> Any:
    """The instances within the territory; ValidationError ("segment") for one that cannot be told."""
    rows = Instance.objects.visible_to(actor).filter(process=process)
    if wanted.version is not None:
        rows = rows.filter(version__number=wanted.version)
    if wanted.account is not None:
        rows = rows.filter(account=wanted.account)
    zone = timezone.get_default_timezone()
    if wanted.since is not None:
        rows = rows.filter(started_at__gte=datetime.combine(wanted.since, time.min, zone))
    if wanted.until is not None:
        rows = rows.filter(started_at__lt=datetime.combine(wanted.until, time.max, zone))
    if wanted.segment:
        today = timezone.localdate(at)
        found = _in_segment(wanted.segment, actor=actor, day=min(wanted.until or today, today))
        if found.unit != "account":
            raise ValidationError({"segment": _("Take a segment of accounts: processes are about accounts.")})
        about = set(rows.exclude(account=None).order_by().values_list("account_id", flat=True).distinct())
        rows = rows.filter(account__in=sorted(about & set(found.ids.tolist())))
    return rows


def _in_segment(segment: str, *, actor: Actor, day: date) -> Members:
    try:
        return members(segment=resolve(segment, actor=actor), actor=actor, as_of=day)
    except QuestionError as error:
        raise ValidationError({"segment": str(error)}) from None


@dataclass(frozen=True, kw_only=True)
class Mined:
    """A log of instances with what only the platform knows: of each case its title and whether it left the standard, and for
    each element its deviations and what waits there now (`open`, of it `late`)."""

    log: Log
    roles: tuple[str, ...]
    role: Any
    titles: Mapping[int, str]
    deviated: Bools
    deviations: Mapping[str, int]
    open: Mapping[str, int]
    late: Mapping[str, int]


_CASE = ("pk", "title", "state", "account_id", "started_at", "ended_at")
_COLUMNS = (
    "instance_id", "element", "name", "opened_at", "claimed_at", "done_at", "due_at", "waiting_seconds", "work_seconds",
    "done_by_name", "role", "kind",
)  # fmt: skip


def mined(process: Process, wanted: Wanted, *, actor: Actor, at: datetime) -> Mined:
    """The log of the instances. ValidationError ("since") for more than MOST_STEPS steps. What was done is read once, and again
    when anything has been done or has ended since; what waits now is always read."""
    instances = instances_of(process, wanted, actor=actor, at=at)
    ids = instances.values("pk")
    done = WorkItem.objects.filter(instance__in=ids, state=ItemState.DONE)
    seen = _seen(instances, done)
    if seen[-1] > MOST_STEPS:
        text = _("These are more than %(n)s steps. Choose a shorter period.") % {"n": f"{MOST_STEPS:,}"}
        raise ValidationError({"since": text})
    log, roles, role, titles = kept(instances, seen, lambda: _read(instances, done))
    deviations = Deviation.objects.filter(instance__in=ids)
    left = set(deviations.values_list("instance_id", flat=True))
    waiting = WorkItem.objects.filter(instance__in=ids, state__in=WAITING).exclude(element="").order_by()
    over = Count("pk", filter=overdue(at))
    waits = {row["element"]: row for row in waiting.values("element").annotate(number=Count("pk"), over=over)}
    return Mined(
        log=log, roles=roles, role=role, titles=titles, deviated=_bools([case in left for case in log.cases]),
        deviations=dict(deviations.exclude(element="").order_by().values_list("element").annotate(Count("pk"))),
        open={element: row["number"] for element, row in waits.items()},
        late={element: row["over"] for element, row in waits.items()},
    )  # fmt: skip


def _seen(instances: Any, done: Any) -> tuple[Any, ...]:
    """What is otherwise as soon as a step is done, an instance begins or ends; the last is the number of steps."""
    of = instances.order_by().aggregate(
        number=Count("pk"), ended=Count("ended_at"), last=Max("ended_at"), newest=Max("pk")
    )
    steps = done.order_by().aggregate(last=Max("done_at"), number=Count("pk"))
    return (*of.values(), *steps.values())


def _read(instances: Any, done: Any) -> tuple[Log, tuple[str, ...], Any, Mapping[int, str]]:
    cases = _raw(_as_told(instances.order_by("pk"), _CASE))
    log, roles, role = _log_of(cases, _raw(_as_told(done.order_by("instance_id", "done_at", "pk"), _COLUMNS)))
    return log, roles, role, {case[0]: case[1] for case in cases}


def _as_told(rows: Any, columns: Sequence[str]) -> Any:
    """The columns, moments as the texts that SQLite keeps: its driver would make each of a million aware."""
    if connection.vendor != "sqlite":
        return rows.values_list(*columns)
    texts = {f"{name}_text": Cast(name, TextField()) for name in columns if name.endswith("_at")}
    return rows.annotate(**texts).values_list(
        *(f"{name}_text" if name.endswith("_at") else name for name in columns)
    )


def _log_of(cases: list[Any], rows: list[Any]) -> tuple[Log, tuple[str, ...], Any]:
    """The log, the roles whose queues steps came from, and for each step which."""
    place = {case[0]: number for number, case in enumerate(cases)}
    activities, activity = coded([row[1] or row[2] for row in rows])
    people, who = coded(["" if row[11] == ItemKind.AUTOMATIC else row[9] for row in rows])
    roles, role = coded([row[10] for row in rows])
    begun, taken, done, due = (_moments([row[n] for row in rows]) for n in (3, 4, 5, 6))
    log = Log(
        cases=tuple(case[0] for case in cases), activities=activities, people=people, activity=activity, who=who,
        case=_ints([place[row[0]] for row in rows]), begun_us=begun, taken_us=np.where(taken < 0, begun, taken),
        done_us=done, waiting=_floats([row[7] for row in rows]), work=_floats([_worked(row) for row in rows]),
        limited=due >= 0, late=(due >= 0) & (done > due),
        ended=_bools([case[2] == InstanceState.ENDED for case in cases]),
        account=_ints([-1 if case[3] is None else case[3] for case in cases]),
        started_us=_moments([case[4] for case in cases]), ended_us=_moments([case[5] for case in cases]),
    )  # fmt: skip
    return log, roles, role


def _raw(rows: "QuerySet[Any, tuple[Any, ...]]") -> list[tuple[Any, ...]]:
    """As the database's driver gives them: a million moments are not made aware one by one."""
    try:
        sql, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _moments(values: list[Any]) -> Any:
    """Microseconds since 1970, -1 for none, of moments or (SQLite) their texts in UTC."""
    if any(isinstance(value, str) for value in values):
        return np.asarray(values, "datetime64[us]").astype(np.int64).clip(min=-1)
    return _ints([_us(value) for value in values])


def _worked(row: tuple[Any, ...]) -> float | None:
    """What the platform does by itself takes nobody's time."""
    return None if row[11] == ItemKind.AUTOMATIC else row[8]


def rework_of(log: Log, diagram: Diagram, again: Bools) -> Bools:
    """Rework without the turns of a step that is drawn to be done many times."""
    many = np.array(
        [diagram.nodes[one].many != "" if one in diagram.nodes else False for one in log.activities], np.bool_
    )
    return again & ~many[log.activity] if len(log.activities) else again


def log_of_events(*, question: Mapping[str, Any], actor: Actor, at: datetime) -> Log:
    """Imported cases as a log: every case counts as ended; waiting is the time since the step before. ValidationError
    ("question") for a wrong one."""
    try:
        _asked, rows = steps_of_cases(question={**question, "kind": "process"}, actor=actor, at=at)
    except QuestionError as error:
        raise ValidationError({"question": str(error)}) from None
    cases, case = coded(rows["case"].to_pylist())
    activities, activity = coded(rows["activity"].to_pylist())
    us = rows["us"].to_numpy().astype(np.int64)
    n = len(us)
    begins = np.searchsorted(case, np.arange(len(cases)))
    ends = np.append(begins[1:], n) - 1
    accounts = rows["account"].fill_null(-1).to_numpy().astype(np.int64)
    waiting = rows["waiting"].to_numpy(zero_copy_only=False).astype(np.float64)
    service = rows["service"].to_numpy(zero_copy_only=False).astype(np.float64)
    return Log(
        cases=cases, activities=activities, people=(), case=case, activity=activity, done_us=us,
        begun_us=_before(us, _sum(waiting, service)), taken_us=_before(us, service), waiting=waiting, work=service,
        limited=np.zeros(n, np.bool_), late=np.zeros(n, np.bool_), who=np.full(n, -1, np.int64),
        ended=np.ones(len(cases), np.bool_), account=accounts[begins] if n else np.zeros(0, np.int64),
        started_us=us[begins] if n else us, ended_us=us[ends] if n else us,
    )  # fmt: skip


def _before(us: Any, seconds: Any) -> Any:
    """So many seconds earlier; where nobody knows how many, then."""
    return us - np.nan_to_num(seconds * 1e6).astype(np.int64)


def _sum(waiting: Any, service: Any) -> Any:
    return np.nan_to_num(waiting) + np.nan_to_num(service)


def _us(moment: datetime | None) -> int:
    return -1 if moment is None else round(moment.timestamp() * 1_000_000)


def _ints(values: list[int]) -> Any:
    return np.asarray(values, np.int64)


def _floats(values: list[float | None]) -> Any:
    return np.asarray([np.nan if value is None else value for value in values], np.float64)


def _bools(values: list[bool]) -> Any:
    return np.asarray(values, np.bool_)

"""How runs ended, and what waits for somebody."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Sum

from bihuan.act.plays.models import Play, PlayRun, RunStep, State
from bihuan.act.work.models import Instance, ItemState, WorkItem
from bihuan.base.access import Actor


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """`carried` says that everything the run asks for is done, whether or not its goal is decided; `minutes_spent` are those
    that people wrote down and those of the work items; `goal_reached` None while undecided."""

    run_id: int
    account_id: int
    play_id: int
    assignee_id: int | None
    state: str
    carried: bool
    minutes_spent: int
    goal_reached: bool | None


def results_of(origin_prefix: str) -> list[RunResult]:
    """The runs whose origin begins so, the oldest first."""
    rows = (
        list(PlayRun.objects.filter(origin__startswith=origin_prefix).order_by("pk")) if origin_prefix else []
    )
    spent = minutes_of([row.pk for row in rows])
    waiting = still_to_do([row.pk for row in rows if row.state == State.RUNNING])
    return [
        RunResult(
            run_id=row.pk, account_id=row.account_id, play_id=row.play_id, assignee_id=row.assignee_id, state=row.state,
            carried=row.state == State.DONE or (row.state == State.RUNNING and row.pk not in waiting),
            minutes_spent=row.minutes + spent.get(row.pk, 0), goal_reached=goal_of(row),
        )
        for row in rows
    ]  # fmt: skip


def item_of(run_id: int) -> int | None:
    """The number of the item on the bench that asks for the run; None without one."""
    found: int | None = PlayRun.objects.filter(pk=run_id).values_list("item", flat=True).first()
    return found


def name_of(key: str) -> str:
    """What the reader calls a play; its key when it is gone."""
    found = Play.objects.filter(key=key).only("name", "name_zh").first()
    return found.said_name if found is not None else key


def goal_of(row: PlayRun) -> bool | None:
    """None while it is undecided."""
    if row.goal_reached_at is not None:
        return True
    return None if row.closed_at is None else False


def still_to_do(run_ids: list[int]) -> set[int]:
    """Of these runs those with a step that is not done, or with work that a step put on a bench and that waits there."""
    found: set[int] = set()
    for start in range(0, len(run_ids), 500):
        steps = RunStep.objects.filter(run_id__in=run_ids[start : start + 500])
        lines = list(steps.values_list("run_id", "done_at", "instance_id"))
        running = set(
            Instance.objects.filter(
                pk__in=[one for _run, _done, one in lines if one], ended_at=None
            ).values_list("pk", flat=True)
        )
        found |= {run for run, done, instance in lines if done is None or instance in running}
    return found


def minutes_of(run_ids: list[int]) -> dict[int, int]:
    """By run the minutes of effort in its work items."""
    instances: dict[int, int] = {}
    for start in range(0, len(run_ids), 500):
        chunk = run_ids[start : start + 500]
        steps = RunStep.objects.filter(run_id__in=chunk).values_list("instance_id", "run_id")
        instances |= {instance: run for instance, run in steps if instance is not None}
    found: dict[int, int] = {}
    every = list(instances)
    for start in range(0, len(every), 500):
        rows = WorkItem.objects.filter(instance_id__in=every[start : start + 500], state=ItemState.DONE)
        for instance, seconds in (
            rows.order_by().values_list("instance_id").annotate(seconds=Sum("effort_seconds"))
        ):
            run = instances[instance]
            found[run] = found.get(run, 0) + round((seconds or 0) / 60)
    return found


def runs_waiting_for(actor: Actor, *, at: datetime) -> QuerySet[PlayRun]:
    """Proposals for this person, the most urgent first."""
    rows = PlayRun.objects.filter(state=State.PROPOSED, assignee_id=actor.user_id or 0)
    return rows.select_related("play", "account").order_by("due_at", "pk")

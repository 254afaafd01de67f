"""The metric tree of a period, as pages and REST show it."""

from dataclasses import dataclass
from datetime import date, datetime

from bihuan.base.access import Actor, Reach
from bihuan.base.metrics import Metric
from bihuan.understand.metrics.models import MetricTarget
from bihuan.understand.metrics.queries.known import branches_of, known_metrics
from bihuan.understand.metrics.queries.valued import Period, Valued, values_in
from bihuan.understand.metrics.rules import Pair, Share, roots_of, shares_of, walk


@dataclass(frozen=True, kw_only=True)
class Node:
    """A metric at its place in a tree. `target` is the one in force at the end of the period, for those who see every account:
    it is one for all of them. `met` says whether the value reaches it, None without one or without a value."""

    metric: Metric
    share: Share
    now: Valued
    before: Valued
    target: float | None

    @property
    def change(self) -> float | None:
        """Now less before."""
        return self.pair.change

    @property
    def growth(self) -> float | None:
        """The change as a share of the size before; None when that was nothing."""
        return None if self.change is None or not self.pair.before else self.change / abs(self.pair.before)

    @property
    def pair(self) -> Pair:
        """Both values."""
        return Pair(before=self.before.value, now=self.now.value)

    @property
    def better(self) -> bool | None:
        """Whether the change is one for the better; None when there is none."""
        return None if not self.change else (self.change > 0) == self.metric.higher_is_better

    @property
    def met(self) -> bool | None:
        """Whether the target is reached."""
        if self.target is None or self.now.value is None:
            return None
        return (
            self.now.value >= self.target if self.metric.higher_is_better else self.now.value <= self.target
        )


def cores() -> dict[str, Metric]:
    """The metrics on top of a tree."""
    metrics = known_metrics()
    branches = branches_of(metrics)
    return {key: metrics[key] for key in roots_of(branches)}


def tree_of(*, core: str, period: Period, actor: Actor, at: datetime) -> list[Node]:
    """The tree from the core down, each metric before its drivers; KeyError for a metric that is not there. A metric without
    drivers is a tree of one."""
    metrics = known_metrics()
    if core not in metrics:
        raise KeyError(core)
    branches = branches_of(metrics)
    keys = list(dict.fromkeys(path[-1] for path in walk(core, branches)))
    now = values_in(keys=keys, metrics=metrics, period=period, actor=actor, at=at)
    before = values_in(keys=keys, metrics=metrics, period=period.before, actor=actor, at=at)
    pairs = {key: Pair(before=before[key].value, now=now[key].value) for key in keys}
    targets = targets_on(day=period.last) if actor.reach == Reach.ALL else {}
    return [
        Node(metric=metrics[share.key], share=share, now=now[share.key], before=before[share.key],
             target=targets.get(share.key))
        for share in shares_of(core=core, branches=branches, values=pairs)
    ]  # fmt: skip


def targets_on(*, day: date) -> dict[str, float]:
    """The targets in force on a day by metric; of several from the same day the last one set."""
    found: dict[str, float | None] = {}
    rows = MetricTarget.objects.filter(from_day__lte=day).order_by("from_day", "id")
    for metric, value in rows.values_list("metric", "value"):
        found[metric] = value
    return {metric: value for metric, value in found.items() if value is not None}

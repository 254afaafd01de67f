"""What a model learns from: accounts as they were known on past days, and what became of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from bihuan.base.measures import measures
from bihuan.capture.store import INTERNAL_SOURCE, get_store
from bihuan.foresee.warning import rules
from bihuan.foresee.warning.queries.words import EMPTY, LEAK, UNDATED
from bihuan.understand.metrics.queries import USAGE_DAYS, Values, undated_in, values_over
from bihuan.understand.stats.backtest import Panel, columns_that_vary, knows_the_future

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Rows to learn from, the snapshots they are of (their number of days is the panel's `day`), and the features that were
    left out with the reason."""

    panel: Panel
    snapshots: tuple[date, ...]
    left_out: dict[str, str] = field(default_factory=dict)


def learnable() -> tuple[str, ...]:
    """The measures that features are made of: every one whose source knows since when each value was known, but those that this
    room gave."""
    refused = undated_in(_offered())
    return tuple(name for name in _offered() if name not in refused)


def _offered() -> list[str]:
    return [name for name in sorted(measures()) if name not in rules.OWN_MEASURES]


def undated() -> dict[str, str]:
    """The measures that are never learnt from, with the columns of which only the present value is known."""
    return {name: " ".join((UNDATED, *columns)) for name, columns in undated_in(_offered()).items()}


def first_day() -> date | None:
    """The first day whose use of 28 days is known; None without events."""
    sql = f"SELECT min(day) AS first FROM events WHERE account_id IS NOT NULL AND source_id <> {INTERNAL_SOURCE}"
    found: date | None = get_store().execute(sql)["first"][0].as_py()
    return None if found is None else found + timedelta(days=USAGE_DAYS)


def dataset_of(*, last: date, horizon: int, contraction: int, progress: Progress | None = None) -> Dataset:
    """Every paying account on each snapshot up to `last`, with what was known by the end of that day and whether it was lost in
    (day, day + horizon]. Accounts already gone are out."""
    plan = rules.plan_of(last=last, horizon=horizon, first=first_day())
    able = learnable()
    names, refused = rules.feature_names(able), undated()
    if not plan.snapshots:
        return Dataset(panel=_nothing(names), snapshots=(), left_out=refused)
    values = values_over(days=(*plan.before, *plan.snapshots), names=able, progress=progress)
    revenue = _revenue(plan.checks)
    matrices, accounts, days, did, event = [], [], [], [], []
    for number, day in enumerate(plan.snapshots):
        losses = rules.losses_at(
            revenue=revenue, place=plan.checks.index(day), horizon=horizon, contraction=contraction
        )
        rows = features_of(values[number : number + rules.PAST + 1], names=names, horizon=horizon)
        matrices.append(rows[losses.paid])
        accounts.append(values[number].account_ids[losses.paid])
        days.append(np.full(int(losses.paid.sum()), day.toordinal()))
        did.append(losses.lost[losses.paid])
        event.append(losses.after[losses.paid])
    panel = Panel(
        features=names, matrix=np.concatenate(matrices), account=np.concatenate(accounts), day=np.concatenate(days),
        did=np.concatenate(did), event=np.concatenate(event), naive=rules.NAIVE,
    )  # fmt: skip
    found = cleaned(panel, snapshots=plan.snapshots)
    return replace(found, left_out=refused | found.left_out)


def features_of(values: Sequence[Values], *, names: Sequence[str], horizon: int) -> rules.Floats:
    """A row per account as of the last of the days."""
    return rules.features_at(columns=[one.by_measure for one in values], names=names, horizon=horizon)


def _revenue(checks: Sequence[date]) -> rules.Floats:
    """Revenue a month by check day and account."""
    return np.vstack(
        [one.by_measure[rules.REVENUE] for one in values_over(days=checks, names=[rules.REVENUE])]
    )


def cleaned(panel: Panel, *, snapshots: tuple[date, ...]) -> Dataset:
    """Without features that say nothing, and without those that say too much."""
    kept = columns_that_vary(panel.features, panel.matrix)
    left_out = {name: EMPTY for place, name in enumerate(panel.features) if place not in kept}
    leaks = knows_the_future(panel=panel)
    left_out |= dict.fromkeys(leaks, LEAK)
    kept = [place for place in kept if panel.features[place] not in leaks]
    cut = Panel(
        features=tuple(panel.features[place] for place in kept), matrix=panel.matrix[:, kept], account=panel.account,
        day=panel.day, did=panel.did, event=panel.event, naive=panel.naive,
    )  # fmt: skip
    return Dataset(panel=cut, snapshots=snapshots, left_out=left_out)


def _nothing(names: tuple[str, ...]) -> Panel:
    numbers = np.empty(0, dtype=np.int64)
    return Panel(features=names, matrix=np.empty((0, len(names))), account=numbers, day=numbers,
                 did=np.empty(0, dtype=np.bool_), event=np.empty(0), naive=rules.NAIVE)  # fmt: skip

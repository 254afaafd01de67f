"""What a simulation needs, measured in a log: gaps between arrivals, and each case as turns with what they wait for."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from bihuan.act.mining.rules.log import Floats, Ints, Log
from bihuan.act.mining.rules.simulating import Measured, Turn

#: The newest cases tell how it goes now; more would only make it slower.
MOST_CASES = 2_000
#: What begins within a minute begins at once.
AT_ONCE_SECONDS = 60.0
Between = Callable[[int, int], float]


def measured_of(log: Log, *, role: Ints, between: Between) -> Measured:
    """Of the newest MOST_CASES cases that have ended, without what the platform did by itself. `role` says for each step whose
    queue it came from: steps of one role share their people; `between` is the service time in seconds between two moments
    (microseconds). Time that a person spent on several items at once is shared out equally among them."""
    ended = np.flatnonzero(log.ended & (log.ended_us >= 0))
    newest = np.sort(ended[np.argsort(log.started_us[ended], kind="stable")][-MOST_CASES:])
    work = np.where(np.isnan(log.work), 0.0, log.work) * shared_out(log)
    arrivals = np.sort(log.started_us[newest])
    gaps = tuple(max(0.0, between(int(a), int(b))) for a, b in pairwise(arrivals))
    cases = []
    for case in newest:
        rows = [row for row in range(log.bounds[case], log.bounds[case + 1]) if not np.isnan(log.work[row])]
        if rows:
            cases.append(tuple(_turn(log, rows, row, case=case, work=work, between=between) for row in rows))
    counted = ~np.isnan(log.work)
    pool_of = {
        log.activities[code]: f"{role[counted & (log.activity == code)][0]}" for code in np.unique(log.activity[counted])
    }  # fmt: skip
    people = {
        name: len(np.unique(log.who[counted & (role == int(name))])) or 1
        for name in dict.fromkeys(pool_of.values())
    }
    return Measured(gaps=gaps, cases=tuple(cases), pool_of=pool_of, people=people)


def _turn(log: Log, rows: list[int], row: int, *, case: int, work: Floats, between: Between) -> Turn:
    """It could begin after the last step that was done before it was opened."""
    begun = log.begun_us[row]
    before = [place for place, one in enumerate(rows) if one != row and log.done_us[one] <= begun + 1_000_000]
    after = max(before, key=lambda place: log.done_us[rows[place]], default=-1)
    since = log.done_us[rows[after]] if after >= 0 else log.started_us[case]
    pause = between(int(since), int(begun)) if begun > since else 0.0
    return Turn(
        step=log.activities[log.activity[row]], work=float(work[row]), after=after,
        pause=pause if pause > AT_ONCE_SECONDS else 0.0,
    )  # fmt: skip


def shared_out(log: Log) -> Floats:
    """For each step the part of its time that is its own: somebody with k items at once gives each a k-th of the moment."""
    found = np.ones(len(log.case))
    for person in np.unique(log.who):
        rows = np.flatnonzero((log.who == person) & (log.done_us > log.taken_us) & ~np.isnan(log.work))
        if person < 0 or len(rows) < 2:
            continue
        times = np.concatenate([log.taken_us[rows], log.done_us[rows]])
        steps = np.concatenate([np.ones(len(rows), np.int64), -np.ones(len(rows), np.int64)])
        order = np.argsort(times, kind="stable")
        moments, at_once = times[order], np.cumsum(steps[order])
        spans = np.diff(moments, append=moments[-1])
        own = np.concatenate([[0.0], np.cumsum(np.where(at_once > 0, spans / np.maximum(at_once, 1), 0.0))])
        taken = own[np.searchsorted(moments, log.taken_us[rows])]
        done = own[np.searchsorted(moments, log.done_us[rows])]
        found[rows] = (done - taken) / (log.done_us[rows] - log.taken_us[rows])
    return found

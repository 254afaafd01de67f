"""What if a step had one more person: a discrete-event simulation from measured arrivals, ways and times.

Time is service time in seconds. Cases arrive with gaps drawn from those that were measured and go the way of a case that was
measured, with its times of work; a step begins when the step before it is done and somebody is free, first come, first
served. People are a pool: those who did any step of the same role. What it does not know: work outside this process, absence,
that a person may be faster than another, that people hurry when much waits. Both runs draw the same numbers, so that their
difference is that of the people.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from bihuan.act.mining.rules.log import Floats

RUNS, CASES, SETTLING = 20, 1_000, 0.1
#: So many turns are simulated in a run: cases of many turns are fewer, and LEAST_CASES at least.
MOST_TURNS, LEAST_CASES = 20_000, 50


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One step of a case: its `work` in seconds, and the place of the step in the case after which it could begin (-1: at the
    start), `pause` seconds later."""

    step: str
    work: float
    after: int = -1
    pause: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was measured: gaps between arrivals (seconds), the cases as turns, and of each pool its steps and people."""

    gaps: tuple[float, ...]
    cases: tuple[tuple[Turn, ...], ...]
    pool_of: Mapping[str, str]
    people: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is tried: more (or fewer) people for a step, and arrivals and work as a factor of today's."""

    step: str = ""
    people: int = 0
    arrivals: float = 1.0
    work: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Over all runs: waiting for each step and the whole case, median and p90 in seconds, and how busy each pool is (0–1)."""

    waiting: Mapping[str, tuple[float, float]]
    whole: tuple[float, float]
    busy: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Tried:
    """As it is and as it would be; `saved` is the median of the whole case before minus after, with the interval in which 95 of
    100 runs lie."""

    today: Outcome
    then: Outcome
    saved: float
    low: float
    high: float
    runs: int
    cases: int


def tried(
    measured: Measured, change: Change, *, seed: int = 11, runs: int = RUNS, cases: int = CASES
) -> Tried:
    """Run today and the change side by side. ValueError without measured cases or gaps."""
    if not measured.cases or not measured.gaps:
        raise ValueError("nothing was measured: at least two cases that have ended are needed")
    mean = sum(map(len, measured.cases)) / len(measured.cases)
    cases = min(cases, max(LEAST_CASES, int(MOST_TURNS / max(mean, 1))))
    pairs = []
    for number in range(runs):
        random = np.random.default_rng((seed, number))
        gaps = random.choice(np.asarray(measured.gaps), size=cases)
        ways = random.integers(0, len(measured.cases), size=cases).tolist()
        today = _run(measured, Change(), gaps=gaps, ways=ways)
        pairs.append((today, _run(measured, change, gaps=gaps / change.arrivals, ways=ways)))
    saved = np.array([np.median(a.whole) - np.median(b.whole) for a, b in pairs])
    low, high = np.percentile(saved, (2.5, 97.5))
    return Tried(
        today=_told([a for a, _ in pairs]), then=_told([b for _, b in pairs]), saved=float(saved.mean()), low=float(low),
        high=float(high), runs=runs, cases=cases,
    )  # fmt: skip


@dataclass(kw_only=True)
class _Seen:
    """What one run saw after it had settled."""

    waiting: dict[str, list[float]]
    whole: list[float]
    busy: dict[str, float]


#: Since when, which case, which of its turns.
Waits = tuple[float, int, int]


def _following(turns: Sequence[Turn]) -> dict[int, list[int]]:
    """For each turn the places of those that can begin when it is done."""
    found: dict[int, list[int]] = {}
    for place, turn in enumerate(turns):
        found.setdefault(turn.after, []).append(place)
    return found


class _Pool:
    """People of a role with one queue, and those who were added for a single step."""

    def __init__(self, people: int, extra: Mapping[str, int]) -> None:
        self.free, self.extra = people, dict(extra)
        self.queue: deque[Waits] = deque()
        #: What waits also for those who were added, by step; `gone` was taken from the other queue.
        self.own: dict[str, deque[Waits]] = {step: deque() for step in extra}
        self.gone: set[Waits] = set()
        self.worked = 0.0

    def add(self, waits: Waits, step: str) -> None:
        """At the end of the queue."""
        self.queue.append(waits)
        if step in self.own:
            self.own[step].append(waits)

    def first(self, queue: deque[Waits]) -> Waits | None:
        """The next of a queue that is still there."""
        while queue:
            waits = queue.popleft()
            if waits not in self.gone:
                return waits
            self.gone.discard(waits)
        return None


def _run(measured: Measured, change: Change, *, gaps: Floats, ways: Sequence[int]) -> _Seen:
    pools = _pools(measured, change)
    seen = _Seen(waiting={step: [] for step in measured.pool_of}, whole=[], busy={})
    begins = np.cumsum(gaps)
    settled = int(len(begins) * SETTLING)
    events: list[
        tuple[float, int, int, int, int]
    ] = []  # when, 0 arrives/1 done, case, turn, who is free again
    left = [len(measured.cases[way]) for way in ways]
    following = {way: _following(measured.cases[way]) for way in set(ways)}
    for case, begin in enumerate(begins):
        for place, turn in enumerate(measured.cases[ways[case]]):
            if turn.after < 0:
                heappush(events, (float(begin) + turn.pause, 0, case, place, 0))
    end = 0.0
    while events:
        now, done, case, place, own = heappop(events)
        turns = measured.cases[ways[case]]
        pool = pools[measured.pool_of[turns[place].step]]
        if done:
            end = now
            left[case] -= 1
            if own:
                pool.extra[turns[place].step] += 1
            else:
                pool.free += 1
            for later in following[ways[case]].get(place, ()):
                heappush(events, (now + turns[later].pause, 0, case, later, 0))
            if not left[case] and case >= settled:
                seen.whole.append(now - float(begins[case]))
        else:
            pool.add((now, case, place), turns[place].step)
        for since, waits, turn_place, who in _taken(pool, measured, ways):
            turn = measured.cases[ways[waits]][turn_place]
            takes = turn.work * change.work
            pool.worked += takes
            if waits >= settled:
                seen.waiting[turn.step].append(now - since)
            heappush(events, (now + takes, 1, waits, turn_place, who))
    for name, pool in pools.items():
        hands = (
            measured.people[name]
            + sum(_extra_of(measured, change, name).values())
            + _fewer(measured, change, name)
        )
        seen.busy[name] = pool.worked / (hands * end) if end else 0.0
    return seen


def _taken(pool: _Pool, measured: Measured, ways: Sequence[int]) -> list[tuple[float, int, int, int]]:
    """Who begins now: (waiting since, case, turn, whether one who was added takes it)."""
    found = []
    while pool.free:
        waits = pool.first(pool.queue)
        if waits is None:
            break
        pool.free -= 1
        if measured.cases[ways[waits[1]]][waits[2]].step in pool.own:
            pool.gone.add(waits)
        found.append((*waits, 0))
    for step, queue in pool.own.items():
        while pool.extra[step]:
            waits = pool.first(queue)
            if waits is None:
                break
            pool.extra[step] -= 1
            pool.gone.add(waits)
            found.append((*waits, 1))
    return found


def _pools(measured: Measured, change: Change) -> dict[str, _Pool]:
    return {
        name: _Pool(people + _fewer(measured, change, name), _extra_of(measured, change, name))
        for name, people in measured.people.items()
    }


def _extra_of(measured: Measured, change: Change, pool: str) -> dict[str, int]:
    here = change.people > 0 and measured.pool_of.get(change.step) == pool
    return {change.step: change.people} if here else {}


def _fewer(measured: Measured, change: Change, pool: str) -> int:
    """How many of a pool go; one always stays."""
    here = change.people < 0 and measured.pool_of.get(change.step) == pool
    return max(change.people, 1 - measured.people[pool]) if here else 0


def _told(runs: list[_Seen]) -> Outcome:
    waiting = {step: _middle([one for run in runs for one in run.waiting[step]]) for step in runs[0].waiting}
    return Outcome(
        waiting=waiting, whole=_middle([one for run in runs for one in run.whole]),
        busy={name: float(np.mean([run.busy[name] for run in runs])) for name in runs[0].busy},
    )  # fmt: skip


def _middle(values: list[float]) -> tuple[float, float]:
    if not values:
        return 0.0, 0.0
    p50, p90 = np.percentile(values, (50, 90))
    return float(p50), float(p90)

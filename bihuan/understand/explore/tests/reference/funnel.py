"""The funnel by following every attempt of every unit, event by event."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bihuan.understand.engine.funnel import FunnelQuestion

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """An event of a unit: its moment, the steps it fits, the exclusions it fits, its held value, the event itself."""

    us: int
    steps: frozenset[int]
    outs: frozenset[int]
    held: Any
    event: Event


@dataclass(frozen=True)
class Unit:
    """What became of a unit."""

    reached: int
    start: int
    took: tuple[int | None, ...]
    starters: tuple[Event, ...]
    enders: tuple[tuple[Event, ...], ...]


def funnel(
    q: FunnelQuestion,
    rows: Sequence[Event],
    *,
    unit: Callable[[Event], Any],
    fits: Callable[[Event, Any], bool],
    held: Callable[[Event], Any] = lambda event: "",
    others: Callable[[Event], bool] = lambda event: True,
) -> dict[Any, Unit]:
    """Every unit that entered."""  # fmt: skip
    units: dict[Any, list[Seen]] = defaultdict(list)
    for row in rows:
        steps = frozenset(k for k, one in enumerate(q.steps, start=1) if fits(row, one))
        outs = frozenset(j for j, one in enumerate(q.exclude) if fits(row, one.selector))
        if unit(row) is None or held(row) is None:
            continue
        if steps or outs or (q.order == "strict" and others(row)):
            units[unit(row)].append(Seen(int(row["ts"].timestamp() * 1_000_000), steps, outs, held(row), row))
    found = {name: one_unit(q, events) for name, events in units.items()}
    return {name: one for name, one in found.items() if one is not None}


def one_unit(q: FunnelQuestion, events: list[Seen]) -> Unit | None:
    count = len(q.steps)
    none = count + 1
    events = sorted(
        events,
        key=lambda e: (e.us, min(e.steps, default=none), max(e.steps, default=none), e.event["event_id"]),
    )
    completions: dict[int, list[tuple[int, int, Any]]] = defaultdict(list)  # step: (place, start, held)
    for value in {e.held for e in events}:
        stream = [(place, e) for place, e in enumerate(events) if e.held == value]
        walk = attempts_in_any_order if q.order == "any" else attempts_in_order
        attempts = walk(q, stream)
        if q.reentry == "first":
            attempts = attempts[:1]
        for start, done in attempts:
            for k, place in enumerate(done, start=1):
                completions[k].append((place, -start, value))
    if not completions:
        return None
    best = {k: min(found) for k, found in completions.items()}
    reached = max(best)
    start, value = -best[reached][1], best[reached][2]
    took = tuple(events[best[k][0]].us + best[k][1] if k in best else None for k in range(2, count + 1))

    def at(moment: int, step: int) -> tuple[Event, ...]:
        return tuple(e.event for e in events if e.us == moment and e.held == value
                     and (bool(e.steps) if q.order == "any" else step in e.steps))  # fmt: skip

    enders = tuple(at(events[best[k][0]].us, k) if k in best else () for k in range(1, count + 1))
    return Unit(reached, start, took, at(start, 1), enders)


def attempts_in_order(q: FunnelQuestion, stream: list[tuple[int, Seen]]) -> list[tuple[int, list[int]]]:
    """(start, place of each completed step) of the attempt that begins at each event of step 1."""
    result = []
    for begin, (place, first) in enumerate(stream):
        if 1 not in first.steps:
            continue
        done = [place]
        for later, event in stream[begin + 1 :]:
            if event.us - first.us > q.within or len(done) == len(q.steps):
                break
            stands = len(done)
            if any(one.after <= stands < one.before and j in event.outs for j, one in enumerate(q.exclude)):
                break
            if stands + 1 in event.steps:
                done.append(later)
            elif q.order == "strict":
                break
        result.append((first.us, done))
    return result


def attempts_in_any_order(q: FunnelQuestion, stream: list[tuple[int, Seen]]) -> list[tuple[int, list[int]]]:
    """The same from each event: the places where the number of different steps grew."""
    result = []
    for begin, (_, first) in enumerate(stream):
        done: list[int] = []
        kinds: set[int] = set()
        for later, event in stream[begin:]:
            if event.us - first.us > q.within:
                break
            if min(event.steps) not in kinds:
                kinds.add(min(event.steps))
                done.append(later)
        result.append((first.us, done))
    return result

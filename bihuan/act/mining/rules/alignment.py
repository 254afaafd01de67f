"""How a case fits a diagram: the cheapest way to lay what was done along what the drawing allows.

An optimal alignment after Adriansyah (2014), by Dijkstra's search over (marking, place in the case): a step done where the
drawing has it costs nothing, a step that the drawing does not have there costs one, and so does a step that it demands and
that was not done. Fitness is one minus the cost over the cost of the worst: everything extra, the shortest way left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Literal

from bihuan.act.mining.rules.tokens import Game, Marking, Play

#: The search ends after so many moves; a diagram with many steps side by side has more than anybody can wait for.
MOST_LOOKED = 500_000


class TooWide(ValueError):
    """The search for an alignment came to its `looked`-th move without an end."""

    def __init__(self, *, looked: int) -> None:
        super().__init__(f"no end after {looked} moves")
        self.looked = looked


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One place of an alignment: `done` as drawn, `extra` (done, not drawn here), `left_out` (drawn, not done), or `passed`
    (what no log tells). `element` is "" for a step that the diagram does not have."""

    kind: Literal["done", "extra", "left_out", "passed"]
    element: str
    flows: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """The moves in order, how many of them are not as drawn, and how many were looked at to find them."""

    moves: tuple[Moved, ...]
    cost: int
    looked: int = field(default=0, compare=False)

    @property
    def fits(self) -> bool:
        """Whether all was done as drawn."""
        return self.cost == 0


def align(game: Game, trace: Sequence[str], *, complete: bool = True, most: int = MOST_LOOKED) -> Alignment:
    """Lay the elements of a case ("" for one that the diagram does not have) along a diagram; TooWide after `most` moves that
    were looked at. `complete` cases must reach an end; others may stand anywhere."""
    hopeless = [0]
    for element in reversed(trace):
        hopeless.append(hopeless[-1] + (element not in game.told))
    hopeless.reverse()
    begin = (game.begin, 0)
    # (cost with what must still come, moves, order): of two ways that cost the same the one with fewer moves, then the first
    queue: list[tuple[int, int, int, int, tuple[Marking, int]]] = [(hopeless[0], 0, 0, 0, begin)]
    numbers, looked = count(1), 0
    cheapest = {begin: (0, 0)}
    came: dict[tuple[Marking, int], tuple[tuple[Marking, int], Moved]] = {}
    seen: set[tuple[Marking, int]] = set()
    while queue:
        _, moves, _, cost, state = heappop(queue)
        if state in seen:
            continue
        seen.add(state)
        marking, place = state
        if place == len(trace) and (not complete or not marking):
            return Alignment(moves=tuple(_way(came, state)), cost=cost, looked=looked)
        if looked >= most:
            break
        for more, following, moved in _steps(game, marking, place, trace):
            looked += 1
            price = (cost + more, moves + 1)
            if following not in seen and price < cheapest.get(following, (1 << 60, 0)):
                cheapest[following] = price
                came[following] = (state, moved)
                expected = price[0] + hopeless[following[1]]
                heappush(queue, (expected, price[1], next(numbers), price[0], following))
    raise TooWide(looked=looked)


def _steps(
    game: Game, marking: Marking, place: int, trace: Sequence[str]
) -> Iterator[tuple[int, tuple[Marking, int], Moved]]:
    """(price, where it leads, the move) for everything that can come next."""
    for play in game.plays(marking):
        if not play.told:
            yield 0, (play.after, place), _of(play, "passed")
        else:
            if place < len(trace) and trace[place] == play.element:
                yield 0, (play.after, place + 1), _of(play, "done")
            yield 1, (play.after, place), _of(play, "left_out")
    if place < len(trace):
        yield 1, (marking, place + 1), Moved(kind="extra", element=trace[place])


def _of(play: Play, kind: Literal["done", "left_out", "passed"]) -> Moved:
    return Moved(kind=kind, element=play.element, flows=play.flows)


def _way(
    came: dict[tuple[Marking, int], tuple[tuple[Marking, int], Moved]], state: tuple[Marking, int]
) -> list[Moved]:
    found: list[Moved] = []
    while state in came:
        state, moved = came[state]
        found.append(moved)
    return found[::-1]


def fitness(alignment: Alignment, *, length: int, shortest: int) -> float:
    """From 0 to 1; `shortest` is how many steps the shortest way through the diagram has."""
    worst = length + shortest
    return 1.0 if worst == 0 else 1 - alignment.cost / worst

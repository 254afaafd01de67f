"""Lanes as bands of rows of a grid: of a process in its pool, and of a sub-process that is opened.

A lane with lanes in it goes around them; what stands in no lane has a band above them all. Names of lanes stand on their left.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bihuan.act.bpmn import diagram as d

#: Where names of pools and lanes stand.
NAME = 30.0


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A lane: its own nodes and the lanes in it."""

    id: str
    nodes: frozenset[str]
    inside: "tuple[Lane, ...]" = ()


def every(lanes: Sequence[Lane]) -> Iterator[Lane]:
    """The lanes and all lanes in them."""
    for lane in lanes:
        yield lane
        yield from every(lane.inside)


class Bands:
    """The bands of one scope: `of` says in which a node lies, `number` how many there are, `names` how wide their names are."""

    def __init__(self, lanes: Sequence[Lane], *, inside: Iterable[d.Node]) -> None:
        self._leaves: list[Lane] = []
        self._spans: list[tuple[Lane, int, int, int]] = []
        self._walk(lanes, 0)
        of = {key: number for number, lane in enumerate(self._leaves) for key in lane.nodes}
        of |= {key: begin for lane, begin, _end, _depth in self._spans for key in lane.nodes if key not in of}
        loose = any(node.id not in of for node in inside if node.kind != "boundaryEvent")
        self._above = int(loose or not self._leaves)
        self.of = {key: number + self._above for key, number in of.items()}
        self.number = len(self._leaves) + self._above
        self.names = NAME * max((depth + 1 for *_lane, depth in self._spans), default=0)

    def _walk(self, lanes: Sequence[Lane], depth: int) -> None:
        """Lanes without lanes in them are bands, in order; each lane goes from its first to behind its last."""
        for lane in lanes:
            begin = len(self._leaves)
            if lane.inside:
                self._walk(lane.inside, depth + 1)
            else:
                self._leaves.append(lane)
            self._spans.append((lane, begin, len(self._leaves), depth))

    def boxes(
        self, borders: Sequence[float], *, left: float, top: float, right: float
    ) -> dict[str, tuple[float, float, float, float]]:
        """(x, y, width, height) of each lane, outer ones first; `borders` are where each band begins below `top`, and where the
        last one ends."""
        found = {}
        for lane, begin, end, depth in sorted(self._spans, key=lambda one: one[3]):
            x = left + NAME * depth
            y, below = (top + borders[one + self._above] for one in (begin, end))
            found[lane.id] = (x, y, right - x, below - y)
        return found

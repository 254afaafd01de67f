"""Pools and lanes of a file without a picture: which there are, and where they stand around what is in them.

A pool is as wide as the widest one, and stands under the one before it; its lanes are bands of rows of the grid of its process,
a lane with lanes in it goes around them. A pool whose process is not told is a narrow strip. What stands in no lane has a band
above them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from bihuan.act.bpmn import diagram as d
from bihuan.act.bpmn.layout import Box, Picture, Point, Scope, between_scopes
from bihuan.act.bpmn.reading import NS, diagram_of

#: Where names of pools and lanes stand, how high a pool without a process is, and what is between pools.
NAME, STRIP, BETWEEN = 30.0, 60.0, 60.0
LEFT, TOP = 100.0, 80.0
#: Lanes in lanes are read so deep, and so many pools and lanes in all; no drawing that people read has more.
MOST_DEPTH, MOST = 8, 500


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A lane: its own nodes and the lanes in it."""

    id: str
    nodes: frozenset[str]
    inside: "tuple[Lane, ...]" = ()


@dataclass(frozen=True, kw_only=True)
class Pool:
    """A pool with its process, None for one that is not told; `id` is "" for a process around which there is none."""

    id: str
    diagram: d.Diagram | None
    lanes: tuple[Lane, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pools:
    """What stands in a file: the collaboration ("" for none), its pools, and its message flows as (id, from, to)."""

    id: str
    pools: tuple[Pool, ...]
    messages: tuple[tuple[str, str, str], ...] = ()


def pools_of(root: etree._Element, diagram: d.Diagram) -> Pools | None:
    """The pools and lanes around a process; None when there are neither, or more than anybody could read."""
    processes = {one.get("id", ""): one for one in root.iterfind("b:process", NS)}
    told = root.find("b:collaboration", NS)
    participants = [] if told is None else list(told.iterfind("b:participant", NS))
    refers = [one.get("processRef", "").split(":")[-1] for one in participants]
    if len(participants) + len(root.findall(".//b:lane", NS)) > MOST:
        return None
    if told is None or diagram.id not in refers:
        lanes = _lanes_in(processes[diagram.id])
        return Pools(id="", pools=(Pool(id="", diagram=diagram, lanes=lanes),)) if lanes else None
    pools = []
    for number, (one, process) in enumerate(zip(participants, refers, strict=True)):
        drawn = processes.get(process) if process not in refers[:number] else None
        pools.append(
            Pool(
                id=one.get("id", ""),
                diagram=None
                if drawn is None
                else diagram
                if process == diagram.id
                else diagram_of(root, drawn),
                lanes=() if drawn is None else _lanes_in(drawn),
            )
        )
    messages = tuple(
        (one.get("id", ""), one.get("sourceRef", ""), one.get("targetRef", ""))
        for one in told.iterfind("b:messageFlow", NS)
    )
    return Pools(id=told.get("id", ""), pools=tuple(pools), messages=messages)


def _lanes_in(scope: etree._Element, name: str = "laneSet", depth: int = 1) -> tuple[Lane, ...]:
    """The lanes of the first set that has any: further ones are other views of the same steps."""
    if depth > MOST_DEPTH:
        return ()
    for lanes in scope.iterfind(f"b:{name}", NS):
        found = tuple(
            Lane(
                id=one.get("id", ""),
                nodes=frozenset((ref.text or "").strip() for ref in one.iterfind("b:flowNodeRef", NS)),
                inside=_lanes_in(one, "childLaneSet", depth + 1),
            )
            for one in lanes.iterfind("b:lane", NS)
        )
        if found:
            return found
    return ()


def pooled(pools: Pools) -> Picture:
    """A picture of everything in the pools, with the pools and lanes; each node lies in its lane."""
    drawn = [_Drawn(pool) for pool in pools.pools]
    width = max(one.width for one in drawn)
    shapes: dict[str, Box] = {}
    edges: dict[str, Sequence[Point]] = {}
    top = TOP
    for one in drawn:
        one.place(top, width, shapes, edges)
        top += one.height + BETWEEN
    for number, (key, source, target) in enumerate(pools.messages):
        if source in shapes and target in shapes and source != target:
            edges[key] = _message(shapes[source], shapes[target], number)
    named = {pool.id for pool in pools.pools if pool.id}
    named |= {lane.id for pool in pools.pools for lane in _all(pool.lanes)}
    return Picture(shapes=shapes, edges=edges, across=frozenset(named))


def _all(lanes: Sequence[Lane]) -> Iterator[Lane]:
    for lane in lanes:
        yield lane
        yield from _all(lane.inside)


def _message(one: Box, other: Box, number: int) -> list[Point]:
    """From below or above to the other pool; beside it where both ends are steps that do not stand over each other."""
    down = other[1] > one[1]
    (x, into), begin, end = _across(one, other), one[1] + one[3] * down, other[1] + other[3] * (not down)
    if x == into:
        return [(x, begin), (x, end)]
    turn = end + (10 + 4 * (number % 6)) * (-1 if down else 1)
    return [(x, begin), (x, turn), (into, turn), (into, end)]


def _across(one: Box, other: Box) -> tuple[float, float]:
    """Where a message leaves and arrives: the middle of a step, and of a pool where the step is."""
    x, into = one[0] + one[2] / 2, other[0] + other[2] / 2
    if other[0] < x < other[0] + other[2] and other[2] > one[2]:
        return x, x
    return (into, into) if one[0] < into < one[0] + one[2] else (x, into)


class _Drawn:
    """One pool with the grid of its process."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.leaves: list[Lane] = []
        self.spans: list[tuple[Lane, int, int, int]] = []
        self._walk(pool.lanes, 0)
        self.scope: Scope | None = None
        self.width, self.height = NAME, STRIP
        if pool.diagram is None:
            return
        of = {key: number for number, lane in enumerate(self.leaves) for key in lane.nodes}
        of |= {key: begin for lane, begin, _end, _depth in self.spans for key in lane.nodes if key not in of}
        loose = any(node.id not in of for node in pool.diagram.inside() if node.kind != "boundaryEvent")
        self.above = int(loose or not self.leaves)
        bands = {key: number + self.above for key, number in of.items()}
        self.scope = Scope(pool.diagram, "", bands=bands, number=len(self.leaves) + self.above)
        self.names = NAME * (bool(pool.id) + max((depth + 1 for *_lane, depth in self.spans), default=0))
        self.width, self.height = self.names + self.scope.width, self.scope.height

    def _walk(self, lanes: Sequence[Lane], depth: int) -> None:
        """Lanes without lanes in them are bands, in order; each lane goes from its first to behind its last."""
        for lane in lanes:
            begin = len(self.leaves)
            if lane.inside:
                self._walk(lane.inside, depth + 1)
            else:
                self.leaves.append(lane)
            self.spans.append((lane, begin, len(self.leaves), depth))

    def place(
        self, top: float, width: float, shapes: dict[str, Box], edges: dict[str, Sequence[Point]]
    ) -> None:
        """Add its boxes and arrows from this height on."""
        if self.pool.id:
            shapes[self.pool.id] = (LEFT, top, width, self.height)
        if self.scope is None or self.pool.diagram is None:
            return
        for lane, begin, end, depth in sorted(self.spans, key=lambda one: one[3]):
            x = LEFT + NAME * (bool(self.pool.id) + depth)
            y, below = (top + self.scope.borders[one + self.above] for one in (begin, end))
            shapes[lane.id] = (x, y, LEFT + width - x, below - y)
        placed, drawn = self.scope.placed(LEFT + self.names, top)
        shapes |= placed
        edges |= drawn
        edges |= between_scopes(self.pool.diagram, shapes, edges)

"""Pools and lanes of a file without a picture: which there are, and where they stand around what is in them.

A pool is as wide as the widest one, and stands under the one before it; its lanes are bands of rows of the grid of its process,
and a sub-process may have lanes of its own (`bands.py`). A pool whose process is not told is a narrow strip.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from bihuan.act.bpmn import diagram as d
from bihuan.act.bpmn.bands import NAME, Bands, Lane, every
from bihuan.act.bpmn.layout import Box, Picture, Point, Scope, between_scopes
from bihuan.act.bpmn.reading import NS, diagram_of

#: How high a pool without a process is, and what is between pools.
STRIP, BETWEEN = 60.0, 60.0
LEFT, TOP = 100.0, 80.0
#: Lanes in lanes are read so deep, and so many pools and lanes in all; no drawing that people read has more.
MOST_DEPTH, MOST = 8, 500


@dataclass(frozen=True, kw_only=True)
class Pool:
    """A pool with its process, None for one that is not told; `id` is "" for a process around which there is none. `inner` are
    the lanes of its sub-processes."""

    id: str
    diagram: d.Diagram | None
    lanes: tuple[Lane, ...] = ()
    inner: Mapping[str, tuple[Lane, ...]] = field(default_factory=dict)


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
        lanes, inner = _lanes_in(processes[diagram.id]), _inner_of(processes[diagram.id])
        alone = Pool(id="", diagram=diagram, lanes=lanes, inner=inner)
        return Pools(id="", pools=(alone,)) if lanes or inner else None
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
                inner={} if drawn is None else _inner_of(drawn),
            )
        )
    messages = tuple(
        (one.get("id", ""), one.get("sourceRef", ""), one.get("targetRef", ""))
        for one in told.iterfind("b:messageFlow", NS)
    )
    return Pools(id=told.get("id", ""), pools=tuple(pools), messages=messages)


def _inner_of(process: etree._Element) -> dict[str, tuple[Lane, ...]]:
    """The lanes of each sub-process that has any, however deep it stands."""
    found = {one.get("id", ""): _lanes_in(one) for one in process.iterfind(".//b:subProcess", NS)}
    return {key: lanes for key, lanes in found.items() if lanes}


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
    named |= {lane.id for pool in pools.pools for lane in every(pool.lanes)}
    named |= {lane.id for pool in pools.pools for lanes in pool.inner.values() for lane in every(lanes)}
    return Picture(shapes=shapes, edges=edges, across=frozenset(named))


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
        self.scope: Scope | None = None
        self.width, self.height = NAME, STRIP
        if pool.diagram is None:
            return
        self.bands = Bands(pool.lanes, inside=pool.diagram.inside())
        self.scope = Scope(pool.diagram, "", bands=self.bands, inner=pool.inner)
        self.names = NAME * bool(pool.id) + self.bands.names
        self.width, self.height = self.names + self.scope.width, self.scope.height

    def place(
        self, top: float, width: float, shapes: dict[str, Box], edges: dict[str, Sequence[Point]]
    ) -> None:
        """Add its boxes and arrows from this height on."""
        if self.pool.id:
            shapes[self.pool.id] = (LEFT, top, width, self.height)
        if self.scope is None or self.pool.diagram is None:
            return
        left = LEFT + NAME * bool(self.pool.id)
        shapes |= self.bands.boxes(self.scope.borders, left=left, top=top, right=LEFT + width)
        placed, drawn = self.scope.placed(LEFT + self.names, top)
        shapes |= placed
        edges |= drawn
        edges |= between_scopes(self.pool.diagram, shapes, edges)

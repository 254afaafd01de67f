"""Where the shapes of a diagram without a picture stand: layers from left to right by the longest path, ways back below.

Every scope (the process, and each sub-process) is a grid: a column a layer, a row for what does not fit beside. An arrow that
skips columns has a cell of its own in each, so that it runs past no shape; between columns run channels, and under the last
row the ways back. Sub-processes are opened, and as large as what stands in them and their lanes; events on steps stand on their
lower border.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bihuan.act.bpmn import diagram as d
from bihuan.act.bpmn.bands import Bands, Lane

Box = tuple[float, float, float, float]
Point = tuple[float, float]
STEP, GATEWAY, EVENT = (120.0, 80.0), (50.0, 50.0), (36.0, 36.0)
#: Between columns run arrows; under a row the events on its steps and their arrows.
CHANNEL, UNDER, EDGE = 60.0, 50.0, 30.0
#: A place between two events on a step.
BESIDE = 44.0
#: Arrows that share a channel are set apart by so much, in so many tracks.
TRACK, TRACKS = 7.0, 6
#: Arrows that skip columns take so many cells in all; where they would take more, they run straight.
MOST_CELLS = 20_000
#: So much stands free on both sides of a border between lanes.
BORDER = 30.0
#: The name of an opened sub-process stands at its top; the first step stands lower (EDGE).
TITLE = 20.0


@dataclass(frozen=True, kw_only=True)
class Picture:
    """(x, y, width, height) of each node, and the points of each arrow whose both ends are there."""

    shapes: Mapping[str, Box]
    edges: Mapping[str, Sequence[Point]]
    #: Pools and lanes: their names stand on their left.
    across: frozenset[str] = frozenset()


def laid_out(diagram: d.Diagram) -> Picture:
    """A picture of every node and arrow; nothing overlaps but an event and the step that it stands on."""
    whole = Scope(diagram, "")
    shapes, edges = whole.placed(100.0, 80.0)
    return Picture(shapes=shapes, edges=edges | between_scopes(diagram, shapes, edges))


def between_scopes(
    diagram: d.Diagram, shapes: Mapping[str, Box], edges: Mapping[str, Sequence[Point]]
) -> dict[str, Sequence[Point]]:
    """The arrows that no scope has drawn."""
    return {
        flow.id: straight(shapes[flow.source], shapes[flow.target])
        for flow in diagram.flows if flow.id not in edges and flow.source in shapes and flow.target in shapes
    }  # fmt: skip


def straight(one: Box, other: Box) -> list[Point]:
    """Between two scopes, which BPMN does not allow; drawn all the same, so that it is seen."""
    down = other[1] >= one[1]
    return [
        (one[0] + one[2] / 2, one[1] + (one[3] if down else 0)),
        (other[0] + other[2] / 2, other[1] + (0 if down else other[3])),
    ]


@dataclass(kw_only=True)
class _Link:
    """An arrow inside a scope, between the steps that carry its ends; `cells` are the rows that it passes, by column."""

    flow: d.Flow
    source: str
    target: str
    back: bool = False
    cells: dict[int, int] = field(default_factory=dict)


class Scope:
    """A grid of what stands directly in the process or a sub-process. `bands` puts nodes into bands of rows, one under the
    other: lanes; `borders` are where each band begins, and where the last one ends. `inner` are the lanes of sub-processes,
    whose names the grid leaves room for; around a process a pool does that."""

    def __init__(
        self, diagram: d.Diagram, parent: str, *, bands: Bands | None = None,
        inner: Mapping[str, Sequence[Lane]] | None = None,
    ) -> None:  # fmt: skip
        self.diagram, self.number = diagram, bands.number if bands is not None else 1
        self.bands = bands if parent else None
        self.names = self.bands.names if self.bands is not None else 0.0
        inside = diagram.inside(parent)
        here = {node.id for node in inside}
        self.nodes = {node.id: node for node in inside if not self._stands_on(node, here)}
        self.beside: dict[str, list[d.Node]] = {key: [] for key in self.nodes}
        for one in inside:
            if one.id not in self.nodes and one.attached_to in self.beside:
                self.beside[one.attached_to].append(one)
        self.inner = {
            node.id: _opened(diagram, node.id, inner or {})
            for node in self.nodes.values()
            if node.kind == "subProcess"
        }
        self.band = {key: bands.of.get(key, 0) if bands is not None else 0 for key in self.nodes}
        self.sizes = {node.id: self._size(node) for node in self.nodes.values()}
        carrier = {one.id: key for key, events in self.beside.items() for one in events} | {
            key: key for key in self.nodes
        }
        self.links = [
            _Link(flow=flow, source=carrier[flow.source], target=carrier[flow.target])
            for flow in diagram.flows if flow.source in carrier and flow.target in carrier
        ]  # fmt: skip
        self._find_ways_back()
        self.layer = self._layers()
        self.row = self._rows()
        self._measure()

    @staticmethod
    def _stands_on(node: d.Node, here: set[str]) -> bool:
        return node.kind == "boundaryEvent" and node.attached_to in here and node.attached_to != node.id

    def _size(self, node: d.Node) -> tuple[float, float]:
        if node.id in self.inner:
            width, height = self.inner[node.id].width, self.inner[node.id].height
        elif node.kind in d.GATEWAYS:
            width, height = GATEWAY
        elif node.kind in d.EVENTS:
            width, height = EVENT
        else:
            width, height = STEP
        return max(width, BESIDE * len(self.beside[node.id]) + 16 if self.beside[node.id] else 0), height

    def _find_ways_back(self) -> None:
        """An arrow to a node that is still being walked closes a circle. Walked from the starts, without recursion."""
        leaving: dict[str, list[_Link]] = {key: [] for key in self.nodes}
        for link in self.links:
            leaving[link.source].append(link)
        order = sorted(self.nodes, key=lambda key: self.nodes[key].kind != "startEvent")
        state: dict[str, int] = {}
        for start in order:
            if start in state:
                continue
            state[start] = 1
            walk = [(start, iter(leaving[start]))]
            while walk:
                here, rest = walk[-1]
                following = next(rest, None)
                if following is None:
                    state[here] = 2
                    walk.pop()
                elif state.get(following.target) == 1:
                    following.back = True
                elif following.target not in state:
                    state[following.target] = 1
                    walk.append((following.target, iter(leaving[following.target])))

    def _layers(self) -> dict[str, int]:
        """Each node as far right as its longest way from the left demands."""
        forward = [link for link in self.links if not link.back]
        waits = dict.fromkeys(self.nodes, 0)
        for link in forward:
            waits[link.target] += 1
        layer, ready = dict.fromkeys(self.nodes, 0), [key for key in self.nodes if not waits[key]]
        following: dict[str, list[str]] = {key: [] for key in self.nodes}
        for link in forward:
            following[link.source].append(link.target)
        while ready:
            here = ready.pop(0)
            for target in following[here]:
                layer[target] = max(layer[target], layer[here] + 1)
                waits[target] -= 1
                if not waits[target]:
                    ready.append(target)
        return layer

    def _rows(self) -> dict[str, int]:
        """Column by column each node beside what leads to it; arrows that pass a column take a cell of it, unless they are
        so many that no picture could show it. Each band has rows of its own."""
        row: dict[str, int] = {}
        band = self.band
        columns: dict[int, list[str]] = {}
        for key in self.nodes:
            columns.setdefault(self.layer[key], []).append(key)
        forward = [link for link in self.links if not link.back]
        entering: dict[str, list[_Link]] = {key: [] for key in self.nodes}
        for link in forward:
            entering[link.target].append(link)
        passing = _passing(forward, self.layer)
        for column in range(max(self.layer.values(), default=-1) + 1):
            free = [_Free() for _band in range(self.number)]
            for key in columns.get(column, ()):
                before = [
                    link.cells.get(column - 1, row.get(link.source, 0))
                    for link in entering[key] if band[link.source] == band[key]
                ]  # fmt: skip
                row[key] = free[band[key]].take(min(before, default=0))
            for link in passing.get(column, ()):
                link.cells[column] = free[band[link.source]].take(
                    link.cells.get(column - 1, row[link.source])
                )
        return self._one_under_the_other(row)

    def _one_under_the_other(self, row: dict[str, int]) -> dict[str, int]:
        """The rows of the whole scope from those of each band; `first` is where each band begins."""
        deep = [1] * self.number
        for key, own in row.items():
            deep[self.band[key]] = max(deep[self.band[key]], own + 1)
        for link in self.links:
            of = self.band[link.source]
            deep[of] = max([deep[of], *(cell + 1 for cell in link.cells.values())])
        self.first = [sum(deep[:number]) for number in range(self.number)]
        for link in self.links:
            link.cells = {
                column: cell + self.first[self.band[link.source]] for column, cell in link.cells.items()
            }
        return {key: own + self.first[self.band[key]] for key, own in row.items()}

    def _measure(self) -> None:
        columns = max(self.layer.values(), default=-1) + 1
        cells = (cell for link in self.links for cell in link.cells.values())
        rows = max([*self.row.values(), *cells, *self.first], default=0) + 1
        widths, heights = [EVENT[0]] * columns, [EVENT[1]] * rows
        for key, (width, height) in self.sizes.items():
            widths[self.layer[key]] = max(widths[self.layer[key]], width)
            heights[self.row[key]] = max(heights[self.row[key]], height)
        self.lefts, self.tops, x, y = [], [], EDGE + CHANNEL, EDGE
        for width in widths:
            self.lefts.append(x)
            x += width + CHANNEL
        self.borders = [0.0]
        for number, height in enumerate(heights):
            if number and number in self.first:
                self.borders.append(y)
                y += BORDER
            self.tops.append(y)
            y += height + UNDER
        self.widths, self.heights = widths, heights
        back = sum(link.back or self._backward(link) for link in self.links)
        self.floor = y
        self.width = max(x + EDGE, STEP[0]) + self.names
        self.height = max(y + TRACK * back + EDGE, STEP[1])
        self.borders.append(self.height)

    def _backward(self, link: _Link) -> bool:
        return self.layer[link.target] <= self.layer[link.source]

    def placed(self, left: float, top: float) -> tuple[dict[str, Box], dict[str, Sequence[Point]]]:
        """The boxes and arrows of this scope and of those in it, from a corner on."""
        left += self.names
        shapes: dict[str, Box] = {}
        edges: dict[str, Sequence[Point]] = {}
        for key, (width, height) in self.sizes.items():
            column, row = self.layer[key], self.row[key]
            x = left + self.lefts[column] + (self.widths[column] - width) / 2
            y = top + self.tops[row] + (self.heights[row] - height) / 2
            shapes[key] = (x, y, width, height)
            for number, event in enumerate(self.beside[key]):
                shapes[event.id] = (x + 8 + BESIDE * number, y + height - EVENT[1] / 2, *EVENT)
            if key in self.inner:
                below, within = self.inner[key].placed(x, y)
                shapes |= self.inner[key].lanes(x, y, width) | below
                edges |= within
        downs = 0
        for number, link in enumerate(self.links):
            if link.back or self._backward(link):
                downs += 1
            edges[link.flow.id] = self._line(link, shapes, left, top, track=number % TRACKS, down=downs)
        return shapes, edges

    def lanes(self, left: float, top: float, width: float) -> dict[str, Box]:
        """The boxes of a sub-process's lanes, as wide as it is, below its name."""
        if self.bands is None:
            return {}
        borders = [TITLE, *self.borders[1:]]
        return self.bands.boxes(borders, left=left, top=top, right=left + width)

    def _line(
        self, link: _Link, shapes: Mapping[str, Box], left: float, top: float, *, track: int, down: int
    ) -> list[Point]:
        points, shift = [], 8 + TRACK * track
        box, target = shapes[link.flow.source], shapes[link.flow.target]
        column = self.layer[link.source]
        right = left + self.lefts[column] + self.widths[column] + shift
        end = (target[0], target[1] + target[3] / 2)
        if link.flow.source == link.source:
            points.append((box[0] + box[2], box[1] + box[3] / 2))
        else:
            row = self.row[link.source]
            lane = top + self.tops[row] + self.heights[row] + EVENT[1] / 2 + 18 + 2 * track
            points += [(box[0] + box[2] / 2, box[1] + box[3]), (box[0] + box[2] / 2, lane), (right, lane)]
        before = left + self.lefts[self.layer[link.target]] - CHANNEL + shift
        if link.flow.target != link.target:
            end = (target[0] + target[2] / 2, target[1] + target[3])
            before = end[0]
        if link.back or self._backward(link) or link.flow.target != link.target:
            floor = top + self.floor + TRACK * down
            if points[-1][0] != right:
                points.append((right, points[-1][1]))
            points += [(right, floor), (before, floor)]
            if before != end[0]:
                points.append((before, end[1]))
            return _tidy([*points, end])
        for passed in sorted(link.cells):
            y = top + self.tops[link.cells[passed]] + self.heights[link.cells[passed]] / 2
            turn = left + self.lefts[passed] - CHANNEL + shift
            points += [(turn, points[-1][1]), (turn, y)]
        return _tidy([*points, (before, points[-1][1]), (before, end[1]), end])


def _opened(diagram: d.Diagram, key: str, inner: Mapping[str, Sequence[Lane]]) -> Scope:
    lanes = inner.get(key)
    return Scope(diagram, key, bands=Bands(lanes, inside=diagram.inside(key)) if lanes else None, inner=inner)


def _passing(forward: Sequence[_Link], layer: Mapping[str, int]) -> dict[int, list[_Link]]:
    """The arrows that pass each column; none at all when they take more than MOST_CELLS."""
    found: dict[int, list[_Link]] = {}
    if sum(max(layer[link.target] - layer[link.source] - 1, 0) for link in forward) > MOST_CELLS:
        return found
    for link in forward:
        for column in range(layer[link.source] + 1, layer[link.target]):
            found.setdefault(column, []).append(link)
    return found


class _Free:
    """The rows of one column that nothing has taken."""

    def __init__(self) -> None:
        self._next: dict[int, int] = {}

    def take(self, wanted: int) -> int:
        """The first free one from there on. What was walked over is remembered, so that a full column is not walked again."""
        here, walked = wanted, []
        while here in self._next:
            walked.append(here)
            here = self._next[here]
        for one in (*walked, here):
            self._next[one] = here + 1
        return here


def _tidy(points: list[Point]) -> list[Point]:
    """Without points that lie on each other, or between two of one straight line."""
    found: list[Point] = []
    for point in points:
        if found and abs(found[-1][0] - point[0]) < 0.01 and abs(found[-1][1] - point[1]) < 0.01:
            continue
        if len(found) > 1 and (
            found[-2][0] == found[-1][0] == point[0] or found[-2][1] == found[-1][1] == point[1]
        ):
            found[-1] = point
            continue
        found.append(point)
    return found if len(found) > 1 else [points[0], points[-1]]

"""A diagram as a written outline: numbered steps, indented ways, what happens beside them."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bihuan.act.bpmn.diagram import ACTIVITIES, GATEWAYS, Diagram, Flow, Node


@dataclass(frozen=True, kw_only=True)
class Line:
    """`kind`: a "step" (numbered), a "way" out of a gateway (with its flow), an "event" beside a step or on the way, a "back"
    to a step that was written already (`number`), "on" to where ways meet again, or an "end". `depth` is the indent."""

    kind: Literal["step", "way", "event", "back", "on", "end"]
    node: Node
    depth: int = 0
    number: int = 0
    flow: Flow | None = None


def outline(diagram: Diagram) -> list[Line]:
    """From the start on, each step once; what cannot be reached follows at the end."""
    writer = _Writer(diagram)
    lines = [line for start in diagram.starts for line in writer.walk(start, 0, frozenset())]
    for node in diagram.inside():
        if node.id not in writer.numbers and node.kind in ACTIVITIES:
            lines.extend(writer.walk(node, 0, frozenset()))
    return lines


#: Ways inside ways are followed so far; what stands deeper follows at the end.
MOST_DEPTH = 60
#: Where ways meet is looked for in so many steps in all; then ways are written as if they never met.
MOST_REACHED = 1_000_000


class _Writer:
    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.numbers: dict[str, int] = {}
        self.seen: set[str] = set()
        self.left = MOST_REACHED

    def walk(self, node: Node | None, depth: int, stops: frozenset[str]) -> Iterator[Line]:
        """The lines from a node on, up to one of `stops`."""
        if depth > MOST_DEPTH:
            return
        while node is not None and node.id not in stops:
            if node.id in self.seen:
                if node.kind in ACTIVITIES:
                    yield Line(kind="back", node=node, depth=depth, number=self.numbers.get(node.id, 0))
                return
            self.seen.add(node.id)
            yield from self._said(node, depth)
            leaving = self.diagram.leaving.get(node.id, ())
            if len(leaving) <= 1:
                node = self.diagram.nodes.get(leaving[0].target) if leaving else None
                continue
            meeting = self._meeting(leaving)
            inner = stops | ({meeting} if meeting else frozenset())
            for flow in leaving:
                yield Line(kind="way", node=node, depth=depth, flow=flow)
                target = self.diagram.nodes.get(flow.target)
                if target is not None and target.id in inner and (target.kind in ACTIVITIES or target.name):
                    yield Line(kind="on", node=target, depth=depth + 1)
                yield from self.walk(target, depth + 1, inner)
            node = self.diagram.nodes.get(meeting) if meeting else None

    def _said(self, node: Node, depth: int) -> Iterator[Line]:
        if node.kind in ACTIVITIES:
            self.numbers[node.id] = len(self.numbers) + 1
            yield Line(kind="step", node=node, depth=depth, number=self.numbers[node.id])
        elif node.kind == "endEvent":
            yield Line(kind="end", node=node, depth=depth)
        elif node.kind not in GATEWAYS and (node.kind != "startEvent" or node.event):
            yield Line(kind="event", node=node, depth=depth)
        if node.kind == "subProcess":
            for start in (one for one in self.diagram.inside(node.id) if one.kind == "startEvent"):
                yield from self.walk(start, depth + 1, frozenset())
        for beside in self.diagram.boundary_of(node.id):
            if beside.id not in self.seen:
                self.seen.add(beside.id)
                yield Line(kind="event", node=beside, depth=depth + 1)
                for flow in self.diagram.leaving.get(beside.id, ()):
                    yield from self.walk(self.diagram.nodes.get(flow.target), depth + 2, frozenset())

    def _meeting(self, leaving: tuple[Flow, ...]) -> str:
        """Where all ways come together again, "" when they do not, or when too much was looked for already."""
        reached = [self._reached(flow.target) for flow in leaving]
        if self.left <= 0:
            return ""
        shared = set(reached[0]).intersection(*reached[1:])
        return next((one for one in reached[0] if one in shared), "")

    def _reached(self, start: str) -> list[str]:
        """Everything that can be reached, the nearest first."""
        found, waiting = {start: True}, deque([start])
        while waiting and self.left > 0:
            self.left -= 1
            for flow in self.diagram.leaving.get(waiting.popleft(), ()):
                if flow.target not in found:
                    found[flow.target] = True
                    waiting.append(flow.target)
        return list(found)

"""The token game of a diagram: from where its tokens lie, every next move that the drawing allows.

A marking is where tokens lie, sorted: flows by id, `at:STEP` (a step that is done many times, under way) and `in:SUB` (inside a
sub-process). Conditions are not asked: a log rarely holds what they speak of, so every way out of a gateway is allowed. What
the platform passes by itself (gateways, events, and steps that a log does not tell) is silent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from bihuan.act.bpmn.diagram import AUTOMATIC, HUMAN, Diagram, Flow, Node

Marking = tuple[str, ...]
BEGIN = "begin"
#: A loop that makes tokens without end is not followed beyond this many.
MOST_TOKENS = 40
#: Above this many ways out of an inclusive gateway, each alone and all together are tried instead of every choice.
MOST_WAYS = 6


@dataclass(frozen=True, kw_only=True)
class Play:
    """One move: `element` was passed, or done where a log would tell (`told`); `flows` were taken; `after` is the marking."""

    element: str
    told: bool
    flows: tuple[str, ...]
    after: Marking


def told_by_people(diagram: Diagram) -> frozenset[str]:
    """The steps whose end a log of the platform tells: those of people and automatic ones."""
    return frozenset(node.id for node in diagram.nodes.values() if node.kind in HUMAN | AUTOMATIC)


class Game:
    """The moves of one diagram; `told` are the elements whose end a log tells."""

    def __init__(self, diagram: Diagram, *, told: frozenset[str]) -> None:
        self.diagram, self.told = diagram, told
        self._flows: Mapping[str, Flow] = {flow.id: flow for flow in diagram.flows}
        self._plays: dict[Marking, tuple[Play, ...]] = {}
        self._reached: dict[tuple[str, str], frozenset[str]] = {}
        #: What was laid along this diagram before: (trace, complete) → its alignment.
        self.known: dict[tuple[tuple[str, ...], bool], Any] = {}

    @property
    def begin(self) -> Marking:
        """Before its start event."""
        return (BEGIN,)

    def plays(self, marking: Marking) -> tuple[Play, ...]:
        """Every move that the marking allows, in the order of the places."""
        found = self._plays.get(marking)
        if found is None:
            kept = dict.fromkeys(
                play for place in dict.fromkeys(marking) for play in self._from(place, marking)
            )
            found = self._plays[marking] = tuple(one for one in kept if len(one.after) <= MOST_TOKENS)
        return found

    def _from(self, place: str, marking: Marking) -> Iterator[Play]:
        if place == BEGIN:
            for start in self.diagram.starts:
                yield self._go(start, marking, gone=(place,))
            return
        kind, _, key = place.partition(":")
        if kind == "in" and key:
            yield from self._inside(self.diagram.nodes[key], place, marking)
        elif kind == "at" and key:
            yield from self._under_way(self.diagram.nodes[key], place, marking)
        else:
            yield from self._arrived(self.diagram.nodes[self._flows[place].target], place, marking)

    def _arrived(self, node: Node, place: str, marking: Marking) -> Iterator[Play]:
        leaving = self.diagram.leaving.get(node.id, ())
        if node.kind == "parallelGateway":
            yield from self._joined(node, marking, place)
        elif node.kind == "inclusiveGateway":
            yield from self._met(node, marking, place)
        elif node.kind in ("exclusiveGateway", "eventBasedGateway"):
            for flow in leaving:
                yield self._go(node, marking, gone=(place,), ways=(flow,))
        elif node.kind == "endEvent":
            yield from self._ended(node, place, marking)
        elif node.kind == "subProcess":
            yield from self._entered(node, place, marking)
        else:
            yield from self._done(node, place, marking)

    def _done(self, node: Node, place: str, marking: Marking) -> Iterator[Play]:
        """A step or an event: it goes on, or something beside it takes over."""
        yield from self._beside(node, marking, gone=(place,))
        if not node.many:
            for ways in self._choices(node):
                yield self._go(node, marking, gone=(place,), ways=ways, told=node.id in self.told)
            return
        yield self._to(node, marking, gone=(place,), new=(f"at:{node.id}",), told=node.id in self.told)
        for ways in self._choices(node):
            yield self._go(node, marking, gone=(place,), ways=ways)

    def _under_way(self, node: Node, place: str, marking: Marking) -> Iterator[Play]:
        """A step done many times: once more, or it goes on."""
        if node.id in self.told:
            yield self._to(node, marking, gone=(), new=(), told=True)
        yield from self._beside(node, marking, gone=(place,))
        for ways in self._choices(node):
            yield self._go(node, marking, gone=(place,), ways=ways)

    def _entered(self, node: Node, place: str, marking: Marking) -> Iterator[Play]:
        starts = [one for one in self.diagram.inside(node.id) if one.kind == "startEvent"]
        for start in starts:
            flows = self.diagram.leaving.get(start.id, ())
            yield self._to(
                node, marking, gone=(place,), new=(f"in:{node.id}", *(flow.id for flow in flows)), flows=flows
            )
        if node.many or not starts:
            yield self._go(node, marking, gone=(place,))

    def _inside(self, node: Node, place: str, marking: Marking) -> Iterator[Play]:
        """A sub-process: it ends when nothing is left in it, or something beside it takes over."""
        within = tuple(one for one in marking if self._stands_in(one, node.id))
        yield from self._beside(node, marking, gone=(place, *within))
        if within:
            return
        yield self._go(node, marking, gone=(place,))
        if node.many:
            for start in (one for one in self.diagram.inside(node.id) if one.kind == "startEvent"):
                flows = self.diagram.leaving.get(start.id, ())
                yield self._to(node, marking, gone=(), new=tuple(flow.id for flow in flows), flows=flows)

    def _beside(self, node: Node, marking: Marking, *, gone: tuple[str, ...]) -> Iterator[Play]:
        for event in self.diagram.boundary_of(node.id):
            if event.event in ("error", "escalation") and node.kind == "subProcess":
                continue  # thrown from inside by an end of its own
            yield self._go(event, marking, gone=gone if event.interrupts else ())

    def _ended(self, node: Node, place: str, marking: Marking) -> Iterator[Play]:
        if node.event == "terminate":
            scope = tuple(one for one in marking if not node.parent or self._stands_in(one, node.parent))
            yield self._to(node, marking, gone=scope, new=())
            return
        caught = self._catching(node) if node.event in ("error", "escalation") else None
        if caught is None:
            yield self._to(node, marking, gone=(place,), new=())
            return
        inside = tuple(one for one in marking if self._stands_in(one, node.parent))
        gone = (f"in:{node.parent}", *inside) if caught.interrupts else (place,)
        yield self._go(caught, marking, gone=gone)

    def _catching(self, node: Node) -> Node | None:
        """What stands at the border of its sub-process for this error or escalation."""
        around = self.diagram.boundary_of(node.parent) if node.parent else []
        fits = [one for one in around if one.event == node.event and one.refers_to in ("", node.refers_to)]
        return fits[0] if fits else None

    def _joined(self, node: Node, marking: Marking, place: str) -> Iterator[Play]:
        entering = tuple(flow.id for flow in self.diagram.entering.get(node.id, ()))
        if all(one in marking for one in entering) and place == min(entering):
            yield self._go(node, marking, gone=entering)

    def _met(self, node: Node, marking: Marking, place: str) -> Iterator[Play]:
        """An inclusive gateway goes on when nothing can come along a way that is still empty."""
        entering = tuple(flow.id for flow in self.diagram.entering.get(node.id, ()))
        here = tuple(one for one in entering if one in marking)
        empty = frozenset(entering) - frozenset(here)
        others = [one for one in marking if one not in entering]
        if place != min(here) or any(self._reaches(one, node.id) & empty for one in others):
            return
        for ways in self._some_of(self.diagram.leaving.get(node.id, ())):
            yield self._go(node, marking, gone=here, ways=ways)

    def _reaches(self, place: str, gateway: str) -> frozenset[str]:
        """The flows that a token can come to without passing the gateway."""
        key = (place, gateway)
        if key not in self._reached:
            found: set[str] = set()
            waiting = [place]
            while waiting:
                for flow in self._next(waiting.pop(), gateway):
                    if flow not in found:
                        found.add(flow)
                        waiting.append(flow)
            self._reached[key] = frozenset(found)
        return self._reached[key]

    def _next(self, place: str, gateway: str) -> Iterator[str]:
        node = place.partition(":")[2] or (self._flows[place].target if place in self._flows else "")
        if not node or node == gateway:
            return
        for one in (node, *(event.id for event in self.diagram.boundary_of(node))):
            yield from (flow.id for flow in self.diagram.leaving.get(one, ()))

    def _choices(self, node: Node) -> Iterator[tuple[Flow, ...]]:
        """The flows that a step may leave by: all of them, or where conditions stand on them any of them."""
        leaving = self.diagram.leaving.get(node.id, ())
        if any(flow.condition for flow in leaving):
            yield from self._some_of(leaving)
        else:
            yield leaving

    @staticmethod
    def _some_of(flows: tuple[Flow, ...]) -> Iterator[tuple[Flow, ...]]:
        sizes = range(1, len(flows) + 1) if len(flows) <= MOST_WAYS else sorted({1, len(flows)})
        for size in sizes:
            yield from combinations(flows, size)

    def _stands_in(self, place: str, sub: str) -> bool:
        """Whether a token lies in a sub-process, however deep."""
        kind, _, key = place.partition(":")
        if place == BEGIN:
            return False
        parent = self.diagram.nodes[key].parent if key and kind in ("at", "in") else self._flows[place].parent
        while parent and parent != sub:
            parent = self.diagram.nodes[parent].parent
        return parent == sub

    def _go(
        self, node: Node, marking: Marking, *, gone: tuple[str, ...], ways: tuple[Flow, ...] | None = None,
        told: bool = False,
    ) -> Play:  # fmt: skip
        flows = self.diagram.leaving.get(node.id, ()) if ways is None else ways
        return self._to(
            node, marking, gone=gone, new=tuple(flow.id for flow in flows), flows=flows, told=told
        )

    def _to(
        self, node: Node, marking: Marking, *, gone: tuple[str, ...], new: tuple[str, ...], flows: tuple[Flow, ...] = (),
        told: bool = False,
    ) -> Play:  # fmt: skip
        left = list(marking)
        for place in gone:
            left.remove(place)
        taken = tuple(flow.id for flow in flows)
        return Play(element=node.id, told=told, flows=taken, after=tuple(sorted((*left, *new))))

"""A whole log laid along a diagram: how well it fits, which cases do not and where, and how often each flow was taken."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np

from bihuan.act.bpmn.diagram import Diagram
from bihuan.act.mining.rules.alignment import MOST_LOOKED, Alignment, Moved, TooWide, align, fitness
from bihuan.act.mining.rules.log import Log
from bihuan.act.mining.rules.tokens import Game, told_by_people

MOST_VARIANTS, MOST_KNOWN = 5_000, 50_000
#: So many moves are looked at for a whole log; what is found is kept, so that the next time comes further.
MOST_IN_ALL = 4 * MOST_LOOKED


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What is not as drawn: a step `left_out`, or done where the drawing does not have it (`extra`). `step` is the id of an
    element, or the name that the log has for what the diagram does not know."""

    kind: Literal["left_out", "extra"]
    step: str
    known: bool


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A variant along the diagram: how many cases are done this way, its alignment (None: too wide to be found,
    or too rare to be looked for)."""

    steps: tuple[str, ...]
    cases: int
    alignment: Alignment | None
    fitness: float
    differences: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True)
class Conformance:
    """The variants, the most frequent first; `variant` of each case (a place in them); over cases the mean fitness; `flows`
    and `left_out`/`extra` count cases' moves; `unknown` are names of the log that the diagram does not have, with how often."""

    variants: tuple[Fitted, ...]
    variant: tuple[int, ...]
    fitness: float
    fitting: int
    judged: int
    flows: Mapping[str, int]
    left_out: Mapping[str, int]
    extra: Mapping[str, int]
    unknown: Mapping[str, int]

    @property
    def too_wide(self) -> int:
        """Cases for which no alignment was found in time."""
        return len(self.variant) - self.judged


def elements_of(diagram: Diagram, activities: tuple[str, ...]) -> tuple[str, ...]:
    """For each name of a log the element it means, "" for none: its id, else a name (in either language) that only one has."""
    names: dict[str, set[str]] = {}
    for node in diagram.nodes.values():
        for text in (node.name.text, node.name.zh):
            if text:
                names.setdefault(_plain(text), set()).add(node.id)
    found = []
    for activity in activities:
        fits = names.get(_plain(activity), set())
        found.append(activity if activity in diagram.nodes else next(iter(fits)) if len(fits) == 1 else "")
    return tuple(found)


def game_of(log: Log, diagram: Diagram) -> Game:
    """The token game of a diagram in which everything that the log names is told."""
    named = frozenset(one for one in elements_of(diagram, log.activities) if one)
    return Game(diagram, told=told_by_people(diagram) | named)


def conformance(log: Log, diagram: Diagram, *, game: Game | None = None) -> Conformance:
    """Lay every variant along the diagram, the MOST_VARIANTS most frequent at most. Cases that have not ended may stand
    anywhere on the way. A `game` of `game_of` that is given again knows what it was asked before."""
    elements = elements_of(diagram, log.activities)
    game = game if game is not None else game_of(log, diagram)
    search = _Search(game)
    shortest = search.shortest()
    counts = Counter(zip(log.variant_of.tolist(), log.ended.tolist(), strict=True))
    ranked = sorted(counts, key=lambda one: (-counts[one], one))
    fitted = tuple(
        _fitted(search, tuple(log.activities[code] for code in log.variants[variant]),
                tuple(elements[code] for code in log.variants[variant]), cases=counts[variant, ended], complete=ended,
                shortest=shortest, tried=number < MOST_VARIANTS)
        for number, (variant, ended) in enumerate(ranked)
    )  # fmt: skip
    place = {one: number for number, one in enumerate(ranked)}
    variant = tuple(place[one] for one in zip(log.variant_of.tolist(), log.ended.tolist(), strict=True))
    judged = [one for one in fitted if one.alignment is not None]
    cases = sum(one.cases for one in judged)
    counted = {kind: Counter[str]() for kind in ("left_out", "extra")}
    flows: Counter[str] = Counter()
    for one in judged:
        for moved in _moves(one):
            for flow in moved.flows:
                flows[flow] += one.cases
        for difference in one.differences:
            if difference.known:
                counted[difference.kind][difference.step] += one.cases
    steps = np.bincount(log.activity, minlength=len(log.activities)).tolist()
    named = zip(log.activities, elements, steps, strict=True)
    unknown = {name: int(number) for name, element, number in named if not element and number}
    return Conformance(
        variants=fitted, variant=variant, judged=cases, flows=flows, left_out=counted["left_out"],
        extra=counted["extra"], unknown=unknown, fitting=sum(one.cases for one in judged if not one.differences),
        fitness=sum(one.fitness * one.cases for one in judged) / cases if cases else 1.0,
    )  # fmt: skip


def _moves(fitted: Fitted) -> tuple[Moved, ...]:
    return fitted.alignment.moves if fitted.alignment is not None else ()


class _Search:
    """Alignments of one log: those that were found before, and new ones until MOST_IN_ALL moves were looked at."""

    def __init__(self, game: Game) -> None:
        self.game, self.left = game, MOST_IN_ALL

    def found(self, trace: tuple[str, ...], *, complete: bool) -> Alignment | None:
        """None when it is too wide, or when nothing is left to look with."""
        game, key = self.game, (trace, complete)
        if key in game.known:
            return cast("Alignment | None", game.known[key])
        if len(game.known) > MOST_KNOWN:
            game.known.clear()
        most = min(self.left, MOST_LOOKED)
        try:
            found = align(game, trace, complete=complete, most=most)
        except TooWide as wide:
            self.left -= wide.looked
            if most == MOST_LOOKED:
                game.known[key] = None
            return None
        self.left -= found.looked
        game.known[key] = found
        return found

    def shortest(self) -> int:
        """How many steps the shortest way from the start to an end has; 0 where none is found that ends."""
        found = self.found((), complete=True)
        return 0 if found is None else found.cost


def _fitted(
    search: _Search,
    names: tuple[str, ...],
    trace: tuple[str, ...],
    *,
    cases: int,
    complete: bool,
    shortest: int,
    tried: bool,
) -> Fitted:
    found = search.found(trace, complete=complete) if tried else None
    if found is None:
        return Fitted(steps=names, cases=cases, alignment=None, fitness=0.0, differences=())
    differences, place = [], 0
    for moved in found.moves:
        if moved.kind == "left_out":
            differences.append(Difference(kind="left_out", step=moved.element, known=True))
        elif moved.kind == "extra":
            known = bool(moved.element)
            differences.append(Difference(kind="extra", step=moved.element or names[place], known=known))
        place += moved.kind in ("done", "extra")
    return Fitted(
        steps=names, cases=cases, alignment=found, differences=tuple(differences),
        fitness=fitness(found, length=len(trace), shortest=shortest),
    )  # fmt: skip


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()

"""Filling people's minutes one candidate after the other, in some order."""

from collections.abc import Iterable, Sequence

import numpy as np

from bihuan.act.plan.rules.arrays import Arrays, Floats, Ints
from bihuan.act.plan.rules.shapes import Assignment, Candidate, Limits, Person


class Filling:
    """What is chosen so far, and the minutes that are still free."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.free: Floats = arrays.free.copy()
        self.plain_free = arrays.plain_free
        self.chosen: dict[
            int, tuple[int, tuple[int, ...]]
        ] = {}  # account's place → (candidate's, who does its parts)

    def put(self, at: int, people: Sequence[int]) -> bool:
        """Choose a candidate with these people, if its account is open and they have the time."""
        arrays, account = self.arrays, int(self.arrays.account_of[at])
        plain = float(arrays.minutes[at]) if arrays.plain[at] else 0.0
        if account in self.chosen or plain > self.plain_free + 1e-9:
            return False
        needed: dict[int, float] = {}
        for g, n in zip(arrays.parts[at], people, strict=True):
            needed[n] = needed.get(n, 0.0) + arrays.groups[g].minutes
        if any(self.free[n] < minutes for n, minutes in needed.items()):
            return False
        for n, minutes in needed.items():
            self.free[n] -= minutes
        self.plain_free -= plain
        self.chosen[account] = (at, tuple(people))
        return True

    def put_anyhow(self, at: int, prices: Floats) -> bool:
        """Choose a candidate with the cheapest people who have the time."""
        arrays = self.arrays
        people: list[int] = []
        for g in arrays.parts[at]:
            able = [
                n
                for n in arrays.groups[g].people.tolist()
                if self.free[n] >= arrays.groups[g].minutes and n not in people
            ]
            if not able:
                return False
            people.append(min(able, key=lambda n: (prices[n], -self.free[n], n)))
        return self.put(at, people)

    def fill(self, order: Iterable[int], prices: Floats) -> None:
        """Every one of the order that still fits."""
        shortest = float(self.arrays.group_minutes.min(initial=np.inf))
        for at in order:
            if int(self.arrays.account_of[at]) not in self.chosen:
                if self.free.max(initial=0.0) < shortest:
                    return
                self.put_anyhow(at, prices)

    @property
    def objective(self) -> float:
        """Of what is chosen, with the penalties avoided."""
        return float(sum(self.arrays.score[at] for at, _people in self.chosen.values()))


def greedy(
    *, candidates: Sequence[Candidate], people: Sequence[Person], limits: Limits | None = None, order: Ints | None = None
) -> tuple[Assignment, ...]:  # fmt: skip
    """The plan of whoever takes candidates one by one: by worth per minute, or in an order of places in `candidates`, each with
    those of its people who have most time left."""
    arrays = Arrays(candidates=candidates, people=people, limits=limits or Limits(), locked=())
    filling = Filling(arrays)
    if order is None:
        sequence = np.argsort(-arrays.score / np.maximum(arrays.minutes, 1), kind="stable")
    else:
        at = {int(number): place for place, number in enumerate(arrays.number)}
        sequence = np.array([at[int(n)] for n in order if int(n) in at], dtype=np.int64)
    filling.fill(sequence.tolist(), np.zeros(len(arrays.people)))
    return tuple(arrays.assignment(candidates, at, who) for at, who in filling.chosen.values())

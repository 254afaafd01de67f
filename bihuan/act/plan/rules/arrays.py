"""The candidates as arrays, priced all at once.

Given a price λ of a minute of each person, and μ of a minute that does not explore, every account may be looked at alone: it
takes its best candidate after paying for the minutes, each part done by the cheapest who may do it. What that gives plus the
price of all minutes is the Lagrangian bound: no plan is worth more (Geoffrion 1974). Its lowest value over all prices is that
of the linear programme.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bihuan.act.plan.rules.shapes import Assignment, Candidate, Limits, Part, Person

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Who can do a part of so many minutes."""

    role: str
    minutes: int
    people: Ints


@dataclass(frozen=True, kw_only=True)
class Priced:
    """Every open candidate at some prices: what it is worth after paying (`left`), and by account the best one."""

    bound: float
    left: Floats
    cheapest: Ints  # by group: the place of the person
    best: Ints  # by account: the place of the candidate
    best_left: Floats


class Arrays:
    """The problem without what is locked: candidates sorted by account, that somebody can do and that are worth something."""

    def __init__(
        self, *, candidates: Sequence[Candidate], people: Sequence[Person], limits: Limits, locked: Sequence[Assignment]
    ) -> None:  # fmt: skip
        self.people = sorted(people, key=lambda one: one.id)
        self.place = {one.id: n for n, one in enumerate(self.people)}
        self.free, self.plain_free = free_minutes(self.people, limits=limits, locked=locked)
        self.groups: list[Group] = []
        self._known: dict[tuple[str, int, tuple[int, ...] | None], int] = {}
        self._with_role: dict[str, list[int]] = {}
        for n, person in enumerate(self.people):
            for role in person.roles:
                self._with_role.setdefault(role, []).append(n)
        touched = {one.account for one in locked}
        self.closed: dict[int, str] = {}  # place in `candidates` → the role that nobody can do
        kept, rows = [], []
        for number in sorted(
            range(len(candidates)), key=lambda n: (candidates[n].account, candidates[n].play)
        ):
            one = candidates[number]
            if one.account in touched:
                continue
            parts = [self._group(role, minutes, one) for role, minutes in one.minutes.items() if minutes > 0]
            nobody = next((self.groups[g].role for g in parts if not len(self.groups[g].people)), None)
            if nobody is not None:
                self.closed[number] = nobody
            elif one.worth > 0:
                kept.append(number)
                rows.append(parts)
        self.number = np.array(kept, dtype=np.int64)
        self.worth = np.array([candidates[n].worth for n in kept], dtype=np.float64)
        self.bonus = np.array([limits.must.get(candidates[n].account, 0.0) for n in kept], dtype=np.float64)
        self.score = self.worth + self.bonus
        self.plain = np.array([not candidates[n].explores for n in kept], dtype=np.bool_)
        self.parts = rows
        sizes = [len(parts) for parts in rows]
        self.part_group = np.array([g for parts in rows for g in parts], dtype=np.int64)
        self.part_of = np.repeat(np.arange(len(kept)), sizes)
        self.group_minutes = np.array([one.minutes for one in self.groups], dtype=np.float64)
        self.minutes = np.bincount(
            self.part_of, weights=self.group_minutes[self.part_group] if len(self.part_group) else None, minlength=len(kept)
        ).astype(np.float64)  # fmt: skip
        accounts = np.array([candidates[n].account for n in kept], dtype=np.int64)
        self.accounts, self.starts, self.account_of = (
            np.unique(accounts, return_index=True, return_inverse=True) if len(kept)
            else (accounts, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        )  # fmt: skip
        self._flat = (
            np.concatenate([one.people for one in self.groups])
            if self.groups
            else np.zeros(0, dtype=np.int64)
        )
        lengths = [len(one.people) for one in self.groups]
        self._ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    def _group(self, role: str, minutes: int, one: Candidate) -> int:
        named = one.servers.get(role)
        key = (role, minutes, named)
        if key not in self._known:
            places = (
                self._with_role.get(role, [])
                if named is None
                else [self.place[n] for n in named if n in self.place]
            )
            able = [n for n in dict.fromkeys(places) if self.free[n] >= minutes]
            self._known[key] = len(self.groups)
            self.groups.append(Group(role=role, minutes=minutes, people=np.array(able, dtype=np.int64)))
        return self._known[key]

    def priced(self, *, prices: Floats, plain_price: float) -> Priced:
        """At these prices, none of them negative."""
        cheapest, cost = self.cheapest(prices)
        paid = (
            np.bincount(self.part_of, weights=cost[self.part_group], minlength=len(self.worth))
            if len(self.part_group)
            else 0.0
        )
        left = self.score - paid - plain_price * self.minutes * self.plain
        constant = float(prices @ self.free) + plain_price * self.plain_free
        if not len(left):
            return Priced(bound=constant, left=left, cheapest=cheapest, best=self.starts, best_left=left)
        best_left = np.maximum.reduceat(left, self.starts)
        is_best = np.flatnonzero(left >= best_left[self.account_of])
        best = is_best[np.unique(self.account_of[is_best], return_index=True)[1]]
        return Priced(
            bound=constant + float(np.maximum(best_left, 0).sum()), left=left, cheapest=cheapest, best=best,
            best_left=best_left,
        )  # fmt: skip

    def cheapest(self, prices: Floats) -> tuple[Ints, Floats]:
        """By group: who can do it for least, and what their minutes cost."""
        if not self.groups:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        who = np.full(len(self.groups), -1, dtype=np.int64)
        cost = np.full(len(self.groups), np.inf)
        some = np.flatnonzero(np.diff(self._ends))
        if not len(some):
            return who, cost
        each = prices[self._flat]
        least = np.minimum.reduceat(each, self._ends[some])
        lengths = np.diff(self._ends)[some]
        owner = np.repeat(np.arange(len(some)), lengths)
        hits = np.flatnonzero(each <= least[owner])
        first = hits[np.unique(owner[hits], return_index=True)[1]]
        who[some] = self._flat[first]
        cost[some] = least * self.group_minutes[some]
        return who, cost

    def assignment(self, candidates: Sequence[Candidate], at: int, people: Sequence[int]) -> Assignment:
        """The candidate at a place, its parts done by those at these places."""
        one = candidates[int(self.number[at])]
        parts = tuple(
            Part(role=self.groups[g].role, person=self.people[n].id, minutes=self.groups[g].minutes)
            for g, n in zip(self.parts[at], people, strict=True)
        )
        return Assignment(
            account=one.account, play=one.play, parts=parts, worth=one.worth, explores=one.explores
        )


def free_minutes(
    people: Sequence[Person], *, limits: Limits, locked: Sequence[Assignment]
) -> tuple[Floats, float]:
    """Minutes of each that are not locked, and how many of all may go to what does not explore."""
    taken: dict[int, int] = {}
    plain = 0
    for one in locked:
        plain += 0 if one.explores else one.minutes
        for part in one.parts:
            taken[part.person] = taken.get(part.person, 0) + part.minutes
    free = np.array([max(0, one.minutes - taken.get(one.id, 0)) for one in people], dtype=np.float64)
    whole = sum(one.minutes for one in people)
    return free, max(0.0, (1 - limits.explore) * whole - plain)


def used_by(assignments: Sequence[Assignment]) -> Mapping[int, int]:
    """Minutes of each person."""
    found: dict[int, int] = {}
    for one in assignments:
        for part in one.parts:
            found[part.person] = found.get(part.person, 0) + part.minutes
    return found


def positive(values: Any) -> Floats:
    """Without the dust that a solver leaves below zero."""
    return np.maximum(np.asarray(values, dtype=np.float64), 0.0)

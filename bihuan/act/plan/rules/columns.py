"""The linear programme over chosen columns: a column is a candidate with somebody for each of its parts."""

from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from bihuan.act.plan.rules.arrays import Arrays, Floats, Ints, Priced, positive

#: So many alternatives are offered for who does a part.
ALTERNATIVES = 6
#: A problem with no more columns than these is written out whole, and of a larger one so many as are near.
WHOLE, WHOLE_NEAR = 3_000, 30_000


@dataclass(frozen=True, kw_only=True)
class Solved:
    """The linear programme's answer: value, how much of each column, and the prices of a minute."""

    value: float
    x: Floats
    prices: Floats
    plain_price: float
    by_account: Floats


class Columns:
    """The columns so far, each once."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.columns: list[tuple[int, tuple[int, ...]]] = []
        self._known: set[tuple[int, tuple[int, ...]]] = set()
        self.whole = False  # whether every column that a better plan may have stands here

    def add(self, at: int, people: tuple[int, ...]) -> None:
        """A column, unless it is there."""
        if (at, people) not in self._known:
            self._known.add((at, people))
            self.columns.append((at, people))

    def add_near(self, at: int, *, priced: Priced, prices: Floats) -> None:
        """A candidate with the cheapest for each part, and with each of the next cheapest for one part."""
        groups = self.arrays.parts[at]
        base = [int(priced.cheapest[g]) for g in groups]
        self.add(at, tuple(base))
        for place, g in enumerate(groups):
            people = self.arrays.groups[g].people
            if len(people) > 1:
                nearest = people[np.argsort(prices[people], kind="stable")[:ALTERNATIVES]]
                for n in nearest.tolist():
                    self.add(at, (*base[:place], n, *base[place + 1 :]))

    def add_all(self) -> bool:
        """Every column there is; False, and none, when they are too many."""
        arrays = self.arrays
        if len(arrays.parts) > WHOLE:
            return False
        if sum(prod(len(arrays.groups[g].people) for g in groups) for groups in arrays.parts) > WHOLE:
            return False
        for at, groups in enumerate(arrays.parts):
            for people in product(*(arrays.groups[g].people.tolist() for g in groups)):
                self.add(at, people)
        self.whole = True
        return True

    def add_within(self, most: float, *, priced: Priced, prices: Floats) -> None:
        """Every column with which a plan may come within so much of the bound at these prices, so that no other is needed;
        none when they are too many."""
        arrays = self.arrays
        slack = priced.left - np.maximum(priced.best_left, 0.0)[arrays.account_of] + most + 1e-9
        able = np.flatnonzero(slack >= 0).tolist()
        if sum(prod(len(arrays.groups[g].people) for g in arrays.parts[at]) for at in able) > WHOLE_NEAR:
            return
        for at in able:
            groups = [arrays.groups[g] for g in arrays.parts[at]]
            least = sum(float(prices[group.people].min()) * group.minutes for group in groups)
            for people in product(*(group.people.tolist() for group in groups)):
                paid = sum(float(prices[n]) * group.minutes for n, group in zip(people, groups, strict=True))
                if paid - least <= slack[at]:
                    self.add(at, people)
        self.whole = True

    def losses(self, *, solved: Solved) -> Floats:
        """By column, what any plan with it falls short of the linear programme's value: its reduced cost."""
        arrays = self.arrays
        paid = np.array([
            sum(float(solved.prices[n]) * arrays.groups[g].minutes for g, n in zip(arrays.parts[at], people, strict=True))
            for at, people in self.columns
        ])  # fmt: skip
        at = np.array([one for one, _people in self.columns], dtype=np.int64)
        plain = solved.plain_price * arrays.minutes[at] * arrays.plain[at]
        lost: Floats = solved.by_account[arrays.account_of[at]] - (arrays.score[at] - paid - plain)
        return lost

    def matrix(self) -> tuple[Floats, csr_array, Floats]:
        """(worth of each column, rows, right-hand sides): a row a person, one for what does not explore, one an account."""
        arrays = self.arrays
        rows, cols, values = [], [], []
        persons = len(arrays.people)
        for column, (at, people) in enumerate(self.columns):
            for g, n in zip(arrays.parts[at], people, strict=True):
                rows.append(n)
                cols.append(column)
                values.append(float(arrays.groups[g].minutes))
            if arrays.plain[at]:
                rows.append(persons)
                cols.append(column)
                values.append(float(arrays.minutes[at]))
            rows.append(persons + 1 + int(arrays.account_of[at]))
            cols.append(column)
            values.append(1.0)
        shape = (persons + 1 + len(arrays.accounts), len(self.columns))
        right = np.concatenate([arrays.free, [arrays.plain_free], np.ones(len(arrays.accounts))])
        score = arrays.score[[at for at, _people in self.columns]]
        return score, csr_array((values, (rows, cols)), shape=shape), right

    def linear(self) -> Solved:
        """The best shares of the columns."""
        score, rows, right = self.matrix()
        scale = max(float(score.max(initial=1.0)), 1e-9)
        found = linprog(-score / scale, A_ub=rows, b_ub=right, bounds=(0, None), method="highs")
        if found.status != 0:
            raise RuntimeError(f"the linear programme was not solved: {found.message}")
        duals = positive(-found.ineqlin.marginals) * scale
        persons = len(self.arrays.people)
        return Solved(
            value=-float(found.fun) * scale, x=np.asarray(found.x), prices=duals[:persons],
            plain_price=float(duals[persons]), by_account=duals[persons + 1 :],
        )  # fmt: skip

    def whole_numbers(
        self, *, open_ones: Ints, sure: Ints, allowed: float, seconds: float
    ) -> tuple[Ints, float | None]:
        """(the columns that are chosen, a bound over these columns); only those that are sure when none was found in time.
        `open_ones` may be chosen, `sure` are; it is enough to come within `allowed` of the best."""
        score, rows, right = self.matrix()
        left = right - rows[:, sure].sum(axis=1)
        part = rows[:, open_ones]
        used = np.flatnonzero(np.diff(csr_array(part).indptr))
        scale = max(float(score.max(initial=1.0)), 1e-9)
        about = max(float(score[open_ones].max(initial=0.0)), self._about(score[open_ones], part, left))
        found = milp(
            -score[open_ones] / scale, integrality=np.ones(len(open_ones)), bounds=Bounds(0, 1),
            constraints=LinearConstraint(part[used], -np.inf, np.maximum(left[used], 0.0)),
            options={"mip_rel_gap": min(allowed / about, 1.0) if about else 0.0, "time_limit": seconds},
        )  # fmt: skip
        dual = getattr(found, "mip_dual_bound", None)
        bound = (
            None if dual is None or not np.isfinite(dual) else -float(dual) * scale + float(score[sure].sum())
        )
        if found.x is None:
            return sure, bound
        return np.concatenate([sure, open_ones[np.asarray(found.x) > 0.5]]), bound

    def _about(self, score: Floats, rows: csr_array, right: Floats) -> float:
        """Roughly what these columns can give: of the minutes that are left, at the mean worth of one."""
        minutes = rows[: len(self.arrays.people)].sum()
        free = float(np.maximum(right[: len(self.arrays.people)], 0).sum())
        return float(score.sum()) * min(1.0, free / minutes) if minutes else 0.0

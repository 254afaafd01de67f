"""A log: the steps of cases as columns, in the order in which they were done; of instances and of imported cases alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Log:
    """One row a step, ordered by case and then by its end.

    `case` and `activity` are places in `cases` and `activities`; `begun_us` (it could begin), `taken_us` (somebody
    began) and `done_us` are microseconds since 1970; `waiting` and `work` seconds, NaN where nobody knows; `limited`
    whether it had a time limit, `late` whether it was kept too long; `who` a place in `people`. Of each case: whether
    it has `ended`, its `account` (-1 for none), `started_us` and `ended_us` (-1 while it goes on).
    """

    cases: tuple[Any, ...]
    activities: tuple[str, ...]
    people: tuple[str, ...]
    case: Ints
    activity: Ints
    begun_us: Ints
    taken_us: Ints
    done_us: Ints
    waiting: Floats
    work: Floats
    limited: Bools
    late: Bools
    who: Ints
    ended: Bools
    account: Ints
    started_us: Ints
    ended_us: Ints

    @cached_property
    def bounds(self) -> Ints:
        """Where the steps of each case begin, and one more: the end."""
        return np.searchsorted(self.case, np.arange(len(self.cases) + 1)).astype(np.int64)

    @cached_property
    def variant_of(self) -> Ints:
        """For each case the number of its variant, in `variants`."""
        return self._variants[1]

    @property
    def variants(self) -> tuple[tuple[int, ...], ...]:
        """The different sequences of activities."""
        return self._variants[0]

    @cached_property
    def _variants(self) -> tuple[tuple[tuple[int, ...], ...], Ints]:
        numbers: dict[bytes, int] = {}
        found = np.empty(len(self.cases), np.int64)
        bounds = self.bounds
        for place in range(len(self.cases)):
            key = self.activity[bounds[place] : bounds[place + 1]].tobytes()
            found[place] = numbers.setdefault(key, len(numbers))
        rows = tuple(tuple(np.frombuffer(key, np.int64).tolist()) for key in numbers)
        return rows, found


def coded(texts: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    """The different texts in the order of their first place, and for each row which it is."""
    numbers: dict[str, int] = {}
    codes = np.fromiter((numbers.setdefault(text, len(numbers)) for text in texts), np.int64, len(texts))
    return tuple(numbers), codes

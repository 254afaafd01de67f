"""What goes into a plan and what comes out. Money is in the organisation's currency a year, time in minutes of the week."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Why a candidate is not in the plan.
OTHER_PLAY, NO_GAIN, NOBODY, HOURS = "other_play", "no_gain", "nobody", "hours"


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A play that could be done for an account. `effect` is the expected change of the chance to keep (or gain) `value`, with
    standard error `effect_se`. `minutes` says how long each role works on it; `servers` who may do a role's part, where a role
    that is not named may be done by whoever has it. `explores`: doing it teaches more than others do."""

    account: int
    play: int
    effect: float
    value: float
    minutes: Mapping[str, int]
    effect_se: float = 0.0
    servers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    explores: bool = False

    @property
    def worth(self) -> float:
        """What it is expected to keep."""
        return self.effect * self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One of us, with the minutes that are free for plays this week."""

    id: int
    roles: tuple[str, ...]
    minutes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one person does of an assignment."""

    role: str
    person: int
    minutes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """A play for an account, with who does which part of it. A locked one was there before the plan was made."""

    account: int
    play: int
    parts: tuple[Part, ...]
    worth: float
    explores: bool = False
    locked: bool = False

    @property
    def minutes(self) -> int:
        """Of everybody."""
        return sum(part.minutes for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What bounds the search. `explore` is the share of all minutes that only exploring candidates may use. `must` names
    accounts that somebody should be in touch with, and what leaving one out costs: a penalty, so that a plan always exists.
    `gap` is how far below the best the value may lie, `seconds` how long the last, integer step may look."""

    explore: float = 0.0
    must: Mapping[int, float] = field(default_factory=dict)
    gap: float = 0.01
    seconds: float = 6.0
    most_left_out: int = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """A candidate that is not in the plan. `reason` is one of other_play, no_gain, nobody, hours; with hours, `price` is what
    the minutes it needs are worth to others, and `role` the dearest of them; with nobody, `role` is whose part it is."""

    account: int
    play: int
    worth: float
    reason: str
    role: str = ""
    price: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Hour:
    """What one more hour would be worth, given to the person who can do most with it: the shadow price of the linear
    programme times sixty, so exact for a little more time and an upper estimate for a lot. Penalties count."""

    worth: float
    person: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`objective` is `value` (what is expected to be kept) less nothing but plus the penalties avoided; no plan whatever has an
    objective above `bound`, and `gap` is their distance as a share of the bound. `left_out` holds one candidate an account, the
    worthiest first, `reasons` counts every candidate. `untouched` are the accounts of `must` that got nothing."""

    assignments: tuple[Assignment, ...]
    left_out: tuple[LeftOut, ...]
    reasons: Mapping[str, int]
    value: float
    objective: float
    bound: float
    gap: float
    hours: Mapping[str, Hour]
    prices: Mapping[int, float]
    used: Mapping[int, int]
    untouched: tuple[int, ...]
    seconds: float

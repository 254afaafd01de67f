"""A quarter in which a team with few hours tries to keep customers: three ways to choose, one truth (docs/SIMULATION.md).

The customers and why they leave are those of `churn.py`, with what they suffer from kept apart. The team has six plays, whose
true effect depends on that. Whoever chooses sees an estimate of the risk, marks that are often right, and effects measured in
trials of a few hundred customers; what was kept is computed from the truth.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from bihuan.act.plan.rules import Assignment, Candidate, Limits, Person, greedy, solve
from bihuan.act.plays.rules import Danger, share_kept, weight_of

from .accounts import MONTHLY, Accounts, make_accounts
from .arrays import Bools, Floats, Ints, Rng, sigmoid
from .churn import (
    BASE,
    CHAMPION_MISSED,
    COEFFICIENTS,
    HALF_LIFE,
    NEVER,
    NOTICE,
    TERM_DAYS,
    WARM_UP,
    distress_of,
    price_rises,
    shocks_of_a_kind,
)

DAYS, START, WEEKS, AHEAD = 365, 200, 13, 60
PEOPLE = 26.7  # of each account, in the mean
CAUSES = ("champion", "product", "price")
#: What is seen of an account: the graver cause is looked for first; "" when nothing is seen.
MARKS = ("champion", "product", "price", "")
SEEN = {"champion": 0.8, "product": 0.7, "price": 1.0}
SEEN_WRONGLY = {"champion": 0.05, "product": 0.1, "price": 0.0}
RISK_NOISE = 0.6  # of the estimated log odds
TRIED = (50, 500)  # customers in each arm of the trials of a play, by mark
GUESS_SPREAD = 0.5  # log-normal, of what experience guesses before any trial
GUESS_ERROR = 0.1  # what is believed of that guess: a standard error of the relative fall
SPREAD = 0.3  # log-normal, of a play's effect from customer to customer


@dataclass(frozen=True, kw_only=True)
class Play:
    """What it takes, the share of each cause that it removes, and what it adds to fit."""

    name: str
    minutes: Mapping[str, int]
    removes: Mapping[str, float]
    fit: float = 0.0


PLAYS = (
    Play(name="find a new champion", minutes={"operations": 120, "sales": 60}, removes={"champion": 0.65}),
    Play(name="solve the product's problem", minutes={"operations": 45, "product": 120}, removes={"product": 0.65}),
    Play(name="talk about the price", minutes={"sales": 90}, removes={"price": 0.6}),
    Play(name="train their people", minutes={"operations": 90}, removes={"product": 0.15}, fit=0.4),
    Play(name="business review", minutes={"operations": 60, "sales": 45},
         removes={"champion": 0.25, "product": 0.25, "price": 0.25}, fit=0.15),
    Play(name="check-in call", minutes={"operations": 20}, removes={"champion": 0.08, "product": 0.08, "price": 0.08}),
)  # fmt: skip
#: The play that a team takes for what it sees, and what it takes when nobody has time for that.
FITTING = {"champion": 0, "product": 1, "price": 2, "": 4}
INSTEAD = (4, 5)
FOR_A_MARK = (0, 1, 2)
TEAM = (("operations", 3), ("sales", 2), ("product", 1))
LIMITS = Limits(gap=0.03, seconds=0.3)
#: The same planner, told the same effects, that believes every account to be in equal danger.
BLIND = "plan without risk"


@dataclass(frozen=True, kw_only=True)
class Done:
    """A play that was done on a day, and how much better or worse than usual it went."""

    play: Play
    day: int
    luck: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Of each account: when it decides, what that depends on, and what it pays a year."""

    fit: Floats
    base: Floats
    by_cause: Mapping[str, Floats]  # accounts × days
    champion_left: Ints  # accounts × days: the last day on which one left
    price_up: Bools
    told: Ints  # the day on which the higher price was told
    decides: Ints
    arr: Floats

    def score(self, n: int, day: int, *, done: Sequence[Done] = ()) -> float:
        """The linear predictor as of a day, after the plays that were done before, in their order. A play takes its share of
        what is still felt of a cause on its day, which would have faded; what comes later it does not touch."""
        felt = {cause: float(self.by_cause[cause][n, day]) for cause in CAUSES}
        gone = float(day - int(self.champion_left[n, day]) < CHAMPION_MISSED)
        dear = float(bool(self.price_up[n]) and day >= int(self.told[n]))
        fit = float(self.fit[n])
        taken: list[tuple[str, int, float]] = []
        for one in done:
            for cause, share in one.play.removes.items():
                now = float(self.by_cause[cause][n, one.day]) - _still(taken, cause, one.day)
                taken.append((cause, one.day, min(1.0, share * one.luck) * max(0.0, now)))
            if self.champion_left[n, one.day] == self.champion_left[n, day]:
                gone *= 1 - min(1.0, one.play.removes.get("champion", 0.0) * one.luck)
            if one.day >= int(self.told[n]):
                dear *= 1 - min(1.0, one.play.removes.get("price", 0.0) * one.luck)
            fit += one.play.fit * one.luck
        distress = sum(felt[cause] - _still(taken, cause, day) for cause in CAUSES)
        return float(
            self.base[n] + COEFFICIENTS["fit"] * fit + COEFFICIENTS["distress"] * distress
            + COEFFICIENTS["champion_gone"] * gone + COEFFICIENTS["price_up"] * dear
        )  # fmt: skip

    def hazard(self, n: int, day: int, *, done: Sequence[Done] = ()) -> float:
        """The chance to leave."""
        return float(1 / (1 + np.exp(-self.score(n, day, done=done))))


def _still(taken: list[tuple[str, int, float]], cause: str, day: int) -> float:
    found = 0.0
    for name, at, size in taken:
        if name == cause:
            found += size * math.pow(0.5, (day - at) / HALF_LIFE)
    return found


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Revenue a year that each way kept, the minutes it used, and what stood at risk without anybody."""

    kept: Mapping[str, float]
    minutes: Mapping[str, int]
    at_risk: float


def quarter(*, seed: int, accounts: int = 600, minutes: int = 180, limits: Limits = LIMITS) -> Kept:
    """Thirteen weeks of one company. Each of the six has so many minutes a week for plays; an account gets one
    play a week, and each play once."""
    truth = truth_of(seed=seed, accounts=accounts)
    seen = _Seen(rng=np.random.default_rng([seed, 2]), truth=truth)
    people = _people(minutes)

    def planned(found: list[Candidate]) -> tuple[Assignment, ...]:
        return solve(candidates=found, people=people, limits=limits).assignments

    ways: dict[str, Callable[[list[Candidate]], tuple[Assignment, ...]]] = {
        "plan": planned,
        BLIND: planned,
        "worst health first": lambda found: _in_order(found, people, seen, key=lambda n: seen.risk[n]),
        "biggest customer first": lambda found: _in_order(found, people, seen, key=lambda n: truth.arr[n]),
        "most at stake first": lambda found: _in_order(found, people, seen, key=lambda n: seen.risk[n] * truth.arr[n]),
    }  # fmt: skip
    kept, used = {}, {}
    for name, choose in ways.items():
        kept[name], used[name] = _lived(choose, truth=truth, seen=seen, weighs=name != BLIND)
    inside = np.flatnonzero((truth.decides >= START) & (truth.decides < START + WEEKS * 7))
    lost = sum(truth.hazard(n, int(truth.decides[n])) * truth.arr[n] for n in inside.tolist())
    return Kept(kept=kept, minutes=used, at_risk=float(lost))


def truth_of(*, seed: int, accounts: int) -> Truth:
    """A company of which everything is known."""
    made = make_accounts(
        rng=np.random.default_rng([seed, 0]),
        count=accounts,
        people=round(accounts * PEOPLE),
        days=DAYS,
        events=1,
    )
    return _lives(rng=np.random.default_rng([seed, 1]), made=made)


def _lives(*, rng: Rng, made: Accounts) -> Truth:
    span = WARM_UP + DAYS
    impulses = {cause: np.zeros((len(made), span)) for cause in CAUSES}
    champion = shocks_of_a_kind(rng=rng, impulse=impulses["champion"], kind="champion", fit=made.fit)
    shocks_of_a_kind(rng=rng, impulse=impulses["product"], kind="product", fit=made.fit)
    raised = price_rises(rng=rng, accounts=made, impulse=impulses["price"], days=DAYS)
    left = np.where(champion, np.arange(span) - WARM_UP, -NEVER)
    term = np.where(made.term == MONTHLY, TERM_DAYS[0], TERM_DAYS[1])
    behind = np.maximum(0, START + NOTICE - made.signed_up)
    due = made.signed_up + term * np.maximum(1, -(-behind // term))
    price_up = np.array([raised.get((n, int(due[n])), False) for n in range(len(made))], dtype=np.bool_)
    seats = rng.uniform(0.9, 1.4, size=len(made)) * made.people
    return Truth(
        fit=made.fit, base=np.where(made.term == MONTHLY, BASE[0], BASE[1]),
        by_cause={cause: distress_of(impulse)[:, WARM_UP:] for cause, impulse in impulses.items()},
        champion_left=np.maximum.accumulate(left, axis=1)[:, WARM_UP:], price_up=price_up, told=due - 75,
        decides=due - NOTICE, arr=seats * 12 * 90 * made.discount,
    )  # fmt: skip


class _Seen:
    """What is seen of the truth: the same, whoever chooses."""

    def __init__(self, *, rng: Rng, truth: Truth) -> None:
        self.truth = truth
        count = len(truth.arr)
        self.noise = rng.normal(0.0, RISK_NOISE, size=count)
        self.draw = rng.random((count, len(CAUSES)))
        self.luck = rng.lognormal(-(SPREAD**2) / 2, SPREAD, size=(count, len(PLAYS)))
        self.risk = np.zeros(count)
        self.marks = [""] * count
        self.cells, self.usual = self._trials(rng)

    def _mark(self, n: int, day: int) -> str:
        truth = self.truth
        real = {
            "champion": day - int(truth.champion_left[n, day]) < CHAMPION_MISSED,
            "product": float(truth.by_cause["product"][n, day]) > 0.2,
            "price": bool(truth.price_up[n]) and day >= int(truth.told[n]),
        }
        for place, cause in enumerate(CAUSES):
            if self.draw[n, place] < (SEEN[cause] if real[cause] else SEEN_WRONGLY[cause]):
                return cause
        return ""

    def look(self, week: int, among: list[int], done: Mapping[int, list[Done]]) -> None:
        """Estimate the risk, and look for marks, as of the Monday of a week."""
        day = START + 7 * week
        for n in among:
            score = self.truth.score(n, day, done=done.get(n, ()))
            self.risk[n] = float(sigmoid(np.array(score + self.noise[n])))
            self.marks[n] = self._mark(n, day)

    def _trials(self, rng: Rng) -> tuple[dict[tuple[int, str], tuple[float, float]], dict[str, float]]:
        """(relative fall of the risk, its standard error) by play and mark: a trial's estimate, drawn towards the guess that
        the play began with; and by mark the usual risk of those it was tried with, which makes points of it."""
        truth = self.truth
        whole = dict.fromkeys(MARKS, 0.0)
        tried = dict.fromkeys(MARKS, 0)
        fell = {mark: np.zeros(len(PLAYS)) for mark in MARKS}
        for n in range(len(truth.arr)):
            day = START
            mark = self._mark(n, day)
            before = truth.hazard(n, day)
            after = [truth.hazard(n, day, done=[Done(play=play, day=day)]) for play in PLAYS]
            whole[mark] += before
            tried[mark] += 1
            fell[mark] += before - np.array(after)
        cells = {}
        for p in range(len(PLAYS)):
            for mark in MARKS:
                true = float(fell[mark][p]) / whole[mark] if whole[mark] else 0.0
                size = float(np.exp(rng.uniform(np.log(TRIED[0]), np.log(TRIED[1]))))
                error = float(np.sqrt(2 * 0.8 / (size * 0.2)))  # of a ratio of two rates near 0.2
                measured = true + rng.normal(0.0, error)
                guess = true * float(np.exp(rng.normal(0.0, GUESS_SPREAD)))
                pull = GUESS_ERROR**2 / (GUESS_ERROR**2 + error**2)
                cells[p, mark] = (guess + pull * (measured - guess), float(np.sqrt(pull)) * error)
        return cells, {mark: whole[mark] / tried[mark] if tried[mark] else 0.0 for mark in MARKS}

    def candidates(
        self, among: list[int], done: Mapping[int, list[Done]], *, weighs: bool
    ) -> list[Candidate]:
        """Every play for every account that it is meant for and that has not had it, with what it is expected to do: the points
        of its trial, which a planner that `weighs` shares out by risk as the product does (`plays/rules/staking.py`)."""
        found = []
        danger = Danger(
            by_account={n: float(self.risk[n]) for n in among} if weighs else {}, probability=weighs
        )
        alike = {mark: [n for n in among if self.marks[n] == mark] for mark in MARKS}
        usual = {mark: danger.usual(alike[mark]) for mark in MARKS}
        for n in among:
            for p, play in enumerate(PLAYS):
                if p in FOR_A_MARK and FITTING[self.marks[n]] != p:
                    continue
                if any(one.play is play for one in done.get(n, ())):
                    continue
                mark = self.marks[n]
                fall, error = self.cells[p, mark]
                found.append(Candidate(
                    account=n, play=p, value=float(self.truth.arr[n]), minutes=play.minutes, explores=error > abs(fall),
                    effect=share_kept(share=fall * self.usual[mark], account=n, danger=danger, usual=usual[mark]),
                    effect_se=error * self.usual[mark] * weight_of(n, danger=danger, usual=usual[mark]),
                ))  # fmt: skip
        return found


def _people(minutes: int) -> list[Person]:
    roles = [role for role, number in TEAM for _ in range(number)]
    return [Person(id=n + 1, roles=(role,), minutes=minutes) for n, role in enumerate(roles)]


def _in_order(
    found: list[Candidate], people: list[Person], seen: _Seen, *, key: Callable[[int], float]
) -> tuple[Assignment, ...]:
    """Accounts by a key, the highest first, each with the play that fits what is seen; then, with the time that is left, the
    others with a business review or a call."""
    at = {(one.account, one.play): number for number, one in enumerate(found)}
    ranked = sorted({one.account for one in found}, key=lambda n: -key(n))
    wished = [(n, FITTING[seen.marks[n]]) for n in ranked] + [(n, play) for play in INSTEAD for n in ranked]
    order = [at[one] for one in wished if one in at]
    return greedy(candidates=found, people=people, order=np.array(list(dict.fromkeys(order)), dtype=np.int64))


def _lived(
    choose: Callable[[list[Candidate]], tuple[Assignment, ...]],
    *,
    truth: Truth,
    seen: _Seen,
    weighs: bool = True,
) -> tuple[float, int]:
    """(revenue a year that was kept, minutes used): what the plays took off the true chance to leave."""
    done: dict[int, list[Done]] = {}
    used = 0
    for week in range(WEEKS):
        day = START + 7 * week
        near = np.flatnonzero(
            (truth.decides > day) & (truth.decides <= day + AHEAD) & (truth.decides < DAYS)
        ).tolist()
        seen.look(week, near, done)
        for one in choose(seen.candidates(near, done, weighs=weighs)):
            luck = float(seen.luck[one.account, one.play])
            done.setdefault(one.account, []).append(Done(play=PLAYS[one.play], day=day, luck=luck))
            used += one.minutes
    kept = 0.0
    for n, plays in done.items():
        decides = int(truth.decides[n])
        kept += (truth.hazard(n, decides) - truth.hazard(n, decides, done=plays)) * float(truth.arr[n])
    return kept, used


def gain(found: Sequence[Kept], *, over: str) -> tuple[float, float, float]:
    """(mean, low, high): how much more the plan kept than another way, as a share, over companies; 95 % by Student's t."""
    each = np.array([one.kept["plan"] / one.kept[over] - 1 for one in found])
    half = float(stats.t.ppf(0.975, len(each) - 1) * each.std(ddof=1) / np.sqrt(len(each)))
    return float(each.mean()), float(each.mean()) - half, float(each.mean()) + half

"""In which stage of its life a product is, by its own numbers, and which metric counts most there.

The four stages of the product life cycle (T. Levitt, "Exploit the product life cycle", Harvard Business Review, 1965), told
apart by how the use of a product and its revenue moved within a quarter. Age alone makes no stage but the first.
"""

from dataclasses import dataclass
from math import inf

INTRODUCTION, GROWTH, MATURITY, DECLINE = STAGES = ("introduction", "growth", "maturity", "decline")
#: Goes up whenever a rule below changes, so that stages kept by the earlier ones are counted again.
RULES = 1
#: A younger product is being introduced whatever its numbers say; a quarter against a quarter needs as much.
YOUNG_DAYS = 180
#: With fewer active accounts a share is chance.
FEW = 10
#: A quarter's change from which on something moves.
STEP = 0.10
#: The metric that counts most in a stage: do they stay, does it spread, does it earn, do we lose them.
CORES = {INTRODUCTION: "returning", GROWTH: "active", MATURITY: "revenue_per_account", DECLINE: "lost"}


@dataclass(frozen=True, kw_only=True)
class ProductNumbers:
    """A product's use and revenue as of a day. `active`: accounts with an event of it in 28 days; `last`: in the 28 days before
    those; `lost`: of `last`, those that were not active any more. `…_before`: the same 84 days earlier. `revenue` is a month's,
    None where no contract names the product. `age_days` since its first event, None without one."""

    age_days: int | None
    active: int
    last: int
    lost: int
    active_before: int
    last_before: int
    lost_before: int
    revenue: float | None
    revenue_before: float | None

    @property
    def use_growth(self) -> float | None:
        """Change of active accounts within the quarter, infinite from nought, None of nothing."""
        return growth(self.active, self.active_before)

    @property
    def revenue_growth(self) -> float | None:
        """The same of revenue."""
        if self.revenue is None or self.revenue_before is None:
            return None
        return growth(self.revenue, self.revenue_before)


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A stage, or None when nothing is known, and why: no_data, young, few, growing_use, growing_revenue, shrinking_use,
    shrinking_revenue, mixed, steady."""

    stage: str | None
    why: str


def growth(now: float, before: float) -> float | None:
    """now ÷ before − 1; infinite from nought to something, None from nought to nought. Nine places, so that 90 after 100 is a
    tenth less whatever binary fractions say."""
    if before > 0:
        return round(now / before - 1, 9)
    return inf if now > 0 else None


def stage_of(numbers: ProductNumbers) -> Staged:
    """The first that holds. Use counts before revenue, for contracts run on after it."""
    use, revenue = numbers.use_growth, numbers.revenue_growth
    if numbers.age_days is None:  # nothing tells of its use: revenue alone would call silence maturity
        return Staged(stage=None, why="no_data")
    if numbers.age_days < YOUNG_DAYS:
        return Staged(stage=INTRODUCTION, why="young")
    if max(numbers.active, numbers.active_before) < FEW:
        return Staged(stage=INTRODUCTION, why="few")
    shrinks, earns_more = use is not None and use <= -STEP, revenue is not None and revenue >= STEP
    if shrinks:
        return (
            Staged(stage=MATURITY, why="mixed") if earns_more else Staged(stage=DECLINE, why="shrinking_use")
        )
    if use is not None and use >= STEP:
        return Staged(stage=GROWTH, why="growing_use")
    if earns_more:
        return Staged(stage=GROWTH, why="growing_revenue")
    if revenue is not None and revenue <= -STEP:
        return Staged(stage=DECLINE, why="shrinking_revenue")
    return Staged(stage=MATURITY, why="steady")


@dataclass(frozen=True, kw_only=True)
class Core:
    """The core metric of a stage: `name` is returning, active, revenue_per_account or lost; None: no value."""

    name: str
    now: float | None
    before: float | None


def core_of(stage: str, numbers: ProductNumbers) -> Core:
    """Its value now and a quarter before. A mature product without revenue is measured by who stays."""
    name = CORES[stage]
    if name == "revenue_per_account" and numbers.revenue is None:
        name = "returning"
    if name == "active":
        return Core(name=name, now=float(numbers.active), before=float(numbers.active_before))
    if name == "revenue_per_account":
        return Core(
            name=name, now=_ratio(numbers.revenue, numbers.active), before=_ratio(numbers.revenue_before, numbers.active_before)
        )  # fmt: skip
    lost = (_ratio(numbers.lost, numbers.last), _ratio(numbers.lost_before, numbers.last_before))
    now, before = lost if name == "lost" else (None if one is None else 1 - one for one in lost)
    return Core(name=name, now=now, before=before)


def _ratio(above: float | None, below: float) -> float | None:
    return None if above is None or not below else above / below

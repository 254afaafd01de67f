"""What a play keeps of an account's revenue, from how much the account is in danger: one rule for the plan that expects it and
the outcome that looks back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Danger:
    """By account how much it is in danger: a probability to be lost (`probability`), or only a number that ranks
    (100 − health). An account that is not named is as the others are."""

    by_account: Mapping[int, float]
    probability: bool

    def usual(self, audience: Collection[int]) -> float:
        """The mean of those of an audience that are known; 0 when none is."""
        known = [self.by_account[one] for one in audience if one in self.by_account]
        return sum(known) / len(known) if known else 0.0


def weight_of(account: int, *, danger: Danger, usual: float) -> float:
    """danger ÷ usual danger of the audience: its mean over the audience is 1, so that a play is not thought to do more in all
    than was measured. 1 where nothing is known."""
    mine = danger.by_account.get(account)
    return 1.0 if mine is None or usual <= 0 else mine / usual


#: Nothing is known of anybody: everybody counts alike.
NOTHING = Danger(by_account={}, probability=False)


def share_kept(*, share: float, account: int, danger: Danger, usual: float) -> float:
    """The share of a year's revenue that a play is expected to keep of one account, 0 to 1; the share that it changes, and a
    play that harms keeps nothing."""
    return max(share_changed(share=share, account=account, danger=danger, usual=usual), 0.0)


def share_changed(*, share: float, account: int, danger: Danger, usual: float) -> float:
    """The share of a year's revenue that a play keeps of one account, −1 to 1; below 0 it loses it.

    `share` is what it keeps in the mean of its audience (effect × worth of a goal). A play takes away a part of the danger, the
    same part of everybody's: what stands at risk is value × risk, and of that it keeps share ÷ usual risk. So

        kept = value × risk × (share ÷ usual risk)

    and never more than value × risk: nobody can keep more than would be lost. With health instead of a probability only the
    ratio counts, and nothing is cut off below the whole.
    """
    found = share * weight_of(account, danger=danger, usual=usual)
    most = danger.by_account.get(account, 1.0) if danger.probability and usual > 0 else 1.0
    return min(max(found, -1.0), most)


@dataclass(frozen=True, kw_only=True)
class Stake:
    """What stood at stake when a play met an account: revenue of a year, health band, and how much it was in danger (None: not
    known) – as a probability to be lost (`chance`), or as a number that ranks."""

    value: Decimal | None = None
    band: str = ""
    danger: float | None = None
    chance: bool = False


def revenue_of(stakes: Mapping[int, Stake], *, share: float, weighs: bool) -> Decimal:
    """Revenue of a year that a play kept or gained with these accounts, when `share` is what it does in their mean; below 0
    what it lost. `weighs`: the danger counts, as for a play that keeps; those of whom it is not known count as usual."""
    dangers = {
        chance: Danger(probability=chance, by_account={
            account: one.danger for account, one in stakes.items() if one.danger is not None and one.chance == chance
        })
        for chance in (True, False)
    }  # fmt: skip
    usual = {chance: danger.usual(danger.by_account) for chance, danger in dangers.items()}
    total = Decimal(0)
    for account, one in stakes.items():
        known = weighs and one.danger is not None
        danger = dangers[one.chance] if known else NOTHING
        mine = share_changed(
            share=share, account=account, danger=danger, usual=usual[one.chance] if known else 0.0
        )
        total += (one.value or Decimal(0)) * Decimal(str(round(mine, 9)))
    return total

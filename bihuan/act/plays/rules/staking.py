"""What a play is expected to keep of an account's revenue, from how much the account is in danger."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


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


def share_kept(*, share: float, account: int, danger: Danger, usual: float) -> float:
    """The share of a year's revenue that a play keeps of one account, 0 to 1.

    `share` is what it keeps in the mean of its audience (effect × worth of a goal). A play takes away a part of the danger, the
    same part of everybody's: what stands at risk is value × risk, and of that it keeps share ÷ usual risk. So

        kept = value × risk × (share ÷ usual risk)

    and never more than value × risk: nobody can keep more than would be lost. With health instead of a probability only the
    ratio counts, and nothing is cut off below the whole.
    """
    found = share * weight_of(account, danger=danger, usual=usual)
    most = danger.by_account.get(account, 1.0) if danger.probability and usual > 0 else 1.0
    return min(max(found, 0.0), most)

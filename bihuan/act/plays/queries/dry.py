"""Dry run: whom a play would have met in the last weeks, and how often."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from bihuan.act.plays.models import Arm, Play
from bihuan.act.plays.queries.whom import ALL, Whom, fired
from bihuan.act.plays.rules import arm_of
from bihuan.base.access import Actor

WEEKS = 12


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """`weeks`: (the last day of the week, met, held out), the oldest first; `accounts`: (account, how often), most often first;
    `now` would be met today."""

    weeks: tuple[tuple[date, int, int], ...]
    accounts: tuple[tuple[int, int], ...]
    held: int
    now: int

    @property
    def runs(self) -> int:
        """All of the weeks."""
        return sum(met for _day, met, _held in self.weeks)


def dry_run(play: Play, *, day: date, actor: Actor = ALL, weeks: int = WEEKS) -> DryRun:
    """As of the end of each week, with the play's rest and hold-out; without limits of other plays. Measures and behaviour
    are as of each day, fields of records as they are today. NotTold when it cannot be told."""
    last: dict[int, date] = {}
    signs: set[tuple[int, str]] = set()
    lines, often, held_ever, found = [], Counter[int](), set[int](), list[Whom]()
    for back in range(weeks - 1, -1, -1):
        on = day - timedelta(weeks=back)
        found = fired(play, day=on, actor=actor)
        met = held = 0
        for one in found:
            before = last.get(one.account_id)
            again = (
                (one.account_id, one.sign) in signs
                if one.sign
                else before is not None and (on - before).days < play.rest
            )
            if again:
                continue
            last[one.account_id] = on
            signs.add((one.account_id, one.sign))
            if arm_of(play=play.key, account_id=one.account_id, hold_out=play.hold_out) == Arm.HELD:
                held += 1
                held_ever.add(one.account_id)
            else:
                met += 1
                often[one.account_id] += 1
        lines.append((on, met, held))
    return DryRun(
        weeks=tuple(lines), accounts=tuple(often.most_common()), held=len(held_ever), now=len(found)
    )

"""Pure revenue rules (SEMANTICS 23): what a line brings on a day, in one definition."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal

MONTHS_A_YEAR = 12


def active_on(*, day: date, starts_on: date, ends_on: date | None) -> bool:
    """Start ≤ day and (no end or end > day)."""
    return starts_on <= day and (ends_on is None or ends_on > day)


def mrr_on(*, day: date, mrr: Decimal, starts_on: date, ends_on: date | None, trial: bool) -> Decimal:
    """Monthly recurring revenue of a line on a day; a trial, or a day outside its validity, brings nothing."""
    if trial or not active_on(day=day, starts_on=starts_on, ends_on=ends_on):
        return Decimal(0)
    return mrr


def arr(*, mrr: Decimal) -> Decimal:
    """Annual recurring revenue: twelve times the monthly one."""
    return mrr * MONTHS_A_YEAR


def days_to_renewal(*, on: date, ends_on: date | None) -> int | None:
    """Days from `on` to the end; None when open-ended, negative once past."""
    return None if ends_on is None else (ends_on - on).days


#: Days before and after an end in which a new line of the same account renews what ended.
RENEWAL_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line as the rules see it: `mrr` is its amount a month, `group` the value of a breakdown."""

    account: int
    mrr: Decimal
    starts_on: date
    ends_on: date | None
    trial: bool = False
    group: str = ""

    @property
    def pays(self) -> bool:
        """Whether it ever brings anything."""
        return not self.trial and self.mrr > 0 and (self.ends_on is None or self.ends_on > self.starts_on)

    def on(self, day: date) -> Decimal:
        """What it brings on a day."""
        return mrr_on(day=day, mrr=self.mrr, starts_on=self.starts_on, ends_on=self.ends_on, trial=self.trial)


@dataclass(frozen=True, kw_only=True)
class Movements:
    """MRR from the end of the day before a period to the end of its last day, by what became of each account.

    Amounts of contraction and churned are positive: opening + new + expansion − contraction − churned + reactivated = closing.
    `due` and `renewed` are the value of paid lines that ended in the period, and what of it was renewed.
    """

    opening: Decimal = Decimal(0)
    new: Decimal = Decimal(0)
    expansion: Decimal = Decimal(0)
    contraction: Decimal = Decimal(0)
    churned: Decimal = Decimal(0)
    reactivated: Decimal = Decimal(0)
    closing: Decimal = Decimal(0)
    due: Decimal = Decimal(0)
    renewed: Decimal = Decimal(0)
    opening_accounts: int = 0
    new_accounts: int = 0
    churned_accounts: int = 0
    reactivated_accounts: int = 0
    closing_accounts: int = 0

    @property
    def gross_retention(self) -> float | None:
        """What of the opening was kept, without growth; None without an opening."""
        return _ratio(self.opening - self.contraction - self.churned, self.opening)

    @property
    def net_retention(self) -> float | None:
        """What became of the opening, growth of those accounts included."""
        return _ratio(self.opening + self.expansion - self.contraction - self.churned, self.opening)

    @property
    def renewal_rate(self) -> float | None:
        """Renewed value ÷ value due."""
        return _ratio(self.renewed, self.due)

    def __add__(self, other: "Movements") -> "Movements":
        """Two groups together."""
        return Movements(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


def movements(lines: Iterable[Line], *, first: date, last: date) -> dict[str, Movements]:
    """Movements of a period of inclusive days by group. An account is compared with itself at both ends: what came and
    went in between does not show. New: never paid before; reactivated: paid earlier, not at the opening."""
    eve = first - timedelta(days=1)
    kept = [line for line in lines if line.pays]
    opening, closing = _by_account(kept, day=eve), _by_account(kept, day=last)
    before = {(line.group, line.account) for line in kept if line.starts_on <= eve}
    result: dict[str, Movements] = {line.group: Movements() for line in kept}
    for key in sorted(opening.keys() | closing.keys()):
        old, now = opening.get(key, Decimal(0)), closing.get(key, Decimal(0))
        change = now - old
        names = {
            "opening": old,
            "closing": now,
            "opening_accounts": int(old > 0),
            "closing_accounts": int(now > 0),
        }
        if old and now:
            names["expansion" if change > 0 else "contraction"] = abs(change)
        else:
            kind = "churned" if old else "reactivated" if key in before else "new"
            names |= {kind: abs(change), f"{kind}_accounts": 1}
        result[key[0]] += Movements(**names)  # type: ignore[arg-type]
    for group, (due, renewed) in renewals(kept, first=first, last=last).items():
        result[group] += Movements(due=due, renewed=renewed)
    return result


def renewals(lines: Iterable[Line], *, first: date, last: date) -> dict[str, tuple[Decimal, Decimal]]:
    """(value due, value renewed) by group of the paid lines that ended in the period.

    Renewed is what the account's lines bring that begin within RENEWAL_DAYS of the end, at most the value due; a line that
    begins renews once, the earliest end first.
    """
    kept = [line for line in lines if line.pays]
    ended = sorted(
        (line for line in kept if line.ends_on is not None),
        key=lambda line: (line.ends_on, line.starts_on, line.mrr),
    )
    begun: dict[tuple[str, int], list[Line]] = defaultdict(list)
    for line in sorted(kept, key=lambda line: (line.starts_on, line.mrr)):
        begun[line.group, line.account].append(line)
    left = {id(line): line.mrr for line in kept}
    result: dict[str, tuple[Decimal, Decimal]] = {}
    for line in ended:
        assert line.ends_on is not None
        open_value = line.mrr
        for one in begun[line.group, line.account]:
            if (
                one is not line
                and one.starts_on > line.starts_on
                and abs((one.starts_on - line.ends_on).days) <= RENEWAL_DAYS
            ):
                part = min(open_value, left[id(one)])
                left[id(one)] -= part
                open_value -= part
        if first <= line.ends_on <= last:
            due, renewed = result.get(line.group, (Decimal(0), Decimal(0)))
            result[line.group] = due + line.mrr, renewed + line.mrr - open_value
    return result


def lifetime_value(months: Iterable[Movements]) -> float | None:
    """LTV = closing MRR per paying account ÷ monthly rate of lost MRR, (contraction + churned) ÷ opening over the months
    given. Margin is not deducted; None when nothing was lost or nobody pays at the end."""
    told = list(months)
    opening = sum((one.opening for one in told), Decimal(0))
    lost = sum((one.contraction + one.churned for one in told), Decimal(0))
    if not told or not opening or not lost or not told[-1].closing_accounts:
        return None
    return float(told[-1].closing / told[-1].closing_accounts / (lost / opening))


def _by_account(lines: Iterable[Line], *, day: date) -> dict[tuple[str, int], Decimal]:
    found: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for line in lines:
        if amount := line.on(day):
            found[line.group, line.account] += amount
    return found


def _ratio(part: Decimal, whole: Decimal) -> float | None:
    return float(part / whole) if whole else None

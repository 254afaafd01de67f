"""Pure revenue rules (SEMANTICS 23): what a line brings on a day, in one definition."""

from datetime import date
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

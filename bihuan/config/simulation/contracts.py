"""What they pay: one contract a term, one line a product, the price per seat with the customer's discount."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from . import cast
from .accounts import MONTHLY, Accounts
from .arrays import Floats, Rng
from .churn import NEVER, PRICE_RISE, Fate

BILLING = ("yearly", "quarterly", "monthly")
COLUMNS = (
    "key", "contract_key", "account_key", "product_code", "name", "seats", "mrr", "currency", "starts_on",
    "ends_on", "billing", "auto_renew", "trial", "contract_name", "contract_starts_on", "contract_ends_on",
    "signed_on",
)  # fmt: skip


def contract_columns(
    *, rng: Rng, accounts: Accounts, fate: Fate, days: int, first: date
) -> tuple[dict[str, list[Any]], Floats]:
    """The columns of the importer's noun `contract_lines`, and each account's last revenue a month."""
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    revenue = np.zeros(len(accounts))
    seats_per_head = rng.uniform(1.05, 1.65, size=len(accounts))
    billing = rng.choice(2, size=len(accounts), p=[0.75, 0.25])
    auto = rng.random(len(accounts)) < 0.35
    later = rng.random((len(accounts), len(cast.PRODUCTS)))
    for n in range(len(accounts)):
        for number, (start, end, price) in enumerate(_terms(n, accounts=accounts, fate=fate, days=days)):
            trial = price == 0.0
            name = f"{accounts.short_names[n]} {'试用' if trial else '服务'}合同 {number + 1}"
            total = 0.0
            for p in np.flatnonzero(accounts.products[n]).tolist():
                if trial and p > 0:
                    continue
                code, title, list_price = cast.PRODUCTS[p]
                share = (1.0, 0.5, 0.3)[p]
                growth = min(1.0, 0.72 + 0.1 * number) if accounts.term[n] != MONTHLY else 1.0
                seats = max(2, round(float(accounts.people[n]) * float(seats_per_head[n]) * share * growth))
                rate = 0.0 if trial else list_price * float(accounts.discount[n]) * price
                mrr = round(seats * rate / 10) * 10.0
                began = start
                if p > 0 and later[n, p] < 0.35 and end > days:  # sold during the current term
                    began = min(start + 30 + int(later[n, p] * 700), max(start, days - 1))
                total += mrr
                values: tuple[Any, ...] = (
                    f"SIM-L{n + 1:05d}-{number + 1}-{code}",
                    f"SIM-C{n + 1:05d}-{number + 1}",
                    accounts.keys[n],
                    code,
                    title,
                    seats,
                    Decimal(str(mrr)).quantize(Decimal("0.01")),
                    "CNY",
                    _day(began, first),
                    _day(end, first),
                    "monthly" if accounts.term[n] == MONTHLY else BILLING[int(billing[n])],
                    bool(auto[n]) or end == NEVER,
                    trial,
                    name,
                    _day(start, first),
                    _day(end, first),
                    _day(start - 7, first),
                )
                for column, value in zip(COLUMNS, values, strict=True):
                    columns[column].append(value)
            revenue[n] = total
    return columns, revenue


def _terms(n: int, *, accounts: Accounts, fate: Fate, days: int) -> list[tuple[int, int, float]]:
    """Start, end and price factor of each term that has begun: the trial, then years or one open month."""
    start, left = int(accounts.signed_up[n]), int(fate.left[n])
    terms: list[tuple[int, int, float]] = []
    if accounts.trial_days[n]:
        terms.append((start - int(accounts.trial_days[n]), start, 0.0))
    if accounts.term[n] == MONTHLY:
        return [*terms, (start, left, 1.0)]
    price = 0.94
    while start < min(days, left):
        terms.append((start, start + 365, price))
        start += 365
        price *= 1.0 + (PRICE_RISE if fate.price_up.get((n, start), False) else 0.02)
    return terms


def _day(number: int, first: date) -> date | None:
    return None if number == NEVER else first + timedelta(days=number)

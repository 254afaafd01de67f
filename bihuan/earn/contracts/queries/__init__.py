"""Reads of contracts: revenue as of any day, its movements, and the question about it."""

from bihuan.earn.contracts.queries.question import answer_revenue
from bihuan.earn.contracts.queries.revenue import (
    CENT,
    AccountRevenue,
    Revenue,
    contract_currency,
    contracts_of,
    in_cents,
    revenue_by_account,
    revenue_on,
)

__all__ = [
    "CENT",
    "AccountRevenue",
    "Revenue",
    "answer_revenue",
    "contract_currency",
    "contracts_of",
    "in_cents",
    "revenue_by_account",
    "revenue_on",
]

"""Money: a decimal amount in the currency's minor unit, rounded half-even; sums never cross currencies."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Self

MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "KWD": 3, "BHD": 3, "JOD": 3, "OMR": 3, "TND": 3}
SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$"}


def minor_unit(currency: str) -> Decimal:
    """The smallest amount of a currency (ISO 4217), 0.01 for most."""
    return Decimal(1).scaleb(-MINOR_DIGITS.get(currency, 2))


def rounded(amount: Decimal, *, currency: str) -> Decimal:
    """`amount` in the currency's minor unit, half-even."""
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, kw_only=True, order=False)
class Money:
    """An amount of one currency."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount, float):
            raise TypeError("money is a Decimal, not a float")
        object.__setattr__(self, "amount", rounded(Decimal(self.amount), currency=self.currency))

    def __add__(self, other: Self) -> "Money":
        self._must_match(other)
        return Money(amount=self.amount + other.amount, currency=self.currency)

    def __sub__(self, other: Self) -> "Money":
        self._must_match(other)
        return Money(amount=self.amount - other.amount, currency=self.currency)

    def times(self, factor: Decimal | int) -> "Money":
        """The product, rounded half-even to the minor unit."""
        return Money(amount=self.amount * factor, currency=self.currency)

    def __str__(self) -> str:
        return f"{SYMBOLS.get(self.currency, self.currency + ' ')}{self.amount:,f}"

    def _must_match(self, other: "Money") -> None:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}; convert first")


def total(amounts: Iterable[Money], *, currency: str) -> Money:
    """The sum of lines that are each already rounded; zero when there are none."""
    result = Money(amount=Decimal(0), currency=currency)
    for amount in amounts:
        result = result + amount
    return result


_ask_for_currency: Callable[[], str] | None = None


def report_in(ask: Callable[[], str]) -> None:
    """Register who knows the currency that lists and totals are in (the room that keeps the contracts)."""
    global _ask_for_currency  # one answer for the whole house
    _ask_for_currency = ask


def reporting_currency() -> str:
    """The currency of lists and totals: amounts of other currencies are never added to them."""
    from django.conf import settings

    return _ask_for_currency() if _ask_for_currency else str(settings.CURRENCY)

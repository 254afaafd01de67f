"""Money is exact, rounded half-even in the minor unit, and never mixes currencies."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.money import Money, minor_unit, rounded, total

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4, allow_nan=False)
currencies = st.sampled_from(["CNY", "JPY", "KWD"])


@given(amount=amounts, currency=currencies)
def test_an_amount_is_a_multiple_of_the_minor_unit_and_nearest(amount, currency):
    money = Money(amount=amount, currency=currency)
    unit = minor_unit(currency)
    assert money.amount % unit == 0
    assert abs(money.amount - amount) <= unit / 2


@given(lines=st.lists(amounts, max_size=20), currency=currencies)
def test_a_total_is_the_sum_of_its_rounded_lines(lines, currency):
    parts = [Money(amount=line, currency=currency) for line in lines]
    assert total(parts, currency=currency).amount == sum(
        (rounded(line, currency=currency) for line in lines), Decimal(0)
    )


@given(a=amounts, b=amounts)
def test_adding_and_taking_away_gives_the_same_amount(a, b):
    one, other = Money(amount=a, currency="CNY"), Money(amount=b, currency="CNY")
    assert one + other - other == one


def test_half_a_cent_goes_to_the_even_cent():
    assert [str(Money(amount=Decimal(x), currency="CNY").amount) for x in ("0.125", "0.135")] == [
        "0.12",
        "0.14",
    ]


def test_currencies_do_not_mix_and_floats_are_refused():
    with pytest.raises(ValueError, match="USD"):
        Money(amount=Decimal(1), currency="CNY") + Money(amount=Decimal(1), currency="USD")
    with pytest.raises(TypeError, match="float"):
        Money(amount=0.1, currency="CNY")


def test_money_is_written_with_its_currency():
    assert str(Money(amount=Decimal("1234567.5"), currency="CNY")) == "¥1,234,567.50"
    assert str(Money(amount=Decimal("10"), currency="CHF")) == "CHF 10.00"
    assert Money(amount=Decimal("10.01"), currency="CNY").times(3).amount == Decimal("30.03")

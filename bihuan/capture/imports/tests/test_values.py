"""A cell becomes the value it means, or is refused with a remedy."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.imports.rules import convert
from bihuan.capture.imports.rules.convert import FALSE, TRUE, for_rules

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = st.sampled_from([UTC, SHANGHAI, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")])
MOMENTS = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2100, 1, 1), timezones=ZONES)


def value(cell: object, kind: str, *formats: str) -> object:
    return convert(value=cell, kind=kind, formats=formats, zone=SHANGHAI)


@pytest.mark.parametrize(
    ("cell", "kind", "formats", "expected"),
    [
        ("4.0", "int", (), 4),
        (" 12 ", "int", (), 12),
        (3.0, "text", (), "3"),
        (date(2024, 1, 2), "text", (), "2024-01-02"),
        ("1e3", "decimal", (), Decimal("1000")),
        ("是", "bool", (), True),
        ("No", "bool", (), False),
        (0, "bool", (), False),
        ("2026/4/3", "date", (), date(2026, 4, 3)),  # as Excel writes days in China
        ("2026/12/22", "date", (), date(2026, 12, 22)),
        ("2026.4.3", "date", (), date(2026, 4, 3)),
        ("2026年4月3日", "date", (), date(2026, 4, 3)),
        ("2026-4-3", "date", (), date(2026, 4, 3)),
        ("2026/4/3 0:00", "date", (), date(2026, 4, 3)),
        ("2026/4/3 8:05", "datetime", (), datetime(2026, 4, 3, 0, 5, tzinfo=UTC)),
        ("2026/4/3 8:05:09", "datetime", (), datetime(2026, 4, 3, 0, 5, 9, tzinfo=UTC)),
        ("31.12.2023", "date", ("%Y-%m-%d", "%d.%m.%Y"), date(2023, 12, 31)),
        ("2023-12-31T18:00:00Z", "date", (), date(2024, 1, 1)),  # already tomorrow in Shanghai
        (datetime(2023, 12, 31, 18, tzinfo=UTC), "date", (), date(2024, 1, 1)),
        ("2024-03-01", "datetime", (), datetime(2024, 2, 29, 16, tzinfo=UTC)),
        (date(2024, 3, 1), "datetime", (), datetime(2024, 2, 29, 16, tzinfo=UTC)),
        ("2024-03-01T00:00:00+01:00", "datetime", (), datetime(2024, 2, 29, 23, tzinfo=UTC)),
        ("1709251200", "datetime", ("unix",), datetime(2024, 3, 1, tzinfo=UTC)),
        ("1709251200123", "datetime", ("unix_ms",), datetime(2024, 3, 1, 0, 0, 0, 123_000, tzinfo=UTC)),
        ('{"a": [1]}', "json", (), {"a": [1]}),
        ({"a": 1}, "text", (), '{"a": 1}'),
        ("", "int", (), None),
        (None, "date", (), None),
    ],
)
def test_a_cell_has_the_value_it_means(
    cell: object, kind: str, formats: tuple[str, ...], expected: object
) -> None:
    assert value(cell, kind, *formats) == expected


@pytest.mark.parametrize(
    ("cell", "kind", "formats", "complaint"),
    [
        ("4.5", "int", (), "not a whole number"),
        ("1e400", "int", (), "not a finite number"),
        ("1,234", "decimal", (), "without separators"),
        ("1,234", "decimal", (), 'give the field a `format`: "1,234.56" or "1.234,56"'),
        ("12,34", "decimal", ("1,234.56",), "without separators"),
        ("1.234,5", "decimal", ("1,234.56",), "without separators"),
        ("1,234 盒", "decimal", ("1,234.56",), "without separators"),
        ("NaN", "decimal", (), "not a finite number"),
        ("maybe", "bool", (), "not yes or no"),
        ("31/12/2023", "date", (), "give the field a `format`"),
        ("2023-02-30", "date", (), "not a date written year first"),
        ("2023/2/30", "date", (), "not a date written year first"),
        ("2023/2-3", "date", (), "not a date written year first"),
        ("23/2/3", "date", (), "not a date written year first"),
        ("2023-31-12", "datetime", ("%Y-%m-%d",), "not a time written as %Y-%m-%d"),
        ("soon", "datetime", ("unix",), "not a time written as unix"),
        ("1e30", "datetime", ("unix",), "not a time written as unix"),
        ("0001-01-01", "datetime", (), "out of the range"),
        ("{", "json", (), "not JSON"),
        ("a\x00b", "text", (), "NUL"),
    ],
)
def test_a_cell_that_means_nothing_is_refused_with_a_remedy(
    cell: object, kind: str, formats: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        value(cell, kind, *formats)


@given(MOMENTS)
def test_a_moment_survives_iso_text_in_any_zone(moment: datetime) -> None:
    assert value(moment.isoformat(), "datetime") == moment.astimezone(UTC)


@given(MOMENTS)
def test_unix_times_are_exact_to_the_microsecond(moment: datetime) -> None:
    micros = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert value(str(micros), "datetime", "unix_us") == moment.astimezone(UTC)


@given(st.dates(min_value=date(1900, 1, 1)))
def test_a_day_survives_any_of_its_spellings(day: date) -> None:
    for spelling, formats in (
        (day.isoformat(), ()),
        (day.strftime("%d.%m.%Y"), ("%d.%m.%Y",)),
        (day, ()),
        (f"{day.year}/{day.month}/{day.day}", ()),
    ):
        assert value(spelling, "date", *formats) == day


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**11), max_value=10**11))
def test_an_amount_is_never_rounded(amount: Decimal) -> None:
    assert value(str(amount), "decimal") == amount


@given(MOMENTS, MOMENTS)
def test_moments_sort_as_the_texts_that_rules_see(one: datetime, other: datetime) -> None:
    def text(moment: datetime) -> str:
        whole = moment.replace(microsecond=0)
        return str(for_rules(value=whole, kind="datetime", formats=(), zone=SHANGHAI))

    assert (text(one) < text(other)) == (one.replace(microsecond=0) < other.replace(microsecond=0))


def test_rules_see_days_as_texts_and_amounts_as_numbers() -> None:
    def seen(cell: object, kind: str | None = None) -> object:
        return for_rules(value=cell, kind=kind, formats=(), zone=SHANGHAI)

    assert seen("2024-03-01", "date") == "2024-03-01"
    assert seen("2024-03-01", "datetime") == "2024-02-29T16:00:00Z"
    assert seen("1.5", "decimal") == 1.5
    assert seen("1.5") == "1.5"
    assert seen("") is None
    assert TRUE.isdisjoint(FALSE)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=2))
def test_a_grouped_number_is_the_number(number: Decimal) -> None:
    grouped = f"{number:,}"
    assert value(grouped, "decimal", "1,234.56") == number
    other = grouped.replace(",", " ").replace(".", ",").replace(" ", ".")
    assert value(other, "decimal", "1.234,56") == number
    assert value(number, "decimal", "1.234,56") == number, "a cell that is a number is not read again"
    assert value(f"{int(number):,}", "int", "1,234.56") == int(number)

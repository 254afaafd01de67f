"""One cell → one value of a field's kind; a refusal is a ValueError that tells the remedy."""

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

Zone = ZoneInfo
UTC_ZONE = ZoneInfo("UTC")

KINDS = ("text", "int", "decimal", "date", "datetime", "bool", "json")
UNIX = {"unix": 1, "unix_ms": 1_000, "unix_us": 1_000_000}
#: Days since then, as a cell shows a date whose format was lost.
EXCEL, EXCEL_FIRST = "excel", datetime(1899, 12, 30)  # noqa: DTZ001  the zone follows
TRUE = frozenset(("true", "t", "yes", "y", "1", "是", "on"))
FALSE = frozenset(("false", "f", "no", "n", "0", "否", "off"))
# The year comes first, so the month cannot be mistaken for the day: what Excel writes in China (2026/4/3, 2026年4月3日).
_YEAR_FIRST = re.compile(
    r"(\d{4})(?:([-/.])(\d\d?)\2(\d\d?)|年(\d\d?)月(\d\d?)日)(?:[T ]+(\d\d?)(:\d\d.*))?", re.ASCII
)
_LARGEST = 9_223_372_036_854_775_807
MOST_DIGITS = 40  # before or behind the point: 1e999999999 as a whole number would fill the memory
LONGEST_NUMBER = 200  # letters


def convert(*, value: Any, kind: str, formats: Sequence[str] = (), zone: Zone) -> Any:
    """The value of `kind`, or None for an empty cell. Moments without a zone are taken to be in `zone`."""
    if value is None or value == "":
        return None
    return _BY_KIND[kind](value, formats, zone)


#: What stands before or behind an amount → its currency.
CURRENCIES = {
    "¥": "CNY", "￥": "CNY", "元": "CNY", "CNY": "CNY", "RMB": "CNY", "$": "USD", "US$": "USD", "USD": "USD", "€": "EUR",
    "EUR": "EUR", "£": "GBP", "GBP": "GBP", "HK$": "HKD", "HKD": "HKD", "円": "JPY", "JPY": "JPY",
}  # fmt: skip
_MARK = "|".join(re.escape(mark) for mark in sorted(CURRENCIES, key=len, reverse=True))
AMOUNT = re.compile(rf"(?P<before>{_MARK})?\s*(?P<number>[+-]?[\d.,]+)\s*(?P<behind>{_MARK})?", re.ASCII)

#: How numbers are grouped, by the `format` of a field that shows it.
GROUPED = {
    "1,234.56": re.compile(r"[+-]?\d{1,3}(,\d{3})*(\.\d+)?|[+-]?\d+(\.\d+)?"),
    "1.234,56": re.compile(r"[+-]?\d{1,3}(\.\d{3})*(,\d+)?|[+-]?\d+(,\d+)?"),
}


def _text(value: Any, _formats: Sequence[str], _zone: Zone) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    text = value.isoformat() if isinstance(value, (date, datetime)) else str(value)
    if "\x00" in text:
        raise ValueError("the text holds a NUL character; take it out of the file")
    return text


def _int(value: Any, formats: Sequence[str], _zone: Zone) -> int:
    number = _number(value, formats)
    if number != number.to_integral_value() or abs(number) > _LARGEST:
        raise ValueError("not a whole number")
    return int(number)


def _decimal(value: Any, formats: Sequence[str], _zone: Zone) -> Decimal:
    return _number(value, formats)


def _number(value: Any, formats: Sequence[str]) -> Decimal:
    if isinstance(value, bool):
        return Decimal(int(value))
    text = str(value).strip()
    # A cell that is a number in the file needs no reading; in a text "1,234" is a thousand to some and one to others.
    for form in () if isinstance(value, (int, float, Decimal)) else formats:
        amount = AMOUNT.fullmatch(text)
        bare = amount["number"] if amount else text
        if form in GROUPED and GROUPED[form].fullmatch(bare):
            text = bare.replace(form[1], "").replace(form[5], ".")
            break
    try:
        number = Decimal(text[: LONGEST_NUMBER + 1])
    except InvalidOperation:
        ways = " or ".join(f'"{form}"' for form in GROUPED)
        raise ValueError(
            f"not a number; write it as 1234.56, without separators or unit, or give the field a `format`: {ways}"
        ) from None
    if not number.is_finite() or len(text) > LONGEST_NUMBER or abs(number.adjusted()) > MOST_DIGITS:
        raise ValueError(f"not a finite number of at most {MOST_DIGITS} digits; correct the cell")
    return number


def _bool(value: Any, _formats: Sequence[str], _zone: Zone) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError("not yes or no; use true, false, yes, no, 1, 0, 是 or 否, or a `map`")


def _json(value: Any, _formats: Sequence[str], _zone: Zone) -> Any:
    if not isinstance(value, str):
        return _storable(value)
    try:
        return _storable(json.loads(value))
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("not JSON") from None


def _storable(value: Any) -> Any:
    """The value as every database takes JSON; ValueError for a part that none takes."""
    if isinstance(value, dict):
        return {_text(name, (), UTC_ZONE): _storable(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_storable(one) for one in value]
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"not a finite number of at most {MOST_DIGITS} digits; correct the cell")
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _text(value, (), UTC_ZONE)


def _date(value: Any, formats: Sequence[str], zone: Zone) -> date:
    if isinstance(value, datetime):
        return _day(value, zone)
    if isinstance(value, date):
        return value
    text = str(value).strip()
    if not formats and len(text := _iso(text)) == 10:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(_no_moment("date", formats)) from None
    return _day(_moment(text, formats, kind="date"), zone)


def _day(moment: datetime, zone: Zone) -> date:
    return (moment if moment.tzinfo is None else _in(zone, moment)).date()


def _datetime(value: Any, formats: Sequence[str], zone: Zone) -> datetime:
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)  # noqa: DTZ001  the zone follows
    else:
        moment = _moment(str(value).strip(), formats, kind="time")
    return _in(UTC, moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _in(zone: tzinfo, moment: datetime) -> datetime:
    """The same moment there; ValueError where the calendar has no such year."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        raise ValueError("out of the range of the calendar") from None


def _moment(text: str, formats: Sequence[str], *, kind: str) -> datetime:
    if not formats:
        try:
            return datetime.fromisoformat(_iso(text))
        except ValueError:
            raise ValueError(_no_moment(kind, formats)) from None
    for form in formats:
        if form == EXCEL:
            try:
                return EXCEL_FIRST + timedelta(seconds=round(float(text) * 86_400))
            except (OverflowError, ValueError):
                continue
        if form in UNIX:
            try:
                return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
                    microseconds=int(_number(text, ()) * (1_000_000 // UNIX[form]))
                )
            except (OverflowError, ValueError):
                continue
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  the zone follows
        except (ValueError, re.error):  # of a format that names a part twice
            continue
    raise ValueError(_no_moment(kind, formats))


def _iso(text: str) -> str:
    """2026/4/3 8:05 as 2026-04-03T08:05; what is not written year first stays as it is."""
    found = _YEAR_FIRST.fullmatch(text)
    if found is None:
        return text
    year, _, month, day, month_in_words, day_in_words, hour, rest = found.groups()
    iso = f"{year}-{int(month or month_in_words):02}-{int(day or day_in_words):02}"
    return f"{iso}T{int(hour):02}{rest}" if hour else iso


def _no_moment(kind: str, formats: Sequence[str]) -> str:
    if formats:
        return f"not a {kind} written as {' or '.join(formats)}; correct the cell or add its `format`"
    return f"not a {kind} written year first (2024-03-31, 2024/3/31, 2024-03-31T09:30:00+08:00); give the field a `format`"


def for_rules(*, value: Any, kind: str | None, formats: Sequence[str], zone: Zone) -> Any:
    """A cell as CEL sees it: days as 2024-03-31, moments as UTC ISO text (both sort), decimals as doubles."""
    if value is None or value == "":
        return None
    if kind is not None:
        value = convert(value=value, kind=kind, formats=formats, zone=zone)
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=zone)
        return _in(UTC, moment).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


_BY_KIND = {
    "text": _text,
    "int": _int,
    "decimal": _decimal,
    "date": _date,
    "datetime": _datetime,
    "bool": _bool,
    "json": _json,
}

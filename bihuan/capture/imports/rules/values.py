"""What the cells of a column look like: days and how they are written, numbers, amounts, addresses, yes and no."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bihuan.capture.imports.rules.convert import (
    AMOUNT,
    CURRENCIES,
    EXCEL,
    FALSE,
    GROUPED,
    TRUE,
    Zone,
    convert,
)

LOOKED_AT = 200  # different cells of a column
MOST = 0.5  # of them must fit, or the column is not of this kind
UTC = Zone("UTC")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"\+?[\d\s()-]{7,20}")
MOBILE = re.compile(r"(\+?86[ -]?)?1[3-9]\d{9}")
#: Ways to write a day or moment, tried in this order; "" is year first, which needs no format.
WRITTEN = (
    "", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d/%m/%y",
    "%m/%d/%y", "%d.%m.%y", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日 %H时%M分", "%Y年%m月%d日%H:%M:%S", "%b %d, %Y", "%d %b %Y",
    "%d-%b-%Y", "%B %d, %Y", "%Y/%m/%d %I:%M:%S %p",
)  # fmt: skip
#: Digits only: how many, and what they may mean. Whether they do, the heading must say.
DIGITS = {5: EXCEL, 8: "%Y%m%d", 10: "unix", 13: "unix_ms", 14: "%Y%m%d%H%M%S", 16: "unix_us"}
YEARS = range(1990, 2100)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a column holds. `moment` and `number` are formats ("" needs none) or None; `fits` is the share of cells that
    are so written; `unsure` says that day and month could be changed over; `clock` that there is a time of day."""

    filled: int = 0
    rows: int = 0
    distinct: int = 0
    texts: tuple[str, ...] = ()  # the first different cells as text
    moment: str | None = None
    digits: bool = False
    clock: bool = False
    unsure: bool = False
    number: str | None = None
    whole: bool = False
    currency: str = ""
    fits: float = 1.0
    email: bool = False
    phone: bool = False
    mobile: bool = False
    boolean: bool = False

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return 0 < self.filled == self.distinct == self.rows

    @property
    def full(self) -> bool:
        """Whether no cell is empty."""
        return 0 < self.filled == self.rows


def shape_of(cells: Sequence[Any]) -> Shape:
    """The shape of these cells of one column."""
    filled = [cell for cell in cells if not (cell is None or (isinstance(cell, str) and not cell.strip()))]
    different = list(dict.fromkeys(_text(cell) for cell in filled))
    texts = tuple(different[:LOOKED_AT])
    if not texts:
        return Shape(rows=len(cells))
    moment, clock, fits = _moment(filled, texts)
    number, number_fits = _number(filled, texts)
    other = {form for form in _readings(texts) if form} if moment and moment != EXCEL else set()
    return Shape(
        filled=len(filled),
        rows=len(cells),
        distinct=len(different),
        texts=texts,
        moment=moment,
        digits=all(text.replace(".", "", 1).isdigit() for text in texts),
        clock=clock,
        unsure=len(other) > 1,
        number=number,
        whole=number is not None and _whole(texts, number),
        currency=_currency(texts),
        fits=fits if moment is not None else number_fits if number is not None else 1.0,
        email=_share(EMAIL, texts) >= MOST,
        phone=_share(PHONE, texts) >= MOST and all(sum(map(str.isdigit, text)) >= 7 for text in texts[:20]),
        mobile=_share(MOBILE, texts) >= MOST,
        boolean={text.lower() for text in texts} <= TRUE | FALSE,
    )


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, (date, datetime)) else str(cell).strip()


def _share(pattern: re.Pattern[str], texts: Sequence[str]) -> float:
    return sum(pattern.fullmatch(text) is not None for text in texts) / len(texts)


def _moment(filled: Sequence[Any], texts: Sequence[str]) -> tuple[str | None, bool, float]:
    """The format, whether there is a time of day, and the share of cells that are so written."""
    if all(isinstance(cell, (date, datetime)) for cell in filled):
        clock = any(
            isinstance(cell, datetime) and (cell.hour or cell.minute or cell.second) for cell in filled
        )
        return "", clock, 1.0
    lengths = {len(text.split(".")[0]) for text in texts if text.replace(".", "", 1).isdigit()}
    candidates = [DIGITS[n] for n in sorted(lengths) if n in DIGITS] if lengths else list(WRITTEN)
    best, share = None, 0.0
    for form in candidates:
        fits = _fitting(texts, form)
        if fits > share:
            best, share = form, fits
        if fits == 1.0:
            break
    if best is None or share < MOST:
        return None, False, 0.0
    clock = any(":" in text for text in texts) or best in ("unix", "unix_ms", "unix_us") or "%H" in best
    return best, clock or (best == EXCEL and any("." in text for text in texts)), share


def _readings(texts: Sequence[str]) -> Iterator[str]:
    """The ways in which all of them can be read that differ in which number is the month."""
    for form in WRITTEN:
        if form.startswith(("%d/%m", "%m/%d", "%d-%m", "%m-%d")) and _fitting(texts, form) == 1.0:
            yield form


def _fitting(texts: Sequence[str], form: str) -> float:
    """The share of texts that are a moment of these years in this format; 0 as soon as too few are."""
    missed, most = 0, len(texts) * (1 - MOST)
    for text in texts:
        try:
            found = convert(value=text, kind="datetime", formats=(form,) if form else (), zone=UTC)
        except (ValueError, OverflowError):
            found = None
        if found is None or found.year not in YEARS:
            missed += 1
            if missed > most:
                return 0.0
    return (len(texts) - missed) / len(texts)


def _number(filled: Sequence[Any], texts: Sequence[str]) -> tuple[str | None, float]:
    """How numbers are grouped ("" when they are not), and the share of cells that are so written."""
    if any(isinstance(cell, (bool, date)) for cell in filled):
        return None, 0.0
    best, share = None, 0.0
    for form in ("", *GROUPED):
        fits = sum(_is_number(text, form) for text in texts) / len(texts)
        if fits > share:
            best, share = form, fits
    return (best, share) if share >= MOST else (None, 0.0)


def _is_number(text: str, form: str) -> bool:
    return _decimal(text, form) is not None


def _decimal(text: str, form: str) -> Decimal | None:
    try:
        found = convert(value=text, kind="decimal", formats=(form,) if form else (), zone=UTC)
    except ValueError:
        return None
    return found if isinstance(found, Decimal) else None


def _whole(texts: Sequence[str], form: str) -> bool:
    """Whether they are counts: whole, and none with a leading nought, which would be a code."""
    found = [_decimal(text, form) for text in texts]
    whole = all(number is None or number == number.to_integral_value() for number in found)
    return whole and not any(len(text) > 1 and text.startswith("0") and text.isdigit() for text in texts)


def _currency(texts: Sequence[str]) -> str:
    """The one currency whose mark stands at most of them, or nothing."""
    marks = []
    for text in texts:
        amount = AMOUNT.fullmatch(text)
        mark = (amount["before"] or amount["behind"]) if amount else None
        marks.append(CURRENCIES.get(mark or "", ""))
    first = max(set(marks), key=marks.count)
    return first if marks.count(first) >= len(marks) * MOST else ""

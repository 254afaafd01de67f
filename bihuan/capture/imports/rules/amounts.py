"""What an amount is of: how many months, how many times what stands there, in which currency."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bihuan.capture.imports.rules.convert import CURRENCIES, Zone, convert
from bihuan.capture.imports.rules.draft import Why
from bihuan.capture.imports.rules.values import Shape, shape_of
from bihuan.capture.imports.rules.words import MONTHS, TIMES, heading

PAID_FOR = 12  # months, of an amount whose time nothing tells


def months_of(name: str, columns: Mapping[str, Sequence[Any]], places: Mapping[str, str]) -> tuple[int, Why]:
    """For how many months an amount is, and why: its heading, else the length of the contracts (`places`: field → column),
    else a year."""
    title = heading(name)
    word = max((word for word in MONTHS if word in title), key=len, default="")
    if word:
        return MONTHS[word], Why(code="period", about={"word": word, "months": str(MONTHS[word])})
    if "starts_on" in places and "ends_on" in places:
        lengths = _lengths(columns[places["starts_on"]], columns[places["ends_on"]])
        if lengths:
            months, times = Counter(lengths).most_common(1)[0]
            code = "whole" if times == len(lengths) else "whole_mostly"
            return months, Why(code=code, about={"months": str(months)})
    return PAID_FOR, Why(code="period_guessed", about={"months": str(PAID_FOR)})


def _lengths(starts: Sequence[Any], ends: Sequence[Any]) -> list[int]:
    """Whole months from each start to its end, where both can be read."""
    forms = [shape_of(cells).moment for cells in (starts, ends)]
    found = []
    for cells in zip(starts, ends, strict=True):
        try:
            days = [convert(value=cell, kind="date", formats=(form,) if form else (), zone=Zone("UTC"))
                    for cell, form in zip(cells, forms, strict=True)]  # fmt: skip
        except (ValueError, OverflowError):
            continue
        if None not in days and days[0] < days[1]:
            found.append(max(1, round((days[1] - days[0]).days / 30.44)))
    return found


def times_of(name: str) -> int:
    """10,000 for 金额（万元）."""
    unit = re.search(r"([万千亿])\s*元?\s*[)）\]】]?\s*$", name)
    return TIMES[unit[1]] if unit else 1


def currency_of(column: str, shape: Shape) -> str:
    """The currency whose mark stands at the amounts or in the heading, or nothing."""
    if shape.currency:
        return shape.currency
    bracket = re.search(r"[(（\[【]\s*([^)）\]】]+)[)）\]】]\s*$", column)
    unit = bracket[1].strip().upper() if bracket else ""
    return CURRENCIES.get(unit.lstrip("万千亿"), CURRENCIES.get(column.rpartition("_")[2].upper(), ""))

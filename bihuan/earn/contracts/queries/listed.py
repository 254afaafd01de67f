"""Who is behind a number of revenue: the accounts with their amounts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bihuan.earn.contracts.queries.shapes import (
    AMOUNTS,
    COUNTS,
    LOGOS,
    RATES,
    RevenueQuestion,
    biggest_first,
    movements_said,
    said_of_day,
)
from bihuan.earn.contracts.rules import Line, Movements, movements
from bihuan.understand.engine.answer import Answer, AnswerColumn, QuestionError
from bihuan.understand.engine.listing import (
    LEFT_OUT,
    MOST,
    Cell,
    a_day,
    a_value,
    either,
    list_at_hand,
    list_field,
    number,
    read_cell,
)
from bihuan.understand.engine.scope import NONE

OF = (*AMOUNTS, *LOGOS, *RATES, "subscriptions", "ltv")
OTHERS = "lines in another currency"
FIELD = list_field("bucket", "of", "series", "top", meaning=(
    "as of a day the accounts with an active line (`{}`), of a breakdown `{series: S}`, of a Pareto the biggest `{top: 5}`; "
    "with `every` `{bucket: 2026-03-01, of: churned}`, without `bucket` over the whole period, `of` being a column such as "
    "`expansion`, `new_accounts`, `renewal_rate` or `ltv`"
))  # fmt: skip


def read_listed(
    raw: Any, *, every: str | None, buckets: Sequence[tuple[date, date]], by: str | None, pareto: bool
) -> Cell | None:
    """The number that `list` names; QuestionError for one that there is not."""
    takes: dict[str, Any] = {"series": a_value} if by else {}
    if every:
        takes |= {"bucket": a_day, "of": either(*OF)}
    if pareto:
        takes["top"] = number(1, MOST)
    cell = read_cell(raw, takes=takes, needs=("of",) if every else (), left_out={LEFT_OUT: either(OTHERS)})
    firsts = [first for first, _last in buckets]
    if cell is not None and "bucket" in cell and cell.get("bucket") not in firsts:
        raise QuestionError("list.bucket", f"there is: {', '.join(map(str, firsts))}")
    return cell


def listed(asked: RevenueQuestion, lines: Iterable[Line], cell: Cell) -> Answer:
    """A row an account, the biggest amount first; the summary has the sums of the amounts."""
    if "series" in cell:
        group = NONE if cell.get("series") is None else cell.get("series")
        lines = [line for line in lines if line.group == group]
    if asked.every and cell.get("of") != "subscriptions":
        return _moved(asked, list(lines), cell)
    return _active(replace(asked, as_of=asked.buckets[-1][1]) if asked.every else asked, lines, cell)


def in_other_currencies(asked: RevenueQuestion, lines: Mapping[int, Sequence[str]], cell: Cell) -> Answer:
    """A row an account with lines in other currencies: which, and how many lines; the most first. `lines`: the currency of each
    line by account."""
    rows = [
        (account, ", ".join(sorted(set(currencies))), len(currencies))
        for account, currencies in lines.items()
    ]
    rows.sort(key=lambda row: (-row[2], row[0]))
    columns = (AnswerColumn(name="currency", type="text"), AnswerColumn(name="lines", type="number"))
    return list_at_hand(kind="revenue", unit="account", cell=cell, rows=rows, columns=columns, sums=("lines",),
                        definition=movements_said(asked) if asked.every else said_of_day(asked))  # fmt: skip


def _active(asked: RevenueQuestion, lines: Iterable[Line], cell: Cell) -> Answer:
    rows = [(pk, mrr, n) for pk, (n, mrr, _a) in biggest_first(asked, lines)]
    if "top" in cell:
        rows = [row for row in rows if row[1] > 0][: cell.get("top")]
    columns = (_money("mrr", asked), AnswerColumn(name="subscriptions", type="number"))
    return list_at_hand(
        kind="revenue", unit="account", cell=cell, rows=rows, columns=columns, sums=("mrr", "subscriptions"),
        definition=said_of_day(asked),
    )  # fmt: skip


def _moved(asked: RevenueQuestion, lines: Sequence[Line], cell: Cell) -> Answer:
    of = str(cell.get("of"))
    names = _columns(of)
    found = _of_period(asked, lines, of, bucket=cell.get("bucket"))
    rows = [
        (account, *(getattr(one, name) for name in names))
        for account, one in found.items()
        if any(getattr(one, name) for name in (names if of == "ltv" else names[:1]))
    ]
    rows.sort(key=lambda row: (-row[1], row[0]))
    return list_at_hand(
        kind="revenue", unit="account", cell=cell, rows=rows, columns=tuple(_money(name, asked) for name in names),
        sums=names, definition=(COUNTS, *movements_said(asked)),
    )  # fmt: skip


def _columns(of: str) -> tuple[str, ...]:
    """What each account is told with; it is listed when the first of them is not nought, behind LTV when any is."""
    if of == "renewal_rate":
        return "due", "renewed"
    if of == "ltv":
        return "closing", "opening", "contraction", "churned"
    kept = {"net_retention": ("expansion",), "gross_retention": ()}
    if of in kept:
        return "opening", *kept[of], "contraction", "churned"
    return (of.removesuffix("_accounts"),)


def _of_period(
    asked: RevenueQuestion, lines: Sequence[Line], of: str, *, bucket: date | None
) -> Mapping[int, Movements]:
    """Movements by account: of one bucket; over all of them as the summary has them, which sums what moved bucket by bucket
    and compares both ends for the rest."""
    first, last = asked.buckets[0][0], asked.buckets[-1][1]
    spans: Sequence[tuple[date, date]] = [span for span in asked.buckets if span[0] == bucket]
    if bucket is None:
        spans = asked.buckets if of in AMOUNTS[1:-1] else [(first, last)]
    if of == "ltv":
        return _of_lifetime(asked, lines)
    alone = [replace(line, group=str(line.account)) for line in lines]
    found: dict[int, Movements] = {}
    for begin, end in spans:
        for account, one in movements(alone, first=begin, last=end).items():
            found[int(account)] = found.get(int(account), Movements()) + one
    return found


def _of_lifetime(asked: RevenueQuestion, lines: Sequence[Line]) -> Mapping[int, Movements]:
    """What LTV is made of: the closing of the last month, and of all months together what they opened with and lost."""
    alone = [replace(line, group=str(line.account)) for line in lines]
    months = [movements(alone, first=begin, last=end) for begin, end in asked.months]
    found: dict[str, Movements] = {}
    for month in months:
        for account, one in month.items():
            found[account] = found.get(account, Movements()) + one
    return {
        int(account): replace(one, closing=months[-1].get(account, Movements()).closing)
        for account, one in found.items()
    }


def _money(name: str, asked: RevenueQuestion) -> AnswerColumn:
    return AnswerColumn(name=name, type="money", unit=asked.currency)

"""Answers about revenue from contract lines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

from django.conf import settings

from bihuan.earn.contracts.rules import (
    RENEWAL_DAYS,
    Line,
    Movements,
    active_on,
    arr,
    lifetime_value,
    movements,
)
from bihuan.know.accounts.models import Account
from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.scope import biggest


@dataclass(frozen=True, kw_only=True)
class RevenueQuestion:
    """`buckets` are inclusive first and last days; none: as of a day. `months` are those of the same days, for LTV."""

    as_of: date
    every: str | None
    buckets: tuple[tuple[date, date], ...]
    months: tuple[tuple[date, date], ...]
    by: str | None
    pareto: bool
    segment: str | None
    currency: str


COUNTS = "MRR counts lines with start ≤ day and (no end or end > day); trials at zero"
AMOUNTS = ("opening", "new", "expansion", "contraction", "churned", "reactivated", "closing")
RATES = ("gross_retention", "net_retention", "renewal_rate")
LOGOS = ("opening_accounts", "new_accounts", "churned_accounts", "reactivated_accounts", "closing_accounts")


def by_account(asked: RevenueQuestion, lines: Iterable[Line]) -> Answer:
    """A row an account with an active line, the biggest first."""
    active = _active(asked.as_of, lines)
    told = _per(active, key=lambda line: line.account)
    named = Account.objects.in_bulk(list(told))
    rows = sorted(
        ((named[pk].key, named[pk].name, n, mrr) for pk, (n, mrr, _a) in told.items()),
        key=lambda r: (-r[3], r[0]),
    )
    columns = (_text("account_key"), _text("account"), _number("subscriptions"), _money("mrr", asked))
    return _answer(_said(asked), columns, rows, _total(active))


def by_group(asked: RevenueQuestion, lines: Iterable[Line]) -> Answer:
    """A row a value of the breakdown, the biggest first; the smaller ones are told under left_out."""
    active = _active(asked.as_of, lines)
    told = _per(active, key=lambda line: line.group)
    kept = biggest({group: float(mrr) for group, (_n, mrr, _a) in told.items()})
    whole = sum((mrr for _n, mrr, _a in told.values()), Decimal(0))
    rows = [
        (
            group,
            told[group][0],
            told[group][2],
            told[group][1],
            float(told[group][1] / whole) if whole else None,
        )
        for group in map(str, kept)
    ]
    columns = (
        _text(str(asked.by)),
        _number("subscriptions"),
        _number("accounts"),
        _money("mrr", asked),
        _percent("share"),
    )
    return _answer(_said(asked), columns, rows, _total(active), hidden=len(told) - len(kept))


def pareto(asked: RevenueQuestion, lines: Iterable[Line]) -> Answer:
    """A row a paying account, the biggest first, with its share and the shares so far of customers and of revenue."""
    active = _active(asked.as_of, lines)
    paid = {pk: mrr for pk, (_n, mrr, _a) in _per(active, key=lambda line: line.account).items() if mrr > 0}
    named = Account.objects.in_bulk(list(paid))
    order = sorted(paid, key=lambda pk: (-paid[pk], named[pk].key))
    whole = sum(paid.values(), Decimal(0))
    so_far = list(accumulate(paid[pk] for pk in order))
    rows = [
        (
            place,
            named[pk].key,
            named[pk].name,
            paid[pk],
            place / len(order),
            float(paid[pk] / whole),
            float(total / whole),
        )
        for place, (pk, total) in enumerate(zip(order, so_far, strict=True), start=1)
    ]
    fifth = -(-len(order) // 5)
    summary = _total(active) | {
        "paying_accounts": len(order),
        "share_of_top_fifth": rows[fifth - 1][6] if rows else None,
        "accounts_for_80_percent": next((row[0] for row in rows if row[6] >= 0.8), 0),
    }
    columns = (_number("rank"), _text("account_key"), _text("account"), _money("mrr", asked), _percent("customers"),
               _percent("share"), _percent("revenue"))  # fmt: skip
    said = (*_said(asked), "paying customers, the biggest first; customers and revenue are the shares so far",
            "top fifth: the biggest 20 % of paying customers, rounded up")  # fmt: skip
    return _answer(said, columns, rows, summary)


def over_time(asked: RevenueQuestion, lines: Sequence[Line]) -> Answer:
    """A row a month or quarter (and value of the breakdown): movements, retention, renewal, customers."""
    last = asked.buckets[-1][1]
    told = [movements(lines, first=begin, last=end) for begin, end in asked.buckets]
    sizes: dict[str | None, float] = {}
    for groups in told:
        for group, one in groups.items():
            sizes[group] = max(sizes.get(group, 0.0), float(one.closing + one.opening))
    kept = [str(group) for group in biggest(sizes)] if asked.by else [""]
    rows = [
        (first, *((group,) if asked.by else ()), *_values(groups.get(group, Movements())))
        for (first, _last), groups in zip(asked.buckets, told, strict=True)
        for group in kept
    ]
    whole = [sum(groups.values(), Movements()) for groups in told]
    across = sum(movements(lines, first=asked.buckets[0][0], last=asked.buckets[-1][1]).values(), Movements())
    months = [sum(movements(lines, first=a, last=b).values(), Movements()) for a, b in asked.months]
    summary = {
        "mrr": across.closing, "arr": arr(mrr=across.closing), "accounts": across.closing_accounts,
        "subscriptions": len(_active(last, lines)),
        "opening": across.opening,
        **{name: sum((getattr(one, name) for one in whole), Decimal(0)) for name in AMOUNTS[1:-1]},
        **{name: getattr(across, name) for name in RATES}, "ltv": lifetime_value(months),
    }  # fmt: skip
    columns = (
        AnswerColumn(name=str(asked.every), type="date"), *((_text(asked.by),) if asked.by else ()),
        *(_money(name, asked) for name in AMOUNTS), *(_percent(name) for name in RATES), *map(_number, LOGOS),
    )  # fmt: skip
    said = (
        COUNTS, f"{asked.buckets[0][0]} to {last} in {settings.TIME_ZONE}, by {asked.every}; opening is the evening before",
        "by account, both ends compared: new never paid before, reactivated paid earlier and not at the opening; amounts of "
        "contraction and churned are subtracted: opening + new + expansion − contraction − churned + reactivated = closing",
        "gross retention = (opening − contraction − churned) ÷ opening; net retention adds expansion",
        "summary: movements are the sums of the rows, retention compares both ends of the whole period",
        f"renewal rate = renewed value ÷ value due: paid lines that end, renewed by what begins within {RENEWAL_DAYS} days",
        "LTV = closing MRR per paying account ÷ monthly rate of lost MRR ((contraction + churned) ÷ opening, over the months "
        "of the period); margin is not deducted",
    )  # fmt: skip
    return _answer(said, columns, rows, summary, hidden=len(sizes) - len(kept) if asked.by else 0)


def _active(day: date, lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if active_on(day=day, starts_on=line.starts_on, ends_on=line.ends_on)]


def _per(lines: Iterable[Line], *, key: Any) -> dict[Any, tuple[int, Decimal, int]]:
    """(active lines, MRR, accounts) by key."""
    found: dict[Any, list[Line]] = {}
    for line in lines:
        found.setdefault(key(line), []).append(line)
    return {
        name: (len(group), _mrr(group), len({line.account for line in group}))
        for name, group in found.items()
    }


def _mrr(lines: Iterable[Line]) -> Decimal:
    return sum((line.mrr for line in lines if not line.trial), Decimal(0))


def _total(active: Sequence[Line]) -> dict[str, Any]:
    mrr = _mrr(active)
    return {
        "mrr": mrr,
        "arr": arr(mrr=mrr),
        "subscriptions": len(active),
        "accounts": len({line.account for line in active}),
    }


def _values(one: Movements) -> tuple[Any, ...]:
    return tuple(getattr(one, name) for name in (*AMOUNTS, *RATES, *LOGOS))


def _said(asked: RevenueQuestion) -> tuple[str, ...]:
    return (COUNTS, f"as of {asked.as_of} in {settings.TIME_ZONE}", "ARR = 12 × MRR")


def _answer(
    said: tuple[str, ...], columns: tuple[AnswerColumn, ...], rows: Iterable[Sequence[Any]],
    summary: Mapping[str, Any], *, hidden: int = 0,
) -> Answer:  # fmt: skip
    return Answer(
        kind="revenue", question={}, definition=said, columns=columns, rows=tuple(map(tuple, rows)), summary=dict(summary),
        left_out={"smaller series, not shown": hidden} if hidden else {},
    )  # fmt: skip


def _text(name: str) -> AnswerColumn:
    return AnswerColumn(name=name, type="text")


def _number(name: str) -> AnswerColumn:
    return AnswerColumn(name=name, type="number")


def _percent(name: str) -> AnswerColumn:
    return AnswerColumn(name=name, type="percent")


def _money(name: str, asked: RevenueQuestion) -> AnswerColumn:
    return AnswerColumn(name=name, type="money", unit=asked.currency)

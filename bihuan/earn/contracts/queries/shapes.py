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
from bihuan.understand.engine.listing import HIDDEN, VALUES, Cell
from bihuan.understand.engine.scope import NONE, biggest


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
    listed: Cell | None


COUNTS = "MRR counts lines with start ≤ day and (no end or end > day); trials at zero"
AMOUNTS = ("opening", "new", "expansion", "contraction", "churned", "reactivated", "closing")
RATES = ("gross_retention", "net_retention", "renewal_rate")
LOGOS = ("opening_accounts", "new_accounts", "churned_accounts", "reactivated_accounts", "closing_accounts")
#: Behind the headline numbers of a day stand all that have an active line then.
_OF_DAY: Mapping[str, Mapping[str, Any]] = {name: {} for name in ("mrr", "arr", "subscriptions", "accounts")}


def by_account(asked: RevenueQuestion, lines: Iterable[Line]) -> Answer:
    """A row an account with an active line, the biggest first."""
    active = _active(asked.as_of, lines)
    told = biggest_first(asked, active)
    named = Account.objects.in_bulk([pk for pk, _told in told])
    rows = [(named[pk].key, named[pk].name, n, mrr) for pk, (n, mrr, _a) in told]
    columns = (_text("account_key"), _text("account"), _number("subscriptions"), _money("mrr", asked))
    return _answer(said_of_day(asked), columns, rows, _total(active))


def biggest_first(
    asked: RevenueQuestion, lines: Iterable[Line]
) -> list[tuple[int, tuple[int, Decimal, int]]]:
    """(account, (active lines, MRR, 1)) of those with an active line, in the order of MRR and key."""
    told = _per(_active(asked.as_of, lines), key=lambda line: line.account)
    keys = dict(Account.objects.filter(pk__in=list(told)).values_list("pk", "key"))
    return sorted(told.items(), key=lambda one: (-one[1][1], keys[one[0]]))


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
    behind = [
        {name: cell_of(row[0], by=asked.by) for name in ("subscriptions", "accounts", "mrr")} for row in rows
    ]
    return _answer(
        said_of_day(asked), columns, rows, _total(active), hidden=len(told) - len(kept), behind=behind
    )


def pareto(asked: RevenueQuestion, lines: Iterable[Line]) -> Answer:
    """A row a paying account, the biggest first, with its share and the shares so far of customers and of revenue."""
    active = _active(asked.as_of, lines)
    paid = {pk: mrr for pk, (_n, mrr, _a) in biggest_first(asked, active) if mrr > 0}
    order = list(paid)
    named = Account.objects.in_bulk(order)
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
    said = (*said_of_day(asked), "paying customers, the biggest first; customers and revenue are the shares so far",
            "top fifth: the biggest 20 % of paying customers, rounded up")  # fmt: skip
    behind = [{name: {"top": row[0]} for name in ("rank", "customers", "revenue")} for row in rows]
    tops = {"paying_accounts": len(order), "share_of_top_fifth": fifth,
            "accounts_for_80_percent": summary["accounts_for_80_percent"]}  # fmt: skip
    behind_summary = {**_OF_DAY, **{name: {"top": n} for name, n in tops.items() if n}}
    return _answer(said, columns, rows, summary, behind=behind, behind_summary=behind_summary)


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
    behind = [
        {
            name: {"bucket": first, "of": name} | cell_of(group, by=asked.by)
            for name in (*AMOUNTS, *RATES, *LOGOS)
        }
        for first, _last in asked.buckets
        for group in kept
    ]
    behind_summary = {name: {"of": name} for name in (*AMOUNTS[:-1], *RATES)}
    behind_summary |= {name: {"of": "closing"} for name in ("mrr", "arr", "accounts")}
    behind_summary |= {name: {"of": name} for name in ("subscriptions", "ltv")}
    return _answer((COUNTS, *movements_said(asked)), columns, rows, summary, behind=behind, behind_summary=behind_summary,
                   hidden=len(sizes) - len(kept) if asked.by else 0)  # fmt: skip


def movements_said(asked: RevenueQuestion) -> tuple[str, ...]:
    """What the movements of a period mean."""
    first, last = asked.buckets[0][0], asked.buckets[-1][1]
    return (
        f"{first} to {last} in {settings.TIME_ZONE}, by {asked.every}; opening is the evening before",
        "by account, both ends compared: new never paid before, reactivated paid earlier and not at the opening; amounts of "
        "contraction and churned are subtracted: opening + new + expansion − contraction − churned + reactivated = closing",
        "gross retention = (opening − contraction − churned) ÷ opening; net retention adds expansion",
        "summary: movements are the sums of the rows, retention compares both ends of the whole period",
        f"renewal rate = renewed value ÷ value due: paid lines that end, renewed by what begins within {RENEWAL_DAYS} days",
        "LTV = closing MRR per paying account ÷ monthly rate of lost MRR ((contraction + churned) ÷ opening, over the months "
        "of the period); margin is not deducted",
    )  # fmt: skip


def cell_of(group: str, *, by: str | None) -> dict[str, Any]:
    """What names the value of a breakdown to whoever asks for the list behind a number."""
    return {"series": None if group == NONE else group} if by else {}


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


def said_of_day(asked: RevenueQuestion) -> tuple[str, ...]:
    """What the numbers of one day mean."""
    return (COUNTS, f"as of {asked.as_of} in {settings.TIME_ZONE}", "ARR = 12 × MRR")


def _answer(
    said: tuple[str, ...], columns: tuple[AnswerColumn, ...], rows: Iterable[Sequence[Any]],
    summary: Mapping[str, Any], *, hidden: int = 0, behind: Sequence[Mapping[str, Mapping[str, Any]]] = (),
    behind_summary: Mapping[str, Mapping[str, Any]] | None = None,
) -> Answer:  # fmt: skip
    return Answer(
        kind="revenue", question={}, definition=said, columns=columns, rows=tuple(map(tuple, rows)), summary=dict(summary),
        left_out={HIDDEN: hidden} if hidden else {}, behind=tuple(behind), nobody={HIDDEN: VALUES},
        behind_summary=_OF_DAY if behind_summary is None else behind_summary, drawn_from={"share": "mrr"},
    )  # fmt: skip


def _text(name: str) -> AnswerColumn:
    return AnswerColumn(name=name, type="text")


def _number(name: str) -> AnswerColumn:
    return AnswerColumn(name=name, type="number")


def _percent(name: str) -> AnswerColumn:
    return AnswerColumn(name=name, type="percent")


def _money(name: str, asked: RevenueQuestion) -> AnswerColumn:
    return AnswerColumn(name=name, type="money", unit=asked.currency)

"""Which tier each account is in by rule, by exception, and now; who would move."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from bihuan.base.access import Actor
from bihuan.base.decisions import Table
from bihuan.base.measures import measures
from bihuan.foresee.tiers.models import TierException, TierRules
from bihuan.foresee.tiers.rules import Judged, fields_of, judge, measures_of, read_rules
from bihuan.know.accounts.models import Account
from bihuan.understand.metrics.queries import values_as_of


@dataclass(frozen=True, kw_only=True)
class Move:
    """An account that is not in the tier that it should be in; `exception` says that it is one, `row` which rule decides."""

    account_id: int
    name: str
    before: str
    after: str
    row: int
    exception: bool = False


@dataclass(frozen=True, kw_only=True)
class Moves:
    """Who would move, how many accounts each tier would have (`""`: none), of how many no rule fits (they stay where they
    are), and what went wrong with accounts, by problem."""

    moves: list[Move]
    before: Mapping[str, int]
    after: Mapping[str, int]
    without_rule: int
    problems: Mapping[str, int]


def active_rules() -> TierRules | None:
    """The rules in force; None before the first ones."""
    return TierRules.objects.filter(active=True).first()


def table_of(row: TierRules) -> Table:
    """The rules of a version, checked."""
    return read_rules(row.xml, measures=list(measures()))


def exceptions_on(day: date) -> dict[int, TierException]:
    """Exceptions that hold on a day, by account."""
    rows: QuerySet[TierException] = TierException.objects.filter(
        ended_at=None, from_day__lte=day, expires_on__gt=day
    )
    return {row.account_id: row for row in rows}


def judged(table: Table, *, day: date, account_ids: list[int] | None = None) -> dict[int, Judged]:
    """Every account (or these) by rule, for its measures as of the end of the day. Equal values are judged once."""
    names, fields = measures_of(table), fields_of(table)
    values = values_as_of(day=day, names=names, account_ids=account_ids)
    ids = values.account_ids.tolist()
    columns = [[None if one != one else one for one in values.by_measure[name].tolist()] for name in names]
    paths = [f"{name}__name" if name == "region" else name for name in fields]
    said = {row[0]: row[1:] for row in Account.objects.values_list("pk", *paths)} if fields else {}
    known: dict[tuple[Any, ...], Judged] = {}
    found = {}
    for place, pk in enumerate(ids):
        measured = tuple(column[place] for column in columns)
        own = said.get(pk, (None,) * len(fields))
        key = (measured, own)
        if key not in known:
            texts = {name: value for name, value in zip(fields, own, strict=True) if value not in ("", None)}
            known[key] = judge(table, {"m": dict(zip(names, measured, strict=True)), "account": texts})
        found[pk] = known[key]
    return found


def moves_by(table: Table, *, day: date, actor: Actor) -> Moves:
    """Who of the actor's territory would move if these rules were applied."""
    by_rule, exceptions = judged(table, day=day), exceptions_on(day)
    moves, before, after = [], Counter[str](), Counter[str]()
    without, problems = 0, Counter[str]()
    for pk, name, now in Account.objects.visible_to(actor).values_list("pk", "name", "tier"):
        one, exception = by_rule.get(pk, Judged(tier="", row=0)), exceptions.get(pk)
        wanted = exception.tier if exception is not None else one.tier or now
        without += 1 if exception is None and not one.tier else 0
        if one.problem:
            problems[one.problem] += 1
        before[now] += 1
        after[wanted] += 1
        if wanted != now:
            moves.append(
                Move(
                    account_id=pk,
                    name=name,
                    before=now,
                    after=wanted,
                    row=one.row,
                    exception=exception is not None,
                )
            )
    order = {tier: place for place, tier in enumerate(("S", "A", "B", "C", ""))}
    moves.sort(key=lambda move: (order[move.after], order[move.before], move.name, move.account_id))
    return Moves(moves=moves, before=before, after=after, without_rule=without, problems=problems)

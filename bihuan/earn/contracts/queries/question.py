"""`kind: revenue`: MRR as of a day, its movements over time, and how much of it hangs on how few."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from bihuan.base.access import Actor
from bihuan.earn.contracts.models import ContractLine
from bihuan.earn.contracts.queries.listed import FIELD as LIST
from bihuan.earn.contracts.queries.listed import OTHERS, in_other_currencies, listed, read_listed
from bihuan.earn.contracts.queries.revenue import contract_currency
from bihuan.earn.contracts.queries.shapes import RevenueQuestion, by_account, by_group, over_time, pareto
from bihuan.earn.contracts.rules import Line
from bihuan.understand.engine.answer import Answer, QuestionError
from bihuan.understand.engine.fields import (
    PERIOD_SCHEMA,
    SEGMENT,
    TEXT,
    Field,
    known_fields,
    one_of,
    schema_of,
)
from bihuan.understand.engine.listing import LEFT_OUT
from bihuan.understand.engine.scope import (
    NONE,
    after,
    read_by,
    read_day,
    read_period,
    read_segment_name,
    start_of,
    trait_of,
)
from bihuan.understand.explore.queries import only_visible
from bihuan.understand.explore.registry import Kind, register_kind
from bihuan.understand.segments.queries import fields_of, members, resolve, said_of

EVERY = ("month", "quarter")
MOST_BUCKETS = 120
FIELDS = (
    Field(name="as_of", schema={"type": "string", "format": "date"}, default="today", meaning="the day to look at"),
    Field(name="every", schema=one_of(*EVERY), default="none",
          meaning="instead of one day the movements of each `month` or `quarter` of `period`"),
    Field(name="period", schema=PERIOD_SCHEMA, default="last 365 days",
          meaning="of `every`: `{from, to}` or `{last: 365d}`; its months or quarters are taken whole, up to today"),
    Field(name="by", schema=TEXT, default="none",
          meaning="breakdown by what is known of the account: `account.tier`, `account.industry`, `account.region` …"),
    Field(name="pareto", schema={"type": "boolean"}, default="`false`",
          meaning="as of the day: the share of revenue that the biggest customers bring"),
    LIST,
    SEGMENT,
    Field(name="currency", schema=TEXT, default="the reporting currency", meaning="currencies are never added together"),
)  # fmt: skip


def read_revenue(raw: Mapping[str, Any], *, today: date, currency: str) -> RevenueQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "revenue", FIELDS)
    by, every, pareto = read_by(raw.get("by")), raw.get("every"), raw.get("pareto", False)
    if by is not None and (trait_of(by) is None or not by.startswith("account.")):
        raise QuestionError("by", f"{by!r} is no field of an account; write account.tier, account.industry …")
    if every is not None and every not in EVERY:
        raise QuestionError("every", f"{every!r} is none of {', '.join(EVERY)}")
    if not isinstance(pareto, bool):
        raise QuestionError("pareto", f"write true or false, not {pareto!r}")
    if pareto and (every or by):
        raise QuestionError("pareto", "it is about one day and about all; leave every and by out")
    if every is not None and "as_of" in raw:
        raise QuestionError("as_of", "movements have a period; leave as_of out")
    if every is None and "period" in raw:
        raise QuestionError("period", "it goes with every; for one day write as_of")
    period = raw.get("period", {"last": "365d"})
    buckets = _buckets(period, every=every, today=today) if every else ()
    months = (
        _buckets({"from": buckets[0][0], "to": buckets[-1][1]}, every="month", today=today) if buckets else ()
    )
    return RevenueQuestion(
        as_of=read_day(raw.get("as_of", today), "as_of"), every=every, buckets=buckets, months=months, by=by,
        pareto=pareto, segment=read_segment_name(raw.get("segment"), "segment"), currency=str(raw.get("currency") or currency),
        listed=read_listed(raw.get("list"), every=every, buckets=buckets, by=by, pareto=pareto),
    )  # fmt: skip


def _buckets(raw: Any, *, every: str, today: date) -> tuple[tuple[date, date], ...]:
    """Whole months or quarters that have a day of the period; the last one ends today when it is not over."""
    first, last = read_period(raw, today=today)
    last = min(last, today)
    start = start_of(first, "month")
    if every == "quarter":
        start = start.replace(month=(start.month - 1) // 3 * 3 + 1)
    step, found = 3 if every == "quarter" else 1, []
    while start <= last:
        following = after(start, "month", step)
        found.append((start, min(following - timedelta(days=1), today)))
        start = following
    if not 1 <= len(found) <= MOST_BUCKETS:
        raise QuestionError(
            "period", f"it has {len(found)} {every}s up to today; ask for 1 to {MOST_BUCKETS}"
        )
    return tuple(found)


def answer_revenue(*, question: Mapping[str, Any], actor: Actor, at: datetime) -> Answer:
    """The answer over the actor's territory."""
    asked = read_revenue(question, today=timezone.localdate(at), currency=contract_currency())
    last = asked.buckets[-1][1] if asked.buckets else asked.as_of
    ids, said = _segment(asked.segment, actor=actor, day=last)
    rows: Any = ContractLine.objects.visible_to(actor)
    read = rows.values_list(
        "contract__account_id", "mrr", "starts_on", "ends_on", "trial", "contract__currency"
    )
    group_of = fields_of("account", asked.by.removeprefix("account."), field="by")[0] if asked.by else {}
    lines: list[Line] = []
    others: dict[int, list[str]] = {}
    for account, mrr, start, end, trial, currency in read:
        line = Line(account=account, mrr=mrr, starts_on=start, ends_on=end, trial=trial,
                    group=str(group_of.get(account, NONE)) if asked.by else "")  # fmt: skip
        if ids is not None and account not in ids:
            continue
        if currency == asked.currency:
            lines.append(line)
        elif _counts(line, asked):
            others.setdefault(account, []).append(currency)
    if asked.listed is not None and LEFT_OUT in asked.listed:
        answer = only_visible(in_other_currencies(asked, others, asked.listed), actor=actor)
    elif asked.listed is not None:
        answer = only_visible(listed(asked, lines, asked.listed), actor=actor)
    else:
        shape = over_time if asked.every else pareto if asked.pareto else by_group if asked.by else by_account
        answer = shape(asked, lines)
    return replace(
        answer,
        definition=(
            *answer.definition, *said, f"contracts in {asked.currency}; other currencies are not converted and not added",
        ),
        summary=answer.summary | {"currency": asked.currency},
        left_out=answer.left_out | ({OTHERS: sum(map(len, others.values()))} if others else {}),
        behind_left_out={OTHERS: {LEFT_OUT: OTHERS}},
        sql=str(read.query), as_of=last.isoformat(),
    )  # fmt: skip


def _segment(segment: str | None, *, actor: Actor, day: date) -> tuple[set[int] | None, tuple[str, ...]]:
    """The accounts that count, None for all, and what the definition says of them."""
    if segment is None:
        return None, ()
    one = resolve(segment, actor=actor)
    found = members(segment=one, actor=actor, as_of=day)
    if found.unit != "account":
        raise QuestionError("segment", "it is about people; revenue is of accounts")
    return set(found.ids.tolist()), (*said_of(one), f"segment as of {day}")


def _counts(line: Line, asked: RevenueQuestion) -> bool:
    """Whether a line lies in what is asked, were it in the right currency."""
    first = asked.buckets[0][0] - timedelta(days=1) if asked.buckets else asked.as_of
    last = asked.buckets[-1][1] if asked.buckets else asked.as_of
    return line.starts_on <= last and (line.ends_on is None or line.ends_on > first)


register_kind(Kind(
    name="revenue", permission="contracts.view", answer=answer_revenue, example="kind: revenue\nas_of: 2024-12-31\n",
    fields=FIELDS, schema=schema_of("revenue", FIELDS),
))  # fmt: skip

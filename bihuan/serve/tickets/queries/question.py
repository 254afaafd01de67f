"""`kind: tickets`: how many, how fast, how well."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from statistics import fmean, median
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from bihuan.base.access import Actor
from bihuan.serve.tickets.models import Ticket
from bihuan.understand.engine.answer import Answer, AnswerColumn, QuestionError
from bihuan.understand.engine.fields import PERIOD, SEGMENT, TEXT, Field, known_fields, schema_of
from bihuan.understand.engine.scope import NONE, biggest, read_by, read_period, read_segment_name, trait_of
from bihuan.understand.explore.registry import Kind, register_kind
from bihuan.understand.segments.queries import fields_of, members, resolve, said_of

OWN = ("priority", "family")
FIELDS = (
    PERIOD,
    Field(name="by", schema=TEXT, default="none",
          meaning="breakdown: `priority`, `family`, or what is known of the account: `account.tier` …"),
    SEGMENT,
)  # fmt: skip
COLUMNS = (
    *(AnswerColumn(name=name, type="number") for name in ("tickets", "solved", "escalated")),
    AnswerColumn(name="resolution_mean", type="number", unit="hours"),
    AnswerColumn(name="resolution_p50", type="number", unit="hours"),
    AnswerColumn(name="first_response_mean", type="number", unit="minutes"),
    AnswerColumn(name="satisfaction_mean", type="number"), AnswerColumn(name="rated", type="number"),
)  # fmt: skip


def answer_tickets(*, question: Mapping[str, Any], actor: Actor, at: datetime) -> Answer:
    """Tickets that were opened in the period, as they stand at `at`; a row, or one for each value of the breakdown."""
    known_fields(question, "tickets", FIELDS)
    first, last = read_period(question.get("period"), today=timezone.localdate(at))
    by, segment = _by(question.get("by")), read_segment_name(question.get("segment"), "segment")
    zone = ZoneInfo(settings.TIME_ZONE)
    begin, end = (datetime.combine(day, time(), tzinfo=zone) for day in (first, last + timedelta(days=1)))
    opened: Any = Ticket.objects.visible_to(actor).filter(opened_at__gte=begin, opened_at__lt=end)
    said: tuple[str, ...] = (
        f"opened {first} to {last}, inclusive days in {settings.TIME_ZONE}",
        "time to solve and to the first answer by the wall clock; satisfaction of rated ones only",
    )
    wanted: set[int] | None = None
    if segment is not None:
        one = resolve(segment, actor=actor)
        found = members(segment=one, actor=actor, as_of=min(last, timezone.localdate(at)))
        if found.unit != "account":
            raise QuestionError("segment", "it is about people; tickets are counted by account")
        wanted, said = set(found.ids.tolist()), (*said, *said_of(one))
    tickets = [ticket for ticket in opened if wanted is None or ticket.account_id in wanted]
    groups: dict[str, list[Ticket]] = {}
    if by is not None:
        value_of = None if by in OWN else fields_of("account", by.removeprefix("account."), field="by")[0]
        for ticket in tickets:
            value = getattr(ticket, by) if value_of is None else value_of.get(ticket.account_id)
            groups.setdefault(NONE if value in (None, "") else str(value), []).append(ticket)
    kept = biggest({name: float(len(group)) for name, group in groups.items()})
    rows = [(name, *_numbers(groups[str(name)])) for name in kept] if by else [_numbers(tickets)]
    return Answer(
        kind="tickets", question={}, definition=said,
        columns=(*((AnswerColumn(name=by, type="text"),) if by else ()), *COLUMNS), rows=tuple(rows),
        summary=dict(zip((column.name for column in COLUMNS), _numbers(tickets), strict=True)),
        left_out={"smaller series, not shown": len(groups) - len(kept)} if len(groups) > len(kept) else {},
        sql=str(opened.query), as_of=timezone.localtime(at).isoformat(),
    )  # fmt: skip


def _by(raw: Any) -> str | None:
    if raw in OWN:
        return str(raw)
    by = read_by(raw)
    if by is not None and (trait_of(by) is None or not by.startswith("account.")):
        raise QuestionError("by", f"{by!r} is none of {', '.join(OWN)} or account.<field>")
    return by


def _numbers(tickets: Iterable[Ticket]) -> tuple[Any, ...]:
    """In the order of COLUMNS; means are empty where nothing is known."""
    told = list(tickets)
    hours = [(one.resolved_at - one.opened_at).total_seconds() / 3600 for one in told if one.resolved_at]
    answered = [
        (one.first_response_at - one.opened_at).total_seconds() / 60 for one in told if one.first_response_at
    ]
    rated = [one.satisfaction for one in told if one.satisfaction is not None]
    return (
        len(told), len(hours), sum(one.escalated for one in told), fmean(hours) if hours else None,
        median(hours) if hours else None, fmean(answered) if answered else None, fmean(rated) if rated else None, len(rated),
    )  # fmt: skip


register_kind(Kind(
    name="tickets", permission="tickets.view", answer=answer_tickets, fields=FIELDS, schema=schema_of("tickets", FIELDS),
    example="kind: tickets\nby: priority\nperiod: {last: 84d}\n",
))  # fmt: skip

"""`kind: tickets`: how many, how fast, how well."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from statistics import fmean, median
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from bihuan.base.access import Actor
from bihuan.serve.tickets.models import Ticket
from bihuan.understand.engine.answer import Answer, AnswerColumn, QuestionError
from bihuan.understand.engine.fields import PERIOD, SEGMENT, TEXT, Field, known_fields, schema_of
from bihuan.understand.engine.listing import (
    HIDDEN,
    VALUES,
    Cell,
    a_value,
    either,
    list_at_hand,
    list_field,
    read_cell,
)
from bihuan.understand.engine.scope import NONE, biggest, read_by, read_period, read_segment_name, trait_of
from bihuan.understand.explore.queries import only_visible
from bihuan.understand.explore.registry import Kind, register_kind
from bihuan.understand.segments.queries import fields_of, members, resolve, said_of

OWN = ("priority", "family")
FIELDS = (
    PERIOD,
    Field(name="by", schema=TEXT, default="none",
          meaning="breakdown: `priority`, `family`, or what is known of the account: `account.tier` …"),
    list_field("of", "series", "unit", meaning=(
        "the tickets of one number with their accounts: `{of: escalated}`, `of` being `tickets`, `solved`, `unsolved`, "
        "`escalated`, `answered` or `rated`, with a breakdown also `series`; with `unit: account` the accounts instead, "
        "with how many each has"
    )),
    SEGMENT,
)  # fmt: skip
#: The tickets that a number counts.
COUNTED: Mapping[str, Callable[[Ticket], bool]] = {
    "tickets": lambda ticket: True,
    "solved": lambda ticket: ticket.resolved_at is not None,
    "unsolved": lambda ticket: ticket.resolved_at is None,
    "escalated": lambda ticket: ticket.escalated,
    "answered": lambda ticket: ticket.first_response_at is not None,
    "rated": lambda ticket: ticket.satisfaction is not None,
}
#: The tickets that each column is taken from; those not solved are only drawn.
OF = {"tickets": "tickets", "solved": "solved", "unsolved": "unsolved", "escalated": "escalated", "rated": "rated",
      "resolution_mean": "solved", "resolution_p50": "solved", "first_response_mean": "answered",
      "satisfaction_mean": "rated"}  # fmt: skip
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
    by = _by(question.get("by"))
    cell = read_cell(question.get("list"), needs=("of",), takes={"of": either(*COUNTED), "unit": either("account", "ticket")}
                     | ({"series": a_value} if by else {}))  # fmt: skip
    segment = read_segment_name(question.get("segment"), "segment")
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
    if cell is not None:
        if "series" in cell:
            tickets = groups.get(NONE if cell.get("series") is None else cell.get("series"), [])
        chosen = [ticket for ticket in tickets if COUNTED[cell.get("of")](ticket)]
        return replace(
            only_visible(_listed(chosen, cell, definition=said), actor=actor),
            sql=str(opened.query), as_of=timezone.localtime(at).isoformat(),
        )  # fmt: skip
    kept = biggest({name: float(len(group)) for name, group in groups.items()})
    rows = [(name, *_numbers(groups[str(name)])) for name in kept] if by else [_numbers(tickets)]
    behind: list[dict[str, dict[str, str | None]]] = [
        {column: {"of": of, **({"series": None if name == NONE else name} if by else {})} for column, of in OF.items()}
        for name in (kept if by else [None])
    ]  # fmt: skip
    return Answer(
        kind="tickets", question={}, definition=said, behind=tuple(behind),
        behind_summary={column: {"of": of} for column, of in OF.items()},
        columns=(*((AnswerColumn(name=by, type="text"),) if by else ()), *COLUMNS), rows=tuple(rows),
        summary=dict(zip((column.name for column in COLUMNS), _numbers(tickets), strict=True)),
        left_out={HIDDEN: len(groups) - len(kept)} if len(groups) > len(kept) else {}, nobody={HIDDEN: VALUES},
        sql=str(opened.query), as_of=timezone.localtime(at).isoformat(),
    )  # fmt: skip


def _listed(tickets: Sequence[Ticket], cell: Cell, *, definition: tuple[str, ...]) -> Answer:
    """A row a ticket, the newest first, each with its account; or a row an account, the one with the most first."""
    if cell.get("unit") == "account":
        counts = Counter(ticket.account_id for ticket in tickets)
        rows: list[tuple[Any, ...]] = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        return list_at_hand(
            kind="tickets", unit="account", cell=cell, rows=rows, columns=(AnswerColumn(name="tickets", type="number"),),
            sums=("tickets",), definition=definition, also=(("", cell.with_(unit="ticket")),),
        )  # fmt: skip
    columns = (
        AnswerColumn(name="account", type="text"), AnswerColumn(name="subject", type="text"),
        AnswerColumn(name="priority", type="text"), AnswerColumn(name="opened", type="time"),
        AnswerColumn(name="resolution", type="number", unit="hours"),
        AnswerColumn(name="first_response", type="number", unit="minutes"), AnswerColumn(name="satisfaction", type="number"),
    )  # fmt: skip
    rows = [
        (one.key, one.account_id, one.subject, one.priority, timezone.localtime(one.opened_at), _hours(one), _minutes(one),
         one.satisfaction)
        for one in tickets
    ]  # fmt: skip
    return list_at_hand(
        kind="tickets", unit="ticket", cell=cell, rows=rows, columns=columns, definition=definition,
        also=(("", cell.with_(unit="account")),),
    )  # fmt: skip


def addresses_of(keys: Iterable[str]) -> dict[str, str]:
    """Where each ticket has its page, by its number."""
    rows = Ticket.objects.filter(key__in=list(keys)).values_list("key", "pk")
    return {key: reverse("tickets:page", args=[pk]) for key, pk in rows}


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
    hours = [hours for one in told if (hours := _hours(one)) is not None]
    answered = [minutes for one in told if (minutes := _minutes(one)) is not None]
    rated = [one.satisfaction for one in told if one.satisfaction is not None]
    return (
        len(told), len(hours), sum(one.escalated for one in told), fmean(hours) if hours else None,
        median(hours) if hours else None, fmean(answered) if answered else None, fmean(rated) if rated else None, len(rated),
    )  # fmt: skip


def _hours(ticket: Ticket) -> float | None:
    """From opened to solved."""
    took = ticket.resolved_at - ticket.opened_at if ticket.resolved_at else None
    return None if took is None else took.total_seconds() / 3600


def _minutes(ticket: Ticket) -> float | None:
    """From opened to the first answer."""
    took = ticket.first_response_at - ticket.opened_at if ticket.first_response_at else None
    return None if took is None else took.total_seconds() / 60


register_kind(Kind(
    name="tickets", permission="tickets.view", answer=answer_tickets, fields=FIELDS, schema=schema_of("tickets", FIELDS),
    pages={"ticket": addresses_of}, example="kind: tickets\nby: priority\nperiod: {last: 84d}\n",
))  # fmt: skip

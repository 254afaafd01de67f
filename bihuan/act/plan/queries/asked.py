"""The question `kind: plan`: what the weekly plan gives to whom, by account or by person."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from bihuan.act.plan.models import PlanLine, WeekPlan
from bihuan.act.plan.queries.reading import by_person, lines_of, monday_of, plan_of, review_of, week_to_plan
from bihuan.base.access import Actor
from bihuan.understand.engine.answer import Answer, AnswerColumn, QuestionError
from bihuan.understand.engine.fields import DAY, TEXT, Field, choice, known_fields, one_of, schema_of
from bihuan.understand.engine.listing import Cell, a_text, list_at_hand, list_field, read_cell
from bihuan.understand.engine.scope import read_day
from bihuan.understand.explore.queries import only_visible
from bihuan.understand.explore.registry import Kind, register_kind

TAKES = {"person": a_text}
FIELDS = (
    Field(name="week", schema=DAY, default="the week that is to be planned now", meaning="any day of the week"),
    Field(name="by", schema=one_of("account", "person"), default="`account`", meaning="a row an account, or a `person`"),
    Field(name="person", schema=TEXT, default="everybody", meaning="only lines of which this user name does a part"),
    list_field(*TAKES, meaning="the accounts behind a number: `{}` all that are planned, `{person: song}` those of somebody"),
)  # fmt: skip
BY_ACCOUNT = (
    AnswerColumn(name="account_key", type="text"), AnswerColumn(name="account", type="text"),
    AnswerColumn(name="play", type="text"), AnswerColumn(name="person", type="text"),
    AnswerColumn(name="minutes", type="number"), AnswerColumn(name="effect", type="percent"),
    AnswerColumn(name="value", type="money"), AnswerColumn(name="worth", type="money"), AnswerColumn(name="state", type="text"),
)  # fmt: skip
BY_PERSON = (
    AnswerColumn(name="person", type="text"), AnswerColumn(name="user_name", type="text"),
    AnswerColumn(name="plays", type="number"), AnswerColumn(name="minutes", type="number"),
    AnswerColumn(name="minutes_there", type="number"), AnswerColumn(name="worth", type="money"),
)  # fmt: skip
TOLD = (
    AnswerColumn(name="play", type="text"), AnswerColumn(name="minutes", type="number"),
    AnswerColumn(name="worth", type="money"),
)  # fmt: skip
#: Why nobody is listed behind it.
OWN_TIME = "it is time of one of us, not a customer"


def answer_plan(*, question: Mapping[str, Any], actor: Actor, at: datetime) -> Answer:
    """The lines that the actor may see, of a draft or a published week; no rows for a week that is not planned."""
    known_fields(question, "plan", FIELDS)
    by = choice(question, "by", ("account", "person"))
    monday = monday_of(read_day(question["week"], "week")) if "week" in question else week_to_plan(at=at)
    name, cell = question.get("person", ""), read_cell(question.get("list"), takes=TAKES)
    if not isinstance(name, str):
        raise QuestionError("person", f"write a user name, not {name!r}")
    plan = plan_of(monday)
    lines = _of(lines_of(plan, actor=actor), name) if plan is not None else []
    definition = (
        f"weekly plan of {monday} (Monday) in {settings.TIME_ZONE}: {plan.state if plan else 'not planned'}",
        "worth is what is expected to be kept or gained a year: effect × value; effect takes in the account's risk",
        *(("whoever may not edit plans sees their own lines",) if not actor.may("plan.edit") else ()),
    )
    if cell is not None:
        listed = _listed(lines, cell=cell, definition=definition)
        return replace(only_visible(listed, actor=actor), as_of=monday.isoformat())
    summary = {
        "plays": len(lines), "minutes": sum(line.minutes for line in lines),
        "worth": sum((line.worth for line in lines), Decimal(0)), "state": plan.state if plan is not None else "none",
    }  # fmt: skip
    found: dict[str, Any] = (
        _accounts(plan, lines, actor=actor)
        if by == "account"
        else _people(plan, lines, actor=actor, name=name)
    )
    within = {"person": name} if name else {}
    return Answer(
        kind="plan", question={}, definition=definition, summary=summary, as_of=monday.isoformat(),
        behind_summary=dict.fromkeys(("plays", "minutes", "worth"), within), **found,
    )  # fmt: skip


def _of(lines: Sequence[PlanLine], name: str) -> list[PlanLine]:
    """Those of which somebody does a part; all without a name."""
    return [
        line for line in lines if not name or any(part.person.username == name for part in line.parts.all())
    ]


def _listed(lines: Sequence[PlanLine], *, cell: Cell, definition: tuple[str, ...]) -> Answer:
    rows = [
        (line.account_id, line.play_title, line.minutes, line.worth)
        for line in _of(lines, cell.get("person") or "")
    ]
    return list_at_hand(
        kind="plan", unit="account", cell=cell, columns=TOLD, sums=("minutes", "worth"), rows=rows, definition=definition
    )  # fmt: skip


def _accounts(plan: WeekPlan | None, lines: Sequence[PlanLine], *, actor: Actor) -> dict[str, Any]:
    wanted = {line.pk for line in lines}
    seen = review_of(plan, actor=actor).outcomes if plan is not None else []
    rows = [
        (
            one.line.account.key, one.line.account.name, one.line.play_title,
            ", ".join(dict.fromkeys(str(part.person) for part in one.line.parts.all())), one.line.minutes, one.line.effect,
            one.line.value, one.line.worth, one.state or "planned",
        )
        for one in seen if one.line.pk in wanted
    ]  # fmt: skip
    return {"columns": BY_ACCOUNT, "rows": tuple(rows)}


def _people(plan: WeekPlan | None, lines: Sequence[PlanLine], *, actor: Actor, name: str) -> dict[str, Any]:
    found = by_person(plan, lines, actor=actor) if plan is not None else []
    found = [row for row in found if not name or row.staff.username == name]
    rows = tuple(
        (str(row.staff), row.staff.username, len(row.parts), row.minutes, row.there, row.worth)
        for row in found
    )
    cells = tuple(
        {one: {"person": row.staff.username} for one in ("plays", "minutes", "worth")} for row in found
    )
    return {"columns": BY_PERSON, "rows": rows, "behind": cells, "nobody": {"minutes_there": OWN_TIME}}


register_kind(Kind(
    name="plan", permission="plan.view", answer=answer_plan, example="kind: plan\nby: person\n", fields=FIELDS,
    schema=schema_of("plan", FIELDS),
))  # fmt: skip

"""The question `kind: warning`: the risk of every account, or that there is too little signal to say one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings

from bihuan.base.access import Actor
from bihuan.foresee.warning.models import Band, Risk
from bihuan.foresee.warning.queries.risks import risks_now
from bihuan.foresee.warning.queries.settings import verdict
from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.fields import DAY, Field, known_fields, schema_of
from bihuan.understand.engine.listing import Cell, amount, either, list_at_hand, list_field, read_cell
from bihuan.understand.engine.scope import read_day
from bihuan.understand.explore.queries import only_visible
from bihuan.understand.explore.registry import Kind, register_kind

TOLD = (
    AnswerColumn(name="risk", type="percent"), AnswerColumn(name="place", type="integer"),
    AnswerColumn(name="band", type="text"),
)  # fmt: skip
TAKES = {"band": either(*Band.values), "at_least": amount(0, 1), "below": amount(0, 2)}
FIELDS = (
    Field(name="as_of", schema=DAY, default="today", meaning="the last risks not after that day"),
    list_field(*TAKES, meaning="the accounts behind a number: `{}` all that have a risk, `{band: list}` one band, "
               "`{at_least: 0.2, below: 0.5}` a range of risks"),
)  # fmt: skip


def answer_warning(*, question: Mapping[str, Any], actor: Actor, at: datetime) -> Answer:
    """The risks of the last scored day, or of the last one not after `as_of`, within the territory, the highest first. While
    health stands in there are no rows, and the definition says so."""
    known_fields(question, "warning", FIELDS)
    cell, now = read_cell(question.get("list"), takes=TAKES), verdict()
    on = read_day(question["as_of"], "as_of") if "as_of" in question else None
    found = list(risks_now(actor, on=on))
    day = found[0].day if found else None
    told = now.model.backtest if now.model else {}
    definition = [
        "risk is the probability of being lost within the horizon, high is bad; health is another field",
        f"verdict {now.code}; "
        + (
            "risks come from the model in force"
            if now.usable
            else "too little signal: there is no probability, ask health"
        ),
    ]
    if now.model is not None:
        definition.append(
            f"model {now.model.number}, horizon {now.model.horizon} d, a loss begins at "
            f"{now.model.card.get('contraction')} percent less revenue a month"
        )
    if day is not None:
        definition.append(f"as of {day} in {settings.TIME_ZONE}")
    if cell is not None:
        listed = list_at_hand(
            kind="warning", unit="account", cell=cell, columns=TOLD, definition=tuple(definition),
            rows=[(row.account_id, *_told(row)) for row in found if _lies_in(row, cell)],
        )  # fmt: skip
        return replace(only_visible(listed, actor=actor), as_of=day.isoformat() if day else "")
    best = told["candidates"][told["chosen"]] if told else {}
    bands = {band: sum(1 for row in found if row.band == band) for band in Band.values}
    return Answer(
        kind="warning", question={}, definition=tuple(definition),
        columns=(AnswerColumn(name="account_key", type="text"), AnswerColumn(name="account", type="text"), *TOLD),
        rows=tuple((row.account.key, row.account.name, *_told(row)) for row in found),
        summary={
            "accounts": len(found), **bands, "verdict": now.code, "source": now.source, "auc": best.get("auc"),
            "auc_low": best.get("low"), "auc_high": best.get("high"),
        },
        behind_summary={"accounts": {}} | {band: {"band": band} for band in Band.values},
        as_of=day.isoformat() if day else "",
    )  # fmt: skip


def _told(row: Risk) -> tuple[Any, ...]:
    """In the order of TOLD."""
    return (row.probability, row.rank, row.band)


def _lies_in(row: Risk, cell: Cell) -> bool:
    least, below = cell.get("at_least"), cell.get("below")
    if "band" in cell and row.band != cell.get("band"):
        return False
    return (least is None or row.probability >= least) and (below is None or row.probability < below)


register_kind(Kind(
    name="warning", permission="warning.view", answer=answer_warning, example="kind: warning\nas_of: 2024-12-31\n",
    fields=FIELDS, schema=schema_of("warning", FIELDS), export_permission="warning.export",
))  # fmt: skip

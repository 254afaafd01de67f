"""Reads of health: the current score with overrides, the explanation in words, the history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.access import Actor
from bihuan.base.measures import measures
from bihuan.base.ui.formats import money, signed
from bihuan.foresee.health.models import HealthModel, HealthOverride, HealthScore
from bihuan.foresee.health.rules import UNKNOWN, Line, Model, band_of, explain, read_model
from bihuan.know.accounts.models import Account
from bihuan.understand.engine.answer import Answer, AnswerColumn, QuestionError
from bihuan.understand.engine.fields import DAY, SEGMENT, Field, known_fields, schema_of
from bihuan.understand.engine.listing import (
    LEFT_OUT,
    Cell,
    amount,
    either,
    list_at_hand,
    list_field,
    read_cell,
)
from bihuan.understand.engine.scope import read_day, read_segment_name
from bihuan.understand.explore.queries import only_visible
from bihuan.understand.explore.registry import Kind, register_kind
from bihuan.understand.segments.queries import members, resolve, said_of

MONTH = timedelta(days=30)
UNSCORED = "accounts without a score by that day"
WORTH_SAYING = 1.5
#: label, shape and colour of a band are said in one place: UI.md asks for all three.
SHAPES = {"red": "triangle", "amber": "square", "green": "circle", UNKNOWN: "ring"}
COLOURS = {"red": "danger", "amber": "warning", "green": "success", UNKNOWN: "secondary"}


@dataclass(frozen=True, kw_only=True)
class Health:
    """What counts for an account now: `score` is the override if one is valid, else the computed one."""

    account_id: int
    day: date
    version: int
    score: float | None
    computed: float | None
    raw: float | None
    band: str
    coverage: float
    floor: str
    delta: float | None
    parts: Mapping[str, list[float | None]]
    parts_before: Mapping[str, list[float | None]] | None
    override: HealthOverride | None

    @property
    def shape(self) -> str:
        """The shape that stands beside the colour."""
        return SHAPES[self.band]

    @property
    def colour(self) -> str:
        """The colour's name in the look."""
        return COLOURS[self.band]


def active_model() -> tuple[HealthModel, Model] | None:
    """The model in force, as a row and checked; None before the first one."""
    row = HealthModel.objects.filter(active=True).first()
    return None if row is None else (row, model_of(row))


def model_of(row: HealthModel) -> Model:
    """A stored version as a checked model."""
    return read_model(row.document, known={name: m.higher_is_better for name, m in measures().items()})


def last_day() -> date | None:
    """The newest day that was scored."""
    found: date | None = HealthScore.objects.aggregate(last=Max("day"))["last"]
    return found


def current_health(*, account_ids: Iterable[int] | None = None, on: date | None = None) -> dict[int, Health]:
    """Health of the accounts (all when not given) as of the last scored day, or the last one not after `on`."""
    scores = HealthScore.objects.all()
    newest = scores.filter(Q(day__lte=on) if on else Q()).aggregate(last=Max("day"))["last"]
    if newest is None:
        return {}
    earlier = scores.filter(day__lte=newest - MONTH, day__gte=newest - MONTH - timedelta(days=10))
    compared = earlier.aggregate(last=Max("day"))["last"]
    wanted = None if account_ids is None else list(account_ids)
    mine = Q() if wanted is None else Q(account_id__in=wanted)
    before = {row.account_id: row for row in scores.filter(mine, day=compared)} if compared else {}
    overrides = {
        row.account_id: row
        for row in HealthOverride.objects.filter(
            mine, ended_at=None, from_day__lte=newest, expires_on__gt=newest
        )
    }
    models = {row.pk: row for row in HealthModel.objects.all()}
    checked: dict[int, Model] = {}
    result = {}
    for row in scores.filter(mine, day=newest):
        then = before.get(row.account_id)
        same_model = then is not None and then.model_id == row.model_id
        override = overrides.get(row.account_id)
        band, value = row.band, row.score
        if override is not None:
            value = float(override.score)
            model = checked.get(row.model_id) or checked.setdefault(
                row.model_id, model_of(models[row.model_id])
            )
            band = band_of(value, model)
        delta = None
        if then is not None and row.score is not None and then.score is not None:
            delta = round(row.score - then.score, 1)
        result[row.account_id] = Health(
            account_id=row.account_id, day=row.day, version=models[row.model_id].version, score=value,
            computed=row.score, raw=row.raw, band=band, coverage=row.coverage, floor=row.floor, delta=delta,
            parts=row.parts, parts_before=then.parts if then is not None and same_model else None, override=override,
        )  # fmt: skip
    return result


def history_of(*, account_id: int, since: date) -> list[tuple[date, float | None, str, int]]:
    """(day, score, band, model version) of an account since a day, in order of time."""
    rows = HealthScore.objects.filter(account_id=account_id, day__gte=since).order_by("day")
    return list(rows.values_list("day", "score", "band", "model__version"))


def lines_of(health: Health) -> list[Line]:
    """The explanation, the costliest measure first."""
    row = HealthModel.objects.get(version=health.version)
    return explain(model=model_of(row), row=health.parts, before=health.parts_before)


def reasons(*, model: Model, parts: Mapping[str, Any], floor: str = "", most: int = 3) -> list[list[Any]]:
    """What pulls the health down, for storing: [measure, value] pairs, the costliest first; a floor comes first."""
    lines = explain(model=model, row=parts, before=None)
    found: list[list[Any]] = [["floor", floor]] if floor else []
    found += [[line.measure, line.value] for line in lines if line.lost >= WORTH_SAYING]
    return found[:most]


def reasons_in_words(stored: Iterable[list[Any]]) -> list[str]:
    """Stored reasons as sentences in the reader's language."""
    return [_(str(value)) if name == "floor" else sentence(name, value) for name, value in stored]


def sentence(name: str, value: float | None) -> str:
    """One measure's value in words: "Seats active 25 %", "Champion silent 34 days"."""
    known = measures().get(name)
    if known is None or value is None:
        return name
    return f"{known.title} {written(known.kind, value)}"


def figure(value: float, places: int, *, grouped: bool = False) -> str:
    """A number as the language writes it, with a true minus sign."""
    return signed(number_format(value, places, use_l10n=True, force_grouping=grouped))


def written(kind: str, value: float) -> str:
    """A value as its kind is written in the reader's language."""
    if kind == "percent":
        return _("%(number)s %%") % {"number": figure(value * 100, 0)}
    if kind == "days":
        whole = round(value)
        return ngettext("%(number)s day", "%(number)s days", whole) % {"number": figure(whole, 0)}
    if kind == "hours":
        return _("%(number)s h") % {"number": figure(value, 1)}
    if kind == "money":
        return money(value)
    if kind == "score":
        return figure(value, 1)
    return figure(value, 0, grouped=True)


def answer_health(*, question: Mapping[str, Any], actor: Actor, at: datetime) -> Answer:
    """`kind: health`, optionally `as_of` and `segment`: the last score of each account not after that day."""
    known_fields(question, "health", HEALTH_FIELDS)
    day = read_day(question["as_of"], "as_of") if "as_of" in question else timezone.localdate(at)
    wanted, said = _in_segment(question.get("segment"), actor=actor, day=min(day, timezone.localdate(at)))
    accounts = {
        row.pk: row for row in Account.objects.visible_to(actor) if wanted is None or row.pk in wanted
    }
    cell = read_cell(question.get("list"), takes=TAKES, left_out={LEFT_OUT: either(UNSCORED)})
    found = [health for key, health in current_health(on=day).items() if key in accounts]
    found.sort(key=lambda health: (health.score is None, health.score, health.account_id))
    bands = {band: sum(1 for health in found if health.band == band) for band in SHAPES}
    scored = [health.score for health in found if health.score is not None]
    unscored = sorted(set(accounts) - {health.account_id for health in found})
    definition = (
        "health is 0 to 100, high is good; the mean of the points of each measure weighted by the model",
        "a missing measure gives its weight to the others; below the minimum coverage health is unknown",
        f"as of {found[0].day if found else day} in {settings.TIME_ZONE}, "
        f"model version {found[0].version if found else 'none'}",
        *said,
    )
    if cell is not None:
        rows: list[tuple[Any, ...]] = [(h.account_id, *_told(h)) for h in found if _lies_in(h, cell)]
        columns: tuple[AnswerColumn, ...] = TOLD
        if LEFT_OUT in cell:
            rows, columns = [(pk,) for pk in unscored], ()
        listed = list_at_hand(
            kind="health", unit="account", cell=cell, rows=rows, columns=columns, definition=definition
        )
        return replace(only_visible(listed, actor=actor), as_of=day.isoformat())
    return Answer(
        kind="health", question={}, definition=definition,
        columns=(AnswerColumn(name="account_key", type="text"), AnswerColumn(name="account", type="text"), *TOLD),
        rows=tuple((accounts[h.account_id].key, accounts[h.account_id].name, *_told(h)) for h in found),
        summary={"accounts": len(found), **bands, "mean": round(sum(scored) / len(scored), 1) if scored else None},
        left_out={UNSCORED: len(unscored)} if unscored else {}, behind_left_out={UNSCORED: {LEFT_OUT: UNSCORED}},
        behind_summary={"accounts": {}, "mean": {"at_least": 0}} | {band: {"band": band} for band in SHAPES},
        as_of=day.isoformat(),
    )  # fmt: skip


def _told(health: Health) -> tuple[Any, ...]:
    """In the order of TOLD."""
    return (health.score, health.band, health.coverage / 100, health.delta)


def _lies_in(health: Health, cell: Cell) -> bool:
    """Whether an account is behind the number: of a band, or with a score from one number to below another."""
    least, below = cell.get("at_least"), cell.get("below")
    if "band" in cell and health.band != cell.get("band"):
        return False
    if least is None and below is None:
        return True
    return (
        health.score is not None
        and (least is None or health.score >= least)
        and (below is None or health.score < below)
    )


def _in_segment(raw: Any, *, actor: Actor, day: date) -> tuple[set[int] | None, tuple[str, ...]]:
    """The accounts of a segment as of a day, and what the definition says of it; all without one."""
    segment = read_segment_name(raw, "segment")
    if segment is None:
        return None, ()
    one = resolve(segment, actor=actor)
    found = members(segment=one, actor=actor, as_of=day)
    if found.unit != "account":
        raise QuestionError("segment", "it is about people; health is of accounts")
    return set(found.ids.tolist()), (*said_of(one), f"segment as of {day}")


TOLD = (
    AnswerColumn(name="health", type="number"), AnswerColumn(name="band", type="text"),
    AnswerColumn(name="coverage", type="percent"), AnswerColumn(name="change_30d", type="number"),
)  # fmt: skip
TAKES = {"band": either(*SHAPES), "at_least": amount(0, 100), "below": amount(0, 101)}
HEALTH_FIELDS = (
    Field(name="as_of", schema=DAY, default="today", meaning="the last score not after that day"),
    list_field(*TAKES, meaning="the accounts behind a number: `{}` all that have a score, `{band: red}` one band, "
               "`{at_least: 40, below: 60}` a range of scores"),
    SEGMENT,
)  # fmt: skip
register_kind(Kind(
    name="health", permission="health.view", answer=answer_health, example="kind: health\nas_of: 2024-12-31\n",
    fields=HEALTH_FIELDS, schema=schema_of("health", HEALTH_FIELDS), export_permission="health.export",
))  # fmt: skip

"""Writes: questions and dashboards are kept, shared, arranged, removed and restored by their owner."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import Fact, publish
from bihuan.base.rules import RuleError, parsed
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.listing import BEYOND
from bihuan.understand.explore.document import read_text
from bihuan.understand.explore.events import (
    DashboardRemoved,
    DashboardRestored,
    DashboardSaved,
    QuestionChanged,
    QuestionRemoved,
    QuestionRestored,
    QuestionSaved,
)
from bihuan.understand.explore.models import Dashboard, Kept, SavedQuestion, Tile
from bihuan.understand.explore.queries import ask, units_listed
from bihuan.understand.explore.registry import kind_of
from bihuan.understand.segments.actions import keep_list

MOST_TILES = 24
MOST_LISTED = 10_000
CUT = f"more than {MOST_LISTED:,} would have to be written down; save a segment by rule, or ask for fewer"
#: What the removal of each is told as, and its undo, and what these facts call its id.
_GONE: dict[type[Kept], tuple[type[Fact], type[Fact], str]] = {
    SavedQuestion: (QuestionRemoved, QuestionRestored, "question_id"),
    Dashboard: (DashboardRemoved, DashboardRestored, "dashboard_id"),
}
STEPS = ("earlier", "later", "third", "half", "whole", "drop")


def keep_listed(*, question: Any, key: str, title: str, by: Actor, at: datetime) -> Any:
    """Who an answer lists, within the actor's territory, as a static segment; QuestionError when it lists nobody, or not
    all of them."""
    kind = str(question.get("kind"))
    if kind == "segment":
        question = question | {"top": MOST_LISTED}
    answer = ask(question=question, actor=by, at=at)
    unit, ids = units_listed(answer)
    if BEYOND in answer.left_out or len(answer.rows) >= MOST_LISTED:
        raise QuestionError("question", CUT)
    return keep_list(key=key, title=title, unit=unit, ids=ids, source=kind, by=by, at=at)


def _kind_in(text: str) -> str:
    try:
        return kind_of(read_text(text)).name
    except QuestionError as error:
        raise ValidationError({"text": str(error)}) from None


def _may_share(shared: bool, *, before: bool, by: Actor) -> None:
    if shared and not before and not by.may("explore.share"):
        raise PermissionDenied("explore.share")


def _keeper(by: Actor) -> int:
    """Whose it will be: a member of staff, never the platform itself."""
    if by.user_id is None:
        raise PermissionDenied("explore.save")
    return by.user_id


def _own(row: Any, *, by: Actor) -> Any:
    """The row, locked; only its owner changes it."""
    if row.owner_id != by.user_id:
        raise PermissionDenied("explore.save")
    return type(row).objects.select_for_update().get(pk=row.pk)


@transaction.atomic
def save_question(*, title: str, text: str, shared: bool = False, by: Actor, at: datetime) -> SavedQuestion:
    """Keep a question for the actor."""
    _may_share(shared, before=False, by=by)
    row = SavedQuestion(title=title, text=text, kind=_kind_in(text), shared=shared, owner_id=_keeper(by), created_at=at,
                        changed_at=at)  # fmt: skip
    row.full_clean()
    row.save()
    publish(QuestionSaved(question_id=row.pk, called=title, shared=shared), by=by, at=at)
    return row


@transaction.atomic
def change_question(
    *, question: SavedQuestion, by: Actor, at: datetime, title: str | None = None, text: str | None = None,
    shared: bool | None = None,
) -> SavedQuestion:  # fmt: skip
    """Change what is given; nothing happens when nothing changes."""
    row = _own(question, by=by)
    before = (row.title, row.text, row.shared)
    row.title = row.title if title is None else title
    row.text = row.text if text is None else text
    row.shared = row.shared if shared is None else shared
    _may_share(row.shared, before=before[2], by=by)
    if (row.title, row.text, row.shared) == before:
        return row  # type: ignore[no-any-return]
    row.kind, row.changed_at = _kind_in(row.text), at
    row.full_clean()
    row.save()
    publish(QuestionChanged(question_id=row.pk, called=row.title, shared=row.shared), by=by, at=at)
    return row  # type: ignore[no-any-return]


@transaction.atomic
def save_dashboard(
    *, title: str, by: Actor, at: datetime, shared: bool = False, last_days: int | None = None, segment: str = "",
    tiles: Sequence[tuple[SavedQuestion, int]] | None = None, dashboard: Dashboard | None = None,
) -> Dashboard:  # fmt: skip
    """Make a dashboard, or change all of one. `tiles` are (question, width) in order; None leaves them."""
    row = Dashboard(owner_id=_keeper(by), created_at=at) if dashboard is None else _own(dashboard, by=by)
    _may_share(shared, before=row.shared, by=by)
    if segment:
        try:
            parsed(segment)
        except RuleError as error:
            raise ValidationError({"segment": str(error)}) from None
    row.title, row.shared, row.last_days, row.segment, row.changed_at = title, shared, last_days, segment, at
    row.full_clean()
    row.save()
    if tiles is not None:
        row.tiles.all().delete()
        _lay(row, tiles)
    _told(row, by=by, at=at)
    return row  # type: ignore[no-any-return]


def _lay(row: Dashboard, tiles: Sequence[tuple[SavedQuestion, int]]) -> None:
    if len(tiles) > MOST_TILES:
        raise ValidationError(_("A dashboard holds %(n)d tiles at most.") % {"n": MOST_TILES})
    for position, (question, width) in enumerate(tiles):
        tile = Tile(dashboard=row, question=question, position=position, width=width)
        tile.full_clean()
        tile.save()


def _told(row: Dashboard, *, by: Actor, at: datetime) -> None:
    fact = DashboardSaved(dashboard_id=row.pk, called=row.title, shared=row.shared, tiles=row.tiles.count())
    publish(fact, by=by, at=at)


@transaction.atomic
def add_tile(
    *, dashboard: Dashboard, question: SavedQuestion, by: Actor, at: datetime, width: int = Tile.Width.HALF
) -> Tile:
    """Put a question at the end of a dashboard."""
    row = _own(dashboard, by=by)
    count = row.tiles.count()
    if count >= MOST_TILES:
        raise ValidationError(_("A dashboard holds %(n)d tiles at most.") % {"n": MOST_TILES})
    last = row.tiles.last()
    tile = Tile(dashboard=row, question=question, position=last.position + 1 if last else 0, width=width)
    tile.full_clean()
    tile.save()
    Dashboard.objects.filter(pk=row.pk).update(changed_at=at)
    _told(row, by=by, at=at)
    return tile


@transaction.atomic
def arrange(*, tile: Tile, step: str, by: Actor, at: datetime) -> None:
    """Move a tile one place among those in sight (earlier, later), give it a width (third, half, whole) or take it away
    (drop)."""
    if step not in STEPS:
        raise ValidationError(_("There is no such step."))
    row = _own(tile.dashboard, by=by)
    order = list(row.tiles.select_related("question"))
    here = next(n for n, one in enumerate(order) if one.pk == tile.pk)
    if step in ("earlier", "later"):
        beyond = range(here + 1, len(order)) if step == "later" else range(here - 1, -1, -1)
        there = next((n for n in beyond if order[n].question.removed_at is None), None)
        if there is None:
            return
        order[here], order[there] = order[there], order[here]
        for position, one in enumerate(order):
            Tile.objects.filter(pk=one.pk).update(position=position)
    elif step == "drop":
        order[here].delete()
    else:
        Tile.objects.filter(pk=tile.pk).update(width=Tile.Width[step.upper()])
    Dashboard.objects.filter(pk=row.pk).update(changed_at=at)
    _told(row, by=by, at=at)


@transaction.atomic
def remove(*, row: Kept, by: Actor, at: datetime) -> None:
    """Take a question or a dashboard out of the lists, and a question's tiles out of sight; it can be restored."""
    _gone(row, since=at, by=by, at=at)


@transaction.atomic
def restore(*, row: Kept, by: Actor, at: datetime) -> None:
    """Undo its removal; its tiles come back with it."""
    _gone(row, since=None, by=by, at=at)


def _gone(row: Kept, *, since: datetime | None, by: Actor, at: datetime) -> None:
    mine = _own(row, by=by)
    mine.removed_at = since
    mine.save(update_fields=["removed_at"])
    removed, restored, name = _GONE[type(mine)]
    fact = removed if since else restored
    publish(fact(**{name: mine.pk, "called": mine.title}), by=by, at=at)

"""Writes about plays themselves: each is one transaction and one fact."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.act.plays.actions.shipped import SHIPPED
from bihuan.act.plays.events import PlayAdded, PlayChanged, PlayPaused, PlayRemoved
from bihuan.act.plays.models import Play, Status
from bihuan.act.plays.queries.whom import checked
from bihuan.act.plays.rules import DefinitionError, read_goal, read_minutes, read_steps, read_trigger
from bihuan.base.access import Actor
from bihuan.base.access.policy import Role
from bihuan.base.bus import kept, publish
from bihuan.foresee.signals.actions import ensure_kinds

CHANGEABLE = (
    "name", "name_zh", "about", "about_zh", "trigger", "audience", "mode", "steps", "goal", "window", "rest", "per_week",
    "hold_out", "assumed_effect", "worth", "aim", "minutes",
)  # fmt: skip
MOST_PLAYS = 200


def ensure_plays(*, at: datetime) -> None:
    """The plays that ship, off, where they are missing, and the kinds of signals that they wait for."""
    ensure_kinds(at=at)
    there = set(Play.objects.values_list("key", flat=True))
    rows = [
        Play(shipped=True, status=Status.OFF, created_at=at, updated_at=at, **fields)
        for fields in SHIPPED
        if fields["key"] not in there
    ]
    Play.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def add_play(*, key: str, name: str, by: Actor, at: datetime, **fields: Any) -> Play:
    """A play, off until somebody switches it on; ValidationError names the field."""
    if Play.objects.count() >= MOST_PLAYS:
        raise ValidationError(
            {"key": _("There are %(n)d plays already; remove one first.") % {"n": MOST_PLAYS}}
        )
    row = Play(key=key, name=name, created_at=at, updated_at=at, **fields)
    _check(row)
    row.save()
    publish(PlayAdded(play=row.key), by=by, at=at)
    return row


@transaction.atomic
def change_play(*, play: Play, by: Actor, at: datetime, **fields: Any) -> Play:
    """Set the given fields of CHANGEABLE; runs that are open go on as they began."""
    row: Play = Play.objects.select_for_update().get(pk=play.pk)
    changed = [name for name in CHANGEABLE if name in fields and getattr(row, name) != fields[name]]
    if not changed:
        return row
    before = {name: kept(getattr(row, name)) for name in changed}
    for name in changed:
        setattr(row, name, fields[name])
    row.updated_at = at
    _check(row)
    row.save()
    after = {name: kept(getattr(row, name)) for name in changed}
    publish(PlayChanged(play=row.key, before=before, after=after), by=by, at=at)
    return row


@transaction.atomic
def switch_play(*, play: Play, on: bool, by: Actor, at: datetime) -> Play:
    """On or off; a play that was paused for its harm goes on again only by this."""
    row: Play = Play.objects.select_for_update().get(pk=play.pk)
    wanted = Status.ON if on else Status.OFF
    if row.status == wanted:
        return row
    before = row.status
    row.status, row.paused_why, row.updated_at = wanted, "", at
    row.save(update_fields=["status", "paused_why", "updated_at"])
    publish(
        PlayChanged(play=row.key, before={"status": before}, after={"status": wanted.value}), by=by, at=at
    )
    return row


@transaction.atomic
def pause_play(*, play: Play, why: str, by: Actor, at: datetime) -> bool:
    """Paused, if it is on; whether it was."""
    if not Play.objects.filter(pk=play.pk, status=Status.ON).update(
        status=Status.PAUSED, paused_why=why[:400], updated_at=at
    ):
        return False
    publish(PlayPaused(play=play.key, why=why[:400]), by=by, at=at)
    return True


@transaction.atomic
def remove_play(*, play: Play, by: Actor, at: datetime) -> None:
    """ValidationError for one that ships, and for one that met anybody: switch it off instead, its outcomes stay."""
    row: Play = Play.objects.select_for_update().get(pk=play.pk)
    if row.shipped or row.runs.exists():
        raise ValidationError({"key": _("This play ships or has met customers; switch it off instead.")})
    key = row.key
    row.delete()
    publish(PlayRemoved(play=key), by=by, at=at)


def _check(row: Play) -> None:
    row.full_clean()
    try:
        read_trigger(row.trigger)
        steps = read_steps(row.steps)
        goal = read_goal(row.goal)
        row.minutes = read_minutes(row.minutes, roles=[role.value for role in Role])
    except DefinitionError as error:
        raise ValidationError({error.field: str(error)}) from None
    for field, rule in (("audience", row.audience.strip()), ("goal", goal.rule)):
        if not rule:
            continue
        try:
            checked(rule)
        except ValidationError as error:
            raise ValidationError({field: error.messages}) from None
    known = _channel_kinds()
    for place, step in enumerate(steps, start=1):
        if step.kind == "message" and step.channel not in known:
            raise ValidationError({"steps": _("step %(n)d: %(channel)s is no kind of channel; there is: %(known)s") % {
                "n": place, "channel": step.channel, "known": ", ".join(known)}})  # fmt: skip


def _channel_kinds() -> list[str]:
    return ["in_app", "email", "wecom", "dingtalk", "feishu", "webhook", "call"]

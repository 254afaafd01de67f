"""Writes of processes: each is one transaction and one fact."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.act.bpmn import DiagramRefused, read_diagram
from bihuan.act.bpmn.list_writing import to_bpmn
from bihuan.act.bpmn.listed import Listed, ListError
from bihuan.act.processes.events import (
    DraftDiscarded,
    DraftSaved,
    ProcessCreated,
    ProcessEdited,
    VersionPublished,
    VersionRetired,
)
from bihuan.act.processes.models import Kind, Process, State, Version
from bihuan.act.processes.queries import pins_of, problems_of
from bihuan.act.processes.said import said
from bihuan.base.access import Actor
from bihuan.base.bus import kept, publish
from bihuan.base.decisions import TableRefused, read_table

#: JSON tells a moment in milliseconds; two drafts are never kept within one.
KEPT_APART = timedelta(milliseconds=1)
EDITED = ("name", "name_zh", "about", "about_zh", "area", "owner_id")


@transaction.atomic
def create_process(
    *, key: str, kind: str, name: str, xml: str, by: Actor, at: datetime, shipped: bool = False, **more: Any
) -> Process:
    """A process with its first draft; ValidationError names the field. `more` is what EDITED lists."""
    row = Process(key=key, kind=kind, name=name, created_at=at, shipped=shipped, **more)
    row.full_clean()
    _readable(kind, xml)
    row.save()
    Version.objects.create(
        process=row, number=1, xml=xml, created_at=at, edited_at=at, edited_by_name=by.name
    )
    publish(ProcessCreated(process_id=row.pk, key=row.key, kind=row.kind), by=by, at=at)
    return row


@transaction.atomic
def edit_process(*, process: Process, changes: dict[str, Any], by: Actor, at: datetime) -> Process:
    """Its name, purpose, department or owner."""
    row: Process = Process.objects.select_for_update().get(pk=process.pk)
    before = {name: kept(getattr(row, name)) for name in changes}
    for name, value in changes.items():
        if name not in EDITED:
            raise ValidationError({name: _("This cannot be changed.")})
        setattr(row, name, value)
    row.full_clean()
    row.save()
    after = {name: kept(getattr(row, name)) for name in changes}
    publish(ProcessEdited(process_id=row.pk, key=row.key, before=before, after=after), by=by, at=at)
    return row


@transaction.atomic
def save_draft(
    *,
    process: Process,
    xml: str,
    by: Actor,
    at: datetime,
    seen: datetime | None = None,
    note: str | None = None,
) -> Version:
    """Keep the draft as it is drawn now; it may still be wrong, but must be readable.

    `seen` is the `edited_at` that was opened: ValidationError when somebody has saved another since, so that nothing is
    overwritten unseen."""
    row: Process = Process.objects.select_for_update().get(pk=process.pk)
    _readable(row.kind, xml)
    draft = row.versions.filter(state=State.DRAFT).first()
    if draft is None:
        newest = row.versions.order_by("-number").first()
        number = 1 if newest is None else newest.number + 1
        draft = Version(process=row, number=number, created_at=at)
    elif seen is not None and abs(draft.edited_at - seen) >= KEPT_APART:
        text = _("%(who)s saved this draft in the meantime. Open it again, or save yours under another name.")
        raise ValidationError({"xml": text % {"who": draft.edited_by_name}})
    draft.xml, draft.edited_at, draft.edited_by_name = xml, at, by.name
    draft.note = draft.note if note is None else note
    draft.full_clean(exclude=["process", "edited_by_name"])
    draft.save()
    publish(DraftSaved(process_id=row.pk, key=row.key, number=draft.number), by=by, at=at)
    return draft


def save_list(
    *, process: Process, listed: Listed, by: Actor, at: datetime, seen: datetime | None = None, note: str | None = None
) -> Version:  # fmt: skip
    """Keep a list of steps as the draft: it becomes BPMN with a picture. ValidationError ("steps") for a list that is no
    process; else as `save_draft`."""
    try:
        xml = to_bpmn(listed)
    except ListError as error:
        raise ValidationError({"steps": said(error.problem)}) from None
    return save_draft(process=process, xml=xml, by=by, at=at, seen=seen, note=note)


@transaction.atomic
def discard_draft(*, process: Process, by: Actor, at: datetime) -> None:
    """Throw the draft away; ValidationError without one, or when it is all there is."""
    row: Process = Process.objects.select_for_update().get(pk=process.pk)
    draft = row.versions.filter(state=State.DRAFT).first()
    if draft is None:
        raise ValidationError({"state": _("There is no draft.")})
    if row.versions.count() == 1:
        raise ValidationError({"state": _("The draft is all there is of this process.")})
    draft.delete()
    publish(DraftDiscarded(process_id=row.pk, key=row.key, number=draft.number), by=by, at=at)


@transaction.atomic
def publish_draft(*, process: Process, by: Actor, at: datetime, note: str = "") -> Version:
    """From now on instances start on the draft; the version before is retired and run to its end by its instances.

    ValidationError ("xml") with the codes of what is wrong, or without a draft.
    """
    row: Process = Process.objects.select_for_update().get(pk=process.pk)
    draft = row.versions.filter(state=State.DRAFT).first()
    if draft is None:
        raise ValidationError({"state": _("There is no draft to publish.")})
    wrong = [one for one in problems_of(kind=row.kind, key=row.key, xml=draft.xml) if one.level == "error"]
    if wrong:
        text = _("%(n)s things keep it from running; look at the list of problems.") % {"n": len(wrong)}
        raise ValidationError({"xml": ValidationError(text, code="problems", params={"problems": wrong})})
    for old in row.versions.filter(state=State.PUBLISHED):
        old.state = State.RETIRED
        old.save(update_fields=["state"])
    draft.state, draft.published_at, draft.published_by_name = State.PUBLISHED, at, by.name
    draft.note = note or draft.note
    if row.kind == Kind.PROCESS:
        pins = pins_of(draft.xml)
        draft.calls, draft.asks = pins["calls"], pins["asks"]
    draft.full_clean(exclude=["process", "calls", "asks"])
    draft.save()
    fact = VersionPublished(process_id=row.pk, key=row.key, number=draft.number, note=draft.note)
    publish(fact, by=by, at=at)
    return draft


@transaction.atomic
def retire_process(*, process: Process, by: Actor, at: datetime) -> Process:
    """Put it away: nothing starts on it any more; what runs goes on. ValidationError when it is put away already."""
    row: Process = Process.objects.select_for_update().get(pk=process.pk)
    if row.retired_at is not None:
        raise ValidationError({"state": _("It is put away already.")})
    row.retired_at = at
    row.save(update_fields=["retired_at"])
    current = row.versions.filter(state=State.PUBLISHED).first()
    number = 0 if current is None else current.number
    publish(VersionRetired(process_id=row.pk, key=row.key, number=number), by=by, at=at)
    return row


@transaction.atomic
def bring_back(*, process: Process, by: Actor, at: datetime) -> Process:
    """It may be started again; ValidationError unless it was put away."""
    row: Process = Process.objects.select_for_update().get(pk=process.pk)
    if row.retired_at is None:
        raise ValidationError({"state": _("It was not put away.")})
    before: dict[str, object] = {"retired_at": row.retired_at.isoformat()}
    row.retired_at = None
    row.save(update_fields=["retired_at"])
    fact = ProcessEdited(process_id=row.pk, key=row.key, before=before, after={"retired_at": None})
    publish(fact, by=by, at=at)
    return row


def _readable(kind: str, xml: str) -> None:
    try:
        if kind == Kind.DECISION:
            read_table(xml)
        else:
            read_diagram(xml)
    except (DiagramRefused, TableRefused) as error:
        raise ValidationError(
            {"xml": _("This file cannot be read: %(why)s.") % {"why": str(error)}}
        ) from None

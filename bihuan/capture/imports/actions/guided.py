"""A file that is imported on a page: kept with the draft of its mapping while somebody looks at it, then handed to the job."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.capture.imports.actions.drafts import draft_of_file, from_kept, nouns_for, with_names
from bihuan.capture.imports.actions.files import FileRefused
from bihuan.capture.imports.actions.labels import field_label
from bihuan.capture.imports.actions.mappings import check_mapping
from bihuan.capture.imports.actions.uploads import MOST_BYTES, queue_run, uploads
from bihuan.capture.imports.events import MappingDropped, MappingKept
from bihuan.capture.imports.models import ImportDraft, ImportRun, KeptMapping
from bihuan.capture.imports.rules import MappingRefused, parse_mapping
from bihuan.capture.imports.rules.draft import Draft, document, draft_from, missing
from bihuan.capture.imports.rules.mapping import ENDINGS


def kept_file(file: "UploadedFile[Any]") -> Path:
    """The file in a folder of its own; ValidationError for one that cannot be a table."""
    name = Path((file.name or "").replace("\\", "/")).name
    if not name.lower().endswith(ENDINGS) or name.startswith("."):
        raise ValidationError(
            {
                "file": _(
                    "%(name)s is no table that can be read. Send one of: %(endings)s; save an .xls as .xlsx."
                )
                % {"name": name or "?", "endings": ", ".join(ENDINGS)}
            }
        )
    if (file.size or 0) > MOST_BYTES:
        raise ValidationError(
            {"file": _("This file is too large for the browser; use the command bihuan import.")}
        )
    name = _short(name)
    folder = uploads() / uuid4().hex
    folder.mkdir(parents=True, mode=0o700)
    with (folder / name).open("wb") as target:
        target.writelines(file.chunks())
    return folder / name


def _short(name: str) -> str:
    """A name that every disk can hold: the ending stays."""
    ending = next(one for one in sorted(ENDINGS, key=len, reverse=True) if name.lower().endswith(one))
    return name[: -len(ending)][:60] + name[-len(ending) :]


def start_draft(*, file: "UploadedFile[Any]", by: Actor, at: datetime, noun: str = "") -> ImportDraft:
    """Keep the file and draft its mapping, from a kept mapping that fits when there is one and no noun is asked for.
    ValidationError says why the file cannot be read."""
    assert by.user_id is not None, "a draft is somebody's"
    path = kept_file(file)
    with _or_gone(path.parent):
        draft, name = draft_of_file(path, by=by, noun=noun), ""
        if not noun:
            draft, name = _with_kept(draft, by=by)
            draft = with_names(draft, path)
        return ImportDraft.objects.create(
            by_id=by.user_id,
            created_at=at,
            folder=path.parent.name,
            file=path.name,
            draft=draft.as_json(),
            kept=name,
        )


def draft_of_upload(*, file: "UploadedFile[Any]", by: Actor, noun: str = "") -> Draft:
    """The draft for a file that is not kept. ValidationError says why it cannot be read."""
    path = kept_file(file)
    with _or_gone(path.parent):
        draft = draft_of_file(path, by=by, noun=noun)
    shutil.rmtree(path.parent, ignore_errors=True)
    return draft


@contextmanager
def _or_gone(folder: Path) -> Iterator[None]:
    """The folder goes when something fails in the block; a file that is refused is a ValidationError."""
    try:
        yield
    except FileRefused as refused:
        shutil.rmtree(folder, ignore_errors=True)
        raise ValidationError({"file": str(refused)}) from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _with_kept(draft: Draft, *, by: Actor) -> tuple[Draft, str]:
    """The kept mapping with the most columns of this file, if one fits: its draft and name."""
    fitting = kept_for(draft, by=by)
    if not fitting:
        return draft, ""
    name, found = max(fitting.items(), key=lambda one: sum(1 for column in one[1].columns if column.field))
    headings = {one.column for one in draft_from(KeptMapping.objects.get(name=name).draft).columns}
    return (found, name) if headings == {one.column for one in draft.columns} else (draft, "")


def kept_for(draft: Draft, *, by: Actor) -> dict[str, Draft]:
    """The kept mappings whose columns this file has, by name."""
    rows = KeptMapping.objects.filter(noun__in=nouns_for(by))
    found = {row.name: from_kept(draft_from(row.draft), name=row.name, drafted=draft) for row in rows}
    return {name: one for name, one in found.items() if one is not None}


def redraft(*, row: ImportDraft, by: Actor, noun: str = "", sheet: str = "", kept: str = "") -> Draft:
    """Begin again: as another noun, from another sheet, or from a kept mapping."""
    draft = draft_of_file(file_of(row), by=by, noun=noun, sheet=sheet)
    if kept:
        draft = kept_for(draft, by=by).get(kept, draft)
    save_draft(row=row, draft=draft, kept=kept)
    return draft


def save_draft(*, row: ImportDraft, draft: Draft, kept: str | None = None) -> None:
    """Keep what somebody chose so far, with the keys of customers that are named by their name."""
    row.draft = with_names(draft, file_of(row)).as_json()
    if kept is not None:
        row.kept = kept
    row.save(update_fields=["draft", "kept"])


def file_of(row: ImportDraft) -> Path:
    """Where the file lies."""
    return uploads() / row.folder / row.file


def import_draft(*, row: ImportDraft, check: bool, by: Actor, at: datetime) -> ImportRun:
    """Queue the import (or a check) of a draft's file. ValidationError lists what is missing or wrong; nothing was written
    then."""
    draft, mine = draft_from(row.draft), nouns_for(by)
    lacking = missing(draft, mine)
    if lacking:
        names = ", ".join(field_label(draft.noun, name) for name in lacking)
        raise ValidationError(_("Nothing fills these required fields yet: %(fields)s.") % {"fields": names})
    content = document(draft, mine)
    try:
        mapping = parse_mapping(content, origin=draft.name)
        check_mapping(mapping=mapping, folder=file_of(row).parent, by=by)
    except (MappingRefused, FileRefused) as refused:
        raise ValidationError(getattr(refused, "problems", [str(refused)])) from None
    folder = uploads() / uuid4().hex
    folder.mkdir(parents=True, mode=0o700)
    with _or_gone(folder):
        _same_file(file_of(row), folder / row.file)
        (folder / "mapping.yaml").write_text(_yaml(content), encoding="utf-8")
        return queue_run(mapping=draft.name, folder=folder, check=check, by=by, at=at, draft=row)


def _same_file(source: Path, target: Path) -> None:
    """A second name for the file, or a copy where the disk has no such names."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _yaml(content: Mapping[str, Any]) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


@transaction.atomic
def keep_mapping(*, name: str, draft: Draft, by: Actor, at: datetime) -> KeptMapping:
    """Keep a draft under a name, in place of what was kept under it. ValidationError for a name that is empty, too long, or
    taken by a mapping for something that this actor may not import."""
    name = name.strip()
    row = KeptMapping.objects.filter(name=name).first() or KeptMapping(name=name)
    if row.pk is not None and row.noun not in nouns_for(by):
        raise ValidationError(
            {"name": _("A mapping is called “%(name)s” already; choose another name.") % {"name": name}}
        )
    row.noun, row.draft, row.by_name, row.changed_at = draft.noun, draft.as_json(), by.name[:120], at
    row.full_clean()
    row.save()
    publish(MappingKept(mapping=name, noun=draft.noun), by=by, at=at)
    return row


@transaction.atomic
def drop_mapping(*, row: KeptMapping, by: Actor, at: datetime) -> None:
    """Take a kept mapping away."""
    row.delete()
    publish(MappingDropped(mapping=row.name), by=by, at=at)


def forget_draft(row: ImportDraft) -> None:
    """Delete a draft and its file."""
    shutil.rmtree(uploads() / row.folder, ignore_errors=True)
    row.delete()

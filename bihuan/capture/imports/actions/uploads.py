"""Files that come over the web: kept in a folder of their own, imported by a job, then deleted."""

import re
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.jobs import enqueue
from bihuan.capture.imports.actions.mappings import check_mapping, load_mapping
from bihuan.capture.imports.models import ImportDraft, ImportRun
from bihuan.capture.imports.rules import MappingRefused
from bihuan.capture.imports.rules.mapping import ENDINGS

MOST_FILES = 50
MOST_BYTES = 1_000_000_000
MAPPING = (".yaml", ".yml")


def start_upload(*, files: "Sequence[UploadedFile[Any]]", check: bool, by: Actor, at: datetime) -> ImportRun:
    """Keep the files, check the mapping, queue the import. ValidationError lists what is wrong."""
    names = _names(files)
    folder = uploads() / uuid4().hex
    folder.mkdir(parents=True, mode=0o700)
    try:
        for name, file in zip(names, files, strict=True):
            with (folder / name).open("wb") as target:
                target.writelines(file.chunks())
        mapping = load_mapping(mapping_of(folder))
        check_mapping(mapping=mapping, folder=folder, by=by)
    except MappingRefused as refused:
        shutil.rmtree(folder)
        raise ValidationError({"files": refused.problems}) from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return queue_run(mapping=mapping.name, folder=folder, check=check, by=by, at=at)


@transaction.atomic
def queue_run(
    *, mapping: str, folder: Path, check: bool, by: Actor, at: datetime, draft: ImportDraft | None = None
) -> ImportRun:
    """Queue the import of a folder that holds one mapping file and what it names."""
    run = ImportRun.objects.create(
        mapping=mapping[:120], check_only=check, by_id=by.user_id, by_name=by.name, started_at=at, folder=folder.name,
        draft=draft,
    )  # fmt: skip
    run.job_id = enqueue("imports.run", by=by, at=at, run_id=run.pk).pk
    run.save(update_fields=["job_id"])
    return run


def uploads() -> Path:
    """Where uploaded files wait for their import."""
    return Path(settings.MEDIA_ROOT) / "imports"


def mapping_of(folder: Path) -> Path:
    """The one mapping file of an upload."""
    return next(path for path in sorted(folder.iterdir()) if path.suffix.lower() in MAPPING)


def forget_files(run: ImportRun) -> None:
    """Delete the files of an upload; the report stays."""
    if run.folder and re.fullmatch(r"[0-9a-f]{32}", run.folder):
        shutil.rmtree(uploads() / run.folder, ignore_errors=True)


def _names(files: "Sequence[UploadedFile[Any]]") -> list[str]:
    """The files' own names, each once, without any folder; exactly one of them is the mapping."""
    names = [Path((file.name or "").replace("\\", "/")).name for file in files]
    problems = []
    for name in names:
        if not name.lower().endswith((*ENDINGS, *MAPPING)) or name.startswith("."):
            problems.append(
                _("%(name)s cannot be read. Send a mapping and its files: %(endings)s.")
                % {"name": name or "?", "endings": ", ".join(ENDINGS)}
            )
    if sum(name.lower().endswith(MAPPING) for name in names) != 1:
        problems.append(_("Send exactly one mapping file (.yaml) with the files it names."))
    if len(set(names)) != len(names):
        problems.append(_("Two files have the same name."))
    if len(names) > MOST_FILES:
        problems.append(_("Send at most %(most)d files at once.") % {"most": MOST_FILES})
    if sum(file.size or 0 for file in files) > MOST_BYTES:
        problems.append(_("These files are too large for the browser; use the command bihuan import."))
    if problems:
        raise ValidationError({"files": problems})
    return names

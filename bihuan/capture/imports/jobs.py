"""Imports in the background."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.capture.imports.actions import (
    FileRefused,
    MappingRefused,
    forget_draft,
    forget_files,
    mapping_of,
    run_import,
    uploads,
)
from bihuan.capture.imports.models import ImportDraft, ImportRun

KEEP = timedelta(days=2)


@job("imports.run", title=_("Import"), attempts=1)
def run_upload(run: Run, *, run_id: int) -> None:
    """Import an upload as whoever sent it. A killed worker's import runs again: importing twice is safe."""
    row = ImportRun.objects.select_related("by", "draft").get(pk=run_id)
    if row.state in (ImportRun.State.DONE, ImportRun.State.FAILED):
        return
    row.state = ImportRun.State.RUNNING
    row.save(update_fields=["state"])
    sender: Any = row.by
    if sender is None or not sender.is_active:
        row.state, row.error = ImportRun.State.FAILED, "Whoever sent these files may no longer sign in."
        row.save(update_fields=["state", "error"])
        forget_files(row)
        return

    def progress(_table: str, done: int, total: int) -> None:
        if not row.check_only:  # a check is one transaction: what it says would be seen only at its end
            run.progress(done=done, total=total or None)

    try:
        report = run_import(
            mapping_path=mapping_of(uploads() / row.folder),
            check=row.check_only,
            by=sender.actor(),
            at=run.at,
            progress=progress,
            run=row,
        )
    except (MappingRefused, FileRefused):
        pass  # the run says what is wrong; trying again would not help
    else:
        run.result(report.as_json()["totals"])
        if row.draft is not None and not report.check and not report.rejected:
            forget_draft(row.draft)
    finally:
        forget_files(row)


@job("imports.sweep", title=_("Remove files that were sent and not imported"), every="50 3 * * *")
def sweep_drafts(run: Run) -> None:
    """A file that nobody imported within two days goes with its draft."""
    for row in ImportDraft.objects.filter(created_at__lt=run.at - KEEP):
        forget_draft(row)

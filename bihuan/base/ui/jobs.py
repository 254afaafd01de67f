"""Exports in the background, and the sweep that removes old files."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.base.ui import export
from bihuan.base.ui.actions import folder_of_exports
from bihuan.base.ui.lists import Listing, list_named
from bihuan.base.ui.models import Export

KEEP = timedelta(days=7)


@job("ui.export", title=_("Export a list"), attempts=2)
def export_list(run: Run, *, export_id: int) -> None:
    """Write the file of an export as its owner sees the list now; a cancelled one leaves nothing behind."""
    row = Export.objects.select_related("owner").get(pk=export_id)
    owner: Any = row.owner
    import_module(settings.ROOT_URLCONF)
    page = list_named(row.page)
    if page is None:
        raise LookupError(f"no list is called {row.page!r}")
    listing = Listing(page=page, actor=owner.actor(), params=QueryDict(row.query), route=row.route)
    path = folder_of_exports() / f"{uuid4().hex}.{row.format}"
    total = listing.found.count()

    def counted() -> Iterator[Any]:
        for done, record in enumerate(listing.records(at_once=export.CHUNK), start=1):
            if done % export.CHUNK == 0:
                run.progress(done=done, total=total)
            yield record

    try:
        with translation.override(getattr(owner, "language", "") or settings.LANGUAGE_CODE):
            written = export.write(path, export.table(listing.chosen, counted()), format=row.format)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    run.progress(done=total, total=total)
    row.path, row.rows, row.done_at = path.name, written, run.at
    row.save(update_fields=["path", "rows", "done_at"])


@job("ui.sweep_exports", title=_("Remove exports older than a week"), every="40 3 * * *")
def sweep_exports(run: Run) -> None:
    """Files go with their rows."""
    for row in Export.objects.filter(created_at__lt=run.at - KEEP):
        if row.path:
            (folder_of_exports() / row.path).unlink(missing_ok=True)
        row.delete()

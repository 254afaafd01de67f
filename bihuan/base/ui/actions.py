"""Writes of the kit: saved views and exports."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from bihuan.base.access import Actor
from bihuan.base.jobs import enqueue
from bihuan.base.ui.lists import Listing
from bihuan.base.ui.models import Export, SavedView


def save_view(*, page: str, name: str, query: str, shared: bool, by: Actor, at: datetime) -> SavedView:
    """Create or replace one of the actor's views."""
    view, _new = SavedView.objects.update_or_create(
        owner_id=by.user_id,
        page=page,
        name=name,
        defaults={"query": query, "shared": shared},
        create_defaults={"query": query, "shared": shared, "created_at": at},
    )
    return view


def drop_view(*, view_id: int, by: Actor) -> str:
    """Delete one of the actor's own views; returns its name, empty if there is none."""
    view = SavedView.objects.filter(pk=view_id, owner_id=by.user_id).first()
    if view is None:
        return ""
    view.delete()
    return view.name


@transaction.atomic
def start_export(*, listing: Listing, format: str, by: Actor, at: datetime) -> Export:
    """Note the export and queue the job that writes its file."""
    columns = ",".join(column.name for column in listing.chosen)
    row = Export.objects.create(
        owner_id=by.user_id or 0,
        page=listing.page.name,
        title=str(listing.page.title)[:120],
        format=format,
        query=listing.query(page=None, cols=columns).removeprefix("?"),
        route=listing.route,
        created_at=at,
    )
    job = enqueue("ui.export", by=by, at=at, export_id=row.pk)
    row.job_id = job.pk
    row.save(update_fields=["job_id"])
    return row


def folder_of_exports() -> Path:
    """Where exported files lie; readable by the service alone."""
    folder = Path(settings.MEDIA_ROOT) / "exports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder

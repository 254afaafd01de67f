"""REST of imports."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Form, Router, Schema
from ninja.errors import HttpError
from ninja.files import UploadedFile
from ninja.pagination import paginate

from bihuan.base.access import Allow, Reach, actor_of
from bihuan.capture.imports.actions import draft_of_upload, mapping_text, nouns_for, start_upload
from bihuan.capture.imports.actions.labels import reason
from bihuan.capture.imports.models import ImportRun
from bihuan.capture.imports.rules.draft import missing

router = Router(tags=["Imports"])


class ImportOut(Schema):
    """An import; `totals` is empty while it waits or runs."""

    id: int
    mapping: str
    state: str
    check_only: bool
    by_name: str
    started_at: datetime
    took_ms: int | None
    totals: dict[str, int]
    error: str


class ImportReportOut(ImportOut):
    """An import with its data-quality report."""

    report: dict[str, Any]


@router.get("/imports", auth=Allow("imports.view"), response=list[ImportOut], summary="List imports")
@paginate
def list_imports(request: HttpRequest) -> Any:
    """The newest first."""
    return ImportRun.objects.visible_to(actor_of(request))


@router.get(
    "/imports/{int:pk}", auth=Allow("imports.view"), response=ImportReportOut, summary="Read an import"
)
def read_import(request: HttpRequest, pk: int) -> Any:
    """State, counts and report."""
    return get_object_or_404(ImportRun.objects.visible_to(actor_of(request)), pk=pk)


class DraftColumnOut(Schema):
    """What becomes of a column: a field of the noun, `props.` for a property, or nothing when it is not imported; and why."""

    column: str
    field: str
    format: str
    why: list[str]


class DraftOut(Schema):
    """A mapping for one file: `mapping` is the text to send with it, `missing` the required fields that nothing fills."""

    noun: str
    mapping: str
    columns: list[DraftColumnOut]
    missing: list[str]


@router.post(
    "/imports/draft",
    auth=Allow("imports.run"),
    response=DraftOut,
    summary="Draft a mapping for a file",
)
def draft_import(request: HttpRequest, file: File[UploadedFile], noun: Form[str] = "") -> Any:
    """Send one table as multipart `file`; its columns are recognised by their headings and first rows. Nothing is stored.

    `noun` says what the rows are, such as `accounts`; left out, it is guessed. 422 says why the file cannot be read.
    """
    actor = actor_of(request)
    if actor.reach != Reach.ALL:
        raise HttpError(403, "Importing needs the territory of all customers.")
    mine = nouns_for(actor)
    if noun and noun not in mine:
        known = ", ".join(sorted(mine))
        raise ValidationError({"noun": f"nothing called {noun!r} can be imported; there is: {known}"})
    draft = draft_of_upload(file=file, by=actor, noun=noun)
    return {
        "noun": draft.noun,
        "mapping": mapping_text(draft, mine),
        "columns": [
            {
                "column": one.column,
                "field": one.field,
                "format": one.format,
                "why": [reason(why, noun=draft.noun) for why in one.why],
            }
            for one in draft.columns
        ],
        "missing": missing(draft, mine),
    }


@router.post("/imports", auth=Allow("imports.run"), response={202: ImportOut}, summary="Import files")
def create_import(request: HttpRequest, files: File[list[UploadedFile]], check: Form[bool] = False) -> Any:
    """Send one mapping file and the files it names as multipart `files`; the id returned tells the state.

    422 lists everything that is wrong with the mapping; nothing was written then.
    """
    actor = actor_of(request)
    if actor.reach != Reach.ALL:
        raise HttpError(403, "Importing needs the territory of all customers.")
    return 202, start_upload(files=files, check=check, by=actor, at=timezone.now())

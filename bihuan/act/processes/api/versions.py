"""REST of versions side by side: what changed from one to another."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema

from bihuan.act.processes.models import Kind, Version
from bihuan.act.processes.queries import changes_between
from bihuan.act.processes.told import told
from bihuan.base.access import Allow


class VersionNote(Schema):
    """What was written of a version when it was published."""

    number: int
    note: str


class ChangeDetail(Schema):
    """What is otherwise, from what to what; "–" where it is not."""

    what: str = Field(..., examples=["Time limit"])
    before: str = Field(..., examples=["2d"])
    after: str = Field(..., examples=["1d"])


class VersionChange(Schema):
    """`how`: added, removed or changed. `sort`: step, gateway, event, arrow or whole."""

    how: str
    sort: str
    element: str
    name: str
    details: list[ChangeDetail]


class VersionChanges(Schema):
    """What changed from `since` to `number`, with the notes of the versions between."""

    since: int | None
    number: int
    notes: list[VersionNote]
    changes: list[VersionChange]


def add_versions(router: Router) -> None:
    """The operation on two versions stands beside those of the library."""
    path, may = "/processes/{key}/versions/{int:number}/changes", Allow("processes.view")
    router.get(path, auth=may, response=VersionChanges, summary="What changed between two versions")(
        read_changes
    )


def read_changes(request: HttpRequest, key: str, number: int, since: int | None = None) -> Any:
    """Since the version before, or since any other one (404 when there is none); of the first one nothing. In the language
    that is asked for."""
    rows = Version.objects.filter(process__key=key, process__kind=Kind.PROCESS)
    version = get_object_or_404(rows, number=number)
    earlier = rows.filter(number__lt=number).order_by("-number")
    before = earlier.first() if since is None else rows.filter(number=since).first()
    if before is None and since is not None:
        raise Http404
    if before is None:
        return {"since": None, "number": number, "notes": [], "changes": []}
    changes, drawn, now = changes_between(before, version)
    between = rows.filter(number__gt=before.number, number__lte=number).exclude(note="").order_by("number")
    return {
        "since": before.number, "number": number, "notes": list(between), "changes": told(changes, before=drawn, after=now),
    }  # fmt: skip

"""REST of processes: the library, versions as files, drafts, publishing, and asking a decision table."""

from datetime import datetime
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from bihuan.act.processes import actions
from bihuan.act.processes.models import Area, Kind, Process, State, Version
from bihuan.act.processes.queries import problems_of, table_of
from bihuan.act.processes.said import said
from bihuan.base.access import Allow, actor_of
from bihuan.base.decisions import DecisionError, decide
from bihuan.base.shapes import Moment

router = Router(tags=["Processes"])
Xml = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2_000_000,
        description="A BPMN 2.0 or DMN file as text",
        examples=["<definitions>…</definitions>"],
    ),
]


class ProcessVersionOut(Schema):
    """One version of a process; its file is read at `…/file`."""

    number: int
    state: str
    note: str
    edited_at: datetime
    edited_by_name: str
    published_at: datetime | None
    published_by_name: str


class ProcessOut(Schema):
    """A process or decision table."""

    id: int
    key: str
    kind: str
    name: str
    name_zh: str
    about: str
    area: str
    shipped: bool
    owner_id: int | None
    retired_at: datetime | None
    published_version: int | None
    draft_version: int | None

    @staticmethod
    def resolve_published_version(row: Process) -> int | None:
        """The version that instances start on."""
        return _number(row, State.PUBLISHED)

    @staticmethod
    def resolve_draft_version(row: Process) -> int | None:
        """The version that is drawn."""
        return _number(row, State.DRAFT)


def _number(row: Process, state: str) -> int | None:
    return next((one.number for one in row.versions.all() if one.state == state), None)


class ProcessIn(Schema):
    """A process with its first draft; `key` is the id of the process or decision in the file."""

    key: str = Field(..., min_length=1, max_length=60, examples=["customer_visit"])
    kind: Kind = Kind.PROCESS
    name: str = Field(..., min_length=1, max_length=120, examples=["Customer visit"])
    name_zh: str = Field("", max_length=120, examples=["客户拜访"])
    about: str = Field("", max_length=5_000)
    area: Area = Area.OTHER
    xml: Xml


class DraftIn(Schema):
    """A draft; with `seen`, the `edited_at` that was read, a draft that somebody saved since is not overwritten."""

    xml: Xml
    note: str = Field("", max_length=500)
    seen: Moment | None = None


class PublishIn(Schema):
    """What changed."""

    note: str = Field("", max_length=500, examples=["Every offer is signed"])


class ProblemOut(Schema):
    """What keeps a diagram from running: an "error" does, a "warning" does not."""

    level: str
    code: str
    element: str
    text: str


class AskIn(Schema):
    """The values that the table's inputs speak of."""

    values: dict[str, Any] = Field(..., examples=[{"account": {"tier": "S"}}])


class AskOut(Schema):
    """What the table decides, and the rows that fit (1 is the first)."""

    outputs: dict[str, Any]
    rows: list[int]
    version: int


class ProcessQuery(Schema):
    """What the list can be narrowed by."""

    kind: Kind | None = None
    area: Area | None = None


def _of(key: str) -> Process:
    return get_object_or_404(Process.objects.prefetch_related("versions"), key=key)


@router.get("/processes", auth=Allow("processes.view"), response=list[ProcessOut], summary="List processes")
@paginate
def list_processes(request: HttpRequest, asked: Query[ProcessQuery]) -> Any:
    """By department and name, those that were put away too."""
    wanted = {name: value for name, value in asked.dict().items() if value is not None}
    return Process.objects.filter(**wanted).prefetch_related("versions")


@router.post(
    "/processes", auth=Allow("processes.draw"), response={201: ProcessOut}, summary="Create a process"
)
def add_process(request: HttpRequest, body: ProcessIn) -> Any:
    """With its first draft; 422 names the field."""
    row = actions.create_process(by=actor_of(request), at=timezone.now(), **body.dict())
    return 201, _of(row.key)


@router.get("/processes/{key}", auth=Allow("processes.view"), response=ProcessOut, summary="Read a process")
def read_process(request: HttpRequest, key: str) -> Any:
    """By its key."""
    return _of(key)


@router.get(
    "/processes/{key}/versions", auth=Allow("processes.view"), response=list[ProcessVersionOut], summary="List versions"
)  # fmt: skip
def list_versions(request: HttpRequest, key: str) -> Any:
    """The newest first."""
    return list(_of(key).versions.all())


@router.get(
    "/processes/{key}/versions/{int:number}/file", auth=Allow("processes.view"), summary="Read the file of a version",
    openapi_extra={"responses": {200: {"description": "BPMN or DMN", "content": {"application/xml": {}}}}},
)  # fmt: skip
def read_file(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """BPMN or DMN, as other modelers read it."""
    version = get_object_or_404(Version, process__key=key, number=number)
    return HttpResponse(version.xml.encode(), content_type="application/xml; charset=utf-8")


@router.put(
    "/processes/{key}/draft",
    auth=Allow("processes.draw"),
    response=ProcessVersionOut,
    summary="Save the draft",
)
def put_draft(request: HttpRequest, key: str, body: DraftIn) -> Any:
    """A file that can be read, even when it cannot run yet; 422 when somebody saved another since `seen`."""
    return actions.save_draft(
        process=_of(key),
        xml=body.xml,
        note=body.note,
        seen=body.seen,
        by=actor_of(request),
        at=timezone.now(),
    )


@router.delete(
    "/processes/{key}/draft", auth=Allow("processes.draw"), response={204: None}, summary="Discard the draft"
)
def drop_draft(request: HttpRequest, key: str) -> Any:
    """422 when there is none, or when it is all there is."""
    actions.discard_draft(process=_of(key), by=actor_of(request), at=timezone.now())
    return 204, None


@router.get(
    "/processes/{key}/problems", auth=Allow("processes.view"), response=list[ProblemOut], summary="What cannot run"
)  # fmt: skip
def list_problems(request: HttpRequest, key: str) -> Any:
    """In the draft, or in the newest version when there is none."""
    process = _of(key)
    version = next((one for one in process.versions.all() if one.state == State.DRAFT), None)
    version = version or process.versions.all()[0]
    found = problems_of(kind=process.kind, key=process.key, xml=version.xml)
    return [
        {"level": one.level, "code": one.code, "element": one.element, "text": said(one)} for one in found
    ]


@router.post(
    "/processes/{key}/publish", auth=Allow("processes.publish"), response=ProcessVersionOut, summary="Publish the draft"
)  # fmt: skip
def publish_process(request: HttpRequest, key: str, body: PublishIn) -> Any:
    """Instances start on it from now on; 422 when something keeps it from running."""
    return actions.publish_draft(process=_of(key), note=body.note, by=actor_of(request), at=timezone.now())


@router.post(
    "/processes/{key}/retire", auth=Allow("processes.publish"), response=ProcessOut, summary="Put a process away"
)  # fmt: skip
def put_away(request: HttpRequest, key: str) -> Any:
    """Nothing starts on it any more; what runs goes on."""
    actions.retire_process(process=_of(key), by=actor_of(request), at=timezone.now())
    return _of(key)


@router.post(
    "/processes/{key}/bring-back", auth=Allow("processes.publish"), response=ProcessOut, summary="Bring a process back"
)  # fmt: skip
def take_out(request: HttpRequest, key: str) -> Any:
    """422 unless it was put away."""
    actions.bring_back(process=_of(key), by=actor_of(request), at=timezone.now())
    return _of(key)


@router.post(
    "/decisions/{key}/ask", auth=Allow("processes.view"), response=AskOut, summary="Ask a decision table"
)
def ask_table(request: HttpRequest, key: str, body: AskIn) -> Any:
    """The published version; 422 when it has no single answer for these values."""
    version = get_object_or_404(Version, process__key=key, process__kind=Kind.DECISION, state=State.PUBLISHED)
    try:
        found = decide(table_of(version.pk), body.values)
    except DecisionError as error:
        raise ValidationError({"values": str(error)}) from None
    return {"outputs": dict(found.outputs), "rows": list(found.rows), "version": version.number}

"""REST: ask a question."""

from typing import Annotated, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from bihuan.base.access import Allow, actor_of
from bihuan.capture.store import Cancelled
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.fields import schema_of
from bihuan.understand.engine.kinds import KINDS
from bihuan.understand.explore.actions import keep_listed
from bihuan.understand.explore.queries import ask
from bihuan.understand.explore.registry import kinds
from bihuan.understand.explore.running import NAME_PATTERN, TooMany, find_running, running_of

router = Router(tags=["Questions"])


class Column(Schema):
    """A column of the answer."""

    name: str
    type: str
    unit: str = ""


class AnswerOut(Schema):
    """The answer, as `bihuan ask` prints it."""

    kind: str
    question: dict[str, Any]
    definition: list[str]
    columns: list[Column]
    rows: list[list[Any]]
    summary: dict[str, Any]
    left_out: dict[str, int]
    notes: list[str] = Field(default=[], description="Warnings, such as of an event that has never arrived")
    sql: str
    took_ms: float
    as_of: str
    kept: bool = Field(description="Nothing that it rests on has changed since the same was asked before")


NAMED = "A name of 8 to 64 letters, digits, - and _ under which the question can be looked at and stopped meanwhile"
EXAMPLE = {"kind": "trend", "measure": "people", "every": "week", "period": {"last": "84d"}}
#: One schema a kind that the engine plans; kinds of rooms above stand in `/ask/kinds`.
SCHEMA = {"anyOf": [
    *(schema_of(kind.name, kind.fields, required=kind.required) for kind in KINDS),
    {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
]}  # fmt: skip


@router.post(
    "/ask", auth=Allow("explore.view"), response=AnswerOut, summary="Ask a question",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {
        "schema": SCHEMA, "example": EXAMPLE}}}},
)  # fmt: skip
def ask_question(
    request: HttpRequest, running: Annotated[str, Query(pattern=NAME_PATTERN + "|^$", description=NAMED)] = ""
) -> dict[str, Any]:
    """The body is a question as in docs/how-to/ask.md; `/ask/kinds` lists the kinds and their fields.

    429 while as many long questions of yours are under way as the installation lets one person have."""
    import json

    try:
        question = json.loads(request.body)
        json.dumps(question, ensure_ascii=False).encode()  # half a character cannot be answered either
    except (ValueError, RecursionError):
        raise HttpError(400, "The body is not JSON.") from None
    try:
        answer = ask(question=question, actor=actor_of(request), at=timezone.now(), name=running)
        return answer.document()
    except TooMany as error:
        stop = "Stop one with DELETE /api/v1/ask/running/NAME."
        raise HttpError(429, f"{error.message[:1].upper()}{error.message[1:]}. {stop}") from None
    except QuestionError as error:
        raise HttpError(422, str(error)) from None
    except PermissionDenied as error:
        raise HttpError(403, f"This needs the permission {error.args[0]!r}.") from None
    except Cancelled:
        raise HttpError(409, "The question was stopped before its answer was there.") from None


class RunningOut(Schema):
    """A question under way. `progress` is from 0 to 1, or null while that cannot be told."""

    name: str
    kind: str
    seconds: float
    progress: float | None


@router.get(
    "/ask/running",
    auth=Allow("explore.view"),
    summary="List your questions under way",
    response=list[RunningOut],
)
def list_running(request: HttpRequest) -> list[dict[str, Any]]:
    """The oldest first; one that was given no name (`POST /ask?running=NAME`) has one that was made up."""
    return [one.document() for one in running_of(actor=actor_of(request))]


@router.delete(
    "/ask/running/{name}", auth=Allow("explore.view"), summary="Stop a question", response={204: None}
)
def stop_running(request: HttpRequest, name: str) -> Any:
    """End one of your questions under way; the request that asked it is answered with 409."""
    found = find_running(name=name, actor=actor_of(request))
    if found is None:
        raise HttpError(404, f"No question of yours is under way as {name!r}.")
    found.watch.cancel()
    return 204, None


class KindOut(Schema):
    """A kind of question: an example in YAML, and its JSON schema where it has one."""

    example: str
    permission: str
    question_schema: dict[str, Any]


@router.get(
    "/ask/kinds",
    auth=Allow("explore.view"),
    summary="List the kinds of questions",
    response=dict[str, KindOut],
)
def list_kinds(request: HttpRequest) -> dict[str, Any]:
    """Each kind with an example in YAML and the JSON schema of its documents."""
    return {
        name: {"example": kind.example, "permission": kind.permission, "question_schema": dict(kind.schema)}
        for name, kind in sorted(kinds().items())
    }


class KeepIn(Schema):
    """A question that answers with accounts or people, and what their list is called."""

    question: dict[str, Any]
    key: str = Field(..., min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Field(..., min_length=1, max_length=120)


class KeptOut(Schema):
    """The static segment: questions name it @key."""

    key: str
    unit: str
    size: int


@router.post(
    "/ask/segment",
    auth=Allow("segments.edit"),
    response={201: KeptOut},
    summary="Keep an answer as a segment",
)
def keep_answer(request: HttpRequest, body: KeepIn) -> Any:
    """Who an answer lists, such as those who dropped out of a funnel (`list`), as a static segment."""
    actor, at = actor_of(request), timezone.now()
    try:
        return 201, keep_listed(question=body.question, key=body.key, title=body.title, by=actor, at=at)
    except QuestionError as error:
        raise HttpError(422, str(error)) from None
    except PermissionDenied as error:
        raise HttpError(403, f"This needs the permission {error.args[0]!r}.") from None

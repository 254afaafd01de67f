"""REST of a process as a plain list of steps: read from the draft, kept as the draft."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema
from pydantic import TypeAdapter

from bihuan.act.bpmn import Field as FormField
from bihuan.act.bpmn import Timer, Words
from bihuan.act.bpmn.list_reading import from_bpmn
from bihuan.act.bpmn.listed import Listed, ListError, Row
from bihuan.act.processes import actions
from bihuan.act.processes.api.library import ProcessVersionOut
from bihuan.act.processes.models import Kind, Process, State
from bihuan.act.processes.said import said
from bihuan.base.access import Allow, actor_of
from bihuan.base.shapes import Moment

Text = Annotated[str, Field(max_length=5_000)]
Rule = Annotated[str, Field(max_length=2_000)]
Short = Annotated[str, Field(max_length=200)]


class ListedWords(Schema):
    """As it was written, and its Chinese where it differs."""

    text: Text = ""
    zh: Text = ""


class ListedChoice(Schema):
    """One of the values that a field offers."""

    value: Short
    title: ListedWords


class ListedField(Schema):
    """One field of a form; `kind` is text, long, number, money, date, yesno, choice, choices, file, person or account."""

    name: Short = Field(..., examples=["amount"])
    title: ListedWords
    kind: Short = "text"
    required: bool = False
    help: ListedWords = ListedWords()
    default: Short = ""
    choices: list[ListedChoice] = Field(default=[], max_length=200)
    least: Short = ""
    most: Short = ""


class ListedCheck(Schema):
    """One line of a check-list."""

    title: ListedWords
    required: bool = True


class ListedWork(Schema):
    """Who does it, by when, and what happens when nobody does. Spans are such as 30m, 4h, 2d."""

    role: Short = ""
    assign: Short = Field(default="", description='"owner", "starter", or "same:" and the id of a step')
    limit: Short = ""
    calendar: Short = Field(
        default="", description='"" for service time, "wall" when every hour counts, "role:…" or "account:…"'
    )
    remind: Short = ""
    escalate_to: Short = ""
    escalate_after: Short = ""
    effort: Short = Field(
        default="", description="how long it usually takes to do; half an hour where it is not said"
    )
    approval: Short = Field(default="", description='"any", "all" or how many must agree')
    approvers: list[Short] = Field(default=[], max_length=50)
    in_order: bool = False
    signature: bool = False
    gate: Rule = ""


class ListedWay(Schema):
    """Where it goes on: `to` is the id of a step, else it ends as `end` says. Without `when` it is taken when no other fits."""

    to: Short = ""
    end: ListedWords = ListedWords()
    when: Rule = ""
    name: ListedWords = ListedWords()


class ListedStep(Schema):
    """One step. `kind`: user, decision (`table`, `into`), automatic (`step`, `inputs`, `outputs`), process (`called`),
    wait (`wait`, or `until` a moment, by the clock of `calendar`), message (`message`, `correlate`)."""

    id: Short = Field(..., pattern=r"^[^\W\d][\w.\-]*$", examples=["review"])
    name: ListedWords
    kind: Short = "user"
    text: ListedWords = ListedWords()
    work: ListedWork = ListedWork()
    fields: list[ListedField] = Field(default=[], max_length=100)
    checks: list[ListedCheck] = Field(default=[], max_length=100)
    table: Short = ""
    into: Short = ""
    step: Short = ""
    inputs: dict[str, Rule] = {}
    outputs: dict[str, Rule] = {}
    called: Short = ""
    wait: Rule = ""
    until: Rule = ""
    calendar: Short = "wall"
    message: Short = ""
    correlate: Rule = ""
    question: ListedWords = ListedWords()
    ways: list[ListedWay] = Field(default=[], max_length=50)


class ListedTimer(Schema):
    """When the process begins by itself. `kind`: cycle (rounds such as R/2026-10-05T09:00:00+08:00/P7D), date (a moment), or
    duration (a span after it was published); `calendar`: "" for the business calendar, "wall" when every hour counts,
    "role:sales" or "account:yunshan" for that of a role or a customer."""

    kind: Literal["cycle", "date", "duration"]
    text: Rule = Field(..., examples=["R/2026-10-05T09:00:00+08:00/P7D"])
    calendar: Short = ""


class ListedOut(Schema):
    """A process as a list; `seen` goes back with it, so that nothing is overwritten that somebody kept meanwhile."""

    seen: datetime | None
    begins: ListedWords
    start: list[ListedField]
    timer: ListedTimer | None
    steps: list[ListedStep]


class ListedIn(Schema):
    """A list of steps; each goes on to the next one where its `ways` say nothing else."""

    seen: Moment | None = None
    note: str = Field(default="", max_length=500)
    begins: ListedWords = ListedWords()
    start: list[ListedField] = Field(default=[], max_length=100)
    timer: ListedTimer | None = Field(
        default=None, description="Left out, it stays as it is; null: somebody begins it"
    )
    steps: list[ListedStep] = Field(..., min_length=1, max_length=200)


ROWS = TypeAdapter(tuple[Row, ...])
FIELDS = TypeAdapter(tuple[FormField, ...])
WORDS = TypeAdapter(Words)
TIMER = TypeAdapter(Timer | None)


def _read(key: str) -> tuple[Process, datetime | None, Listed]:
    """(the process, when its draft was kept, the list); ValidationError for a drawing that says more than a list."""
    process = get_object_or_404(Process, key=key, kind=Kind.PROCESS)
    version = process.versions.filter(state=State.DRAFT).first() or process.versions.all()[0]
    try:
        listed = from_bpmn(version.xml)
    except ListError as error:
        raise ValidationError({"steps": said(error.problem)}) from None
    return process, version.edited_at if version.state == State.DRAFT else None, listed


def read_list(request: HttpRequest, key: str) -> Any:
    """The draft, or the newest version when there is none; 422 names what a list cannot say."""
    _process, seen, listed = _read(key)
    return {
        "seen": seen,
        "begins": listed.begins,
        "start": listed.start,
        "timer": listed.timer,
        "steps": listed.rows,
    }


def put_list(request: HttpRequest, key: str, body: ListedIn) -> Any:
    """It becomes BPMN with a picture; 422 when it is no process, when the drawing says more than a list, or when somebody saved
    another since `seen`."""
    process, _seen, here = _read(key)
    sent = body.dict()
    listed = Listed(
        key=process.key, name=here.name, text=here.text, begins=WORDS.validate_python(sent["begins"]),
        start=FIELDS.validate_python(sent["start"]),
        timer=TIMER.validate_python(sent["timer"]) if "timer" in body.model_fields_set else here.timer,
        rows=ROWS.validate_python(sent["steps"]),
    )  # fmt: skip
    return actions.save_list(
        process=process,
        listed=listed,
        note=body.note,
        seen=body.seen,
        by=actor_of(request),
        at=timezone.now(),
    )


def add_lists(router: Router) -> None:
    """The operations on lists stand beside those of the library."""
    path = "/processes/{key}/list"
    router.get(
        path, auth=Allow("processes.view"), response=ListedOut, summary="Read a process as a list of steps"
    )(read_list)
    router.put(
        path,
        auth=Allow("processes.draw"),
        response=ProcessVersionOut,
        summary="Save a list of steps as the draft",
    )(put_list)

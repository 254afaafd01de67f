"""What happens in processes, as facts: every one is an event in the store, so that processes are analysed like all else.

`process_key`, `version` and `element` name the place in the diagram, `instance_id` is the case. `passed` are the elements that
the tokens went through on the way: gateways, events and steps that needed nobody."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class ProcessStarted(Fact):
    """An instance began."""

    title = gettext_lazy("Process started")
    instance_id: int
    process_key: str
    version: int
    account_id: int | None
    about: str
    passed: list[str]


@dataclass(frozen=True, kw_only=True)
class ProcessEnded(Fact):
    """An instance reached an end, or was cancelled (`cancelled` with why)."""

    title = gettext_lazy("Process ended")
    instance_id: int
    process_key: str
    version: int
    account_id: int | None
    about: str
    outcome: str
    cancelled: bool = False
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class StepFact(Fact):
    """Something about one work item; the base of the rest."""

    instance_id: int
    item_id: int
    process_key: str
    version: int
    account_id: int | None
    element: str
    step: str
    role: str


@dataclass(frozen=True, kw_only=True)
class StepOpened(StepFact):
    """It is somebody's turn."""

    title = gettext_lazy("Step opened")
    assignee_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class StepClaimed(StepFact):
    """Somebody took it, or was given it (`given_by`)."""

    title = gettext_lazy("Step claimed")
    assignee_id: int | None = None
    given_by: str = ""


@dataclass(frozen=True, kw_only=True)
class StepHandedOver(StepFact):
    """Whoever had it is away: it went to `to_id`, or to the queue of its role; `back` when it returned to them."""

    title = gettext_lazy("Step handed over")
    absence_id: int | None = None
    from_id: int | None = None
    to_id: int | None = None
    back: bool = False


@dataclass(frozen=True, kw_only=True)
class StepReturned(StepFact):
    """It was put back into the queue."""

    title = gettext_lazy("Step returned")
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class StepDone(StepFact):
    """It is done, or was skipped (`skipped`). Seconds of service time: waiting from opened to claimed, work from then to done;
    `late` when it was due before; `minutes` is what it took as whoever did it says."""

    title = gettext_lazy("Step done")
    passed: list[str]
    waiting_seconds: int
    work_seconds: int
    late: bool = False
    skipped: bool = False
    automatic: bool = False
    minutes: int | None = None


@dataclass(frozen=True, kw_only=True)
class StepWithdrawn(StepFact):
    """It is nobody's turn any more: an event or somebody ended it."""

    title = gettext_lazy("Step withdrawn")


@dataclass(frozen=True, kw_only=True)
class StepReminded(StepFact):
    """Its time limit comes near."""

    title = gettext_lazy("Step due soon")
    assignee_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class StepOverdue(StepFact):
    """Its time limit has passed."""

    title = gettext_lazy("Step overdue")
    assignee_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class StepDueChanged(StepFact):
    """It is due at another time than its step says."""

    title = gettext_lazy("Step due at another time")
    due_at: str


@dataclass(frozen=True, kw_only=True)
class StepEscalated(StepFact):
    """It went to those who answer for it."""

    title = gettext_lazy("Step escalated")
    to: str = ""


@dataclass(frozen=True, kw_only=True)
class TimePassed(Fact):
    """A timer, a message or a signal moved an instance on."""

    title = gettext_lazy("Process moved on")
    instance_id: int
    process_key: str
    version: int
    account_id: int | None
    cause: str
    passed: list[str]


@dataclass(frozen=True, kw_only=True)
class ProcessStuck(Fact):
    """An instance cannot go on by itself."""

    title = gettext_lazy("Process stuck")
    instance_id: int
    process_key: str
    version: int
    account_id: int | None
    element: str
    why: str


@dataclass(frozen=True, kw_only=True)
class ProcessPaused(Fact):
    """Its clocks stand still (`paused`), or go on."""

    title = gettext_lazy("Process paused or resumed")
    instance_id: int
    process_key: str
    version: int
    account_id: int | None
    paused: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ProcessMoved(Fact):
    """An instance went over to another version."""

    title = gettext_lazy("Process moved to another version")
    instance_id: int
    process_key: str
    version: int
    account_id: int | None
    before: int


@dataclass(frozen=True, kw_only=True)
class ProcessTold(Fact):
    """An instance threw a message or a signal (`kind`) for others."""

    title = gettext_lazy("Process message sent")
    instance_id: int
    process_key: str
    version: int
    account_id: int | None
    kind: str
    message: str
    key: str
    values: dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Deviated(Fact):
    """Somebody left the standard, with a reason."""

    title = gettext_lazy("Deviation")
    instance_id: int
    item_id: int | None
    process_key: str
    version: int
    account_id: int | None
    element: str
    kind: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Commented(Fact):
    """Somebody wrote something at an item."""

    title = gettext_lazy("Comment")
    instance_id: int
    item_id: int | None
    account_id: int | None
    mentions: list[int]


@dataclass(frozen=True, kw_only=True)
class Voted(StepFact):
    """An approver said yes or no."""

    title = gettext_lazy("Approval given or refused")
    approved: bool = False
    note: str = ""

"""What happens with plays, as facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class PlayAdded(Fact):
    """A play was described."""

    title = gettext_lazy("Play added")
    play: str


@dataclass(frozen=True, kw_only=True)
class PlayChanged(Fact):
    """A play was changed, switched on or off; `before` and `after` hold what differs."""

    title = gettext_lazy("Play changed")
    play: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class PlayPaused(Fact):
    """A play does harm, as far as is measured, and was paused; `why` has the numbers."""

    title = gettext_lazy("Play paused")
    play: str
    why: str


@dataclass(frozen=True, kw_only=True)
class PlayRemoved(Fact):
    """A play that never ran is gone."""

    title = gettext_lazy("Play removed")
    play: str


@dataclass(frozen=True, kw_only=True)
class _OfRun(Fact):
    """What facts about one run have in common."""

    run_id: int
    play: str
    account_id: int


@dataclass(frozen=True, kw_only=True)
class PlayProposed(_OfRun):
    """A play waits for somebody's word; `despite` what spoke against it, and was known to whoever proposed it."""

    title = gettext_lazy("Play proposed")
    assignee_id: int | None
    despite: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class PlayHeldOut(_OfRun):
    """The account is one of those that the play leaves alone, to know what would have been without it."""

    title = gettext_lazy("Held out of a play")


@dataclass(frozen=True, kw_only=True)
class PlayWithdrawn(_OfRun):
    """A proposal was taken back before anybody decided."""

    title = gettext_lazy("Proposal of a play taken back")


@dataclass(frozen=True, kw_only=True)
class PlayConfirmed(_OfRun):
    """Somebody said yes, or the play needs nobody's word."""

    title = gettext_lazy("Play confirmed")


@dataclass(frozen=True, kw_only=True)
class PlayConfirmationUndone(_OfRun):
    """The yes was taken back before anything was done."""

    title = gettext_lazy("Confirmation of a play taken back")


@dataclass(frozen=True, kw_only=True)
class PlayStarted(_OfRun):
    """Its first step was done."""

    title = gettext_lazy("Play started")


@dataclass(frozen=True, kw_only=True)
class PlayStepDone(_OfRun):
    """A step of the run was done: a message queued, a task given, a process started; `problem` says why not."""

    title = gettext_lazy("Step of a play done")
    number: int
    kind: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class PlayReworded(_OfRun):
    """Somebody wrote other words for one of its messages; which words stands with the run."""

    title = gettext_lazy("Message of a play changed")
    number: int


@dataclass(frozen=True, kw_only=True)
class PlayMinutesNoted(_OfRun):
    """Somebody wrote down what it took beside the work items."""

    title = gettext_lazy("Minutes of a play written down")
    before: int
    minutes: int


@dataclass(frozen=True, kw_only=True)
class PlayDeclined(_OfRun):
    """Somebody said no, and why."""

    title = gettext_lazy("Play declined")
    reason: str


@dataclass(frozen=True, kw_only=True)
class PlaySkipped(_OfRun):
    """It was not proposed, because of a limit."""

    title = gettext_lazy("Play skipped")
    reason: str


@dataclass(frozen=True, kw_only=True)
class PlayExpired(_OfRun):
    """Nobody decided in time."""

    title = gettext_lazy("Play expired")


@dataclass(frozen=True, kw_only=True)
class PlayGoalReached(_OfRun):
    """What the play is for happened within its window; of held-out accounts too."""

    title = gettext_lazy("Goal of a play reached")
    arm: str


@dataclass(frozen=True, kw_only=True)
class PlayGoalMissed(_OfRun):
    """The window is over without it; of held-out accounts too."""

    title = gettext_lazy("Goal of a play missed")
    arm: str

"""What happens with saved questions and dashboards, as facts."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class QuestionSaved(Fact):
    """A question was kept under a title."""

    title = gettext_lazy("Question saved")
    question_id: int
    called: str
    shared: bool


@dataclass(frozen=True, kw_only=True)
class QuestionChanged(Fact):
    """A saved question has another title, asks something else, or is shared differently."""

    title = gettext_lazy("Saved question changed")
    question_id: int
    called: str
    shared: bool


@dataclass(frozen=True, kw_only=True)
class QuestionRemoved(Fact):
    """A saved question was removed; its tiles do not show any more."""

    title = gettext_lazy("Saved question removed")
    question_id: int
    called: str


@dataclass(frozen=True, kw_only=True)
class QuestionRestored(Fact):
    """The removal of a saved question was undone."""

    title = gettext_lazy("Saved question restored")
    question_id: int
    called: str


@dataclass(frozen=True, kw_only=True)
class DashboardSaved(Fact):
    """A dashboard was made, or its title, filters, tiles or sharing changed."""

    title = gettext_lazy("Dashboard saved")
    dashboard_id: int
    called: str
    shared: bool
    tiles: int


@dataclass(frozen=True, kw_only=True)
class DashboardRemoved(Fact):
    """A dashboard was removed."""

    title = gettext_lazy("Dashboard removed")
    dashboard_id: int
    called: str


@dataclass(frozen=True, kw_only=True)
class DashboardRestored(Fact):
    """The removal of a dashboard was undone."""

    title = gettext_lazy("Dashboard restored")
    dashboard_id: int
    called: str

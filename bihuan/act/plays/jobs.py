"""Scheduled work of plays."""

from django.utils.translation import gettext_lazy as _

from bihuan.act.plays import actions
from bihuan.base.jobs import Run, job


@job("plays.carry", title=_("Do the steps of plays that are due"), every="* * * * *")
def carry(run: Run) -> None:
    """Every minute."""
    run.result({"steps": actions.carry_due(at=run.at)})


@job("plays.look", title=_("Look for whom plays are"), every="50 * * * *")
def look(run: Run) -> None:
    """Every hour, after the signals: triggers that are no events, goals, proposals that nobody decided, and harm."""
    run.result(actions.look_now(by=run.by, at=run.at))

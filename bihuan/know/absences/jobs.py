"""Absences begin and end with their days."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from bihuan.base.access import system_actor
from bihuan.base.jobs import Run, job
from bihuan.know.absences import actions
from bihuan.know.absences.models import Absence


@job("absences.turn", title=gettext_lazy("Begin and end absences"), every="*/5 * * * *")
def turn(run: Run) -> None:
    """Those whose first day is here, and those whose last day is over, however long the worker stood still."""
    today = timezone.localdate(run.at)
    begins, ends = Q(began_at=None, first_day__lte=today), Q(last_day__lt=today)
    due = Absence.objects.filter(begins | ends, ended_at=None).order_by("first_day", "pk")
    for absence_id in list(due.values_list("pk", flat=True)):
        actions.turn(absence_id=absence_id, by=system_actor("calendar"), at=run.at)

"""Scheduled work of the early warning."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.foresee.warning.actions import score_accounts, train_model
from bihuan.foresee.warning.models import Risk

DAILY, WEEKLY = timedelta(days=8), timedelta(weeks=26)


@job("warning.train", title=_("Train the early warning"), every="10 2 1 * *")
def train(run: Run) -> None:
    """On the first of each month: learn from everything up to yesterday, then score."""
    day = timezone.localdate(run.at) - timedelta(days=1)
    row = train_model(day=day, by=run.by, at=run.at, progress=lambda d, t: run.progress(done=d, total=t))
    number = score_accounts(day=timezone.localdate(run.at), by=run.by, at=run.at)
    run.result({"model": row.number, "verdict": row.verdict, "standing": row.standing, "accounts": number})


@job("warning.score", title=_("Score the risk of all customers"), every="30 4 * * *")
def score(run: Run) -> None:
    """As of today, every night."""
    day = timezone.localdate(run.at)
    number = score_accounts(
        day=day, by=run.by, at=run.at, progress=lambda d, t: run.progress(done=d, total=t)
    )
    run.result({"accounts": number, "day": day.isoformat()})


@job("warning.thin", title=_("Thin out old risks"), every="50 4 * * *")
def thin(run: Run) -> None:
    """After eight days Mondays stay, for half a year."""
    today = timezone.localdate(run.at)
    rows = Risk.objects.filter(day__lt=today - DAILY).exclude(day__week_day=2)
    gone = rows.delete()[0] + Risk.objects.filter(day__lt=today - WEEKLY).delete()[0]
    run.result({"deleted": gone})

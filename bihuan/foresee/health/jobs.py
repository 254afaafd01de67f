"""Scheduled work of the health room."""

from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.foresee.health.actions import compute_health
from bihuan.foresee.health.models import HealthScore

WEEKS_BACK = 26
KEEP_DAILY = timedelta(days=40)


@job("health.compute", title=_("Score all customers"), every="20 * * * *")
def compute(run: Run) -> None:
    """Score as of today, every hour."""
    today = timezone.localdate(run.at)
    number = compute_health(
        day=today, by=run.by, at=run.at, progress=lambda d, t: run.progress(done=d, total=t)
    )
    run.result({"accounts": number, "day": today.isoformat()})


@job("health.backfill", title=_("Score past weeks"))
def backfill(run: Run, weeks: int = WEEKS_BACK) -> None:
    """Score each week's same day of the past, and 30 days ago, where no score is stored yet."""
    today = timezone.localdate(run.at)
    wanted = sorted(
        {today - timedelta(days=30)} | {today - timedelta(weeks=n) for n in range(1, weeks + 1)}, reverse=True
    )
    stored = set(HealthScore.objects.filter(day__in=wanted).values_list("day", flat=True))
    missing = [day for day in wanted if day not in stored]
    for number, day in enumerate(missing, start=1):
        compute_health(day=day, by=run.by, at=run.at, tell_bands=False)
        run.progress(done=number, total=len(missing))
    run.result({"days": len(missing)})


@job("health.thin", title=_("Thin out old scores"), every="40 3 * * *")
def thin(run: Run) -> None:
    """After forty days one score a week stays (Mondays, and the days a week before today counts from)."""
    limit = timezone.localdate(run.at) - KEEP_DAILY
    old = HealthScore.objects.filter(day__lt=limit).values_list("day", flat=True).distinct().order_by("day")
    kept: dict[tuple[int, int], date] = {}
    for day in old:
        kept.setdefault(day.isocalendar()[:2], day)
    gone, _by_model = HealthScore.objects.filter(~Q(day__in=list(kept.values())), day__lt=limit).delete()
    run.result({"deleted": gone})

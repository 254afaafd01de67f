"""A play that does harm is paused, and says so."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.act.plays.actions.plays import pause_play
from bihuan.act.plays.models import Arm, Play, Status
from bihuan.act.plays.queries.effects import counts_of
from bihuan.base.access import Actor
from bihuan.base.access.policy import Role
from bihuan.base.notices import notice_kind
from bihuan.base.notices.actions import notify
from bihuan.know.staff.models import Staff
from bihuan.understand.stats.holdout import bound_at_all_times
from bihuan.understand.stats.multiple import level_of_each

NOTICE = "plays.paused"
#: Before so many accounts are in each arm nothing is called harm.
LEAST = 30
#: The interval is narrowest at so many accounts in both arms; fixed for every play beforehand.
PLANNED = 400
LEVEL = 0.95

notice_kind(
    NOTICE, title=gettext_lazy("A play was paused"), icon="player-pause", order=32, permission="plays.view",
    say=lambda args: _("The play “%(play)s” was paused: %(why)s") % {"play": args.get("play", ""), "why": args.get("why", "")},
)  # fmt: skip


def pause_harmful(*, by: Actor, at: datetime) -> list[str]:
    """Pause every play of which the whole interval lies below 0; their keys. The interval holds however often we look (a
    confidence sequence), and for all plays together (Bonferroni), so that a harmless play is paused with a chance of at most
    5 % for all of them and all times."""
    plays = list(Play.objects.filter(status=Status.ON))
    if not plays:
        return []
    level = level_of_each(level=LEVEL, comparisons=len(plays))
    counts = counts_of(at=at, play_ids=[play.pk for play in plays])
    paused = []
    for play in plays:
        treated = counts.get(play.pk, {}).get(Arm.TREATED, (0, 0))
        held = counts.get(play.pk, {}).get(Arm.HELD, (0, 0))
        if min(treated[1], held[1]) < LEAST:
            continue
        low, high = bound_at_all_times(treated=treated, held=held, planned=PLANNED, level=level)
        if high < 0 and _pause(play, treated=treated, held=held, low=low, high=high, by=by, at=at):
            paused.append(play.key)
    return paused


@transaction.atomic
def _pause(
    play: Play,
    *,
    treated: tuple[int, int],
    held: tuple[int, int],
    low: float,
    high: float,
    by: Actor,
    at: datetime,
) -> bool:
    why = _(
        "the goal was reached by %(a)s of %(n)s treated and %(b)s of %(m)s held-out accounts; the difference lies between "
        "%(low)s and %(high)s points, at any time of looking"
    ) % {
        "a": treated[0],
        "n": treated[1],
        "b": held[0],
        "m": held[1],
        "low": f"{low * 100:.1f}",
        "high": f"{high * 100:.1f}",
    }
    if not pause_play(play=play, why=why, by=by, at=at):
        return False
    managers = [
        one.pk for one in Staff.objects.filter(is_active=True).order_by("pk") if Role.MANAGER in one.roles
    ]
    notify(
        users=managers, kind=NOTICE, args={"play": play.said_name, "why": why}, url=reverse("plays:play", args=[play.key]),
        by=by, at=at,
    )  # fmt: skip
    return True

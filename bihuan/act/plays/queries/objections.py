"""What speaks against a play for one account: the same that keeps a trigger from setting it off, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.act.plays.models import Arm, Play, PlayRun, State, Status
from bihuan.act.plays.queries.candidates import resting
from bihuan.act.plays.queries.whom import NotTold, Standing, standings_of
from bihuan.act.plays.rules import arm_of
from bihuan.know.accounts.models import Account

WEEK = timedelta(days=7)


class Against(models.TextChoices):
    """Kinds of objections."""

    PAUSED = "paused", gettext_lazy("the play is paused, because it does harm")
    UNTOLD = "untold", gettext_lazy("it cannot be told whom the play is for")
    AUDIENCE = "audience", gettext_lazy("the play is not meant for this account")
    GOAL = "goal", gettext_lazy("the goal was true of the account already")
    REST = "rest", gettext_lazy("the play met the account not long before")
    WEEK = "week", gettext_lazy("plays had met the account often enough that week")
    HELD = "held", gettext_lazy("the account is held out of the play")


@dataclass(frozen=True, kw_only=True)
class Objection:
    """Why a trigger would leave the account alone; `text` says it to whoever proposes the play."""

    code: Against
    text: str


def met_lately(account_id: int, *, at: datetime) -> int:
    """How often plays met the account within seven days; a held-out run counts, a skipped one does not."""
    rows = PlayRun.objects.filter(account=account_id, opened_at__gt=at - WEEK)
    return rows.exclude(state=State.SKIPPED).count()


def objections(
    play: Play, account: Account, *, at: datetime, standings: Mapping[int, Standing | NotTold] | None = None
) -> list[Objection]:
    """In the order of `Against`; none means that a trigger would set the play off too. `standings` of several plays, where
    somebody asks for many accounts."""
    known = standings or standings_of([play], day=timezone.localdate(at))
    standing, found = known[play.pk], []
    if play.status == Status.PAUSED:
        found.append(Objection(
            code=Against.PAUSED, text=_("The play is paused: %(why)s") % {"why": play.paused_why}
        ))  # fmt: skip
    if isinstance(standing, NotTold):
        text = _("It cannot be told whom the play is for: %(why)s") % {"why": standing}
        found.append(Objection(code=Against.UNTOLD, text=text))
    else:
        found += _standing(play, account, standing)
    return [*found, *_limits(play, account, at=at)]


def _standing(play: Play, account: Account, standing: Standing) -> list[Objection]:
    found = []
    if account.pk not in standing.audience:
        text = _("%(account)s is not among those the play is for (%(rule)s).")
        found.append(Objection(
            code=Against.AUDIENCE, text=text % {"account": account, "rule": play.audience.strip() or _("not lost")}
        ))  # fmt: skip
    if account.pk in standing.there:
        text = _("The goal is true of %(account)s already (%(rule)s): it would count as reached at once.")
        found.append(Objection(
            code=Against.GOAL, text=text % {"account": account, "rule": play.goal.get("rule", "")}
        ))  # fmt: skip
    return found


def _limits(play: Play, account: Account, *, at: datetime) -> Sequence[Objection]:
    found = []
    if account.pk in resting([play], at=at)[play.pk]:
        text = _("The play met %(account)s within the last %(days)s days, and rests so long.")
        found.append(Objection(code=Against.REST, text=text % {"account": account, "days": play.rest}))
    if (met := met_lately(account.pk, at=at)) >= play.per_week:
        text = _("Plays met %(account)s %(met)s times within seven days; this one allows %(most)s.")
        found.append(Objection(
            code=Against.WEEK, text=text % {"account": account, "met": met, "most": play.per_week}
        ))  # fmt: skip
    if arm_of(play=play.key, account_id=account.pk, hold_out=play.hold_out) == Arm.HELD:
        text = _("%(account)s is held out of the play (%(share)s %% are), to know what would be without it.")
        found.append(Objection(code=Against.HELD, text=text % {"account": account, "share": play.hold_out}))
    return found

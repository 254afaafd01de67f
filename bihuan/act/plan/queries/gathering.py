"""A week as the planner is told it: people, candidates, whom somebody must be in touch with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max

from bihuan.act.plan.models import PlanSettings
from bihuan.act.plan.queries.capacity import Capacity, capacities, settings_of_plan
from bihuan.act.plan.rules import Candidate, Limits, Person
from bihuan.act.plays.queries import Candidate as Offer
from bihuan.act.plays.queries import candidates as candidates_of_plays
from bihuan.act.work.queries import last_done_for
from bihuan.foresee.tiers.queries import policies
from bihuan.know.accounts.models import Account, AccountTeam, FollowUp

#: What a missed touch counts by tier, times the setting; an account without a tier counts as the lowest.
WEIGHTS = {"S": 4.0, "A": 2.0, "B": 1.0, "C": 0.5}
MOST_CANDIDATES = 300_000


@dataclass(frozen=True, kw_only=True)
class Week:
    """Everything that a plan is made of; `offers` by (account, play)."""

    candidates: list[Candidate]
    people: list[Person]
    limits: Limits
    capacities: list[Capacity]
    offers: dict[tuple[int, int], Offer]
    told: PlanSettings


def gathered(*, monday: date, at: datetime, without: Iterable[int] = ()) -> Week:
    """The week that begins on a Monday, as seen at a moment; `without` leaves people out."""
    gone = set(without)
    told = settings_of_plan()
    there = [one for one in capacities(monday=monday, at=at) if one.staff.pk not in gone]
    offers = candidates_of_plays(at=at)[:MOST_CANDIDATES]
    teams: dict[int, list[tuple[int, str]]] = {}
    for account, staff, role in AccountTeam.objects.filter(
        account__in={one.account_id for one in offers}, staff__in=[one.staff.pk for one in there]
    ).order_by("-is_owner", "pk").values_list("account_id", "staff_id", "role"):  # fmt: skip
        teams.setdefault(account, []).append((staff, role))
    able: dict[str, tuple[int, ...]] = {}
    for one in there:
        for role in one.roles if one.sees_all else ():
            able[role] = (*able.get(role, ()), one.staff.pk)
    own = {one.staff.pk: one.roles for one in there}
    candidates = [
        Candidate(
            account=one.account_id, play=one.play_id, effect=float(one.effect), effect_se=float(one.effect_se),
            value=float(one.value), minutes=dict(one.minutes), explores=explores(one),
            servers={role: serving(role, team=teams.get(one.account_id, []), own=own, able=able) for role in one.minutes},
        )
        for one in offers
    ]  # fmt: skip
    return Week(
        candidates=candidates,
        people=[Person(id=one.staff.pk, roles=one.roles, minutes=one.minutes) for one in there],
        limits=Limits(explore=told.explore / 100, must=waiting_for_a_touch(monday=monday, told=told)),
        capacities=there, offers={(one.account_id, one.play_id): one for one in offers}, told=told,
    )  # fmt: skip


def explores(offer: Offer) -> bool:
    """Whether little is known of the play: nobody measured it, or its interval at 95 % holds nothing."""
    return offer.basis == "assumed" or float(offer.effect) < 1.96 * float(offer.effect_se)


def serving(
    role: str, *, team: list[tuple[int, str]], own: dict[int, tuple[str, ...]], able: dict[str, tuple[int, ...]]
) -> tuple[int, ...]:  # fmt: skip
    """Who may do a part in a role: those of the account's team in that role, else those of the team who have it elsewhere, else
    everybody who has it and sees every account."""
    named = tuple(dict.fromkeys(staff for staff, theirs in team if theirs == role))
    return (
        named
        or tuple(dict.fromkeys(staff for staff, _theirs in team if role in own[staff]))
        or able.get(role, ())
    )


def waiting_for_a_touch(*, monday: date, told: PlanSettings) -> dict[int, float]:
    """Accounts whose tier's service asks for a touch by the end of the week, and what it counts to leave them out. A touch is a
    follow-up that somebody wrote or a work item that was done."""
    known = policies()
    rows = Account.objects.exclude(stage="lost").values_list("pk", "tier", "signed_up_on")
    written = dict(FollowUp.objects.values_list("account_id").annotate(Max("at")).order_by())
    done = last_done_for()
    found = {}
    for pk, tier, since in rows:
        service = known.get(tier) or known["C"]
        touches = [one for one in (written.get(pk), done.get(pk)) if one is not None]
        last = max(touches).date() if touches else since
        if last is None or last + timedelta(days=service.touch_days) < monday + timedelta(days=7):
            found[pk] = told.touch_penalty * WEIGHTS.get(tier, WEIGHTS["C"])
    return found

"""REST of presence."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from bihuan.base.access import Allow, actor_of
from bihuan.capture.presence.queries import online_for, territory_of, versions_in_use, weekly_logins
from bihuan.capture.presence.rules import counted, share
from bihuan.capture.store import StoreNotReady

router = Router(tags=["Presence"])


class AccountOnline(Schema):
    """How many people of an account are online; null stands for people of no account."""

    account_id: int | None
    people: int


class VersionOut(Schema):
    """How many people use a version."""

    version: str
    people: int


class WeekOut(Schema):
    """A week from Monday; `rate` is active of members in percent."""

    monday: date
    active: int
    members: int
    rate: float | None


class PresenceOut(Schema):
    """Who is online within the territory, versions of 28 days, twelve weeks of login rate."""

    people: int
    accounts: list[AccountOnline]
    versions: list[VersionOut]
    weeks: list[WeekOut]


@router.get("/presence", auth=Allow("presence.view"), response=PresenceOut, summary="Who is online now")
def read_presence(request: HttpRequest) -> Any:
    """Online: a product event in the last five minutes. 503 while the store cannot be asked."""
    actor, now = actor_of(request), timezone.now()
    people = online_for(actor=actor, at=now)
    if people is None:
        raise StoreNotReady("The events cannot be asked now; try again in a moment.")
    day, accounts = timezone.localdate(now), territory_of(actor)
    weeks = weekly_logins(day=day, accounts=accounts)
    rates = share([w.active for w in weeks], [w.members for w in weeks])
    return {
        "people": len(people),
        "accounts": [{"account_id": account, "people": n} for account, n in counted(people, lambda one: one.account_id)],
        "versions": [{"version": v, "people": n} for v, n in versions_in_use(day=day, accounts=accounts)],
        "weeks": [{"monday": w.monday, "active": w.active, "members": w.members, "rate": rate}
                  for w, rate in zip(weeks, rates, strict=True)],
    }  # fmt: skip

"""What service a tier gets, and whether we have the people for it."""

from dataclasses import dataclass

from bihuan.base.access import Actor
from bihuan.foresee.tiers.models import Capacity, ServicePolicy
from bihuan.foresee.tiers.queries.standard import POLICIES
from bihuan.foresee.tiers.rules import TIERS, minutes_a_week
from bihuan.know.accounts.models import Account, AccountTeam
from bihuan.know.staff.models import Staff

#: Minutes a week for touching customers of whoever has none of their own: five hours a day.
USUAL_MINUTES = 1_500


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a tier gets: the roles of its team, a touch every so many days of so many minutes, and the working hours until
    the first answer and the solution."""

    tier: str
    roles: tuple[str, ...]
    touch_days: int
    touch_minutes: int
    first_answer_hours: int
    solved_hours: int


def policies() -> dict[str, Policy]:
    """Of every tier; what nobody changed is the standard."""
    own = {row.tier: row for row in ServicePolicy.objects.all()}
    found = {}
    for tier in TIERS:
        row = own.get(tier)
        fields = POLICIES[tier] if row is None else {name: getattr(row, name) for name in POLICIES[tier]}
        found[tier] = Policy(tier=tier, **{**fields, "roles": tuple(fields["roles"])})
    return found


def policy_of(tier: str) -> Policy:
    """What the tier gets; an account without a tier gets what the lowest gets."""
    found = policies()
    return found.get(tier, found[TIERS[-1]])


@dataclass(frozen=True, kw_only=True)
class Load:
    """What the policies ask of one of us: accounts by tier, minutes a week, and the minutes they have. An account counts for
    everybody of its team whose role the policy of its tier names."""

    staff: Staff
    accounts: dict[str, int]
    minutes: float
    capacity: int

    @property
    def number(self) -> int:
        """All of their accounts that count."""
        return sum(self.accounts.values())

    @property
    def share(self) -> float | None:
        """Minutes asked of minutes there are; None without any."""
        return self.minutes / self.capacity if self.capacity else None


def load_of_staff(actor: Actor) -> list[Load]:
    """Of everybody who serves a customer of the territory, the fullest first. Who does not see every customer sees what the
    customers of the territory ask."""
    known = policies()
    tiers = dict(Account.objects.visible_to(actor).exclude(stage="lost").values_list("pk", "tier"))
    counted: dict[int, dict[str, set[int]]] = {}
    for account, staff, role in AccountTeam.objects.values_list("account_id", "staff_id", "role").iterator(
        chunk_size=5_000
    ):
        if account not in tiers:
            continue
        tier = tiers[account] or TIERS[-1]
        if role in known[tier].roles:
            counted.setdefault(staff, {}).setdefault(tier, set()).add(account)
    minutes = dict(Capacity.objects.values_list("staff_id", "minutes"))
    people = Staff.objects.filter(pk__in=counted, is_active=True)
    found = []
    for one in people:
        accounts = {tier: len(counted[one.pk].get(tier, ())) for tier in TIERS}
        asked = sum(
            minutes_a_week(
                accounts=number, touch_days=known[tier].touch_days, minutes=known[tier].touch_minutes
            )
            for tier, number in accounts.items()
        )
        found.append(
            Load(staff=one, accounts=accounts, minutes=asked, capacity=minutes.get(one.pk, USUAL_MINUTES))
        )
    return sorted(found, key=lambda load: (-(load.share or 0), load.staff.name, load.staff.pk))

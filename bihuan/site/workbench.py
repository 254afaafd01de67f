"""Reads of the workbench: who needs us, my follow-ups, my customers, what changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.bus.models import OutboxFact
from bihuan.base.ui import formats
from bihuan.foresee.health.queries import reasons_in_words
from bihuan.know.accounts.models import Account, AccountTeam, FollowUp
from bihuan.serve.tickets.queries import promised_by
from bihuan.site.models import AccountCard, AccountCardQuerySet

SHOWN = 12
KEPT_SECONDS = 20
SCOPES = ("all", "mine", "team")
NEEDING = Q(need__gt=0)


@dataclass(frozen=True, kw_only=True)
class Needing:
    """An account that needs us: its card, why in words, and days to renewal."""

    card: AccountCard
    reasons: list[str]
    days: int | None

    @property
    def url(self) -> str:
        """The account page."""
        return self.card.get_absolute_url()

    @property
    def stake(self) -> str:
        """The value at stake in short."""
        return formats.money(self.card.value_at_stake, short=True)

    @property
    def why(self) -> str:
        """The reasons in one line."""
        return " · ".join(self.reasons)

    @property
    def due(self) -> str:
        """When the first contract ends, in words."""
        if self.days is None:
            return _("open-ended")
        return _("renews in %(days)s") % {"days": formats.days_until(self.days)}

    @property
    def urgency(self) -> str:
        """How the words on the end look: louder when it lies within two months."""
        return "down" if self.days is not None and 0 <= self.days <= 60 else "soft"


@dataclass(frozen=True, kw_only=True)
class NeedsUs:
    """The ranked list with its totals; renewals are those of the next thirty days."""

    rows: list[Needing]
    number: int
    accounts: int
    value: Decimal
    unknown: int
    renewals: int
    renewal_value: Decimal


def cards_in(*, actor: Actor, scope: str) -> AccountCardQuerySet:
    """Cards of the territory, of one's own accounts, or of one's team's."""
    cards = AccountCard.objects.visible_to(actor)
    if scope == "mine":
        return cards.filter(
            account__in=AccountTeam.objects.filter(staff_id=actor.user_id or 0).values("account_id")
        )
    if scope == "team" and actor.team_id is not None:
        team = AccountTeam.objects.filter(staff__team_id=actor.team_id).values("account_id")
        return cards.filter(account__in=team)
    return cards


def needs_us(*, actor: Actor, scope: str, day: date, limit: int = SHOWN) -> NeedsUs:
    """Accounts below healthy, ranked by value at stake × lack of health."""
    cards = cards_in(actor=actor, scope=scope)
    ahead = Q(renews_on__gte=day, renews_on__lt=day + timedelta(days=30))
    totals: dict[str, Any] = remembered(
        f"totals:{scope}:{day}",
        actor=actor,
        find=lambda: cards.aggregate(
            accounts=Count("pk"),
            number=Count("pk", filter=NEEDING),
            value=Sum("value_at_stake", filter=NEEDING),
            unknown=Count("pk", filter=Q(band="unknown")),
            renewals=Count("pk", filter=ahead),
            renewal_value=Sum("arr", filter=ahead),
        ),
    )
    rows = [
        Needing(card=card, reasons=reasons_in_words(card.reasons), days=card.days_to_renewal(on=day))
        for card in cards.needing_us().defer("words", "spark")[:limit]
    ]
    return NeedsUs(
        rows=rows,
        number=totals["number"],
        accounts=totals["accounts"],
        value=totals["value"] or Decimal(0),
        unknown=totals["unknown"],
        renewals=totals["renewals"],
        renewal_value=totals["renewal_value"] or Decimal(0),
    )


def remembered(what: str, *, actor: Actor, find: Callable[[], Any]) -> Any:
    """What `find` says, kept for some seconds for this actor: numbers over all accounts need not be counted each time."""
    key = f"workbench:{what}:{actor.kind}:{actor.user_id}:{get_language()}"
    found = cache.get(key)
    if found is None:
        found = find()
        cache.set(key, found, KEPT_SECONDS)
    return found


@dataclass(frozen=True, kw_only=True)
class Promises:
    """What the actor promised, or was asked: `tickets` whose time limit ends before the day after tomorrow, the longest overdue
    first, of `tickets_due` in all; open questions and tasks, the most urgent first (None: the actor may not see them)."""

    tickets: list[Any]
    tickets_due: int
    follow_ups: list[FollowUp] | None


def promises(*, actor: Actor, now: datetime, tickets: int = 3, follow_ups: int = 20) -> Promises:
    """At most so many of each."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    found: list[Any] = []
    number = 0
    if actor.may("tickets.view"):
        found, number = promised_by(actor, before=today + timedelta(days=2), limit=tickets)
    mine = my_follow_ups(actor=actor, limit=follow_ups) if actor.may("follow_ups.view") else None
    return Promises(tickets=found, tickets_due=number, follow_ups=mine)


def my_follow_ups(*, actor: Actor, limit: int = 20) -> list[FollowUp]:
    """Open questions and tasks for the actor, the most urgent first; those without a day last."""
    mine = FollowUp.objects.filter(
        assignee_id=actor.user_id or 0, done_at=None, kind__in=["question", "task"]
    )
    found = mine.visible_to(actor).select_related("account", "author")
    return sorted(found[:200], key=lambda f: (f.due_on or date.max, f.at))[:limit]


def my_accounts(*, actor: Actor, limit: int = 8) -> list[AccountCard]:
    """Accounts the actor owns or serves, those that need most first."""
    mine = AccountTeam.objects.filter(staff_id=actor.user_id or 0).values("account_id")
    cards = AccountCard.objects.filter(account__in=mine).defer("words", "spark", "reasons")
    return list(cards.order_by("-need", "-arr")[:limit])


@dataclass(frozen=True, kw_only=True)
class Change:
    """A line of "what changed": in words, when, and where it leads."""

    text: str
    icon: str
    url: str
    at: datetime | None = None


FELL = {("green", "amber"), ("green", "red"), ("amber", "red")}


def what_changed(*, actor: Actor, now: datetime, limit: int = 8) -> list[Change]:
    """Since yesterday: bands that moved, and what happened to contracts and tickets, by name or by number."""
    found: list[Change] = remembered(
        "changes", actor=actor, find=lambda: changes_since_yesterday(actor=actor, now=now, limit=limit)
    )
    return found


def changes_since_yesterday(*, actor: Actor, now: datetime, limit: int) -> list[Change]:
    """`what_changed`, worked out."""
    start = timezone.make_aware(
        datetime.combine(timezone.localtime(now).date() - timedelta(days=1), datetime.min.time())
    )
    rows = OutboxFact.objects.filter(at__gte=start, at__lte=now, account_id__isnull=False)
    shown = ["ticket_opened", "ticket_solved"]
    shown += ["health_band_changed"] if actor.may("health.view") else []
    shown += ["contract_added"] if actor.may("contracts.view") else []
    rows = rows.filter(name__in=shown)
    if actor.reach != "all":
        rows = rows.filter(account_id__in=Account.objects.visible_to(actor).values("pk"))
    moved = rows.filter(name="health_band_changed").order_by("-at").values_list("account_id", "payload", "at")
    fell, rose = [], 0
    for account_id, payload, at in moved:
        if (payload.get("before"), payload.get("after")) in FELL:
            fell.append((account_id, at))
        elif (payload.get("after"), payload.get("before")) in FELL:
            rose += 1
    named = fell[: limit - 4]
    names = dict(Account.objects.filter(pk__in=[pk for pk, _at in named]).values_list("pk", "name"))
    changes = []
    for account_id, at in named:
        text = _("%(name)s fell a band") % {"name": names.get(account_id or 0, "")}
        changes.append(Change(text=text, icon="trending-down", url=f"/accounts/{account_id}/", at=at))
    if len(fell) > len(changes):
        more = len(fell) - len(changes)
        text = ngettext("%(n)d more account fell a band", "%(n)d more accounts fell a band", more) % {
            "n": more
        }
        changes.append(Change(text=text, icon="trending-down", url="/accounts/?sort=health_delta"))
    if rose:
        text = ngettext("%(n)d account rose a band", "%(n)d accounts rose a band", rose) % {"n": rose}
        changes.append(Change(text=text, icon="trending-up", url="/accounts/?sort=-health_delta"))
    counts = dict(rows.exclude(name="health_band_changed").values_list("name").annotate(Count("pk")))
    return changes + counted(counts)


def counted(counts: dict[str, int]) -> list[Change]:
    """Contracts and tickets by number."""
    found = []
    if n := counts.get("contract_added", 0):
        text = ngettext("%(n)d contract was added", "%(n)d contracts were added", n) % {"n": n}
        found.append(Change(text=text, icon="file-text", url="/contracts/"))
    if n := counts.get("ticket_opened", 0):
        text = ngettext("%(n)d ticket was opened", "%(n)d tickets were opened", n) % {"n": n}
        found.append(Change(text=text, icon="headset", url="/tickets/"))
    if n := counts.get("ticket_solved", 0):
        text = ngettext("%(n)d ticket was solved", "%(n)d tickets were solved", n) % {"n": n}
        found.append(Change(text=text, icon="circle-check", url="/tickets/"))
    return found

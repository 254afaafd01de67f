"""The time line of an account: use, people, service, money and what the team did, the newest first."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.access import Actor
from bihuan.base.bus.models import OutboxFact
from bihuan.base.ui import formats
from bihuan.earn.contracts.queries import contracts_of
from bihuan.know.accounts.models import Account, Membership, Person
from bihuan.serve.tickets.queries import tickets_of
from bihuan.site import usage
from bihuan.site.facts import KINDS, WORDINGS, words_for

PAGE = 30
PERMISSIONS = {
    "usage": "usage.view",
    "people": "people.view",
    "service": "tickets.view",
    "money": "contracts.view",
    "team": "follow_ups.view",
    "signals": "signals.view",
}


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One line: when, of what kind, in words, by whom, where it leads. `whole_day` has no time of day."""

    at: datetime
    kind: str
    icon: str
    text: str
    who: str = ""
    url: str = ""
    whole_day: bool = False


def kinds_for(actor: Actor) -> list[tuple[str, str]]:
    """The filters the actor may use."""
    return [(kind, str(title)) for kind, title in KINDS.items() if actor.may(PERMISSIONS[kind])]


def moments(*, account: Account, actor: Actor, kind: str, before: datetime, now: datetime) -> list[Moment]:
    """The newest lines before a moment, of one kind or of all the actor may see."""
    wanted = [name for name, _title in kinds_for(actor) if kind in ("", name)]
    found: list[Moment] = []
    if "usage" in wanted:
        found += (
            single_use(account=account, before=before)
            if kind == "usage"
            else days_of_use(account=account, before=before)
        )
    if "service" in wanted:
        found += service(account=account, before=before)
    if "money" in wanted:
        found += money(account=account, before=before, now=now)
    if "people" in wanted:
        found += people(account=account, before=before)
    found += facts(account=account, kinds=wanted, before=before)
    return sorted((m for m in found if m.at < before), key=lambda m: m.at, reverse=True)[:PAGE]


def days_of_use(*, account: Account, before: datetime) -> Iterator[Moment]:
    """A day of use in one line: people, events, what they used most."""
    for row in usage.daily_use(account_id=account.pk, before=before, days=PAGE):
        people = ngettext("%(n)d person", "%(n)d people", row["people"]) % {"n": row["people"]}
        events = ngettext("%(n)s event", "%(n)s events", row["events"]) % {"n": formats.number(row["events"])}
        text = f"{people} · {events} — {', '.join(row['top'])}"
        yield Moment(at=row["last"], kind="usage", icon="activity", text=text)


def single_use(*, account: Account, before: datetime) -> Iterator[Moment]:
    """Single product events."""
    rows = usage.single_events(account_id=account.pk, before=before, limit=PAGE)
    names = Person.objects.in_bulk({row["person_id"] for row in rows if row["person_id"]})
    for row in rows:
        person = names.get(row["person_id"])
        yield Moment(at=row["ts"], kind="usage", icon="activity", text=row["name"], who=str(person or ""))


def service(*, account: Account, before: datetime) -> Iterator[Moment]:
    """Tickets opened and solved."""
    for ticket in tickets_of(account_id=account.pk, before=before, limit=PAGE):
        url = f"/tickets/{ticket.pk}/"
        opened = _("Ticket opened (%(priority)s): %(subject)s") % {
            "priority": ticket.get_priority_display(),
            "subject": ticket.subject,
        }
        yield Moment(
            at=ticket.opened_at,
            kind="service",
            icon="headset",
            text=opened,
            who=str(ticket.person or ""),
            url=url,
        )
        if ticket.resolved_at is not None:
            solved = _("Ticket solved after %(hours)s h: %(subject)s") % {
                "hours": formats.number((ticket.resolved_at - ticket.opened_at).total_seconds() / 3600, 1),
                "subject": ticket.subject,
            }
            who = str(ticket.assignee or "")
            yield Moment(
                at=ticket.resolved_at, kind="service", icon="circle-check", text=solved, who=who, url=url
            )


def money(*, account: Account, before: datetime, now: datetime) -> Iterator[Moment]:
    """Contracts that start and end; ends that lie ahead stand in the panel, not here."""
    for contract in contracts_of(account_id=account.pk):
        paid = formats.money(getattr(contract, "paid", 0), contract.currency)
        names = {"name": str(contract), "paid": paid}
        text = _("Contract %(name)s starts: %(paid)s a month") % names
        url = f"/contracts/{contract.pk}/"
        yield Moment(
            at=noon(contract.starts_on), kind="money", icon="file-text", text=text, url=url, whole_day=True
        )
        if contract.ends_on is not None and noon(contract.ends_on) < now:
            text = _("Contract %(name)s ends") % names
            yield Moment(
                at=noon(contract.ends_on), kind="money", icon="file-text", text=text, url=url, whole_day=True
            )


def people(*, account: Account, before: datetime) -> Iterator[Moment]:
    """Who joined and who left; several on one day in one line."""
    day = timezone.localtime(before).date()
    rows = Membership.objects.filter(account=account).select_related("person")
    joined: dict[date, list[str]] = defaultdict(list)
    left: dict[date, list[str]] = defaultdict(list)
    for row in rows.filter(starts_on__lte=day).order_by("-starts_on")[: 10 * PAGE]:
        joined[row.starts_on].append(str(row.person))
    for row in rows.filter(ends_on__lte=day).order_by("-ends_on")[: 10 * PAGE]:
        left[row.ends_on or day].append(str(row.person))
    for on, names in joined.items():
        text = _("Joined: %(people)s") % {"people": some(names)}
        yield Moment(at=noon(on), kind="people", icon="user-plus", text=text, whole_day=True)
    for on, names in left.items():
        text = _("Left: %(people)s") % {"people": some(names)}
        yield Moment(at=noon(on), kind="people", icon="user", text=text, whole_day=True)


def some(names: list[str]) -> str:
    """A few names, and how many more."""
    if len(names) <= 3:
        return formats.listed(names)
    return _("%(some)s and %(more)d more") % {"some": formats.listed(names[:3]), "more": len(names) - 3}


def facts(*, account: Account, kinds: list[str], before: datetime) -> Iterator[Moment]:
    """What the platform recorded: notes, tasks, changes, health."""
    names = [name for name, wording in WORDINGS.items() if wording.kind in kinds]
    rows = OutboxFact.objects.filter(account_id=account.pk, at__lt=before, name__in=names)
    for row in rows.order_by("-at")[:PAGE]:
        wording = words_for(row.name)
        if wording is not None:
            who = row.actor_name if row.actor_kind == "staff" else ""
            yield Moment(
                at=row.at, kind=wording.kind, icon=wording.icon, text=wording.say(row.payload), who=who
            )


def noon(day: date) -> datetime:
    """A day without a time stands at its noon in the organisation's zone."""
    return timezone.make_aware(datetime.combine(day, time(12)))


def by_day(found: list[Moment], *, now: datetime) -> list[tuple[str, str, list[Moment]]]:
    """Lines grouped by calendar day: the day in words, the date, its lines."""
    groups: list[tuple[str, str, list[Moment]]] = []
    for moment in found:
        day = timezone.localtime(moment.at).date()
        if not groups or groups[-1][1] != day.isoformat():
            words = formats.relative_day(day, today=timezone.localtime(now).date())
            groups.append((words, day.isoformat(), []))
        groups[-1][2].append(moment)
    return groups


def next_before(found: list[Moment]) -> datetime | None:
    """Where the following page starts; None at the end."""
    return found[-1].at if len(found) == PAGE else None

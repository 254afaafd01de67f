"""Whom a message is for: chosen by region, stage, segment and who is online, and who is left out, and why."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.act.reach.models import (
    ROBOTS,
    TO_A_PERSON,
    Channel,
    Kind,
    Message,
    State,
    Template,
    Why,
    current_limits,
)
from bihuan.act.reach.queries.consent import declined_among
from bihuan.act.reach.queries.limits import WEEK, is_limited
from bihuan.act.reach.queries.texts import rendered
from bihuan.act.reach.rules.mail import is_address
from bihuan.act.reach.rules.robots import MOST_BYTES
from bihuan.base.access import Actor
from bihuan.capture.presence.queries import online as online_people
from bihuan.capture.presence.queries import online_for
from bihuan.know.accounts.models import Account, Membership, Person
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.segments.queries import members, resolve

#: One sending by hand goes to so many at most.
MOST = 5_000


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """One message to be: about which account, to whom (None: the group or program of the channel)."""

    account: Account
    person: Person | None


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """So many are not written to, for this reason; `some` of them by name."""

    why: Why
    number: int
    some: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Who gets it, and who does not. `only`: what an inbox looks at again whenever it shows the message; `online_now`: of a
    message that is shown to those online, how many of the chosen are so at this moment (None: not so, or nobody can tell)."""

    chosen: tuple[Chosen, ...]
    left_out: tuple[LeftOut, ...]
    only: Mapping[str, Any] = field(default_factory=dict)
    online_now: int | None = None


def audience_of(
    *, actor: Actor, channel: Channel, at: datetime, template: Template | None = None, region_id: int | None = None,
    stage: str = "", tier: str = "", segment: str = "", account_ids: Collection[int] = (), online: bool = False,
) -> Audience:  # fmt: skip
    """Within the actor's territory; nobody twice. Who is online decides at once, but in an inbox whenever the message is shown,
    and so do region, stage, tier and segment there. ValidationError when it is too large or the segment is unknown."""
    accounts = Account.objects.visible_to(actor)
    if region_id is not None:
        accounts = accounts.filter(region_id=region_id)
    if stage:
        accounts = accounts.filter(stage=stage)
    if tier:
        accounts = accounts.filter(tier=tier)
    if account_ids:
        accounts = accounts.filter(pk__in=list(account_ids))
    people_of_segment: set[int] | None = None
    if segment:
        unit, ids = _segment(segment, actor=actor, at=at)
        if unit == "account":
            accounts = accounts.filter(pk__in=ids)
        else:
            people_of_segment = ids
    if channel.kind in TO_A_PERSON:
        found = _people(
            accounts, channel=channel, at=at, segment=people_of_segment, online=online, actor=actor
        )
        if channel.kind != Kind.IN_APP:
            return found
        said = {"online": online, "region_id": region_id, "stage": stage, "tier": tier, "segment": segment}
        only = {name: value for name, value in said.items() if value}
        return replace(found, only=only, online_now=_online_of(found, at=at) if online else None)
    if people_of_segment is not None:
        raise ValidationError(
            {"segment": _("A group or a program is reached by accounts: choose a segment of accounts.")}
        )
    return _groups(accounts, channel=channel, at=at, template=template, actor=actor)


def _segment(key: str, *, actor: Actor, at: datetime) -> tuple[str, set[int]]:
    try:
        found = members(segment=resolve(key, actor=actor), actor=actor, as_of=timezone.localdate(at))
    except QuestionError as error:
        raise ValidationError({"segment": str(error)}) from None
    return found.unit, set(found.ids.tolist())


def _people(
    accounts: Any, *, channel: Channel, at: datetime, segment: set[int] | None, online: bool, actor: Actor
) -> Audience:  # fmt: skip
    today = timezone.localdate(at)
    rows = Membership.objects.valid_on(today).filter(
        account__in=accounts.values("pk"), person__anonymous=False, person__merged_into=None
    )
    waits = online and channel.kind == Kind.IN_APP
    if online and not waits:
        there = {one.person_id for one in online_for(actor=actor, at=at) or []}
        segment = there if segment is None else segment & there
    if segment is not None:
        rows = rows.filter(person_id__in=segment)
    found: dict[int, Chosen] = {}
    for row in rows.select_related("person", "account").order_by("person_id", "-starts_on")[: 4 * MOST + 1]:
        found.setdefault(row.person_id, Chosen(account=row.account, person=row.person))
    if len(found) > MOST:
        raise ValidationError(_("These are more than %(n)s: narrow it down.") % {"n": MOST})
    return _sorted_out(
        list(found.values()), channel=channel, at=at, template=None, counts=is_limited(channel) and not waits
    )


def _online_of(found: Audience, *, at: datetime) -> int | None:
    there = online_people(at=at)
    if there is None:
        return None
    return len({one.person.pk for one in found.chosen if one.person} & {one.person_id for one in there})


def _groups(
    accounts: Any, *, channel: Channel, at: datetime, template: Template | None, actor: Actor
) -> Audience:
    if channel.account_id is not None:
        accounts = accounts.filter(pk=channel.account_id)
    rows = list(accounts.order_by("name", "pk")[: MOST + 1])
    if len(rows) > MOST:
        raise ValidationError(_("These are more than %(n)s: narrow it down.") % {"n": MOST})
    return _sorted_out(
        [Chosen(account=row, person=None) for row in rows], channel=channel, at=at, template=template,
        counts=is_limited(channel),
    )  # fmt: skip


def _sorted_out(
    found: list[Chosen], *, channel: Channel, at: datetime, template: Template | None, counts: bool
) -> Audience:
    """As sending will see it: consent, addresses, limits (which count what is chosen here too) where they count."""
    limits, since = current_limits(), at - WEEK
    people = [one.person.pk for one in found if one.person is not None]
    declined = declined_among(people, kind=channel.kind)
    sent = Message.objects.filter(state=State.SENT, sent_at__gt=since)
    per_person: Counter[int] = Counter(dict(
        sent.filter(person__in=people).order_by().values_list("person_id").annotate(n=Count("pk"))
    ))  # fmt: skip
    per_account: Counter[int] = Counter(dict(
        sent.filter(account__in=[one.account.pk for one in found]).exclude(channel__kind=Kind.WEBHOOK)
        .exclude(channel__kind__in=ROBOTS, channel__account=None).order_by().values_list("account_id").annotate(n=Count("pk"))
    ))  # fmt: skip
    chosen: list[Chosen] = []
    out: dict[Why, list[str]] = {}
    for one in found:
        why = _why_not(one, channel=channel, declined=declined, template=template)
        if why is None and counts and one.person is not None and limits.person_week:
            why = Why.PERSON_LIMIT if per_person[one.person.pk] >= limits.person_week else None
        if (
            why is None
            and counts
            and limits.account_week
            and per_account[one.account.pk] >= limits.account_week
        ):
            why = Why.ACCOUNT_LIMIT
        if why is None:
            chosen.append(one)
            per_account[one.account.pk] += 1
        else:
            out.setdefault(why, []).append(str(one.person or one.account))
    left = [LeftOut(why=why, number=len(names), some=tuple(names[:5])) for why, names in out.items()]
    return Audience(chosen=tuple(chosen), left_out=tuple(left))


def _why_not(one: Chosen, *, channel: Channel, declined: set[int], template: Template | None) -> Why | None:
    if one.person is not None and one.person.pk in declined:
        return Why.OPTED_OUT
    if channel.kind == Kind.EMAIL and not (one.person and is_address(one.person.email)):
        return Why.NO_ADDRESS
    if channel.kind == Kind.CALL and not one.account.team.filter(is_owner=True).exists():
        return Why.NO_OWNER
    if channel.kind in ROBOTS and template is not None:
        text = rendered(template=template, account=one.account, person=None, my_name="")
        if len(f"{text.subject}\n{text.body}".encode()) > MOST_BYTES[channel.kind]:
            return Why.TOO_LONG
    return None

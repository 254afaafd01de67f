"""Whom new signals are told: their owners as a notice, everybody else as a fact."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bihuan.base.access import Actor, Reach
from bihuan.base.notices import notice_kind
from bihuan.base.notices.actions import notify
from bihuan.foresee.signals.events import SignalRaised
from bihuan.foresee.signals.models import KindOfSignal, OwnerRule, Severity, Signal
from bihuan.foresee.signals.queries import titles
from bihuan.know.accounts.models import Account, AccountTeam
from bihuan.know.staff.models import Staff

NOTICE = "signals.raised"
#: So many of one kind are told one by one; more in one sentence.
ONE_BY_ONE = 3


def _say(args: Mapping[str, Any]) -> str:
    number = int(args.get("number", 1))
    title = titles().get(str(args.get("kind")), str(args.get("kind")))
    if number == 1:
        return _("%(kind)s: %(about)s") % {"kind": title, "about": args.get("about", "")}
    return ngettext("%(n)d new signal: %(kind)s", "%(n)d new signals: %(kind)s", number) % {
        "n": number,
        "kind": title,
    }


notice_kind(
    NOTICE,
    title=gettext_lazy("Signals about my customers"),
    say=_say,
    icon="bell",
    order=30,
    permission="signals.view",
)


def fact_of(row: Signal) -> SignalRaised:
    """What is published of a new signal."""
    return SignalRaised(
        signal_id=row.pk, kind=row.kind, account_id=row.account_id, product_id=row.product_id, metric=row.metric,
        day=row.day.isoformat(), seen=row.seen, severity=Severity(row.severity).name.lower(), person_id=row.person_id,
        region_id=row.region_id, feature=row.feature, owner_id=row.owner_id,
    )  # fmt: skip


def owners_of(rows: Sequence[Signal], *, kind: KindOfSignal | None) -> dict[int | None, int]:
    """Who owns the signals of a kind, by account (None: those about no account). Who may not see them owns none."""
    rule = kind.owner_rule if kind is not None else OwnerRule.OWNER
    needs = {row.needs for row in rows if row.needs}
    found: dict[int | None, int] = {}
    if rule == OwnerRule.STAFF and kind is not None and kind.staff_id is not None:
        inside = _inside(rows, staff=kind.staff)
        found = {row.account_id: kind.staff_id for row in rows if row.account_id in inside}
    elif rule != OwnerRule.NOBODY:
        accounts = {row.account_id for row in rows if row.account_id is not None}
        team = AccountTeam.objects.order_by("-staff_id")
        team = team.filter(is_owner=True) if rule == OwnerRule.OWNER else team.filter(role=rule)
        if len(accounts) <= 500:
            team = team.filter(account__in=accounts)
        found = {pk: staff for pk, staff in team.values_list("account_id", "staff_id") if pk in accounts}
    able = {
        one.pk for one in Staff.objects.filter(pk__in=set(found.values()), is_active=True).prefetch_related("regions")
        if _may_see(one.actor(), needs)
    }  # fmt: skip
    return {account: staff for account, staff in found.items() if staff in able}


def _inside(rows: Sequence[Signal], *, staff: Staff | None) -> set[int | None]:
    """The accounts of the rows (None: of those about no account) that lie in the person's territory."""
    if staff is None:
        return set()
    actor, found = staff.actor(), {row.account_id for row in rows}
    if actor.reach == Reach.ALL:
        return found
    accounts = [pk for pk in found if pk is not None]
    found = set(Account.objects.visible_to(actor).filter(pk__in=accounts).values_list("pk", flat=True))
    others = {row.region_id for row in rows if row.account_id is None}
    if others and actor.reach == Reach.REGION and others <= actor.region_ids:
        found.add(None)
    return found


def _may_see(actor: Actor, needs: Iterable[str]) -> bool:
    return actor.may("signals.view") and all(actor.may(one) for one in needs)


def tell_owners(rows: Sequence[Signal], *, by: Actor, at: datetime) -> None:
    """A notice for each, or one for many of one kind."""
    groups: dict[tuple[int, str], list[Signal]] = {}
    for row in rows:
        if row.owner_id is not None:
            groups.setdefault((row.owner_id, row.kind), []).append(row)
    for (owner, kind), mine in groups.items():
        if len(mine) > ONE_BY_ONE:
            url = f"{reverse('signals:list')}?state=open&kind={kind}"
            notify(
                users=[owner], kind=NOTICE, args={"kind": kind, "number": len(mine)}, url=url, by=by, at=at
            )
            continue
        for row in mine:
            # A notice outlives the erasure of a person: it names their account.
            about = row.about if row.person_id is None else str(row.account or "")
            args = {"kind": kind, "about": about, "number": 1}
            notify(
                users=[owner],
                kind=NOTICE,
                args=args,
                url=reverse("signals:page", args=[row.pk]),
                by=by,
                at=at,
            )

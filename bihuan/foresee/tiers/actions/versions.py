"""Changing the rules, and applying them: every edit is a new version, and nobody moves before it is applied."""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bihuan.base.access import Actor, system_actor
from bihuan.base.bus import publish
from bihuan.base.decisions import Table
from bihuan.base.jobs import enqueue
from bihuan.base.jobs.models import Job
from bihuan.base.measures import measures
from bihuan.foresee.tiers.actions.moving import move
from bihuan.foresee.tiers.events import TierRulesChanged, TiersApplied
from bihuan.foresee.tiers.models import TierException, TierRules, Why
from bihuan.foresee.tiers.queries import Move, moves_by, table_of
from bihuan.foresee.tiers.queries.standard import STANDARD
from bihuan.foresee.tiers.rules import RulesError, as_dmn, read_rules
from bihuan.know.accounts.models import Account

BATCH = 200
APPLY = "tiers.apply"


def checked(xml: str) -> Table:
    """The rules of a DMN file; ValidationError names each row and problem."""
    try:
        return read_rules(xml, measures=list(measures()))
    except RulesError as error:
        raise ValidationError({"rules": error.problems}) from None


@transaction.atomic
def save_rules(*, xml: str, by: Actor, at: datetime, note: str = "") -> TierRules:
    """Put rules in force as the next version; nothing happens when they are the same. Nobody moves before `apply_rules`."""
    checked(xml)
    active = TierRules.objects.select_for_update().filter(active=True).first()
    if active is not None and active.xml == xml:
        return active
    last = TierRules.objects.aggregate(last=Max("version"))["last"] or 0
    TierRules.objects.filter(active=True).update(active=False)
    row = TierRules.objects.create(
        version=last + 1, xml=xml, note=note[:200], active=True, created_by=by.name, created_at=at
    )
    publish(TierRulesChanged(version=row.version, note=row.note), by=by, at=at)
    return row


def ensure_rules(*, at: datetime) -> TierRules:
    """The rules in force; the first ones are the standard."""
    found = TierRules.objects.filter(active=True).first()
    return found or save_rules(
        xml=as_dmn(STANDARD), by=system_actor("Bihuan"), at=at, note=gettext_noop("Standard rules")
    )


def ask_to_apply(*, by: Actor, at: datetime) -> Job:
    """Let a job apply the rules in the actor's territory; asked again while it waits, it is applied once. ValidationError for
    rules that cannot be read."""
    checked(ensure_rules(at=at).xml)
    return enqueue(APPLY, by=by, at=at, unique_key=f"{APPLY}:{by.user_id}")


def apply_rules(*, by: Actor, at: datetime, progress: Callable[[int, int], None] | None = None) -> list[Move]:
    """Move every account of the actor's territory to where the rules in force, and its exception, put it, as of today; the
    moves. An account that no rule fits stays. Written in batches, each a transaction; applying again moves nobody."""
    row = ensure_rules(at=at)
    day = timezone.localdate(at)
    try:
        found = moves_by(table_of(row), day=day, actor=by)
    except RulesError as error:
        raise ValidationError({"rules": error.problems}) from None
    reasons = dict(TierException.objects.filter(ended_at=None).values_list("account_id", "reason"))
    for start in range(0, len(found.moves), BATCH):
        batch = found.moves[start : start + BATCH]
        with transaction.atomic():
            accounts = Account.objects.in_bulk([one.account_id for one in batch])
            for one in batch:
                why = Why.EXCEPTION if one.exception else Why.RULES
                move(
                    account=accounts[one.account_id], tier=one.after, why=why, by=by, at=at,
                    version=None if one.exception else row.version, row=None if one.exception else one.row,
                    reason=reasons.get(one.account_id, "") if one.exception else "",
                )  # fmt: skip
        if progress is not None:
            progress(start + len(batch), len(found.moves))
    with transaction.atomic():
        TierRules.objects.filter(pk=row.pk).update(applied_at=at)
        publish(
            TiersApplied(version=row.version, moved=len(found.moves), without_rule=found.without_rule),
            by=by,
            at=at,
        )
    return found.moves


@transaction.atomic
def restore_rules(*, version: TierRules, by: Actor, at: datetime) -> TierRules:
    """An earlier version's rules, in force again as a new one."""
    return save_rules(
        xml=version.xml, note=_("Version %(n)d restored") % {"n": version.version}, by=by, at=at
    )

"""Starting an instance."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.act.bpmn.running import RunStopped
from bihuan.act.processes.models import Process, State
from bihuan.act.work.actions.filling import filled, stopped
from bihuan.act.work.actions.moving import Move
from bihuan.act.work.actions.picking import picked
from bihuan.act.work.actions.talking import no_strays
from bihuan.act.work.events import ProcessStarted
from bihuan.act.work.models import Heard, Instance
from bihuan.act.work.models.instances import LIVE
from bihuan.base.access import Actor
from bihuan.know.accounts.models import Account


@no_strays()
@transaction.atomic
def start_process(
    *, process: Process, by: Actor, at: datetime, values: Mapping[str, Any] | None = None, account: Account | None = None,
    title: str = "", key: str = "", once: str = "",
) -> Instance:  # fmt: skip
    """A new instance on the published version. `values` answer the form of the start event, or are what a machine gives;
    `key` keeps a second live instance of the same matter from starting; `once` is the name of what started it. ValidationError
    names the field."""
    version = process.versions.filter(state=State.PUBLISHED).first()
    if version is None or process.retired_at is not None:
        raise ValidationError({"process": _("“%(name)s” has no published version.") % {"name": process}})
    if key and Instance.objects.filter(process=process, key=key, state__in=LIVE).exists():
        raise ValidationError({"key": _("An instance with the key “%(key)s” runs already.") % {"key": key}})
    about = str(account) if account is not None else ""
    instance = Instance(
        process=process, version=version, account=account, key=key, started_at=at, started_by_id=by.user_id,
        started_by_name=by.name, title=(title or " · ".join(part for part in (str(process), about) if part))[:200],
    )  # fmt: skip
    instance.full_clean(exclude=["process", "version", "account", "started_by", "values"])
    instance.save()
    if once:
        Heard.objects.create(instance=instance, once=once, at=at)
    move = Move(instance, by=by, at=at)
    asked = move.diagram.start_fields
    answers = filled(asked, values or {}) if asked else dict(values or {})
    answers = picked(asked, answers, instance=instance, by=by, at=at)
    first = answers | _given(instance, account=account)
    try:
        move.begin(first)
        passed = [one.element for one in move.run.moved]
        instance.values = first
        move.tell(ProcessStarted(**move.place, about=instance.title, passed=passed))
        move.settle()
        move.keep()
    except RunStopped as error:
        raise stopped(error, move=move) from None
    return instance


def _given(instance: Instance, *, account: Account | None) -> dict[str, Any]:
    """What every instance begins with."""
    found: dict[str, Any] = {"title": instance.title, "started_by": instance.started_by_name}
    if account is not None:
        found["account"] = {
            "id": account.pk, "key": account.key, "name": account.name, "tier": account.tier, "stage": account.stage,
            "industry": account.industry,
        }  # fmt: skip
    return found

"""A proposal that nobody has decided is taken back: as if it had never been made."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.act.plays.events import PlayWithdrawn
from bihuan.act.plays.models import Arm, PlayRun, State
from bihuan.act.work.actions import cancel_instance
from bihuan.act.work.models import WorkItem
from bihuan.act.work.models.items import WAITING
from bihuan.base.access import Actor
from bihuan.base.bus import publish


@transaction.atomic
def withdraw_run(*, run_id: int, by: Actor, at: datetime) -> None:
    """Off the bench and gone, so that the account does not rest because of it; the same origin may propose again. One that
    chance began stays, and one that somebody decided too: ValidationError."""
    row = PlayRun.objects.select_for_update(of=("self",)).select_related("play", "account").get(pk=run_id)
    if row.by_trigger or (row.state != State.PROPOSED and row.arm != Arm.HELD):
        raise ValidationError(
            {"state": _("This is decided already: %(state)s.") % {"state": row.get_state_display()}}
        )
    item = (
        WorkItem.objects.filter(pk=row.item, state__in=WAITING).select_related("instance").first()
        if row.item
        else None
    )
    if item is not None:
        cancel_instance(instance=item.instance, reason=_("The proposal was taken back."), by=by, at=at)
    about = row.about
    row.delete()
    publish(PlayWithdrawn(**about), by=by, at=at)

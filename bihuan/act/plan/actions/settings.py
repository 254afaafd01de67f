"""What the planner is told."""

from datetime import datetime

from django.db import transaction

from bihuan.act.plan.events import PlanSettingsChanged
from bihuan.act.plan.models import PlanSettings
from bihuan.act.plan.queries import settings_of_plan
from bihuan.base.access import Actor
from bihuan.base.bus import publish

FIELDS = ("practical", "explore", "touch_penalty", "usual_minutes")


@transaction.atomic
def change_settings(*, by: Actor, at: datetime, **fields: int) -> PlanSettings:
    """Of FIELDS, from the next plan on; nothing happens when nothing differs. ValidationError names the field."""
    row = settings_of_plan()
    before = {name: getattr(row, name) for name in FIELDS}
    for name, value in fields.items():
        setattr(row, name, value)
    row.full_clean()
    changed = [name for name in FIELDS if getattr(row, name) != before[name]]
    if changed:
        row.save()
        after = {name: getattr(row, name) for name in changed}
        publish(
            PlanSettingsChanged(before={name: before[name] for name in changed}, after=after), by=by, at=at
        )
    return row

"""Two plays that ship get the words of today where nobody wrote others: every change of a play is a fact, and facts are kept.

A champion who left was counted as in touch by the old goal; use that falls was looked at over 112 days, which a younger
customer does not have, while the signal that sets it off looks at 28.
"""

from typing import Any

from django.db import migrations

TODAY: dict[str, dict[str, Any]] = {
    "champion_change": {
        "goal": {
            "rule": "m.champion_silent_days < 14.0 && m.key_people_left < 1.0",
            "title": "A champion in touch again", "title_zh": "重新与支持者建立联系",
        },
    },
    "usage_fall": {
        "audience": "account.stage != 'lost' && (m.usage_month < 0.0 || m.days_silent >= 21.0)",
        "goal": {"rule": "m.usage_month >= 0.0", "title": "Use no longer falls", "title_zh": "使用量止跌回升"},
    },
}  # fmt: skip


def renew(apps: Any, schema_editor: Any) -> None:
    plays, facts = apps.get_model("plays", "Play"), apps.get_model("bus", "OutboxFact")
    for row in plays.objects.filter(shipped=True, key__in=TODAY):
        told = facts.objects.filter(name="play_changed", payload__play=row.key).values_list("payload", flat=True)
        if any(set(one.get("after") or ()) & set(TODAY[row.key]) for one in told):
            continue
        plays.objects.filter(pk=row.pk).update(**TODAY[row.key])


class Migration(migrations.Migration):
    dependencies = [("plays", "0003_despite_and_danger"), ("bus", "0001_initial")]

    operations = [migrations.RunPython(renew, migrations.RunPython.noop)]

from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Least


def estimate(apps, schema_editor):
    """What was done before anybody could say how long it took: at most half an hour of ours an item."""
    items = apps.get_model("work", "WorkItem").objects.filter(work_seconds__isnull=False)
    ours = items.exclude(kind="automatic").exclude(role__in=("customer", "partner")).exclude(state="skipped")
    items.update(effort_seconds=0)
    ours.update(effort_seconds=Least(F("work_seconds"), Value(1800)))


class Migration(migrations.Migration):

    dependencies = [("work", "0003_signed_votes")]

    operations = [
        migrations.AddField("workitem", "effort_seconds", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField(
            "workitem",
            "minutes",
            models.PositiveIntegerField(blank=True, null=True, verbose_name="minutes it took"),
        ),
        migrations.RunPython(estimate, migrations.RunPython.noop),
    ]

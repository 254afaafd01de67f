"""Whether a reached goal keeps revenue or gains it; of the plays that ship two gain."""

from typing import Any

from django.db import migrations, models


def say(apps: Any, schema_editor: Any) -> None:
    apps.get_model("plays", "Play").objects.filter(shipped=True, key__in=["expansion", "advocate"]).update(aim="gain")


class Migration(migrations.Migration):
    dependencies = [("plays", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="play",
            name="aim",
            field=models.CharField(
                choices=[
                    ("keep", "Keeps revenue: worth more where the risk is high"),
                    ("gain", "Gains revenue: whatever the risk"),
                ],
                default="keep",
                max_length=4,
                verbose_name="what a goal does",
            ),
        ),
        migrations.RunPython(say, migrations.RunPython.noop),
    ]

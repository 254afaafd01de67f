"""Until now nobody kept what stance, influence and last contact were before: a fact says of each place that nothing is known of
the time until this one, so that no later value is read into it."""

from typing import Any

from django.db import migrations
from django.utils import timezone

NOTHING_KNOWN = {"stance": None, "influence": None, "last_contact_on": None}
BATCH = 5_000


def begin(apps: Any, schema_editor: Any) -> None:
    places = list(apps.get_model("chain", "ChainMember").objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(places), BATCH):
        before = {str(pk): NOTHING_KNOWN for pk in places[start : start + BATCH]}
        apps.get_model("bus", "OutboxFact").objects.create(
            name="chain_history_begun", at=timezone.now(), actor_kind="system", actor_name="upgrade",
            payload={"before": {"chain_chainmember": before}},
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("chain", "0001_initial"), ("bus", "0001_initial")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]

from django.db import migrations
from django.utils import timezone


def add_internal(apps, schema_editor):
    apps.get_model("sources", "Source").objects.update_or_create(
        pk=0, defaults={"code": "bihuan", "name": "Bihuan", "kind": "internal", "created_at": timezone.now()}
    )


class Migration(migrations.Migration):
    dependencies = [("sources", "0001_initial")]
    operations = [migrations.RunPython(add_internal, migrations.RunPython.noop)]

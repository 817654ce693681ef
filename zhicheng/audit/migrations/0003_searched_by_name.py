"""An index by which the auditor finds who acted."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0002_append_only")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["actor_name"], name="audit_by_name", opclasses=["varchar_pattern_ops"]
            ),
        ),
    ]

"""Indexes by which lists and the search box find a beginning of a number or a name."""

from typing import ClassVar

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("verification", "0006_batches"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="legacyrecord",
            index=models.Index(
                fields=["certificate_number"],
                name="legacy_by_number_beginning",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="legacyrecord",
            index=models.Index(
                fields=["name"], name="legacy_by_name", opclasses=["varchar_pattern_ops"]
            ),
        ),
    ]

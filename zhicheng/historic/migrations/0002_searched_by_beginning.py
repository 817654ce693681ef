"""Indexes by which lists and the search box find a beginning of a number or a name."""

from typing import ClassVar

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("certificates", "0010_searched_by_beginning"),
        ("historic", "0001_ledgers_and_registrations"),
        ("organizations", "0002_employers"),
        ("verification", "0007_searched_by_beginning"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                fields=["certificate_number"],
                name="registration_by_old_number",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                fields=["name"], name="registration_by_name", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(fields=["id_number_index"], name="registration_by_id_number"),
        ),
    ]

"""Indexes by which lists and the search box find a beginning of a number or a name."""

from typing import ClassVar

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("approvals", "0002_review_records"),
        ("organizations", "0002_employers"),
        ("selfissued", "0003_numbers_and_reports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="selfissuedcertificate",
            index=models.Index(
                fields=["number"],
                name="self_issued_by_beginning",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="selfissuedcertificate",
            index=models.Index(
                fields=["name"], name="self_issued_by_name", opclasses=["varchar_pattern_ops"]
            ),
        ),
    ]

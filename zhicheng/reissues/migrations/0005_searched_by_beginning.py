"""Indexes by which lists and the search box find a beginning of a number or a name."""

from typing import ClassVar

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("approvals", "0002_review_records"),
        ("certificates", "0010_searched_by_beginning"),
        ("organizations", "0002_employers"),
        ("reissues", "0004_revocations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="reissue",
            index=models.Index(
                fields=["name"], name="reissue_by_name", opclasses=["varchar_pattern_ops"]
            ),
        ),
    ]

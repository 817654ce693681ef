"""Indexes by which lists of millions of certificates are walked, searched and narrowed."""

from typing import ClassVar

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("approvals", "0001_initial"),
        ("certificates", "0008_historic_origin"),
        ("organizations", "0001_initial"),
        ("registers", "0008_online_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                fields=["register", "approving_department"], name="certificate_by_reg_approver"
            ),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                fields=["name"], name="certificate_by_name", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                models.OrderBy(models.F("issued_at"), descending=True, nulls_last=True),
                models.F("id"),
                name="certificate_by_issue",
            ),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                condition=models.Q(("medium", "electronic")),
                fields=["-issued_at", "-id"],
                name="electronic_in_list_order",
            ),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                condition=models.Q(("state", "issued"), _negated=True),
                fields=["state", "embossed_at"],
                name="certificate_on_its_path",
            ),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                condition=models.Q(("origin", "reissue")),
                fields=["origin"],
                name="certificate_by_reissue",
            ),
        ),
    ]

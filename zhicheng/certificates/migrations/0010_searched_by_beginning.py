"""Indexes by which lists and the search box find a beginning of a number or a name."""

from typing import ClassVar

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("approvals", "0002_review_records"),
        ("certificates", "0009_lists_of_millions"),
        ("organizations", "0002_employers"),
        ("registers", "0008_online_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                fields=["document_number"],
                name="certificate_by_document",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                fields=["work_unit"],
                name="certificate_by_work_unit",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                fields=["approving_department", "issued_at"], name="certificate_of_dept_by_issue"
            ),
        ),
        migrations.RemoveIndex(model_name="certificate", name="certificate_by_reissue"),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                fields=["approving_department"],
                condition=models.Q(("origin", "reissue")),
                name="reissued_by_department",
            ),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                fields=["name"],
                name="electronic_by_name",
                opclasses=["varchar_pattern_ops"],
                condition=models.Q(("medium", "electronic")),
            ),
        ),
    ]

"""How many of a document's people have their electronic certificate: lists don't count millions."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("approvals", "0002_review_records")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="approvaldocument",
            name="issued_count",
            field=models.PositiveIntegerField(
                db_default=0, default=0, editable=False, verbose_name="已签发"
            ),
        ),
        migrations.AddConstraint(
            model_name="approvaldocument",
            constraint=models.CheckConstraint(
                condition=models.Q(issued_count__lte=models.F("people_count")),
                name="no_more_certificates_than_announced_people",
            ),
        ),
    ]

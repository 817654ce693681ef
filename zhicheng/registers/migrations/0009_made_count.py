"""How many people of a register have a certificate, so that lists needn't count millions."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("registers", "0008_online_numbers")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="register",
            name="made_count",
            field=models.PositiveIntegerField(
                db_default=0, default=0, editable=False, verbose_name="已填制"
            ),
        ),
        migrations.AddConstraint(
            model_name="register",
            constraint=models.CheckConstraint(
                condition=models.Q(made_count=0)
                | models.Q(state="accepted", made_count__lte=models.F("row_count")),
                name="no_more_certificates_than_accepted_people",
            ),
        ),
    ]

"""Indexes: movements in the order of serial numbers, allotments that are on their way."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("blanks", "0011_waiting")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["serials", "id"], name="movement_in_serial_order"),
        ),
        migrations.AddIndex(
            model_name="allotment",
            index=models.Index(fields=["state", "register"], name="allotment_by_state"),
        ),
    ]

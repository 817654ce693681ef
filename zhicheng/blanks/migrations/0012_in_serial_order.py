"""An index by which the list of movements is sorted by serial numbers."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("blanks", "0011_waiting")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="movement",
            index=models.Index(fields=["serials", "id"], name="movement_in_serial_order"),
        ),
    ]

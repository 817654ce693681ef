"""How many people of a register have a photo, so that lists needn't look at every row and photo."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("registers", "0010_accepted_in_order")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="register",
            name="photo_count",
            field=models.PositiveIntegerField(
                db_default=0, default=0, editable=False, verbose_name="已有照片"
            ),
        ),
    ]

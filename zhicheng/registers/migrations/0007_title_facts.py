"""What the title lines of a file state, kept with the file."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("registers", "0006_grid")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="registerupload",
            name="title",
            field=models.JSONField(default=dict),
        ),
    ]

"""First pages ask for what waits now, of all that ever was."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("blanks", "0010_editions")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="custody",
            index=models.Index(
                condition=models.Q(("balance__gt", 0)),
                fields=["state", "organization"],
                name="custody_that_holds",
            ),
        ),
        migrations.AddIndex(
            model_name="spoilage",
            index=models.Index(
                condition=models.Q(("exchange", None), ("needs_blank", True)),
                fields=["register"],
                name="spoilage_that_needs_a_blank",
            ),
        ),
    ]

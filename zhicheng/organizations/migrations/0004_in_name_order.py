"""An index by which lists begin with the rows of the first names."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("organizations", "0003_own_password")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="organization",
            index=models.Index(fields=["name"], name="organization_in_name_order"),
        ),
    ]

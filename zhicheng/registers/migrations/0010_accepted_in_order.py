"""Accepted registers in the order of their list, newest first."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("registers", "0009_made_count")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="register",
            index=models.Index(
                condition=models.Q(("state", "accepted")),
                fields=["-accepted_at", "-id"],
                name="accepted_register_in_order",
            ),
        ),
    ]

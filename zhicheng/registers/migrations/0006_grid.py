"""What other windows of a register's grid fetch, and who is at which cell."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("registers", "0005_numbering"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="GridPresence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row_id", models.BigIntegerField()),
                ("column", models.CharField(max_length=30)),
                ("seen_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="registers.register",
                    ),
                ),
            ],
            options={
                "verbose_name": "正在更正",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("register", "account"), name="account_is_at_one_cell_of_a_register"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("row_ids", models.JSONField(default=list)),
                ("changed_at", models.DateTimeField(auto_now_add=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="registers.register",
                    ),
                ),
            ],
            options={
                "verbose_name": "登记表的更正",
                "ordering": ("register_id", "version"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("register", "version"), name="register_version_changed_once"
                    )
                ],
            },
        ),
    ]

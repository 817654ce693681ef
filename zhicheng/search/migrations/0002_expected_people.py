"""Keys of people who wait for their certificate, filled for whoever is on file."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

FOLDER = Path(__file__).parents[1]


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("approvals", "0003_issued_count"),
        ("certificates", "0014_counted_by_certificates_alone"),
        ("registers", "0012_nothing_counted_yet"),
        ("search", "0001_keys_of_names"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="PersonKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person_id", models.BigIntegerField()),
                (
                    "initials",
                    models.CharField(db_collation="C", max_length=100, verbose_name="首字母"),
                ),
                (
                    "spelled",
                    models.CharField(db_collation="C", max_length=800, verbose_name="拼音与姓名"),
                ),
                ("approving_department_id", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "核准人员检索",
                "indexes": [
                    models.Index(fields=["person_id"], name="approved_expected"),
                    models.Index(fields=["initials", "spelled"], name="approved_by_initials"),
                    models.Index(
                        fields=["approving_department_id", "initials", "spelled"],
                        name="approved_of_department",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RowKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row_id", models.BigIntegerField()),
                (
                    "initials",
                    models.CharField(db_collation="C", max_length=100, verbose_name="首字母"),
                ),
                (
                    "spelled",
                    models.CharField(db_collation="C", max_length=800, verbose_name="拼音与姓名"),
                ),
                (
                    "number",
                    models.CharField(db_collation="C", max_length=60, verbose_name="证书编号"),
                ),
                ("issuing_unit_id", models.BigIntegerField()),
                ("reporting_unit_id", models.BigIntegerField(null=True)),
                ("endorser_id", models.BigIntegerField(null=True)),
            ],
            options={
                "verbose_name": "登记人员检索",
                "indexes": [
                    models.Index(fields=["row_id"], name="expected_row"),
                    models.Index(fields=["initials", "spelled"], name="expected_by_initials"),
                    models.Index(fields=["number"], name="expected_by_number"),
                    models.Index(
                        fields=["issuing_unit_id", "initials", "spelled"],
                        name="expected_of_issuing_unit",
                    ),
                    models.Index(
                        fields=["issuing_unit_id", "number"], name="expected_number_of_issuing"
                    ),
                    models.Index(
                        condition=models.Q(("reporting_unit_id__isnull", False)),
                        fields=["reporting_unit_id", "initials", "spelled"],
                        name="expected_of_reporting_unit",
                    ),
                    models.Index(
                        condition=models.Q(("reporting_unit_id__isnull", False)),
                        fields=["reporting_unit_id", "number"],
                        name="expected_number_of_reporting",
                    ),
                    models.Index(
                        condition=models.Q(("endorser_id__isnull", False)),
                        fields=["endorser_id", "initials", "spelled"],
                        name="expected_of_endorser",
                    ),
                    models.Index(
                        condition=models.Q(("endorser_id__isnull", False)),
                        fields=["endorser_id", "number"],
                        name="expected_number_of_endorser",
                    ),
                ],
            },
        ),
        migrations.RunSQL((FOLDER / "expected.sql").read_text("utf-8"), migrations.RunSQL.noop),
    ]

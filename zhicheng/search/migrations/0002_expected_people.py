"""Keys of people who wait for their certificate, filled for whoever is on file.

Indexes come after the filling. A step back takes the triggers from the tables of others, too.
"""

from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

FOLDER = Path(__file__).parents[1]
AWAY = """
DROP FUNCTION search_rows_written(), search_rows_changed(), search_rows_gone(),
    search_register_goes_elsewhere(), search_people_written(), search_people_changed(),
    search_people_gone(), search_document_goes_elsewhere(), search_expected_came() CASCADE;
DROP FUNCTION search_expected_anew(), search_row_keys(bigint[]), search_person_keys(bigint[]),
    search_rows_expected(), search_people_expected();
"""


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
            },
        ),
        migrations.RunSQL((FOLDER / "expected.sql").read_text("utf-8"), AWAY),
        migrations.AddIndex(
            model_name="personkey",
            index=models.Index(fields=["person_id"], name="approved_expected"),
        ),
        migrations.AddIndex(
            model_name="personkey",
            index=models.Index(fields=["initials", "spelled"], name="approved_by_initials"),
        ),
        migrations.AddIndex(
            model_name="personkey",
            index=models.Index(
                fields=["approving_department_id", "initials", "spelled"],
                name="approved_of_department",
            ),
        ),
        migrations.AddIndex(
            model_name="rowkey",
            index=models.Index(fields=["row_id"], name="expected_row"),
        ),
        migrations.AddIndex(
            model_name="rowkey",
            index=models.Index(fields=["initials", "spelled"], name="expected_by_initials"),
        ),
        migrations.AddIndex(
            model_name="rowkey",
            index=models.Index(fields=["number"], name="expected_by_number"),
        ),
        migrations.AddIndex(
            model_name="rowkey",
            index=models.Index(
                fields=["issuing_unit_id", "initials", "spelled"],
                name="expected_of_issuing_unit",
            ),
        ),
        migrations.AddIndex(
            model_name="rowkey",
            index=models.Index(
                fields=["issuing_unit_id", "number"], name="expected_number_of_issuing"
            ),
        ),
        migrations.AddIndex(
            model_name="rowkey",
            index=models.Index(
                condition=models.Q(("reporting_unit_id__isnull", False)),
                fields=["reporting_unit_id", "initials", "spelled"],
                name="expected_of_reporting_unit",
            ),
        ),
        migrations.AddIndex(
            model_name="rowkey",
            index=models.Index(
                condition=models.Q(("reporting_unit_id__isnull", False)),
                fields=["reporting_unit_id", "number"],
                name="expected_number_of_reporting",
            ),
        ),
        migrations.AddIndex(
            model_name="rowkey",
            index=models.Index(
                condition=models.Q(("endorser_id__isnull", False)),
                fields=["endorser_id", "initials", "spelled"],
                name="expected_of_endorser",
            ),
        ),
        migrations.AddIndex(
            model_name="rowkey",
            index=models.Index(
                condition=models.Q(("endorser_id__isnull", False)),
                fields=["endorser_id", "number"],
                name="expected_number_of_endorser",
            ),
        ),
    ]

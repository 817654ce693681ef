"""Keys of names for the search, filled for what is on file; indexes come after the filling."""

from pathlib import Path
from typing import Any, ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

FOLDER = Path(__file__).parents[1]
# A step back takes the triggers from the tables of others, too.
AWAY = """
DROP FUNCTION search_holders_written(), search_unit_written() CASCADE;
DROP FUNCTION search_holders_anew(), search_spellings(text);
"""


def readings() -> list[tuple[str, list[str]]]:
    """Each character with its readings, the first one first."""
    first: dict[str, str] = {}
    more: dict[str, list[str]] = {}
    for line in (FOLDER / "data" / "readings.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        syllable, usual, *others = line.split(" ")
        first.update(dict.fromkeys(usual, syllable))
        for character in "".join(others):
            more.setdefault(character, []).append(syllable)
    return [(sign, [syllable, *more.get(sign, [])]) for sign, syllable in first.items()]


def write_readings(apps: Any, schema_editor: Any) -> None:
    """The file's readings into the table."""
    model = apps.get_model("search", "Reading")
    model.objects.bulk_create(
        (model(character=sign, readings=found) for sign, found in readings()), batch_size=5000
    )


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar = [
        ("certificates", "0009_lists_of_millions"),
        ("registers", "0008_online_numbers"),
        ("organizations", "0001_initial"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "character",
                    models.CharField(
                        max_length=1, primary_key=True, serialize=False, verbose_name="字"
                    ),
                ),
                (
                    "readings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), size=None
                    ),
                ),
            ],
            options={
                "verbose_name": "读音",
            },
        ),
        migrations.CreateModel(
            name="UnitKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "initials",
                    models.CharField(db_collation="C", max_length=200, verbose_name="首字母"),
                ),
                (
                    "spelled",
                    models.CharField(db_collation="C", max_length=1600, verbose_name="拼音与名称"),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "机构检索",
            },
        ),
        migrations.CreateModel(
            name="HolderKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "initials",
                    models.CharField(db_collation="C", max_length=100, verbose_name="首字母"),
                ),
                (
                    "spelled",
                    models.CharField(db_collation="C", max_length=800, verbose_name="拼音与姓名"),
                ),
                ("issuing_unit_id", models.BigIntegerField()),
                ("approving_department_id", models.BigIntegerField()),
                ("reporting_unit_id", models.BigIntegerField(null=True)),
                ("endorser_id", models.BigIntegerField(null=True)),
                (
                    "certificate",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="certificates.certificate",
                    ),
                ),
            ],
            options={
                "verbose_name": "持证人检索",
            },
        ),
        migrations.RunPython(write_readings, migrations.RunPython.noop),
        migrations.RunSQL((FOLDER / "keys.sql").read_text("utf-8"), AWAY),
        migrations.AddIndex(
            model_name="holderkey",
            index=models.Index(
                fields=["initials", "spelled"], include=("certificate",), name="holder_by_initials"
            ),
        ),
        migrations.AddIndex(
            model_name="holderkey",
            index=models.Index(
                fields=["spelled"], include=("certificate",), name="holder_by_spelling"
            ),
        ),
        migrations.AddIndex(
            model_name="holderkey",
            index=models.Index(
                fields=["issuing_unit_id", "initials", "spelled"], name="holder_of_issuing_unit"
            ),
        ),
        migrations.AddIndex(
            model_name="holderkey",
            index=models.Index(
                fields=["approving_department_id", "initials", "spelled"],
                name="holder_of_department",
            ),
        ),
        migrations.AddIndex(
            model_name="holderkey",
            index=models.Index(
                condition=models.Q(("reporting_unit_id__isnull", False)),
                fields=["reporting_unit_id", "initials", "spelled"],
                name="holder_of_reporting_unit",
            ),
        ),
        migrations.AddIndex(
            model_name="holderkey",
            index=models.Index(
                condition=models.Q(("endorser_id__isnull", False)),
                fields=["endorser_id", "initials", "spelled"],
                name="holder_of_endorser",
            ),
        ),
    ]

"""The year of the blank (印制年度): of what was counted in before, the year it came in."""

from typing import ClassVar

from django.db import migrations, models

# Print runs never change; the new column alone is filled, once, with what their day says.
FILL = """
ALTER TABLE blanks_printrun DISABLE TRIGGER print_run_is_never_changed;
UPDATE blanks_printrun SET edition = extract(year FROM received_on);
ALTER TABLE blanks_printrun ENABLE TRIGGER print_run_is_never_changed;
"""
DEFAULT = """
CREATE FUNCTION print_run_edition_default() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.edition := extract(year FROM NEW.received_on);
    RETURN NEW;
END $$;
CREATE TRIGGER print_run_edition_default BEFORE INSERT ON blanks_printrun
    FOR EACH ROW WHEN (NEW.edition IS NULL) EXECUTE FUNCTION print_run_edition_default();
"""
NO_DEFAULT = """
DROP TRIGGER print_run_edition_default ON blanks_printrun;
DROP FUNCTION print_run_edition_default();
"""
EDITION = {"verbose_name": "印制年度"}


def a_year(field: str = "edition") -> models.Q:
    return models.Q((f"{field}__gte", 1980), (f"{field}__lte", 2100))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("blanks", "0009_reissues")]

    operations: ClassVar = [
        migrations.AddField(
            "printorder", "edition", models.PositiveSmallIntegerField(null=True, **EDITION)
        ),
        migrations.AddConstraint(
            "printorder",
            models.CheckConstraint(
                condition=models.Q(("edition", None), a_year(), _connector="OR"),
                name="print_order_edition_is_a_year",
            ),
        ),
        migrations.AddField(
            "printrun", "edition", models.PositiveSmallIntegerField(null=True, **EDITION)
        ),
        # Foreign keys that wait for the end of the transaction would forbid changing the table.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField("printrun", "edition", models.PositiveSmallIntegerField(**EDITION)),
        migrations.AddConstraint(
            "printrun",
            models.CheckConstraint(condition=a_year(), name="print_run_edition_is_a_year"),
        ),
        migrations.RunSQL(DEFAULT, NO_DEFAULT),
    ]

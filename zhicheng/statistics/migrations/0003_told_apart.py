"""Historic certificates and those of self-managed units get figures of their own (N7, N16)."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION statistics_note_self_issued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_pending (kind, object_id) SELECT 's', id FROM changed;
    RETURN NULL;
END $$;
CREATE TRIGGER statistics_hear_of_new AFTER INSERT ON selfissued_selfissuedcertificate
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION statistics_note_self_issued();
CREATE TRIGGER statistics_hear_of_changes AFTER UPDATE ON selfissued_selfissuedcertificate
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION statistics_note_self_issued();
CREATE TRIGGER statistics_hear_of_gone AFTER DELETE ON selfissued_selfissuedcertificate
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION statistics_note_self_issued();

-- Counted as first issues until now, or not at all.
INSERT INTO statistics_pending (kind, object_id)
SELECT 'c', id FROM certificates_certificate WHERE origin = 'historic'
UNION ALL SELECT 's', id FROM selfissued_selfissuedcertificate;
"""
BACKWARD = """
DROP TRIGGER statistics_hear_of_new ON selfissued_selfissuedcertificate;
DROP TRIGGER statistics_hear_of_changes ON selfissued_selfissuedcertificate;
DROP TRIGGER statistics_hear_of_gone ON selfissued_selfissuedcertificate;
DROP FUNCTION statistics_note_self_issued();
DELETE FROM statistics_pending WHERE kind = 's';
INSERT INTO statistics_pending (kind, object_id) VALUES ('r', 0);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("certificates", "0008_historic_origin"),
        ("selfissued", "0001_reports"),
        ("statistics", "0002_feeding"),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="SelfIssuedFact",
            fields=[
                ("region_id", models.IntegerField()),
                ("unit_id", models.IntegerField()),
                ("issuer_id", models.IntegerField()),
                ("department_id", models.IntegerField()),
                ("series_id", models.IntegerField()),
                ("level", models.SmallIntegerField()),
                ("qualification_id", models.IntegerField()),
                ("mode", models.SmallIntegerField()),
                ("channel", models.SmallIntegerField()),
                ("sex", models.SmallIntegerField()),
                ("age", models.SmallIntegerField()),
                (
                    "certificate",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="selfissued.selfissuedcertificate",
                    ),
                ),
                ("issued_year", models.SmallIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["unit_id", "issued_year"], name="self_issued_by_unit"),
                    models.Index(fields=["issued_year"], name="self_issued_by_year"),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="duration",
            index=models.Index(fields=["year"], name="duration_by_year"),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

"""What a closed inquiry looked into stays as it was; the same thing is then listed anew."""

from django.db import migrations, models
from django.db.models import Q

CLOSED = """
UPDATE anomalies_anomaly a SET closed_weight = a.weight
FROM anomalies_inquiry i WHERE i.id = a.inquiry_id AND i.outcome <> '';
"""

FORWARD = """
CREATE FUNCTION closed_anomaly_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.summary, NEW.weight, NEW.evidence, NEW.organization_id, NEW.account_id,
            NEW.closed_weight)
        IS DISTINCT FROM (OLD.summary, OLD.weight, OLD.evidence, OLD.organization_id,
            OLD.account_id, OLD.closed_weight)
    THEN
        RAISE EXCEPTION 'what a closed inquiry looked into stays as it was'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER closed_anomaly_stays_as_it_was BEFORE UPDATE ON anomalies_anomaly
    FOR EACH ROW WHEN (OLD.closed_weight IS NOT NULL) EXECUTE FUNCTION closed_anomaly_guard();
"""
BACKWARD = """
DROP TRIGGER closed_anomaly_stays_as_it_was ON anomalies_anomaly;
DROP FUNCTION closed_anomaly_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("anomalies", "0002_never_changed")]
    operations = [
        migrations.AddField("anomaly", "closed_weight", models.FloatField(null=True)),
        migrations.RunSQL(CLOSED, migrations.RunSQL.noop),
        migrations.RemoveConstraint("anomaly", "anomaly_is_listed_once"),
        migrations.AddConstraint(
            "anomaly",
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(closed_weight=None),
                name="anomaly_is_listed_once",
            ),
        ),
        migrations.AddConstraint(
            "anomaly",
            models.CheckConstraint(
                condition=Q(closed_weight=None) | Q(inquiry__isnull=False),
                name="closed_anomaly_has_its_inquiry",
            ),
        ),
        migrations.AddIndex(
            "anomaly",
            models.Index(
                fields=["kind", "key", "-id"],
                condition=Q(closed_weight__isnull=False),
                name="anomaly_closed_before",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

"""Setting aside and closing hold for what was seen; what isn't found any more says since when."""

from django.db import migrations, models
from django.db.models import F, Q

SEEN = """
UPDATE anomalies_anomaly SET seen_until = set_aside_at WHERE set_aside_at IS NOT NULL;
UPDATE anomalies_anomaly a SET seen_until = i.closed_at
FROM anomalies_inquiry i WHERE i.id = a.inquiry_id AND a.closed_weight IS NOT NULL;
"""

_GUARD = """
CREATE OR REPLACE FUNCTION closed_anomaly_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.summary, NEW.weight, NEW.evidence, NEW.organization_id, NEW.account_id,
            NEW.closed_weight{new})
        IS DISTINCT FROM (OLD.summary, OLD.weight, OLD.evidence, OLD.organization_id,
            OLD.account_id, OLD.closed_weight{old})
    THEN
        RAISE EXCEPTION 'what a closed inquiry looked into stays as it was'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;
"""
FORWARD = _GUARD.format(
    new=", NEW.last_found_at, NEW.seen_until, NEW.gone_since",
    old=", OLD.last_found_at, OLD.seen_until, OLD.gone_since",
)
BACKWARD = _GUARD.format(new="", old="")


class Migration(migrations.Migration):
    dependencies = [("anomalies", "0003_after_an_inquiry")]
    operations = [
        migrations.AddField("anomaly", "seen_until", models.DateTimeField(null=True)),
        migrations.AddField(
            "anomaly",
            "gone_since",
            models.DateTimeField(null=True, verbose_name="不再符合标准"),
        ),
        migrations.RunSQL(SEEN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "anomaly",
            models.CheckConstraint(
                condition=Q(seen_until=None, set_aside_at=None, closed_weight=None)
                | Q(seen_until__isnull=False)
                & (Q(set_aside_at__isnull=False) | Q(closed_weight__isnull=False)),
                name="dealt_with_anomaly_says_what_was_seen",
            ),
        ),
        migrations.AddConstraint(
            "anomaly",
            models.CheckConstraint(
                condition=Q(gone_since=None) | Q(gone_since__gte=F("last_found_at")),
                name="gone_anomaly_was_found_before",
            ),
        ),
        migrations.RemoveIndex("anomaly", "anomaly_not_looked_at"),
        migrations.AddIndex(
            "anomaly",
            models.Index(
                fields=["-last_found_at"],
                condition=Q(set_aside_at=None, inquiry=None, gone_since=None),
                name="anomaly_not_looked_at",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

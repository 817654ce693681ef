"""What was set as figures for a day stays on record, and no day of the past gets others (N18)."""

from django.db import migrations, models

# The day is asked for in the body: a trigger's WHEN would keep to the clock of when it was made.
FORWARD = """
CREATE FUNCTION anomalies_refuse_past_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.valid_from < (now() AT TIME ZONE 'Asia/Shanghai')::date THEN
        RAISE EXCEPTION 'the figures of a past day stay as they are'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME,
                TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER detection_policy_begins_today_or_later BEFORE INSERT ON anomalies_detectionpolicy
    FOR EACH ROW EXECUTE FUNCTION anomalies_refuse_past_policy();
CREATE TRIGGER detection_policy_is_only_added
    BEFORE UPDATE OR DELETE ON anomalies_detectionpolicy
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
# Backward a day has one row again, the one that counted.
BACK = """
DROP TRIGGER detection_policy_is_only_added ON anomalies_detectionpolicy;
DROP TRIGGER detection_policy_begins_today_or_later ON anomalies_detectionpolicy;
DROP FUNCTION anomalies_refuse_past_policy();
DELETE FROM anomalies_detectionpolicy earlier USING anomalies_detectionpolicy later
    WHERE later.valid_from = earlier.valid_from AND later.id > earlier.id;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only"), ("anomalies", "0005_looking_and_rest")]

    operations = [
        migrations.AlterModelOptions(
            name="detectionpolicy",
            options={"ordering": ("-valid_from", "-pk"), "verbose_name": "线索标准"},
        ),
        migrations.AlterField(
            model_name="detectionpolicy",
            name="valid_from",
            field=models.DateField(verbose_name="生效日期"),
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]

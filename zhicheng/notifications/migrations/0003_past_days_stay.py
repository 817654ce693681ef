"""Nobody makes a delay unseen: no deadline begins in the past, no past day is moved (N18)."""

import django.utils.timezone
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER task_deadline_is_only_added BEFORE UPDATE OR DELETE ON notifications_taskdeadline
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE FUNCTION notifications_refuse_the_past() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of a past day stays as it is', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME,
            TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER task_deadline_begins_today_or_later BEFORE INSERT ON notifications_taskdeadline
    FOR EACH ROW WHEN (NEW.valid_from < (now() AT TIME ZONE 'Asia/Shanghai')::date)
    EXECUTE FUNCTION notifications_refuse_the_past();
CREATE TRIGGER moved_day_is_not_past BEFORE INSERT OR UPDATE ON notifications_movedday
    FOR EACH ROW WHEN (NEW.day < (now() AT TIME ZONE 'Asia/Shanghai')::date)
    EXECUTE FUNCTION notifications_refuse_the_past();
CREATE TRIGGER past_moved_day_stays BEFORE UPDATE OR DELETE ON notifications_movedday
    FOR EACH ROW WHEN (OLD.day < (now() AT TIME ZONE 'Asia/Shanghai')::date)
    EXECUTE FUNCTION notifications_refuse_the_past();
"""
# Backward a day has one row of a kind again, the one that counted.
BACK = """
DROP TRIGGER past_moved_day_stays ON notifications_movedday;
DROP TRIGGER moved_day_is_not_past ON notifications_movedday;
DROP TRIGGER task_deadline_begins_today_or_later ON notifications_taskdeadline;
DROP FUNCTION notifications_refuse_the_past();
DROP TRIGGER task_deadline_is_only_added ON notifications_taskdeadline;
DELETE FROM notifications_taskdeadline earlier USING notifications_taskdeadline later
    WHERE later.kind = earlier.kind AND later.valid_from = earlier.valid_from
        AND later.id > earlier.id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_append_only"),
        ("notifications", "0002_skipped_events"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="taskdeadline", name="one_task_deadline_a_day"),
        migrations.AlterField(
            model_name="taskdeadline",
            name="set_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="设定时间"),
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]

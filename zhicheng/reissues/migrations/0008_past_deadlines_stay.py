"""Nobody makes a delay unseen: no deadline of a step begins in the past, none is replaced (N18)."""

from typing import ClassVar

import django.utils.timezone
from django.db import migrations, models

# The day is asked for in the body: a trigger's WHEN would keep to the clock of when it was made,
# and a demonstration city tells its past in the past.
FORWARD = """
CREATE FUNCTION reissues_refuse_past_deadline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.valid_from < (now() AT TIME ZONE 'Asia/Shanghai')::date THEN
        RAISE EXCEPTION 'a deadline of a past day stays as it is'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME,
                TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER step_deadline_begins_today_or_later BEFORE INSERT ON reissues_stepdeadline
    FOR EACH ROW EXECUTE FUNCTION reissues_refuse_past_deadline();
CREATE TRIGGER step_deadline_is_only_added BEFORE UPDATE OR DELETE ON reissues_stepdeadline
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
# Backward a day has one row again, the one that counted.
BACK = """
DROP TRIGGER step_deadline_is_only_added ON reissues_stepdeadline;
DROP TRIGGER step_deadline_begins_today_or_later ON reissues_stepdeadline;
DROP FUNCTION reissues_refuse_past_deadline();
DELETE FROM reissues_stepdeadline earlier USING reissues_stepdeadline later
    WHERE later.step = earlier.step AND later.valid_from = earlier.valid_from
        AND later.id > earlier.id;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0002_append_only"), ("reissues", "0007_in_order")]

    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="stepdeadline", name="one_deadline_per_day"),
        migrations.AlterField(
            model_name="stepdeadline",
            name="set_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="设定时间"),
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]

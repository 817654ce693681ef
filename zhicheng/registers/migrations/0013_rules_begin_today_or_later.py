"""No numbering rule begins in the past: what was numbered is held against the rules of then (N6)."""

from typing import ClassVar

from django.db import migrations

# For every dated setting of the folders below as well. The day is asked for in the body: a
# trigger's WHEN would keep to the clock of when it was made, and a demonstration city tells its
# past in the past.
FORWARD = """
CREATE FUNCTION refuse_past_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.valid_from < (now() AT TIME ZONE 'Asia/Shanghai')::date THEN
        RAISE EXCEPTION '% of a past day stays as it is', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME,
                TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER numbering_rule_begins_today_or_later BEFORE INSERT ON registers_numberingrule
    FOR EACH ROW EXECUTE FUNCTION refuse_past_day();
"""

BACKWARD = """
DROP TRIGGER numbering_rule_begins_today_or_later ON registers_numberingrule;
DROP FUNCTION refuse_past_day();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("registers", "0012_nothing_counted_yet")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

"""A new register has neither certificates nor photos: nobody gives it figures to begin with."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION register_beginning_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'register % begins with certificates or photos', NEW.id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME,
              TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER register_begins_with_nothing_counted BEFORE INSERT ON registers_register
    FOR EACH ROW WHEN (NEW.made_count <> 0 OR NEW.photo_count <> 0)
    EXECUTE FUNCTION register_beginning_guard();
"""

BACKWARD = """
DROP TRIGGER register_begins_with_nothing_counted ON registers_register;
DROP FUNCTION register_beginning_guard();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("registers", "0011_photo_count")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

"""What the database watches over: a layout in use stays as it is, a measurement as it was made.

- Only a draft changes. Put in use it can only be succeeded; its content, picture and number stay.
- It is put in use by somebody who had no hand in it.
- Versions of a grade and year are counted 1, 2, 3 … and none is ever removed.
- The code's box is large enough to be read, whoever writes the row.
- A printer's current calibration is one of its own measurements.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
ALTER TABLE layouts_layoutversion
    ADD CONSTRAINT layout_is_put_in_use_by_a_second_person
        CHECK (put_in_use_by_id IS NULL OR NOT put_in_use_by_id = ANY (editors)),
    ADD CONSTRAINT layout_code_can_be_read
        CHECK (coalesce((content #>> '{qr,size}')::numeric, 0) >= 22),
    ADD CONSTRAINT layout_is_of_its_grade
        CHECK (coalesce(content ->> 'grade', '') = grade);

CREATE FUNCTION layout_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
    last integer;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT coalesce(max(number), 0) INTO last FROM layouts_layoutversion
            WHERE grade = NEW.grade AND year = NEW.year;
        IF NEW.number <> last + 1 THEN
            broken := 'layout_versions_count_without_gap';
        ELSIF NEW.state <> 'draft' THEN
            broken := 'layout_begins_as_a_draft';
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        broken := 'layout_versions_count_without_gap';
    ELSIF (NEW.grade, NEW.year, NEW.number, NEW.drafted_at, NEW.drafted_by_id)
          IS DISTINCT FROM (OLD.grade, OLD.year, OLD.number, OLD.drafted_at, OLD.drafted_by_id) THEN
        broken := 'layout_version_keeps_its_name';
    ELSIF OLD.state = 'draft' THEN
        IF NEW.state = 'succeeded' THEN
            broken := 'layout_goes_step_by_step';
        ELSIF NEW.state <> 'draft' AND (to_jsonb(OLD) -> 'content', OLD.background_id, OLD.editors)
              IS DISTINCT FROM (to_jsonb(NEW) -> 'content', NEW.background_id, NEW.editors) THEN
            broken := 'layout_in_use_is_never_changed';
        END IF;
    ELSIF OLD.state = 'in_use' AND NEW.state = 'succeeded' THEN
        IF to_jsonb(OLD) - 'state' - 'ended_at' - 'ended_by_id'
           IS DISTINCT FROM to_jsonb(NEW) - 'state' - 'ended_at' - 'ended_by_id' THEN
            broken := 'layout_in_use_is_never_changed';
        END IF;
    ELSIF to_jsonb(OLD) IS DISTINCT FROM to_jsonb(NEW) THEN
        broken := 'layout_in_use_is_never_changed';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'layout version: %', broken
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = broken, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

CREATE TRIGGER layout_version_guard BEFORE INSERT OR UPDATE OR DELETE ON layouts_layoutversion
    FOR EACH ROW EXECUTE FUNCTION layout_version_guard();

CREATE TRIGGER printer_calibration_is_never_changed
    BEFORE UPDATE OR DELETE ON layouts_printercalibration
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION printer_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.current_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM layouts_printercalibration c
        WHERE c.id = NEW.current_id AND c.printer_id = NEW.id) THEN
        RAISE EXCEPTION 'printer % takes the calibration of another', NEW.id
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'printer_has_its_own_calibration', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER printer_has_its_own_calibration BEFORE INSERT OR UPDATE ON layouts_printer
    FOR EACH ROW EXECUTE FUNCTION printer_guard();
"""
BACKWARD = """
DROP TRIGGER printer_has_its_own_calibration ON layouts_printer;
DROP FUNCTION printer_guard();
DROP TRIGGER printer_calibration_is_never_changed ON layouts_printercalibration;
DROP TRIGGER layout_version_guard ON layouts_layoutversion;
DROP FUNCTION layout_version_guard();
ALTER TABLE layouts_layoutversion
    DROP CONSTRAINT layout_is_of_its_grade,
    DROP CONSTRAINT layout_code_can_be_read,
    DROP CONSTRAINT layout_is_put_in_use_by_a_second_person;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("layouts", "0001_initial"),
        ("audit", "0002_append_only"),
    ]

    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

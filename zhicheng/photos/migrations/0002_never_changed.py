"""A photo is of a person and is only ever removed: nothing else about it changes."""

from django.db import migrations

FORWARD = """
ALTER TABLE photos_photo ADD CONSTRAINT photo_is_of_a_person
    CHECK (octet_length(id_number_index) = 32);

CREATE FUNCTION photo_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'photos are never deleted'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'photo_is_only_ever_removed';
    END IF;
    IF OLD.removed_at IS NOT NULL
        OR (NEW.id, NEW.id_number_index, NEW.id_number_masked, NEW.name, NEW.file_id,
            NEW.register_id, NEW.uploaded_at, NEW.uploaded_by_id)
        IS DISTINCT FROM
           (OLD.id, OLD.id_number_index, OLD.id_number_masked, OLD.name, OLD.file_id,
            OLD.register_id, OLD.uploaded_at, OLD.uploaded_by_id)
    THEN
        RAISE EXCEPTION 'a photo is only ever removed, once'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'photo_is_only_ever_removed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER photo_is_only_ever_removed BEFORE UPDATE OR DELETE ON photos_photo
    FOR EACH ROW EXECUTE FUNCTION photo_guard();
"""
BACKWARD = """
DROP TRIGGER photo_is_only_ever_removed ON photos_photo;
DROP FUNCTION photo_guard();
ALTER TABLE photos_photo DROP CONSTRAINT photo_is_of_a_person;
"""


class Migration(migrations.Migration):
    dependencies = [("photos", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

"""An issued electronic certificate lies on exactly one signed file, which never changes (inv. 3).

Both directions are checked at the end of the transaction: no issue without its file, and no file
of a certificate that isn't issued. The file's digest is that of the bytes that are kept.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE TRIGGER electronic_file_is_never_changed
    BEFORE UPDATE OR DELETE ON electronic_electronicfile
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION electronic_file_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
BEGIN
    IF TG_TABLE_NAME = 'certificates_certificate' THEN
        wanted := NEW.id;
    ELSE
        wanted := NEW.certificate_id;
        IF NOT EXISTS (
            SELECT 1 FROM files_storedfile s WHERE s.id = NEW.file_id
               AND s.kept_sha256 = NEW.signed_sha256 AND s.content_type = 'application/pdf')
        THEN
            RAISE EXCEPTION 'the stored file is not the signed one'
                USING ERRCODE = 'integrity_constraint_violation',
                      CONSTRAINT = 'electronic_file_is_the_stored_one', TABLE = TG_TABLE_NAME;
        END IF;
    END IF;
    IF EXISTS (
        SELECT 1 FROM certificates_certificate c
        LEFT JOIN electronic_electronicfile f ON f.certificate_id = c.id
        WHERE c.id = wanted
          AND (c.medium = 'electronic' AND c.state = 'issued') <> (f.id IS NOT NULL))
    THEN
        RAISE EXCEPTION 'an electronic certificate is in force with its signed file alone'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'issued_electronic_certificate_has_one_file',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER issued_electronic_certificate_has_one_file
    AFTER INSERT OR UPDATE ON certificates_certificate
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.medium = 'electronic')
    EXECUTE FUNCTION electronic_file_guard();
CREATE CONSTRAINT TRIGGER electronic_file_has_its_certificate
    AFTER INSERT ON electronic_electronicfile
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION electronic_file_guard();
"""
BACKWARD = """
DROP TRIGGER electronic_file_has_its_certificate ON electronic_electronicfile;
DROP TRIGGER issued_electronic_certificate_has_one_file ON certificates_certificate;
DROP FUNCTION electronic_file_guard();
DROP TRIGGER electronic_file_is_never_changed ON electronic_electronicfile;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("electronic", "0001_signed_files"), ("audit", "0002_append_only")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

"""What a self-managed unit's certificate says never changes; it is covered by the unit's record."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION self_issued_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'self-issued certificates are never deleted'
            USING ERRCODE = 'restrict_violation',
                  CONSTRAINT = 'self_issued_certificate_never_changes';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'filed' THEN
            RAISE EXCEPTION 'a self-issued certificate begins as reported'
                USING ERRCODE = 'restrict_violation',
                      CONSTRAINT = 'self_issued_certificate_goes_step_by_step';
        END IF;
        IF NOT EXISTS (
            SELECT FROM approvals_reviewrecord r JOIN selfissued_report p ON p.id = NEW.report_id
            WHERE r.id = NEW.record_id AND r.unit_id = NEW.unit_id AND p.unit_id = NEW.unit_id
              AND r.mode = 'self_managed'
              AND NEW.approval_date BETWEEN r.valid_from AND r.valid_to
              AND (r.ended_on IS NULL OR NEW.approval_date < r.ended_on)
        ) THEN
            RAISE EXCEPTION 'no record of the unit covers this certificate'
                USING ERRCODE = 'restrict_violation',
                      CONSTRAINT = 'self_issued_certificate_is_covered_by_a_record';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.report_id, NEW.unit_id, NEW.record_id, NEW.number, NEW.name, NEW.sex,
        NEW.id_kind, NEW.id_number_index, NEW.id_number_masked, NEW.work_unit, NEW.qualification,
        NEW.specialty, NEW.series, NEW.level, NEW.grade, NEW.approval_date, NEW.document_number,
        NEW.issued_on, NEW.correction_reason)
       IS DISTINCT FROM
       (OLD.id, OLD.report_id, OLD.unit_id, OLD.record_id, OLD.number, OLD.name, OLD.sex,
        OLD.id_kind, OLD.id_number_index, OLD.id_number_masked, OLD.work_unit, OLD.qualification,
        OLD.specialty, OLD.series, OLD.level, OLD.grade, OLD.approval_date, OLD.document_number,
        OLD.issued_on, OLD.correction_reason)
    THEN
        RAISE EXCEPTION 'a correction is a new row'
            USING ERRCODE = 'restrict_violation',
                  CONSTRAINT = 'self_issued_certificate_never_changes';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('filed', 'accepted'), ('filed', 'returned'), ('filed', 'withdrawn'),
        ('accepted', 'superseded'), ('accepted', 'withdrawn'), ('accepted', 'void')
    ) THEN
        RAISE EXCEPTION 'a self-issued certificate goes step by step'
            USING ERRCODE = 'restrict_violation',
                  CONSTRAINT = 'self_issued_certificate_goes_step_by_step';
    END IF;
    IF NEW.state = 'accepted' AND OLD.state <> 'accepted' AND EXISTS (
        SELECT FROM certificates_certificate c WHERE c.number = NEW.number
    ) THEN
        RAISE EXCEPTION 'this number is a unified certificate''s'
            USING ERRCODE = 'restrict_violation',
                  CONSTRAINT = 'self_issued_number_is_no_unified_certificates';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER self_issued_certificate_never_changes BEFORE INSERT OR UPDATE OR DELETE
    ON selfissued_selfissuedcertificate FOR EACH ROW EXECUTE FUNCTION self_issued_guard();
"""
BACKWARD = """
DROP TRIGGER self_issued_certificate_never_changes ON selfissued_selfissuedcertificate;
DROP FUNCTION self_issued_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("selfissued", "0001_reports"),
        ("certificates", "0007_issue"),
        ("approvals", "0002_review_records"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

"""A number is a unified certificate's or a unit's own, never both; a decided report stays.

Whoever comes later gives way. The numbers of a register are final with its acceptance, those of
electronic certificates and reissues with the certificate; from then on no unit's certificate takes
them, and before that moment none is accepted that a unit uses. A certificate of an accepted row is
not asked again: nothing may hold it up any more. The lock, shared by unified certificates, makes
both sides see each other's numbers when they come at once.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION self_issued_number_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('certificate numbers of units'));
    IF EXISTS (SELECT FROM certificates_certificate c WHERE c.number = NEW.number)
       OR EXISTS (SELECT FROM registers_registerrow r
                  WHERE r.certificate_number = NEW.number AND r.accepted)
    THEN
        RAISE EXCEPTION 'this number is a unified certificate''s'
            USING ERRCODE = 'restrict_violation',
                  CONSTRAINT = 'self_issued_number_is_no_unified_certificates';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER self_issued_number_is_no_unified_certificates
    BEFORE UPDATE ON selfissued_selfissuedcertificate FOR EACH ROW
    WHEN (NEW.state = 'accepted' AND OLD.state <> 'accepted')
    EXECUTE FUNCTION self_issued_number_guard();

CREATE FUNCTION refuse_number_of_a_unit(asked text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('certificate numbers of units'));
    IF EXISTS (SELECT FROM selfissued_selfissuedcertificate s
               WHERE s.number = asked AND s.state IN ('accepted', 'void'))
    THEN
        RAISE EXCEPTION 'a self-managed unit uses this number'
            USING ERRCODE = 'restrict_violation',
                  CONSTRAINT = 'unified_number_is_no_units_own';
    END IF;
END $$;
CREATE FUNCTION accepted_number_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_number_of_a_unit(NEW.certificate_number);
    RETURN NEW;
END $$;
CREATE TRIGGER unified_number_is_no_units_own BEFORE UPDATE ON registers_registerrow
    FOR EACH ROW WHEN (NEW.accepted AND NOT OLD.accepted)
    EXECUTE FUNCTION accepted_number_guard();
CREATE FUNCTION new_number_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse_number_of_a_unit(NEW.number);
    RETURN NEW;
END $$;
CREATE TRIGGER unified_number_is_no_units_own BEFORE INSERT ON certificates_certificate
    FOR EACH ROW WHEN (NEW.origin IN ('online', 'reissue')) EXECUTE FUNCTION new_number_guard();

CREATE FUNCTION self_issued_report_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'reports are never deleted'
            USING ERRCODE = 'restrict_violation',
                  CONSTRAINT = 'self_issued_report_is_only_ever_decided';
    END IF;
    IF OLD.state <> 'filed' OR
       (NEW.id, NEW.number, NEW.unit_id, NEW.people_count, NEW.correction_count, NEW.source_name,
        NEW.source_sha256, NEW.filed_at, NEW.filed_by_id)
       IS DISTINCT FROM
       (OLD.id, OLD.number, OLD.unit_id, OLD.people_count, OLD.correction_count, OLD.source_name,
        OLD.source_sha256, OLD.filed_at, OLD.filed_by_id)
    THEN
        RAISE EXCEPTION 'a report is decided once'
            USING ERRCODE = 'restrict_violation',
                  CONSTRAINT = 'self_issued_report_is_only_ever_decided';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER self_issued_report_is_only_ever_decided BEFORE UPDATE OR DELETE
    ON selfissued_report FOR EACH ROW EXECUTE FUNCTION self_issued_report_guard();
"""
BACKWARD = """
DROP TRIGGER self_issued_report_is_only_ever_decided ON selfissued_report;
DROP FUNCTION self_issued_report_guard();
DROP TRIGGER unified_number_is_no_units_own ON certificates_certificate;
DROP FUNCTION new_number_guard();
DROP TRIGGER unified_number_is_no_units_own ON registers_registerrow;
DROP FUNCTION accepted_number_guard();
DROP FUNCTION refuse_number_of_a_unit(text);
DROP TRIGGER self_issued_number_is_no_unified_certificates ON selfissued_selfissuedcertificate;
DROP FUNCTION self_issued_number_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("selfissued", "0002_guards"),
        ("certificates", "0009_lists_of_millions"),
        ("registers", "0008_online_numbers"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

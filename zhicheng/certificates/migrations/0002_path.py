"""What the database itself watches over a certificate (invariants 3, 5 and 7).

- Its data equal the accepted row's and never change afterwards.
- A senior certificate's embosser is the municipal office.
- It moves only along its path: one step at a time, or back to a new blank when spoiled.
- ``certificate_digest`` is what the audit chain holds of it.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION certificate_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'certificates are never removed'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'certificate_is_never_removed', TABLE = TG_TABLE_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.number, NEW.register_id, NEW.row_id, NEW.position, NEW.name, NEW.sex, NEW.id_kind,
            NEW.id_number_index, NEW.id_number_cipher, NEW.id_number_masked, NEW.work_unit,
            NEW.specialty, NEW.qualification, NEW.grade, NEW.approval_date, NEW.document_number,
            NEW.issuing_unit_id, NEW.approving_department_id, NEW.embosser_id)
           IS DISTINCT FROM
           (OLD.number, OLD.register_id, OLD.row_id, OLD.position, OLD.name, OLD.sex, OLD.id_kind,
            OLD.id_number_index, OLD.id_number_cipher, OLD.id_number_masked, OLD.work_unit,
            OLD.specialty, OLD.qualification, OLD.grade, OLD.approval_date, OLD.document_number,
            OLD.issuing_unit_id, OLD.approving_department_id, OLD.embosser_id)
        THEN
            RAISE EXCEPTION 'the data of certificate % never change', OLD.number
                USING ERRCODE = 'integrity_constraint_violation',
                      CONSTRAINT = 'certificate_data_never_change', TABLE = TG_TABLE_NAME;
        END IF;
        IF (OLD.state, NEW.state) NOT IN (
            ('filled', 'sealed'), ('sealed', 'embossed'), ('embossed', 'issued'),
            ('filled', 'filled'), ('sealed', 'filled'), ('embossed', 'filled'),
            ('filled', 'awaiting_blank'), ('sealed', 'awaiting_blank'),
            ('embossed', 'awaiting_blank'), ('awaiting_blank', 'filled'))
        THEN
            RAISE EXCEPTION 'certificate % may not go from % to %', OLD.number, OLD.state, NEW.state
                USING ERRCODE = 'integrity_constraint_violation',
                      CONSTRAINT = 'certificate_goes_step_by_step', TABLE = TG_TABLE_NAME;
        END IF;
        IF NEW.state IN ('sealed', 'embossed', 'issued')
           AND NEW.blank_serial IS DISTINCT FROM OLD.blank_serial THEN
            RAISE EXCEPTION 'a seal belongs to the blank on which it was put'
                USING ERRCODE = 'integrity_constraint_violation',
                      CONSTRAINT = 'sealed_certificate_keeps_its_blank', TABLE = TG_TABLE_NAME;
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state NOT IN ('filled', 'awaiting_blank') THEN
        RAISE EXCEPTION 'a certificate begins by being filled in'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'certificate_goes_step_by_step', TABLE = TG_TABLE_NAME;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM registers_registerrow r
        JOIN registers_register g ON g.id = r.register_id
        JOIN approvals_approvedperson p ON p.id = r.approved_person_id
        JOIN approvals_approvaldocument d ON d.id = p.document_id
        WHERE r.id = NEW.row_id AND r.accepted AND r.register_id = NEW.register_id
          AND r.certificate_number = NEW.number AND r.name = NEW.name AND r.sex = NEW.sex
          AND r.id_number_index = NEW.id_number_index
          AND r.id_number_cipher = NEW.id_number_cipher
          AND r.id_number_masked = NEW.id_number_masked AND r.work_unit = NEW.work_unit
          AND r.specialty = NEW.specialty AND r.qualification = NEW.qualification
          AND r.grade = NEW.grade AND r.approval_date = NEW.approval_date
          AND r.document_number = NEW.document_number
          AND g.issuing_unit_id = NEW.issuing_unit_id
          AND d.approving_department_id = NEW.approving_department_id)
    THEN
        RAISE EXCEPTION 'certificate % differs from its accepted row', NEW.number
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'certificate_equals_accepted_row', TABLE = TG_TABLE_NAME;
    END IF;
    IF NEW.grade = 'senior' AND NOT EXISTS (
        SELECT 1 FROM organizations_organization o
        WHERE o.id = NEW.embosser_id AND o.kind = 'municipal_office')
    THEN
        RAISE EXCEPTION 'senior certificates are embossed by the municipal office'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'senior_embossed_by_municipal_office', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER certificate_guard BEFORE INSERT OR UPDATE OR DELETE ON certificates_certificate
    FOR EACH ROW EXECUTE FUNCTION certificate_guard();

-- Every blank that a certificate ever lay on is written down: a serial serves once.
CREATE FUNCTION certificate_filling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO certificates_filling (certificate_id, serial, filled_at)
        VALUES (NEW.id, NEW.blank_serial, coalesce(NEW.filled_at, now()));
    RETURN NULL;
END $$;

CREATE TRIGGER certificate_filling_on_insert AFTER INSERT ON certificates_certificate
    FOR EACH ROW WHEN (NEW.blank_serial IS NOT NULL) EXECUTE FUNCTION certificate_filling();
CREATE TRIGGER certificate_filling_on_update AFTER UPDATE ON certificates_certificate
    FOR EACH ROW WHEN (NEW.blank_serial IS NOT NULL
                       AND NEW.blank_serial IS DISTINCT FROM OLD.blank_serial)
    EXECUTE FUNCTION certificate_filling();
CREATE TRIGGER filling_is_never_changed BEFORE UPDATE OR DELETE ON certificates_filling
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION certificate_digest(c certificates_certificate) RETURNS bytea
    LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        'v1', c.id, c.number, c.register_id, c.row_id, c.position, c.state, c.blank_serial, c.name,
        c.sex, c.id_kind, encode(c.id_number_index, 'hex'),
        encode(sha256(c.id_number_cipher), 'hex'),
        c.id_number_masked, c.work_unit, c.specialty, c.qualification, c.grade,
        to_char(c.approval_date, 'YYYY-MM-DD'), c.document_number, c.issuing_unit_id,
        c.approving_department_id, c.embosser_id,
        (extract(epoch FROM c.filled_at) * 1000000)::bigint, c.filled_by_id,
        (extract(epoch FROM c.official_seal_at) * 1000000)::bigint, c.official_seal_by_id,
        c.official_seal_unit_id,
        (extract(epoch FROM c.embossed_at) * 1000000)::bigint, c.embossed_by_id, c.embossed_unit_id,
        (extract(epoch FROM c.issued_at) * 1000000)::bigint, c.issued_by_id, c.recipient,
        c.recipient_relation)::text, 'UTF8')) $$;
"""

BACKWARD = """
DROP FUNCTION certificate_digest(certificates_certificate);
DROP TRIGGER filling_is_never_changed ON certificates_filling;
DROP TRIGGER certificate_filling_on_update ON certificates_certificate;
DROP TRIGGER certificate_filling_on_insert ON certificates_certificate;
DROP FUNCTION certificate_filling();
DROP TRIGGER certificate_guard ON certificates_certificate;
DROP FUNCTION certificate_guard();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0001_initial"), ("blanks", "0002_ledger")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

"""What the database watches over certificates of any origin (invariants 3-5 and 7).

- The data of an electronic certificate are its approved person's; a reissue's are its
  application's, which the reissues' own migration watches.
- Once issued, only the loss and the end of a certificate are written, and void is for good.
- A certificate never issued can be withdrawn, unless an accepted row promises it.
- A successor in force means that what it replaces is void, and the other way round.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION certificate_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving CONSTANT text[] := ARRAY[
        'state', 'blank_serial', 'filled_at', 'filled_by_id', 'official_seal_at',
        'official_seal_by_id', 'official_seal_unit_id', 'embossed_at', 'embossed_by_id',
        'embossed_unit_id', 'issued_at', 'issued_by_id', 'recipient', 'recipient_relation',
        'lost_at', 'voided_at', 'void_reason'];
    standing CONSTANT text[] := ARRAY['lost_at', 'voided_at', 'void_reason'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'certificates are never removed'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'certificate_is_never_removed', TABLE = TG_TABLE_NAME;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - moving IS DISTINCT FROM to_jsonb(OLD) - moving
        THEN
            RAISE EXCEPTION 'the data of certificate % never change', OLD.number
                USING ERRCODE = 'integrity_constraint_violation',
                      CONSTRAINT = 'certificate_data_never_change', TABLE = TG_TABLE_NAME;
        END IF;
        IF (OLD.state, NEW.state) NOT IN (
            ('filled', 'sealed'), ('sealed', 'embossed'), ('embossed', 'issued'),
            ('filled', 'filled'), ('sealed', 'filled'), ('embossed', 'filled'),
            ('filled', 'awaiting_blank'), ('sealed', 'awaiting_blank'),
            ('embossed', 'awaiting_blank'), ('awaiting_blank', 'filled'),
            ('awaiting_photo', 'issued'), ('issued', 'issued'),
            ('awaiting_photo', 'withdrawn'), ('awaiting_blank', 'withdrawn'),
            ('filled', 'withdrawn'), ('sealed', 'withdrawn'), ('embossed', 'withdrawn'))
        THEN
            RAISE EXCEPTION 'certificate % may not go from % to %', OLD.number, OLD.state, NEW.state
                USING ERRCODE = 'integrity_constraint_violation',
                      CONSTRAINT = 'certificate_goes_step_by_step', TABLE = TG_TABLE_NAME;
        END IF;
        IF NEW.state = 'withdrawn' AND NEW.origin = 'register' THEN
            RAISE EXCEPTION 'the certificate % of an accepted row is never withdrawn', OLD.number
                USING ERRCODE = 'integrity_constraint_violation',
                      CONSTRAINT = 'certificate_of_a_register_is_never_withdrawn',
                      TABLE = TG_TABLE_NAME;
        END IF;
        IF OLD.state = 'issued'
           AND to_jsonb(NEW) - standing IS DISTINCT FROM to_jsonb(OLD) - standing
        THEN
            RAISE EXCEPTION 'certificate % was issued: only its loss and its end are written',
                OLD.number
                USING ERRCODE = 'integrity_constraint_violation',
                      CONSTRAINT = 'issued_certificate_stays', TABLE = TG_TABLE_NAME;
        END IF;
        IF OLD.voided_at IS NOT NULL THEN
            RAISE EXCEPTION 'certificate % is void for good', OLD.number
                USING ERRCODE = 'integrity_constraint_violation',
                      CONSTRAINT = 'void_is_for_good', TABLE = TG_TABLE_NAME;
        END IF;
        IF NEW.state IN ('sealed', 'embossed', 'issued')
           AND NEW.blank_serial IS DISTINCT FROM OLD.blank_serial THEN
            RAISE EXCEPTION 'a seal belongs to the blank on which it was put'
                USING ERRCODE = 'integrity_constraint_violation',
                      CONSTRAINT = 'sealed_certificate_keeps_its_blank', TABLE = TG_TABLE_NAME;
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state NOT IN ('filled', 'awaiting_blank')
       AND NOT (NEW.medium = 'electronic' AND NEW.state IN ('awaiting_photo', 'issued'))
       OR NEW.lost_at IS NOT NULL OR NEW.voided_at IS NOT NULL
    THEN
        RAISE EXCEPTION 'a certificate begins by being filled in'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'certificate_goes_step_by_step', TABLE = TG_TABLE_NAME;
    END IF;
    IF NEW.origin = 'register' AND NOT EXISTS (
        SELECT 1 FROM registers_registerrow r
        JOIN registers_register g ON g.id = r.register_id
        JOIN approvals_approvedperson p ON p.id = r.approved_person_id
        JOIN approvals_approvaldocument d ON d.id = p.document_id
        WHERE r.id = NEW.row_id AND r.accepted AND r.register_id = NEW.register_id
          AND p.id = NEW.approved_person_id AND p.level = NEW.level
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
    IF NEW.origin = 'online' AND NOT EXISTS (
        SELECT 1 FROM approvals_approvedperson p
        JOIN approvals_approvaldocument d ON d.id = p.document_id
        WHERE p.id = NEW.approved_person_id AND d.channel = 'online'
          AND d.review_mode <> 'self_managed'
          AND p.name = NEW.name AND p.sex = NEW.sex AND p.id_kind = NEW.id_kind
          AND p.id_number_index = NEW.id_number_index
          AND p.id_number_cipher = NEW.id_number_cipher
          AND p.id_number_masked = NEW.id_number_masked AND p.work_unit = NEW.work_unit
          AND p.specialty = NEW.specialty AND p.qualification = NEW.qualification
          AND p.grade = NEW.grade AND p.level = NEW.level
          AND p.approval_date = NEW.approval_date AND d.number = NEW.document_number
          AND d.approving_department_id = NEW.approving_department_id)
    THEN
        RAISE EXCEPTION 'certificate % differs from its approved person', NEW.number
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'electronic_certificate_equals_approved_person',
                  TABLE = TG_TABLE_NAME;
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

-- A certificate of a register that is neither lost nor void has the digest that it always had, so
-- the chain's older events still hold.
CREATE OR REPLACE FUNCTION certificate_digest(c certificates_certificate) RETURNS bytea
    LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.origin = 'register' AND c.lost_at IS NULL AND c.voided_at IS NULL
    THEN sha256(convert_to(jsonb_build_array(
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
        c.recipient_relation)::text, 'UTF8'))
    ELSE sha256(convert_to(jsonb_build_array(
        'v2', c.medium, c.origin, c.approved_person_id, c.reissue, c.replaces_id, c.level,
        (extract(epoch FROM c.lost_at) * 1000000)::bigint,
        (extract(epoch FROM c.voided_at) * 1000000)::bigint, c.void_reason)::text, 'UTF8')
        || sha256(convert_to(jsonb_build_array(
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
        c.recipient_relation)::text, 'UTF8')))
    END $$;

-- Checked at the end of the transaction: both are written in it, one after the other.
CREATE FUNCTION successor_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.replaces_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM certificates_certificate later JOIN certificates_certificate earlier
            ON earlier.id = later.replaces_id
        WHERE later.id = NEW.id AND later.state = 'issued' AND earlier.voided_at IS NULL)
    THEN
        RAISE EXCEPTION 'certificate % is in force beside the one that it replaces', NEW.number
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'successor_voids_what_it_replaces', TABLE = TG_TABLE_NAME;
    END IF;
    IF NEW.void_reason IN ('replaced', 'renewed') AND NOT EXISTS (
        SELECT 1 FROM certificates_certificate later
        WHERE later.replaces_id = NEW.id AND later.state = 'issued')
    THEN
        RAISE EXCEPTION 'certificate % has no successor in force', NEW.number
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'replaced_certificate_has_a_successor', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER successor_voids_what_it_replaces
    AFTER INSERT OR UPDATE ON certificates_certificate
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.replaces_id IS NOT NULL OR NEW.voided_at IS NOT NULL)
    EXECUTE FUNCTION successor_guard();
"""

BACKWARD = """
DROP TRIGGER successor_voids_what_it_replaces ON certificates_certificate;
DROP FUNCTION successor_guard();

CREATE OR REPLACE FUNCTION certificate_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION certificate_digest(c certificates_certificate) RETURNS bytea
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


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0003_origins")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

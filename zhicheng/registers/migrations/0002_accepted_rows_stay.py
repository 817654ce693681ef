"""Accepted rows never change: certificates take their data from them (N6, invariant 7)."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION register_row_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.accepted THEN
        RAISE EXCEPTION 'row % of register % is accepted and never changes', OLD.id, OLD.register_id
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'accepted_row_never_changes', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER accepted_row_never_changes BEFORE UPDATE OR DELETE ON registers_registerrow
    FOR EACH ROW EXECUTE FUNCTION register_row_guard();

-- What stands on an accepted row is what the approval document lists (N6, invariant 7).
CREATE FUNCTION accepted_row_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.accepted AND NOT EXISTS (
        SELECT 1 FROM approvals_approvedperson p JOIN approvals_approvaldocument d
            ON d.id = p.document_id
        WHERE p.id = NEW.approved_person_id
          AND p.name = NEW.name AND p.id_number_index = NEW.id_number_index
          AND p.qualification = NEW.qualification AND p.specialty = NEW.specialty
          AND p.approval_date = NEW.approval_date AND p.grade = NEW.grade
          AND d.number = NEW.document_number
          AND d.review_mode <> 'self_managed' AND d.channel <> 'online'
    ) THEN
        RAISE EXCEPTION 'row % of register % differs from the approval document', NEW.id,
            NEW.register_id
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'accepted_row_equals_approval_document', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER accepted_row_equals_approval_document
    BEFORE INSERT OR UPDATE ON registers_registerrow
    FOR EACH ROW WHEN (NEW.accepted) EXECUTE FUNCTION accepted_row_check();
"""

BACKWARD = """
DROP TRIGGER accepted_row_equals_approval_document ON registers_registerrow;
DROP FUNCTION accepted_row_check();
DROP TRIGGER accepted_row_never_changes ON registers_registerrow;
DROP FUNCTION register_row_guard();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("registers", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

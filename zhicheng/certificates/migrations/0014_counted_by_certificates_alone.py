"""What registers and documents say of their certificates is written by the certificates alone.

Their triggers write it, so a statement of anybody else is one at depth 0.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION certificate_count_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% % counts its certificates itself', TG_TABLE_NAME, NEW.id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME,
              TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER register_certificates_are_counted_by_these_alone
    BEFORE UPDATE ON registers_register FOR EACH ROW
    WHEN (NEW.made_count <> OLD.made_count AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION certificate_count_guard();
CREATE TRIGGER document_certificates_are_counted_by_these_alone
    BEFORE UPDATE ON approvals_approvaldocument FOR EACH ROW
    WHEN (NEW.issued_count <> OLD.issued_count AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION certificate_count_guard();
CREATE TRIGGER document_begins_with_nothing_counted
    BEFORE INSERT ON approvals_approvaldocument FOR EACH ROW WHEN (NEW.issued_count <> 0)
    EXECUTE FUNCTION certificate_count_guard();

-- Whoever stands in this table sees the register.
CREATE TRIGGER approver_of_a_register_comes_with_its_certificates
    BEFORE INSERT ON certificates_registerapprover FOR EACH ROW
    WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();
"""

BACKWARD = """
DROP TRIGGER approver_of_a_register_comes_with_its_certificates ON certificates_registerapprover;
DROP TRIGGER document_begins_with_nothing_counted ON approvals_approvaldocument;
DROP TRIGGER document_certificates_are_counted_by_these_alone ON approvals_approvaldocument;
DROP TRIGGER register_certificates_are_counted_by_these_alone ON registers_register;
DROP FUNCTION certificate_count_guard();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("approvals", "0003_issued_count"),
        ("certificates", "0013_register_approvers"),
        ("registers", "0012_nothing_counted_yet"),
    ]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

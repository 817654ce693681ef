"""Whatever changes the figures tells of itself, within its own transaction."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION statistics_note_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_pending (kind, object_id) SELECT 'p', id FROM changed;
    RETURN NULL;
END $$;
CREATE TRIGGER statistics_hear_of_new AFTER INSERT ON approvals_approvedperson
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION statistics_note_people();
CREATE TRIGGER statistics_hear_of_changes AFTER UPDATE ON approvals_approvedperson
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION statistics_note_people();
CREATE TRIGGER statistics_hear_of_gone AFTER DELETE ON approvals_approvedperson
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION statistics_note_people();

CREATE FUNCTION statistics_note_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_pending (kind, object_id)
    SELECT 'p', p.id FROM approvals_approvedperson p WHERE p.document_id = NEW.id
    UNION ALL
    SELECT 'c', c.id FROM approvals_approvedperson p
    JOIN certificates_certificate c ON c.approved_person_id = p.id
    WHERE p.document_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER statistics_hear_of_documents AFTER UPDATE ON approvals_approvaldocument
    FOR EACH ROW WHEN ((OLD.approving_department_id, OLD.review_mode, OLD.channel)
        IS DISTINCT FROM (NEW.approving_department_id, NEW.review_mode, NEW.channel))
    EXECUTE FUNCTION statistics_note_documents();

CREATE FUNCTION statistics_note_certificates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_pending (kind, object_id) SELECT 'c', id FROM changed;
    RETURN NULL;
END $$;
CREATE TRIGGER statistics_hear_of_new AFTER INSERT ON certificates_certificate
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION statistics_note_certificates();
CREATE TRIGGER statistics_hear_of_gone AFTER DELETE ON certificates_certificate
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION statistics_note_certificates();

-- On its way a certificate counts nowhere; its issue, loss and end do, and its withdrawal.
CREATE FUNCTION statistics_note_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_pending (kind, object_id)
    SELECT 'c', n.id FROM fresh n JOIN past o ON o.id = n.id
    WHERE n.state = 'issued' OR o.state = 'issued'
        OR (n.state = 'withdrawn') <> (o.state = 'withdrawn');
    RETURN NULL;
END $$;
CREATE TRIGGER statistics_hear_of_steps AFTER UPDATE ON certificates_certificate
    REFERENCING OLD TABLE AS past NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION statistics_note_steps();

CREATE FUNCTION statistics_note_organizations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_pending (kind, object_id) VALUES ('o', NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER statistics_hear_of_new AFTER INSERT ON organizations_organization
    FOR EACH ROW EXECUTE FUNCTION statistics_note_organizations();
CREATE TRIGGER statistics_hear_of_changes AFTER UPDATE ON organizations_organization
    FOR EACH ROW WHEN (
        (OLD.name, OLD.region_id, OLD.supervisor_id, OLD.has_authority, OLD.valid_to)
        IS DISTINCT FROM
        (NEW.name, NEW.region_id, NEW.supervisor_id, NEW.has_authority, NEW.valid_to))
    EXECUTE FUNCTION statistics_note_organizations();

-- What is on file already is counted by the worker's first round.
INSERT INTO statistics_pending (kind, object_id)
SELECT 'r', 0 WHERE EXISTS (SELECT FROM approvals_approvedperson)
    OR EXISTS (SELECT FROM certificates_certificate);
"""
BACKWARD = """
DROP TRIGGER statistics_hear_of_new ON approvals_approvedperson;
DROP TRIGGER statistics_hear_of_changes ON approvals_approvedperson;
DROP TRIGGER statistics_hear_of_gone ON approvals_approvedperson;
DROP TRIGGER statistics_hear_of_documents ON approvals_approvaldocument;
DROP TRIGGER statistics_hear_of_new ON certificates_certificate;
DROP TRIGGER statistics_hear_of_gone ON certificates_certificate;
DROP TRIGGER statistics_hear_of_steps ON certificates_certificate;
DROP TRIGGER statistics_hear_of_new ON organizations_organization;
DROP TRIGGER statistics_hear_of_changes ON organizations_organization;
DROP FUNCTION statistics_note_people();
DROP FUNCTION statistics_note_documents();
DROP FUNCTION statistics_note_certificates();
DROP FUNCTION statistics_note_steps();
DROP FUNCTION statistics_note_organizations();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("approvals", "0001_initial"),
        ("certificates", "0007_issue"),
        ("organizations", "0001_initial"),
        ("reissues", "0003_second_sources"),
        ("statistics", "0001_initial"),
    ]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

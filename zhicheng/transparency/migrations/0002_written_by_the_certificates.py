"""What happens to certificates is noted in the same transaction; the log is never changed.

- Issue, loss, finding and end of a certificate leave a pending entry, whoever wrote them.
- Entries follow each other without a gap; entries, nodes and heads stay as they were written.
- A head is never smaller than one before.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION log_of_new_certificates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO transparency_pendingentry (certificate_id, kind, at)
        SELECT c.id, 'issued', c.issued_at FROM now_rows c
        WHERE c.state = 'issued' ORDER BY c.id;
    RETURN NULL;
END $$;

CREATE FUNCTION log_of_changed_certificates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO transparency_pendingentry (certificate_id, kind, at)
        SELECT c.id, k.kind, k.at
        FROM now_rows c JOIN old_rows o ON o.id = c.id
        CROSS JOIN LATERAL (VALUES
            (1, 'issued', c.issued_at, c.state = 'issued' AND o.state <> 'issued'),
            (2, 'lost', c.lost_at, c.lost_at IS NOT NULL AND o.lost_at IS NULL),
            (3, 'found', now(), c.lost_at IS NULL AND o.lost_at IS NOT NULL),
            (4, 'voided', c.voided_at, c.voided_at IS NOT NULL AND o.voided_at IS NULL)
        ) AS k (place, kind, at, happened)
        WHERE k.happened ORDER BY c.id, k.place;
    RETURN NULL;
END $$;

CREATE TRIGGER log_of_new_certificates AFTER INSERT ON certificates_certificate
    REFERENCING NEW TABLE AS now_rows
    FOR EACH STATEMENT EXECUTE FUNCTION log_of_new_certificates();
CREATE TRIGGER log_of_changed_certificates AFTER UPDATE ON certificates_certificate
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS now_rows
    FOR EACH STATEMENT EXECUTE FUNCTION log_of_changed_certificates();

-- What was issued before this migration stands in the log too.
INSERT INTO transparency_pendingentry (certificate_id, kind, at)
    SELECT id, 'issued', issued_at FROM certificates_certificate
    WHERE state = 'issued' ORDER BY issued_at, id;
INSERT INTO transparency_pendingentry (certificate_id, kind, at)
    SELECT id, 'lost', lost_at FROM certificates_certificate
    WHERE lost_at IS NOT NULL ORDER BY lost_at, id;
INSERT INTO transparency_pendingentry (certificate_id, kind, at)
    SELECT id, 'voided', voided_at FROM certificates_certificate
    WHERE voided_at IS NOT NULL ORDER BY voided_at, id;

CREATE FUNCTION log_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sequence <> 0 AND NOT EXISTS (
        SELECT 1 FROM transparency_logentry e WHERE e.sequence = NEW.sequence - 1)
    THEN
        RAISE EXCEPTION 'log entry % follows no other', NEW.sequence
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'log_entries_have_no_gap', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER log_entries_have_no_gap BEFORE INSERT ON transparency_logentry
    FOR EACH ROW EXECUTE FUNCTION log_entry_guard();
CREATE TRIGGER log_entry_is_never_changed BEFORE UPDATE OR DELETE ON transparency_logentry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_node_is_never_changed BEFORE UPDATE OR DELETE ON transparency_lognode
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tree_head_is_never_changed BEFORE UPDATE OR DELETE ON transparency_treehead
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION tree_head_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM transparency_treehead h WHERE h.size > NEW.size)
       OR NEW.size > (SELECT count(*) FROM transparency_logentry)
       OR EXISTS (SELECT 1 FROM transparency_treehead h
                  WHERE h.size = NEW.size AND h.root <> NEW.root)
    THEN
        RAISE EXCEPTION 'the log of % entries is not a later one', NEW.size
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'log_only_grows', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER log_only_grows BEFORE INSERT ON transparency_treehead
    FOR EACH ROW EXECUTE FUNCTION tree_head_guard();
"""

BACKWARD = """
DROP TRIGGER log_only_grows ON transparency_treehead;
DROP FUNCTION tree_head_guard();
DROP TRIGGER tree_head_is_never_changed ON transparency_treehead;
DROP TRIGGER log_node_is_never_changed ON transparency_lognode;
DROP TRIGGER log_entry_is_never_changed ON transparency_logentry;
DROP TRIGGER log_entries_have_no_gap ON transparency_logentry;
DROP FUNCTION log_entry_guard();
DROP TRIGGER log_of_changed_certificates ON certificates_certificate;
DROP TRIGGER log_of_new_certificates ON certificates_certificate;
DROP FUNCTION log_of_changed_certificates();
DROP FUNCTION log_of_new_certificates();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("transparency", "0001_log"),
        ("certificates", "0004_guards"),
        ("audit", "0002_append_only"),
    ]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

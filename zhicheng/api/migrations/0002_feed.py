"""The feed writes itself; keys, numbers and machine accounts never go back."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
-- What the public may know of a certificate: that it was issued, lost, found, void.
CREATE FUNCTION api_note_new_certificates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_pendingchange (certificate_id, kind, happened_at)
    SELECT n.id, k.kind, clock_timestamp()
    FROM fresh n CROSS JOIN LATERAL (VALUES (1, 'issued'), (2, 'lost'), (3, 'void')) k (place, kind)
    WHERE n.state = 'issued'
        AND (k.kind = 'issued' OR k.kind = 'lost' AND n.lost_at IS NOT NULL
            OR k.kind = 'void' AND n.voided_at IS NOT NULL)
    ORDER BY n.id, k.place;
    RETURN NULL;
END $$;
CREATE TRIGGER certificate_feed_hears_of_new AFTER INSERT ON certificates_certificate
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION api_note_new_certificates();

CREATE FUNCTION api_note_changed_certificates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_pendingchange (certificate_id, kind, happened_at)
    SELECT n.id, k.kind, clock_timestamp()
    FROM fresh n JOIN past o ON o.id = n.id
        CROSS JOIN LATERAL (
            VALUES (1, 'issued'), (2, 'lost'), (3, 'found'), (4, 'void')) k (place, kind)
    WHERE n.state = 'issued' AND CASE k.kind
        WHEN 'issued' THEN o.state <> 'issued'
        WHEN 'lost' THEN n.lost_at IS NOT NULL AND n.lost_at IS DISTINCT FROM o.lost_at
        WHEN 'found' THEN n.lost_at IS NULL AND o.lost_at IS NOT NULL
        ELSE (n.voided_at, n.void_reason) IS DISTINCT FROM (o.voided_at, o.void_reason)
            AND n.voided_at IS NOT NULL END
    ORDER BY n.id, k.place;
    RETURN NULL;
END $$;
CREATE TRIGGER certificate_feed_hears_of_changes AFTER UPDATE ON certificates_certificate
    REFERENCING OLD TABLE AS past NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION api_note_changed_certificates();

-- Also what is written with triggers at rest (a repair at the database) is heard of.
ALTER TABLE certificates_certificate ENABLE ALWAYS TRIGGER certificate_feed_hears_of_new;
ALTER TABLE certificates_certificate ENABLE ALWAYS TRIGGER certificate_feed_hears_of_changes;

-- One at a time: the head's row lock. Each statement of this function sees what was committed
-- before it began, so the numbers of whoever held the lock before are there.
CREATE FUNCTION api_number_changes(most integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
    moved bigint;
BEGIN
    INSERT INTO api_feedhead ("only", sequence) VALUES (true, 0) ON CONFLICT DO NOTHING;
    SELECT sequence INTO last FROM api_feedhead WHERE "only" FOR UPDATE;
    WITH taken AS (
        DELETE FROM api_pendingchange WHERE id IN (
            SELECT id FROM api_pendingchange ORDER BY id LIMIT most)
        RETURNING id, certificate_id, kind, happened_at)
    INSERT INTO api_certificatechange (sequence, certificate_id, kind, happened_at)
    SELECT last + row_number() OVER (ORDER BY id), certificate_id, kind, happened_at FROM taken;
    GET DIAGNOSTICS moved = ROW_COUNT;
    UPDATE api_feedhead SET sequence = last + moved WHERE "only" AND moved > 0;
    RETURN moved;
END $$;

CREATE FUNCTION api_feed_has_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
    low bigint;
    high bigint;
    many bigint;
BEGIN
    SELECT coalesce(max(sequence), 0) INTO last FROM api_feedhead;
    SELECT min(sequence), max(sequence), count(*) INTO low, high, many FROM fresh;
    IF many > 0 AND (low <> last + 1 OR high <> last + many) THEN
        RAISE EXCEPTION 'the feed goes on at %', last + 1
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME,
                TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER feed_has_no_gap AFTER INSERT ON api_certificatechange
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION api_feed_has_no_gap();

CREATE FUNCTION api_never_goes_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% never changes', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME,
            TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER numbered_change_never_changes BEFORE UPDATE OR DELETE ON api_certificatechange
    FOR EACH ROW EXECUTE FUNCTION api_never_goes_back();
CREATE TRIGGER feed_head_never_goes_back BEFORE UPDATE ON api_feedhead
    FOR EACH ROW WHEN (NEW.sequence < OLD.sequence) EXECUTE FUNCTION api_never_goes_back();

CREATE TRIGGER api_key_never_does_more BEFORE UPDATE ON api_apikey
    FOR EACH ROW WHEN (
        (NEW.client_id, NEW.prefix, NEW.digest, NEW.scopes, NEW.purpose, NEW.per_minute,
            NEW.created_at, NEW.created_by_id) IS DISTINCT FROM
        (OLD.client_id, OLD.prefix, OLD.digest, OLD.scopes, OLD.purpose, OLD.per_minute,
            OLD.created_at, OLD.created_by_id)
        OR NEW.expires_at > OLD.expires_at
        OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at))
    EXECUTE FUNCTION api_never_goes_back();
CREATE TRIGGER api_key_is_never_removed BEFORE DELETE ON api_apikey
    FOR EACH ROW EXECUTE FUNCTION api_never_goes_back();

-- The account of another system: no password, the role and organisation it was made with.
CREATE FUNCTION api_account_never_logs_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM api_apiclient WHERE account_id = NEW.id) THEN
        RAISE EXCEPTION 'account % belongs to another system', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME,
                TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER interface_account_never_logs_in BEFORE UPDATE ON organizations_account
    FOR EACH ROW WHEN (
        (NEW.password, NEW.role, NEW.organization_id, NEW.username) IS DISTINCT FROM
        (OLD.password, OLD.role, OLD.organization_id, OLD.username))
    EXECUTE FUNCTION api_account_never_logs_in();
CREATE FUNCTION api_client_fits_its_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM organizations_account WHERE id = NEW.account_id
            AND organization_id = NEW.organization_id AND role = 'clerk' AND password LIKE '!%')
    THEN
        RAISE EXCEPTION 'the account of a system is a clerk of its organisation with no password'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME,
                TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER api_client_fits_its_account BEFORE INSERT OR UPDATE ON api_apiclient
    FOR EACH ROW EXECUTE FUNCTION api_client_fits_its_account();

CREATE FUNCTION api_note_registers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.state <> OLD.state THEN
        INSERT INTO api_pendingregisterchange (register_id, state, happened_at)
        VALUES (NEW.id, NEW.state, clock_timestamp());
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER register_states_are_told AFTER INSERT OR UPDATE OF state ON registers_register
    FOR EACH ROW EXECUTE FUNCTION api_note_registers();

-- Counters are worth nothing after a crash: they need no journal.
ALTER TABLE api_requestcount SET UNLOGGED;

-- What is on file already is in the feed from its beginning.
INSERT INTO api_pendingchange (certificate_id, kind, happened_at)
SELECT c.id, k.kind,
    CASE k.kind WHEN 'issued' THEN c.issued_at WHEN 'lost' THEN c.lost_at ELSE c.voided_at END
FROM certificates_certificate c
    CROSS JOIN LATERAL (VALUES (1, 'issued'), (2, 'lost'), (3, 'void')) k (place, kind)
WHERE c.state = 'issued'
    AND (k.kind = 'issued' OR k.kind = 'lost' AND c.lost_at IS NOT NULL
        OR k.kind = 'void' AND c.voided_at IS NOT NULL)
ORDER BY c.issued_at, c.id, k.place;
"""
BACKWARD = """
DROP TRIGGER certificate_feed_hears_of_new ON certificates_certificate;
DROP TRIGGER certificate_feed_hears_of_changes ON certificates_certificate;
DROP TRIGGER interface_account_never_logs_in ON organizations_account;
DROP TRIGGER register_states_are_told ON registers_register;
DROP TRIGGER feed_has_no_gap ON api_certificatechange;
DROP TRIGGER numbered_change_never_changes ON api_certificatechange;
DROP TRIGGER feed_head_never_goes_back ON api_feedhead;
DROP TRIGGER api_key_never_does_more ON api_apikey;
DROP TRIGGER api_key_is_never_removed ON api_apikey;
DROP TRIGGER api_client_fits_its_account ON api_apiclient;
DROP FUNCTION api_note_new_certificates();
DROP FUNCTION api_note_changed_certificates();
DROP FUNCTION api_number_changes(integer);
DROP FUNCTION api_feed_has_no_gap();
DROP FUNCTION api_never_goes_back();
DROP FUNCTION api_account_never_logs_in();
DROP FUNCTION api_client_fits_its_account();
DROP FUNCTION api_note_registers();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("api", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

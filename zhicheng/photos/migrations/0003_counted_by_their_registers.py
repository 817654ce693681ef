"""Registers count their people with a photo: a list looks at no rows and no photos.

The figure of a register with rows in the making depends on its own rows and photos alone: its lock
keeps it. That of accepted rows depends on every register that their people are accepted on. So
whatever accepts rows goes alone among all that adds or removes photos of accepted people (an
advisory lock, for PostgreSQL shows nobody the rows of a transaction that is still open), and each
statement locks the registers that it concerns in the order of their ids and counts them anew.
A photo added while its register is being accepted may still meet that in a circle; whoever adds,
removes or accepts begins again then (``retrying``).
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION registers_locked_in_order(registers bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM r.id FROM registers_register r WHERE r.id = ANY (registers)
        ORDER BY r.id FOR NO KEY UPDATE;
END $$;

-- Planned for each call: a plan of when there were few photos would read all of the many.
CREATE FUNCTION registers_count_photos_of(registers bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE $sql$
        WITH counted AS MATERIALIZED (
            SELECT c.id, (
                SELECT count(*) FROM registers_registerrow w WHERE w.register_id = c.id AND CASE
                    WHEN w.accepted THEN (
                        SELECT true FROM photos_photo p JOIN registers_registerrow v
                            ON v.id_number_index = p.id_number_index
                            AND v.register_id = p.register_id AND v.accepted
                        WHERE p.id_number_index = w.id_number_index AND p.removed_at IS NULL
                        LIMIT 1)
                    ELSE (
                        SELECT true FROM photos_photo p
                        WHERE p.id_number_index = w.id_number_index AND p.removed_at IS NULL
                            AND p.register_id = w.register_id
                        LIMIT 1)
                    END) AS number
            FROM unnest($1) AS c (id)
        )
        UPDATE registers_register r SET photo_count = n.number
        FROM counted n
        -- Named twice, or all registers are read to find these few.
        WHERE r.id = n.id AND r.id = ANY ($1) AND r.photo_count <> n.number $sql$ USING registers;
END $$;

-- Photos are added, or removed: a guard refuses every other change.
CREATE FUNCTION registers_count_their_photos() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    vouched boolean;
    concerned bigint[];
BEGIN
    -- Twice: while this waited for the photos' own register, that may have been accepted.
    FOR turn IN 1..2 LOOP
        EXECUTE $sql$
            SELECT EXISTS (
                SELECT 1 FROM fresh f JOIN registers_registerrow v
                    ON v.id_number_index = f.id_number_index AND v.register_id = f.register_id
                WHERE v.accepted) $sql$ INTO vouched;
        IF vouched THEN
            PERFORM pg_advisory_xact_lock_shared(7241003);
        END IF;
        EXECUTE $sql$
            SELECT array_agg(DISTINCT c.id) FROM (
                SELECT f.register_id AS id FROM fresh f
                UNION ALL
                SELECT w.register_id FROM fresh f
                JOIN registers_registerrow v
                    ON v.id_number_index = f.id_number_index AND v.register_id = f.register_id
                JOIN registers_registerrow w ON w.id_number_index = f.id_number_index
                WHERE v.accepted AND w.accepted
            ) c $sql$ INTO concerned;
        PERFORM registers_locked_in_order(concerned);
    END LOOP;
    PERFORM registers_count_photos_of(concerned);
    RETURN NULL;
END $$;
CREATE TRIGGER registers_count_new_photos AFTER INSERT ON photos_photo
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION registers_count_their_photos();
CREATE TRIGGER registers_count_removed_photos AFTER UPDATE ON photos_photo
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION registers_count_their_photos();

-- Rows come, go, become somebody else's or are accepted; ``touched`` says which of a statement.
CREATE FUNCTION registers_count_photos_of_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT * FROM fresh'
        WHEN 'DELETE' THEN 'SELECT * FROM gone'
        ELSE 'SELECT f.* FROM fresh f JOIN gone g ON g.id = f.id
              WHERE (f.accepted, f.id_number_index) IS DISTINCT FROM (g.accepted, g.id_number_index)'
        END;
    own bigint[];
    vouched bytea[];
    concerned bigint[];
BEGIN
    EXECUTE format(
        'SELECT array_agg(DISTINCT t.register_id),
            array_agg(t.id_number_index) FILTER (WHERE t.accepted) FROM (%s) t', touched)
        INTO own, vouched;
    IF own IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM registers_locked_in_order(own);
    IF vouched IS NULL THEN
        -- Most registers in the making have no photos: nothing to count.
        SELECT array_agg(r.id) INTO concerned FROM registers_register r
        WHERE r.id = ANY (own) AND (r.photo_count > 0 OR EXISTS (
            SELECT 1 FROM photos_photo p WHERE p.register_id = r.id AND p.removed_at IS NULL));
    ELSE
        PERFORM pg_advisory_xact_lock(7241003);
        EXECUTE $sql$
            SELECT array_agg(DISTINCT c.id) FROM (
                SELECT unnest($1) AS id
                UNION ALL
                SELECT w.register_id FROM photos_photo p
                JOIN registers_registerrow w ON w.id_number_index = p.id_number_index
                WHERE p.register_id = ANY ($1) AND p.removed_at IS NULL
                    AND p.id_number_index = ANY ($2) AND w.accepted
            ) c $sql$ INTO concerned USING own, vouched;
        PERFORM registers_locked_in_order(concerned);
    END IF;
    IF concerned IS NOT NULL THEN
        PERFORM registers_count_photos_of(concerned);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER registers_count_photos_of_new_rows AFTER INSERT ON registers_registerrow
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION registers_count_photos_of_rows();
CREATE TRIGGER registers_count_photos_of_changed_rows AFTER UPDATE ON registers_registerrow
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION registers_count_photos_of_rows();
CREATE TRIGGER registers_count_photos_of_removed_rows AFTER DELETE ON registers_registerrow
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION registers_count_photos_of_rows();

WITH live AS (
    SELECT DISTINCT id_number_index, register_id FROM photos_photo WHERE removed_at IS NULL
), vouched AS (
    SELECT DISTINCT l.id_number_index FROM live l JOIN registers_registerrow v
        ON v.id_number_index = l.id_number_index AND v.register_id = l.register_id AND v.accepted
)
UPDATE registers_register r SET photo_count = n.number
FROM (
    SELECT h.register_id, count(*) AS number FROM (
        SELECT w.register_id FROM registers_registerrow w
        JOIN vouched USING (id_number_index) WHERE w.accepted
        UNION ALL
        SELECT w.register_id FROM registers_registerrow w
        JOIN live USING (id_number_index, register_id) WHERE NOT w.accepted
    ) h GROUP BY h.register_id
) n
WHERE r.id = n.register_id;

-- Nobody else writes the figure, whoever saves a register that was read before.
CREATE FUNCTION register_photo_count_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'register % counts its photos itself', OLD.id
        USING ERRCODE = 'integrity_constraint_violation',
              CONSTRAINT = 'register_photos_are_counted_by_photos_and_rows_alone',
              TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER register_photos_are_counted_by_photos_and_rows_alone
    BEFORE UPDATE ON registers_register FOR EACH ROW
    WHEN (NEW.photo_count <> OLD.photo_count AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION register_photo_count_guard();
"""

BACKWARD = """
DROP TRIGGER register_photos_are_counted_by_photos_and_rows_alone ON registers_register;
DROP FUNCTION register_photo_count_guard();
DROP TRIGGER registers_count_photos_of_removed_rows ON registers_registerrow;
DROP TRIGGER registers_count_photos_of_changed_rows ON registers_registerrow;
DROP TRIGGER registers_count_photos_of_new_rows ON registers_registerrow;
DROP FUNCTION registers_count_photos_of_rows();
DROP TRIGGER registers_count_removed_photos ON photos_photo;
DROP TRIGGER registers_count_new_photos ON photos_photo;
DROP FUNCTION registers_count_their_photos();
DROP FUNCTION registers_count_photos_of(bigint[]);
DROP FUNCTION registers_locked_in_order(bigint[]);
UPDATE registers_register SET photo_count = 0 WHERE photo_count <> 0;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("photos", "0002_never_changed"),
        ("registers", "0011_photo_count"),
    ]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

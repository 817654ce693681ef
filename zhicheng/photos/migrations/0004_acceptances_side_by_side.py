"""Acceptances that have nobody in common are counted side by side.

A photo vouches for its person on every register once that person is accepted on the photo's own.
Two kinds of transactions meet there: those that accept rows, and those that add or remove photos
of accepted people. Each may go alongside its own kind, never alongside the other, for PostgreSQL
shows nobody what isn't committed. The modes of a lock on an empty table say just that (ROW
EXCLUSIVE, SHARE), where an advisory lock would have to be exclusive for one of the kinds.

Two acceptances A and B that are both open miscount each other by one thing only: a photo of
somebody whom both accept, by A's register, say, which didn't vouch for them before. Either B finds
the photo when it looks (``photos_are_undecided``). Or the photo was committed after B looked; A
looks under its register's lock, hence after that, hence after B's rows were committed, and finds
B's row of the same person. So one of the two asks for the table for itself (SHARE ROW EXCLUSIVE),
and the other's SHARE refuses that until it is committed. Whoever accepts rows in the transaction
that wrote them, which no action does, has rows that A can't find: it takes the table for itself.
"""

from importlib import import_module
from typing import ClassVar

from django.db import migrations

_BEFORE: str = import_module("zhicheng.photos.migrations.0003_counted_by_their_registers").FORWARD


def _before(name: str) -> str:
    """The function as the migration before made it."""
    began = _BEFORE.index(f"CREATE FUNCTION {name}(")
    ended = _BEFORE.index("END $$;", began)
    return _BEFORE[began:ended].replace("CREATE", "CREATE OR REPLACE", 1) + "END $$;\n"


FORWARD = """
-- Who still counts by the other lock is waited for.
LOCK TABLE registers_registerrow, photos_photo IN SHARE ROW EXCLUSIVE MODE;
CREATE TABLE photos_turn ();
COMMENT ON TABLE photos_turn IS
    'Always empty: photos of accepted people and acceptances lock it against each other.';

CREATE OR REPLACE FUNCTION registers_count_their_photos() RETURNS trigger LANGUAGE plpgsql AS $$
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
            LOCK TABLE photos_turn IN ROW EXCLUSIVE MODE;
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

-- Whether two acceptances could decide what the other counts: somebody who is being accepted has a
-- photo whose register didn't vouch for them before, and stands on another register as well.
CREATE FUNCTION photos_are_undecided(own bigint[], people bytea[]) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    found boolean;
BEGIN
    EXECUTE $sql$
        SELECT EXISTS (
            SELECT 1 FROM unnest($2) AS c (id_number_index)
            JOIN photos_photo p
                ON p.id_number_index = c.id_number_index AND p.removed_at IS NULL
            JOIN registers_registerrow w
                ON w.id_number_index = p.id_number_index AND w.register_id <> p.register_id
            WHERE p.register_id = ANY ($1) OR NOT EXISTS (
                SELECT 1 FROM registers_registerrow v
                WHERE v.id_number_index = p.id_number_index
                    AND v.register_id = p.register_id AND v.accepted)) $sql$
        INTO found USING own, people;
    RETURN found;
END $$;

CREATE OR REPLACE FUNCTION registers_count_photos_of_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT f.*, true AS came FROM fresh f'
        WHEN 'DELETE' THEN 'SELECT g.*, false AS came FROM gone g'
        ELSE 'SELECT f.*, f.id_number_index IS DISTINCT FROM g.id_number_index AS came
              FROM fresh f JOIN gone g ON g.id = f.id
              WHERE (f.accepted, f.id_number_index) IS DISTINCT FROM (g.accepted, g.id_number_index)'
        END;
    own bigint[];
    vouched bytea[];
    came boolean;
    concerned bigint[];
BEGIN
    EXECUTE format(
        'SELECT array_agg(DISTINCT t.register_id),
            array_agg(t.id_number_index) FILTER (WHERE t.accepted), bool_or(t.came)
        FROM (%s) t', touched)
        INTO own, vouched, came;
    IF own IS NULL THEN
        RETURN NULL;
    END IF;
    IF came THEN
        -- Until the transaction ends: nobody else sees these rows.
        PERFORM set_config('zhicheng.rows_came', 'yes', true);
    END IF;
    PERFORM registers_locked_in_order(own);
    IF vouched IS NULL THEN
        -- Most registers in the making have no photos: nothing to count.
        SELECT array_agg(r.id) INTO concerned FROM registers_register r
        WHERE r.id = ANY (own) AND (r.photo_count > 0 OR EXISTS (
            SELECT 1 FROM photos_photo p WHERE p.register_id = r.id AND p.removed_at IS NULL));
    ELSE
        IF current_setting('zhicheng.rows_came', true) = 'yes'
            OR photos_are_undecided(own, vouched)
        THEN
            LOCK TABLE photos_turn IN SHARE ROW EXCLUSIVE MODE;
        ELSE
            LOCK TABLE photos_turn IN SHARE MODE;
            -- What was committed while this waited; the look under the lock is the one that counts.
            IF photos_are_undecided(own, vouched) THEN
                LOCK TABLE photos_turn IN SHARE ROW EXCLUSIVE MODE;
            END IF;
        END IF;
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
"""

BACKWARD = f"""
LOCK TABLE registers_registerrow, photos_photo IN SHARE ROW EXCLUSIVE MODE;
{_before("registers_count_photos_of_rows")}
{_before("registers_count_their_photos")}
DROP FUNCTION photos_are_undecided(bigint[], bytea[]);
DROP TABLE photos_turn;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("photos", "0003_counted_by_their_registers")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

"""The ledger's machinery: movements are applied by the database itself (invariants 1 and 2).

- A print run puts its serials into the printer's custody: the only way in.
- A movement takes its serials out of the source's holdings and puts them into the target's; it
  is refused when the source doesn't hold all of them.
- Holdings can't be written in any other way; movements and print runs can't be changed.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION range_size(r int8range) RETURNS bigint LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN isempty(r) THEN 0 ELSE upper(r) - lower(r) END $$;

-- Puts serials into a custody, joining them with neighbours that it holds already.
CREATE FUNCTION ledger_put(custody bigint, moved int8range) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    neighbour int8range;
    whole int8range := moved;
BEGIN
    FOR neighbour IN
        DELETE FROM blanks_holding h WHERE h.custody_id = custody AND h.serials -|- moved
        RETURNING h.serials
    LOOP
        whole := whole + neighbour;
    END LOOP;
    INSERT INTO blanks_holding (serials, custody_id) VALUES (whole, custody);
END $$;

CREATE FUNCTION ledger_print_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM blanks_custody c WHERE c.id = NEW.custody_id
                   AND c.state = 'printer' AND c.grade = NEW.grade) THEN
        RAISE EXCEPTION 'a print run enters the custody of the printer of its grade'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'print_run_enters_through_the_printer', TABLE = TG_TABLE_NAME;
    END IF;
    PERFORM ledger_put(NEW.custody_id, NEW.serials);
    RETURN NEW;
END $$;

CREATE TRIGGER print_run_enters_through_the_printer AFTER INSERT ON blanks_printrun
    FOR EACH ROW EXECUTE FUNCTION ledger_print_run();
CREATE TRIGGER print_run_is_never_changed BEFORE UPDATE OR DELETE ON blanks_printrun
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION ledger_movement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held record;
    found bigint := 0;
    grades bigint;
BEGIN
    -- Both accounts in one order, so that two movements never wait for each other in a ring.
    PERFORM 1 FROM blanks_custody c WHERE c.id IN (NEW.source_id, NEW.target_id)
        ORDER BY c.id FOR NO KEY UPDATE;
    SELECT count(DISTINCT c.grade) INTO grades FROM blanks_custody c
        WHERE c.id IN (NEW.source_id, NEW.target_id);
    IF grades <> 1 THEN
        RAISE EXCEPTION 'blanks keep their grade'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'movement_keeps_the_grade', TABLE = TG_TABLE_NAME;
    END IF;
    FOR held IN
        DELETE FROM blanks_holding h WHERE h.custody_id = NEW.source_id AND h.serials && NEW.serials
        RETURNING h.serials AS serials
    LOOP
        found := found + range_size(held.serials * NEW.serials);
        IF lower(held.serials) < lower(NEW.serials) THEN
            INSERT INTO blanks_holding (serials, custody_id)
                VALUES (int8range(lower(held.serials), lower(NEW.serials)), NEW.source_id);
        END IF;
        IF upper(held.serials) > upper(NEW.serials) THEN
            INSERT INTO blanks_holding (serials, custody_id)
                VALUES (int8range(upper(NEW.serials), upper(held.serials)), NEW.source_id);
        END IF;
    END LOOP;
    IF found <> range_size(NEW.serials) THEN
        RAISE EXCEPTION 'the source does not hold all of %', NEW.serials
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'only_the_custodian_moves_a_blank', TABLE = TG_TABLE_NAME;
    END IF;
    PERFORM ledger_put(NEW.target_id, NEW.serials);
    RETURN NEW;
END $$;

CREATE TRIGGER only_the_custodian_moves_a_blank AFTER INSERT ON blanks_movement
    FOR EACH ROW EXECUTE FUNCTION ledger_movement();
CREATE TRIGGER movement_is_never_changed BEFORE UPDATE OR DELETE ON blanks_movement
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION ledger_holding_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'holdings change through movements alone'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'holding_changes_through_movements_alone', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER holding_changes_through_movements_alone
    BEFORE INSERT OR UPDATE OR DELETE ON blanks_holding
    FOR EACH ROW EXECUTE FUNCTION ledger_holding_guard();

CREATE FUNCTION custody_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IN ('printer', 'store', 'returned_spoiled', 'destroyed') AND NOT EXISTS (
        SELECT 1 FROM organizations_organization o
        WHERE o.id = NEW.organization_id AND o.kind = 'municipal_office') THEN
        RAISE EXCEPTION 'stock is kept by the municipal office alone'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'stock_is_kept_by_the_municipal_office', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER stock_is_kept_by_the_municipal_office BEFORE INSERT ON blanks_custody
    FOR EACH ROW EXECUTE FUNCTION custody_guard();
CREATE TRIGGER custody_is_never_changed BEFORE UPDATE OR DELETE ON blanks_custody
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Blanks are allotted for rows that were accepted, and for no others (N5, invariant 6).
CREATE FUNCTION allotment_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.people <> (SELECT count(*) FROM registers_registerrow r
                      WHERE r.register_id = NEW.register_id AND r.grade = NEW.grade AND r.accepted)
    THEN
        RAISE EXCEPTION 'allotment of register % differs from its accepted rows', NEW.register_id
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'allotment_counts_accepted_rows', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER allotment_counts_accepted_rows BEFORE INSERT OR UPDATE OF people, register_id, grade
    ON blanks_allotment FOR EACH ROW EXECUTE FUNCTION allotment_guard();
"""

BACKWARD = """
DROP TRIGGER allotment_counts_accepted_rows ON blanks_allotment;
DROP FUNCTION allotment_guard();
DROP TRIGGER custody_is_never_changed ON blanks_custody;
DROP TRIGGER stock_is_kept_by_the_municipal_office ON blanks_custody;
DROP FUNCTION custody_guard();
DROP TRIGGER holding_changes_through_movements_alone ON blanks_holding;
DROP FUNCTION ledger_holding_guard();
DROP TRIGGER movement_is_never_changed ON blanks_movement;
DROP TRIGGER only_the_custodian_moves_a_blank ON blanks_movement;
DROP FUNCTION ledger_movement();
DROP TRIGGER print_run_is_never_changed ON blanks_printrun;
DROP TRIGGER print_run_enters_through_the_printer ON blanks_printrun;
DROP FUNCTION ledger_print_run();
DROP FUNCTION ledger_put(bigint, int8range);
DROP FUNCTION range_size(int8range);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("blanks", "0001_initial"),
        ("audit", "0002_append_only"),
        ("registers", "0002_accepted_rows_stay"),
    ]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

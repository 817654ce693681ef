"""What the database watches over where spoilage, losses and the ledger meet.

- A movement or print run is written once: ``ON CONFLICT`` would let the ledger's trigger work for
  a row that is never written.
- What was destroyed never comes back, and is destroyed only out of what was returned.
- Records of spoilage, exchange, destruction and allotment stay as they were written, but for the
  steps that they are for.
- Only a case about a loss answers for lost blanks.
- Blanks that were found and went to the store may be replaced for the register, as written-off
  ones may.
"""

from typing import ClassVar

from django.db import migrations, models

FORWARD = """
CREATE FUNCTION one_number_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I WHERE id = $1)', TG_TABLE_NAME)
        INTO known USING NEW.id;
    IF known THEN
        RAISE EXCEPTION '% of % is on file', NEW.id, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

-- Before the ledger's own triggers, by their names.
CREATE TRIGGER one_movement_per_number BEFORE INSERT ON blanks_movement
    FOR EACH ROW EXECUTE FUNCTION one_number_guard();
CREATE TRIGGER one_print_run_per_number BEFORE INSERT ON blanks_printrun
    FOR EACH ROW EXECUTE FUNCTION one_number_guard();

CREATE FUNCTION destroyed_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    came text := (SELECT state FROM blanks_custody WHERE id = NEW.source_id);
    goes text := (SELECT state FROM blanks_custody WHERE id = NEW.target_id);
BEGIN
    IF came = 'destroyed' THEN
        RAISE EXCEPTION 'blanks % were destroyed', NEW.serials
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'destroyed_is_for_good', TABLE = TG_TABLE_NAME;
    END IF;
    IF goes = 'destroyed' AND came <> 'returned_spoiled' THEN
        RAISE EXCEPTION 'only returned spoiled blanks are destroyed, not %', NEW.serials
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'only_returned_blanks_are_destroyed', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER destroyed_is_for_good BEFORE INSERT ON blanks_movement
    FOR EACH ROW EXECUTE FUNCTION destroyed_guard();

CREATE TRIGGER exchange_is_never_changed BEFORE UPDATE OR DELETE ON blanks_exchange
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION spoilage_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.exchange_id IS NOT NULL OR OLD.replaced_by IS NOT NULL
       OR (NEW.needs_blank AND NOT OLD.needs_blank)
       OR to_jsonb(OLD) - 'needs_blank' - 'replaced_by' - 'exchange_id'
          IS DISTINCT FROM to_jsonb(NEW) - 'needs_blank' - 'replaced_by' - 'exchange_id'
    THEN
        RAISE EXCEPTION 'of a spoiled blank only changes what takes its place'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'spoilage_changes_only_by_its_remedy', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER spoilage_changes_only_by_its_remedy AFTER UPDATE OR DELETE ON blanks_spoilage
    FOR EACH ROW EXECUTE FUNCTION spoilage_guard();

CREATE FUNCTION destruction_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.confirmed_at IS NOT NULL OR OLD.lapsed_at IS NOT NULL
       OR to_jsonb(OLD) - 'confirmed_at' - 'confirmed_by_id' - 'lapsed_at'
          IS DISTINCT FROM to_jsonb(NEW) - 'confirmed_at' - 'confirmed_by_id' - 'lapsed_at'
    THEN
        RAISE EXCEPTION 'a destruction is only confirmed, or lapses'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'destruction_is_only_confirmed', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER destruction_is_only_confirmed AFTER UPDATE OR DELETE ON blanks_destruction
    FOR EACH ROW EXECUTE FUNCTION destruction_guard();

CREATE FUNCTION allotment_terms_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state = 'withdrawn' OR
       (OLD.register_id, OLD.grade, OLD.people, OLD.spares, OLD.rate, OLD.row_serials,
        OLD.spare_serials, OLD.carried_serials, OLD.allotted_at, OLD.allotted_by_id)
       IS DISTINCT FROM
       (NEW.register_id, NEW.grade, NEW.people, NEW.spares, NEW.rate, NEW.row_serials,
        NEW.spare_serials, NEW.carried_serials, NEW.allotted_at, NEW.allotted_by_id)
    THEN
        RAISE EXCEPTION 'what was allotted stays as it was allotted'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'allotment_keeps_its_terms', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER allotment_keeps_its_terms AFTER UPDATE OR DELETE ON blanks_allotment
    FOR EACH ROW EXECUTE FUNCTION allotment_terms_guard();

-- What is still lost and no open case about a loss looks into; other cases answer for no loss.
CREATE OR REPLACE FUNCTION lost_without_case(asked int8multirange) RETURNS int8multirange
    LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT range_agg(h.serials) FROM blanks_holding h
        JOIN blanks_custody c ON c.id = h.custody_id
        WHERE c.state = 'lost' AND h.serials && asked), '{}') * asked
        - coalesce((
        SELECT range_agg(r) FROM blanks_blankcase b, unnest(serial_ranges(b.serials)) AS r
        WHERE b.outcome = '' AND b.kind IN ('loss', 'receipt_difference', 'stock_shortage')),
        '{}') $$;

-- Invariant 6: never more new blanks than are gone for this register.
CREATE OR REPLACE FUNCTION replacement_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(r.count) FROM blanks_replacement r
        WHERE r.register_id = NEW.register_id AND r.grade = NEW.grade)
       > (SELECT coalesce(sum(range_size(h.serials)), 0) FROM blanks_holding h
          JOIN blanks_custody c ON c.id = h.custody_id
          WHERE c.state = 'written_off' AND c.register_id = NEW.register_id
            AND c.grade = NEW.grade)
       + (SELECT coalesce(sum(range_size(m.serials)), 0) FROM blanks_movement m
          JOIN blanks_custody s ON s.id = m.source_id
          JOIN blanks_custody t ON t.id = m.target_id
          WHERE s.state = 'lost' AND s.register_id = NEW.register_id AND s.grade = NEW.grade
            AND t.state = 'store') THEN
        RAISE EXCEPTION 'more blanks replaced than gone for register %', NEW.register_id
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'replacement_never_exceeds_written_off', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
"""

BACKWARD = """
DROP TRIGGER allotment_keeps_its_terms ON blanks_allotment;
DROP FUNCTION allotment_terms_guard();
DROP TRIGGER destruction_is_only_confirmed ON blanks_destruction;
DROP FUNCTION destruction_guard();
DROP TRIGGER spoilage_changes_only_by_its_remedy ON blanks_spoilage;
DROP FUNCTION spoilage_guard();
DROP TRIGGER exchange_is_never_changed ON blanks_exchange;
DROP TRIGGER destroyed_is_for_good ON blanks_movement;
DROP FUNCTION destroyed_guard();
DROP TRIGGER one_print_run_per_number ON blanks_printrun;
DROP TRIGGER one_movement_per_number ON blanks_movement;
DROP FUNCTION one_number_guard();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("blanks", "0007_history")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="destruction",
            name="lapsed_at",
            field=models.DateTimeField(null=True, verbose_name="失效时间"),
        ),
        migrations.AddConstraint(
            model_name="destruction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lapsed_at", None),
                    models.Q(("confirmed_at", None), ("confirmed_by", None)),
                    _connector="OR",
                ),
                name="lapsed_destruction_is_never_confirmed",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

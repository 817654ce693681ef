"""What the database watches over orders, spares and corrections (N1, N5, invariants 2 and 6).

- What is counted in was ordered, in its grade; orders and deliveries stay as they were written.
- A register never holds more live blanks than its people and spares, whatever moves.
- A correction is the exact way back of the last movement of its serials, and only of a movement
  that no certificate depends on.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION delivered_serials_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM blanks_delivery d JOIN blanks_printorder o ON o.id = d.order_id
                   WHERE d.id = NEW.delivery_id AND o.cancelled_at IS NULL
                     AND o.grade = NEW.grade AND o.serials @> NEW.serials) THEN
        RAISE EXCEPTION 'serials % were not ordered', NEW.serials
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'delivered_serials_were_ordered', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER delivered_serials_were_ordered BEFORE INSERT ON blanks_printrun
    FOR EACH ROW WHEN (NEW.delivery_id IS NOT NULL) EXECUTE FUNCTION delivered_serials_guard();

CREATE TRIGGER delivery_is_never_changed BEFORE UPDATE OR DELETE ON blanks_delivery
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE blanks_printorder ADD CONSTRAINT print_order_counts_its_serials
    CHECK (quantity = upper(serials) - lower(serials));

CREATE FUNCTION print_order_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.cancelled_at IS NOT NULL
       OR to_jsonb(OLD) - 'cancelled_at' - 'cancelled_by_id'
          IS DISTINCT FROM to_jsonb(NEW) - 'cancelled_at' - 'cancelled_by_id'
       OR EXISTS (SELECT 1 FROM blanks_delivery d WHERE d.order_id = OLD.id)
    THEN
        RAISE EXCEPTION 'an order changes only by being cancelled before anything came'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'print_order_is_only_cancelled', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER print_order_is_only_cancelled BEFORE UPDATE OR DELETE ON blanks_printorder
    FOR EACH ROW EXECUTE FUNCTION print_order_guard();

CREATE FUNCTION exchange_request_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.closed_at IS NOT NULL
       OR to_jsonb(OLD) - 'closed_at' IS DISTINCT FROM to_jsonb(NEW) - 'closed_at'
    THEN
        RAISE EXCEPTION 'an exchange request is only closed'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'exchange_request_is_only_closed', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER exchange_request_is_only_closed BEFORE UPDATE OR DELETE ON blanks_exchangerequest
    FOR EACH ROW EXECUTE FUNCTION exchange_request_guard();

-- Invariant 6. Runs after the ledger's own trigger (by its name), so holdings are as they became.
CREATE FUNCTION register_blanks_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    live CONSTANT text[] :=
        ARRAY['reserved', 'in_transit', 'unit', 'spare', 'filling', 'on_certificate'];
    came blanks_custody;
    went blanks_custody;
    allowed bigint;
    held bigint;
BEGIN
    SELECT * INTO came FROM blanks_custody c WHERE c.id = NEW.target_id;
    IF NOT came.state = ANY(live) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO went FROM blanks_custody c WHERE c.id = NEW.source_id;
    IF went.state = ANY(live) AND went.register_id = came.register_id THEN
        RETURN NULL;
    END IF;
    -- The lock makes two movements into the same register wait for each other.
    SELECT a.people + a.spares INTO allowed FROM blanks_allotment a
        WHERE a.register_id = came.register_id AND a.grade = came.grade
          AND a.state <> 'withdrawn' FOR NO KEY UPDATE;
    SELECT coalesce(sum(range_size(h.serials)), 0) INTO held
        FROM blanks_custody c JOIN blanks_holding h ON h.custody_id = c.id
        WHERE c.register_id = came.register_id AND c.grade = came.grade AND c.state = ANY(live);
    IF held > coalesce(allowed, 0) THEN
        RAISE EXCEPTION 'register % would hold % blanks, % are due', came.register_id, held,
            coalesce(allowed, 0)
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'register_never_holds_more_than_people_and_spares',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER register_never_holds_more_than_people_and_spares AFTER INSERT ON blanks_movement
    FOR EACH ROW EXECUTE FUNCTION register_blanks_guard();

CREATE FUNCTION correction_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong blanks_movement;
BEGIN
    SELECT * INTO wrong FROM blanks_movement m WHERE m.id = NEW.corrects_id;
    IF wrong.reason NOT IN ('delivery', 'damaged', 'allotment', 'hand_over', 'receipt',
                            'return_spoiled', 'return_unused', 'carry_over', 'transfer')
    THEN
        RAISE EXCEPTION 'other records depend on a movement of this kind: %', wrong.reason
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'correction_leaves_certificates_alone', TABLE = TG_TABLE_NAME;
    END IF;
    IF (NEW.serials, NEW.source_id, NEW.target_id)
       IS DISTINCT FROM (wrong.serials, wrong.target_id, wrong.source_id)
       -- What was taken back since doesn't count, and neither does its taking back.
       OR EXISTS (SELECT 1 FROM blanks_movement m
                  WHERE m.id > wrong.id AND m.serials && wrong.serials
                    AND m.corrects_id IS NULL AND NOT EXISTS (
                        SELECT 1 FROM blanks_movement c WHERE c.corrects_id = m.id))
    THEN
        RAISE EXCEPTION 'a correction takes the last movement of its serials back'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'correction_takes_the_last_movement_back', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER correction_takes_the_last_movement_back BEFORE INSERT ON blanks_movement
    FOR EACH ROW WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION correction_guard();
"""

BACKWARD = """
DROP TRIGGER correction_takes_the_last_movement_back ON blanks_movement;
DROP FUNCTION correction_guard();
DROP TRIGGER register_never_holds_more_than_people_and_spares ON blanks_movement;
DROP FUNCTION register_blanks_guard();
DROP TRIGGER exchange_request_is_only_closed ON blanks_exchangerequest;
DROP FUNCTION exchange_request_guard();
DROP TRIGGER print_order_is_only_cancelled ON blanks_printorder;
DROP FUNCTION print_order_guard();
ALTER TABLE blanks_printorder DROP CONSTRAINT print_order_counts_its_serials;
DROP TRIGGER delivery_is_never_changed ON blanks_delivery;
DROP TRIGGER delivered_serials_were_ordered ON blanks_printrun;
DROP FUNCTION delivered_serials_guard();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("blanks", "0004_orders")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]

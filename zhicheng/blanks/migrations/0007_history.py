"""Holdings in time: who held which serials at any past moment, and what each account held then.

- A movement's time is taken by the trigger under the lock of both accounts, always later than the
  last change of either. So in every account, and along the life of every serial, the order of
  time is the order in which it happened; ids can't promise that, because they are drawn before
  the lock is waited for, and one transaction's movements all share its now().
- ``blanks_holdinghistory`` is a piece for every span of time in which serials lay in an account.
  No serial has two custodians at any moment: an exclusion constraint over serials and time.
- ``blanks_custody.balance`` and the two balances on each movement: what an account held after it.

The expression indexes stand here alone: PostgreSQL's own GiST knows ranges, so an id is looked up
as a range of one and no extension is needed.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

INDEXES = """
CREATE INDEX history_of_account ON blanks_holdinghistory
    USING gist (int8range(custody_id, custody_id, '[]'), period) WHERE register_id IS NULL;
CREATE INDEX history_of_organization ON blanks_holdinghistory
    USING gist (int8range(organization_id, organization_id, '[]'), period)
    WHERE register_id IS NOT NULL;
ALTER TABLE blanks_custody SET (fillfactor = 70);
ALTER TABLE blanks_holding SET
    (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
ALTER TABLE blanks_holdinghistory SET
    (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
"""

FUNCTIONS = """
-- Puts serials into a custody, joining them with the neighbours that it holds already: the one
-- before and the one after in the account's own order, however much it holds.
CREATE OR REPLACE FUNCTION ledger_put(custody bigint, moved int8range) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    neighbour record;
    whole int8range := moved;
BEGIN
    SELECT h.id, h.serials INTO neighbour FROM blanks_holding h
        WHERE h.custody_id = custody AND h.serials > moved ORDER BY h.serials LIMIT 1;
    IF lower(neighbour.serials) = upper(moved) THEN
        DELETE FROM blanks_holding h WHERE h.id = neighbour.id;
        whole := whole + neighbour.serials;
    END IF;
    SELECT h.id, h.serials INTO neighbour FROM blanks_holding h
        WHERE h.custody_id = custody AND h.serials < moved ORDER BY h.serials DESC LIMIT 1;
    IF upper(neighbour.serials) = lower(moved) THEN
        DELETE FROM blanks_holding h WHERE h.id = neighbour.id;
        whole := whole + neighbour.serials;
    END IF;
    INSERT INTO blanks_holding (serials, custody_id) VALUES (whole, custody);
END $$;

-- Opens a piece of history.
CREATE FUNCTION ledger_begin(custody blanks_custody, moved int8range, at timestamptz)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO blanks_holdinghistory (serials, period, custody_id, organization_id, register_id)
        VALUES (moved, tstzrange(at, NULL), custody.id, custody.organization_id,
                custody.register_id);
$$;

-- Ends, at this moment, what history tells of these serials; gives how many the source had.
CREATE FUNCTION ledger_end(source bigint, moved int8range, at timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    piece blanks_holdinghistory;
    found bigint := 0;
BEGIN
    FOR piece IN SELECT * FROM blanks_holdinghistory h
        WHERE h.serials && moved AND h.period && tstzrange(at, NULL) AND h.custody_id = source
    LOOP
        found := found + range_size(piece.serials * moved);
        IF piece.serials <@ moved THEN
            UPDATE blanks_holdinghistory h SET period = tstzrange(lower(piece.period), at)
                WHERE h.id = piece.id;
            CONTINUE;
        END IF;
        -- The row stays what is left over; what leaves gets a row of its own.
        IF lower(piece.serials) < lower(moved) THEN
            UPDATE blanks_holdinghistory h
                SET serials = int8range(lower(piece.serials), lower(moved)) WHERE h.id = piece.id;
            IF upper(piece.serials) > upper(moved) THEN
                INSERT INTO blanks_holdinghistory
                    (serials, period, custody_id, organization_id, register_id)
                VALUES (int8range(upper(moved), upper(piece.serials)), piece.period,
                        piece.custody_id, piece.organization_id, piece.register_id);
            END IF;
        ELSE
            UPDATE blanks_holdinghistory h
                SET serials = int8range(upper(moved), upper(piece.serials)) WHERE h.id = piece.id;
        END IF;
        INSERT INTO blanks_holdinghistory
            (serials, period, custody_id, organization_id, register_id)
        VALUES (piece.serials * moved, tstzrange(lower(piece.period), at),
                piece.custody_id, piece.organization_id, piece.register_id);
    END LOOP;
    RETURN found;
END $$;

CREATE OR REPLACE FUNCTION ledger_print_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    printer blanks_custody;
BEGIN
    SELECT * INTO printer FROM blanks_custody c WHERE c.id = NEW.custody_id FOR NO KEY UPDATE;
    IF printer.state IS DISTINCT FROM 'printer' OR printer.grade <> NEW.grade THEN
        RAISE EXCEPTION 'a print run enters the custody of the printer of its grade'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'print_run_enters_through_the_printer', TABLE = TG_TABLE_NAME;
    END IF;
    IF range_size(NEW.serials) IS NULL THEN
        RAISE EXCEPTION 'a print run has a first and a last serial'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'print_run_has_serials', TABLE = TG_TABLE_NAME;
    END IF;
    IF isempty(NEW.serials) OR EXISTS (
        SELECT 1 FROM blanks_printrun r WHERE r.serials && NEW.serials) THEN
        RETURN NEW;  -- a constraint says no, by its own name
    END IF;
    NEW.recorded_at := greatest(clock_timestamp(), printer.changed_at + interval '1 microsecond');
    PERFORM ledger_put(NEW.custody_id, NEW.serials);
    PERFORM ledger_begin(printer, NEW.serials, NEW.recorded_at);
    UPDATE blanks_custody c
        SET balance = c.balance + range_size(NEW.serials), changed_at = NEW.recorded_at
        WHERE c.id = NEW.custody_id;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION ledger_movement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    source blanks_custody;
    target blanks_custody;
    held record;
    number bigint := range_size(NEW.serials);
    found bigint := 0;
BEGIN
    IF NEW.source_id = NEW.target_id OR isempty(NEW.serials) THEN
        RETURN NEW;  -- a constraint says no, by its own name
    END IF;
    -- Both accounts in one order, so that two movements never wait for each other in a ring.
    PERFORM 1 FROM blanks_custody c WHERE c.id IN (NEW.source_id, NEW.target_id)
        ORDER BY c.id FOR NO KEY UPDATE;
    SELECT * INTO source FROM blanks_custody c WHERE c.id = NEW.source_id;
    SELECT * INTO target FROM blanks_custody c WHERE c.id = NEW.target_id;
    IF source.grade IS DISTINCT FROM target.grade OR source.grade IS NULL THEN
        RAISE EXCEPTION 'blanks keep their grade'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'movement_keeps_the_grade', TABLE = TG_TABLE_NAME;
    END IF;
    -- The holdings that overlap, found by walking the account's own order from the piece that
    -- begins at or before the first serial.
    FOR held IN
        DELETE FROM blanks_holding h WHERE h.custody_id = NEW.source_id AND h.serials && NEW.serials
            AND h.serials < int8range(upper(NEW.serials), upper(NEW.serials) + 1)
            AND h.serials >= coalesce(
                (SELECT b.serials FROM blanks_holding b WHERE b.custody_id = NEW.source_id
                    AND b.serials <= int8range(lower(NEW.serials), NULL)
                    ORDER BY b.serials DESC LIMIT 1),
                int8range(lower(NEW.serials), lower(NEW.serials) + 1))
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
    IF found IS DISTINCT FROM number THEN
        RAISE EXCEPTION 'the source does not hold all of %', NEW.serials
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'only_the_custodian_moves_a_blank', TABLE = TG_TABLE_NAME;
    END IF;
    PERFORM ledger_put(NEW.target_id, NEW.serials);
    NEW.moved_at := greatest(clock_timestamp(), source.changed_at + interval '1 microsecond',
                             target.changed_at + interval '1 microsecond');
    NEW.source_after := source.balance - number;
    NEW.target_after := target.balance + number;
    IF ledger_end(NEW.source_id, NEW.serials, NEW.moved_at) <> number THEN
        RAISE EXCEPTION 'history tells another custodian of %', NEW.serials
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'history_follows_the_ledger', TABLE = TG_TABLE_NAME;
    END IF;
    PERFORM ledger_begin(target, NEW.serials, NEW.moved_at);
    UPDATE blanks_custody c SET balance = NEW.source_after, changed_at = NEW.moved_at
        WHERE c.id = NEW.source_id;
    UPDATE blanks_custody c SET balance = NEW.target_after, changed_at = NEW.moved_at
        WHERE c.id = NEW.target_id;
    RETURN NEW;
END $$;

-- Holdings and history are written from inside the ledger's own triggers alone.
CREATE OR REPLACE FUNCTION ledger_holding_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION '% changes through movements alone', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

-- An account stays what it is; its balance is the ledger's.
CREATE FUNCTION ledger_account_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR pg_trigger_depth() < 2 OR
       (OLD.id, OLD.organization_id, OLD.state, OLD.grade, OLD.register_id) IS DISTINCT FROM
       (NEW.id, NEW.organization_id, NEW.state, NEW.grade, NEW.register_id)
    THEN
        RAISE EXCEPTION 'an account of the ledger is never changed'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
"""

# What happened before this migration, once more in its order: print runs and movements.
REPLAY = """
DROP TRIGGER movement_is_never_changed ON blanks_movement;
DROP TRIGGER print_run_is_never_changed ON blanks_printrun;
DROP TRIGGER custody_is_never_changed ON blanks_custody;

DO $$
DECLARE
    event record;
    source blanks_custody;
    target blanks_custody;
    moment timestamptz;
BEGIN
    FOR event IN
        SELECT recorded_at AS at, 0 AS kind, id, serials, NULL::bigint AS source_id,
               custody_id AS target_id FROM blanks_printrun
        UNION ALL
        SELECT moved_at, 1, id, serials, source_id, target_id FROM blanks_movement
        ORDER BY at, kind, id
    LOOP
        SELECT * INTO source FROM blanks_custody c WHERE c.id = event.source_id;
        SELECT * INTO target FROM blanks_custody c WHERE c.id = event.target_id;
        moment := greatest(event.at, source.changed_at + interval '1 microsecond',
                           target.changed_at + interval '1 microsecond');
        IF event.kind = 0 THEN
            UPDATE blanks_printrun SET recorded_at = moment WHERE id = event.id;
        ELSE
            UPDATE blanks_movement SET moved_at = moment,
                source_after = source.balance - range_size(event.serials),
                target_after = target.balance + range_size(event.serials) WHERE id = event.id;
            IF ledger_end(source.id, event.serials, moment) <> range_size(event.serials) THEN
                RAISE EXCEPTION 'movement % moved what its source did not hold', event.id;
            END IF;
            UPDATE blanks_custody SET balance = balance - range_size(event.serials),
                changed_at = moment WHERE id = source.id;
        END IF;
        PERFORM ledger_begin(target, event.serials, moment);
        UPDATE blanks_custody SET balance = balance + range_size(event.serials),
            changed_at = moment WHERE id = target.id;
    END LOOP;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER movement_is_never_changed BEFORE UPDATE OR DELETE ON blanks_movement
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER print_run_is_never_changed BEFORE UPDATE OR DELETE ON blanks_printrun
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER custody_is_never_changed BEFORE UPDATE OR DELETE ON blanks_custody
    FOR EACH ROW EXECUTE FUNCTION ledger_account_guard();
CREATE TRIGGER history_is_written_by_the_ledger_alone
    BEFORE INSERT OR UPDATE OR DELETE ON blanks_holdinghistory
    FOR EACH ROW EXECUTE FUNCTION ledger_holding_guard();
DROP TRIGGER print_run_enters_through_the_printer ON blanks_printrun;
CREATE TRIGGER print_run_enters_through_the_printer BEFORE INSERT ON blanks_printrun
    FOR EACH ROW EXECUTE FUNCTION ledger_print_run();
DROP TRIGGER only_the_custodian_moves_a_blank ON blanks_movement;
CREATE TRIGGER only_the_custodian_moves_a_blank BEFORE INSERT ON blanks_movement
    FOR EACH ROW EXECUTE FUNCTION ledger_movement();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("blanks", "0006_investigations"),
        ("organizations", "0001_initial"),
        ("registers", "0002_accepted_rows_stay"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HoldingHistory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "serials",
                    django.contrib.postgres.fields.ranges.BigIntegerRangeField(
                        verbose_name="编号区间"
                    ),
                ),
                (
                    "period",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="期间"),
                ),
            ],
            options={
                "verbose_name": "历史保管",
            },
        ),
        migrations.CreateModel(
            name="ReorderPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "grade",
                    models.CharField(
                        choices=[("senior", "高级"), ("intermediate", "中级"), ("junior", "初级")],
                        max_length=12,
                        verbose_name="等级",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="生效日期")),
                ("weeks", models.PositiveSmallIntegerField(verbose_name="至少够用（周）")),
                ("stock", models.PositiveIntegerField(verbose_name="至少库存（本）")),
                ("set_at", models.DateTimeField(auto_now=True, verbose_name="设定时间")),
            ],
            options={
                "verbose_name": "补库警戒线",
                "ordering": ("-valid_from", "-id"),
            },
        ),
        migrations.AddField(
            model_name="custody",
            name="balance",
            field=models.BigIntegerField(db_default=0, editable=False, verbose_name="现存"),
        ),
        migrations.AddField(
            model_name="custody",
            name="changed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="最近变动"),
        ),
        migrations.AddField(
            model_name="movement",
            name="source_after",
            field=models.BigIntegerField(db_default=0, editable=False, verbose_name="转出后现存"),
        ),
        migrations.AddField(
            model_name="movement",
            name="target_after",
            field=models.BigIntegerField(db_default=0, editable=False, verbose_name="转入后现存"),
        ),
        migrations.AlterField(
            model_name="holding",
            name="custody",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="holdings",
                to="blanks.custody",
            ),
        ),
        migrations.AddIndex(
            model_name="holding",
            index=models.Index(fields=["custody", "serials"], name="holding_by_custody"),
        ),
        migrations.AddIndex(
            model_name="movement",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["moved_at"], name="movement_by_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="custody",
            constraint=models.CheckConstraint(
                condition=models.Q(("balance__gte", 0)), name="account_is_never_overdrawn"
            ),
        ),
        migrations.AddField(
            model_name="holdinghistory",
            name="custody",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="blanks.custody",
            ),
        ),
        migrations.AddField(
            model_name="holdinghistory",
            name="organization",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.organization",
            ),
        ),
        migrations.AddField(
            model_name="holdinghistory",
            name="register",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registers.register",
            ),
        ),
        migrations.AddField(
            model_name="reorderpolicy",
            name="set_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="holdinghistory",
            constraint=models.CheckConstraint(
                condition=models.Q(("period__isempty", False), ("serials__isempty", False)),
                name="history_tells_of_blanks_and_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="holdinghistory",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("serials", "&&"), ("period", "&&")],
                name="blank_has_one_custodian_at_any_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="reorderpolicy",
            constraint=models.UniqueConstraint(
                fields=("grade", "valid_from"), name="one_reorder_policy_a_day"
            ),
        ),
        # There is no way back: what happened in time can't be told by the tables before.
        migrations.RunSQL(INDEXES),
        migrations.RunSQL(FUNCTIONS),
        migrations.RunSQL(REPLAY),
        migrations.RunSQL(TRIGGERS),
    ]

"""The history of every row, kept by the database itself: nothing that writes rows goes around it.

A statement that writes rows ends the states that it changed and begins new ones, in a number of
statements that doesn't grow with the rows. A version is opened by whichever comes first, the code
that counts the register's version on or a change of its rows, and sealed at the transaction's end.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The content of a row, as history keeps it; cipher and date follow from index and text.
_COMPARED = (
    "position, excel_row, certificate_number, work_unit, supervising_department, name, sex,"
    " id_kind, id_number_index, id_number_masked, id_number_from_number, specialty,"
    " qualification, approval_date_text, document_number"
)
_SPOKEN = _COMPARED.removeprefix("position, excel_row, ")
_KEPT = f"{_COMPARED}, id_number_cipher, approval_date"


def _of(alias: str, columns: str) -> str:
    return ", ".join(f"{alias}.{column.strip()}" for column in columns.split(","))


FORWARD = f"""
-- Who acts and by what action: audit/recording.py says it at the start of every transaction.
CREATE FUNCTION acting(what text) RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT coalesce(nullif(current_setting('zhicheng.' || what, true), ''), '') $$;

-- A register's version only grows, and each has its line.
CREATE FUNCTION register_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'register % goes from version % to %', OLD.id, OLD.version, NEW.version
        USING ERRCODE = 'integrity_constraint_violation',
              CONSTRAINT = 'register_version_never_goes_back', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER register_version_never_goes_back BEFORE UPDATE ON registers_register
    FOR EACH ROW WHEN (NEW.version < OLD.version) EXECUTE FUNCTION register_version_guard();

CREATE FUNCTION register_version_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO registers_registerversion (register_id, version, action, made_by_id, made_at,
        rows_total, rows_added, rows_changed, rows_removed, rows_moved)
    VALUES (NEW.id, NEW.version, acting('action'), nullif(acting('account'), '')::bigint,
        clock_timestamp(), 0, 0, 0, 0, 0)
    ON CONFLICT (register_id, version) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER register_begins_with_a_version AFTER INSERT ON registers_register
    FOR EACH ROW EXECUTE FUNCTION register_version_open();
CREATE TRIGGER register_version_has_a_line AFTER UPDATE ON registers_register
    FOR EACH ROW WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION register_version_open();

-- At the end of the transaction a version is sealed, and what it changed is counted.
CREATE FUNCTION register_version_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registers_registerversion v SET
        sealed_at = clock_timestamp(),
        rows_total = (SELECT count(*) FROM registers_rowhistory h
                      WHERE h.register_id = NEW.register_id AND h.version_to IS NULL),
        rows_added = counted.added, rows_removed = counted.removed,
        rows_changed = counted.changed, rows_moved = counted.moved
    FROM (
        SELECT count(*) FILTER (WHERE gone.id IS NULL) AS added,
               count(*) FILTER (WHERE fresh.id IS NULL) AS removed,
               count(*) FILTER (WHERE gone.id IS NOT NULL AND fresh.id IS NOT NULL
                   AND ({_of("gone", _SPOKEN)}) IS DISTINCT FROM ({_of("fresh", _SPOKEN)})
                   ) AS changed,
               count(*) FILTER (WHERE gone.id IS NOT NULL AND fresh.id IS NOT NULL
                   AND ({_of("gone", _SPOKEN)}) IS NOT DISTINCT FROM ({_of("fresh", _SPOKEN)})
                   AND gone.position <> fresh.position) AS moved
        FROM (SELECT * FROM registers_rowhistory h WHERE h.register_id = NEW.register_id
              AND h.version_to = NEW.version AND h.version_from < NEW.version) gone
        FULL JOIN
             (SELECT * FROM registers_rowhistory h WHERE h.register_id = NEW.register_id
              AND h.version_from = NEW.version
              AND (h.version_to IS NULL OR h.version_to > NEW.version)) fresh
        ON fresh.row_id = gone.row_id
    ) counted
    WHERE v.id = NEW.id AND v.sealed_at IS NULL;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER register_version_is_sealed AFTER INSERT ON registers_registerversion
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION register_version_seal();

-- The version into which a change of rows goes: the present one while its transaction lasts, else
-- the next, whether or not the code has counted on already.
CREATE FUNCTION register_open_version(register bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    present integer;
BEGIN
    SELECT r.version INTO present FROM registers_register r WHERE r.id = register
        FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT 1 FROM registers_registerversion v WHERE v.register_id = register
                   AND v.version = present AND v.sealed_at IS NULL) THEN
        UPDATE registers_register r SET version = r.version + 1 WHERE r.id = register
            RETURNING r.version INTO present;
    END IF;
    RETURN present;
END $$;

CREATE FUNCTION rows_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH opened AS MATERIALIZED (
        SELECT r.id, register_open_version(r.id) AS version
        FROM (SELECT DISTINCT f.register_id AS id FROM fresh f) r
    )
    INSERT INTO registers_rowhistory (register_id, row_id, version_from, {_KEPT},
        changed_by_id, changed_at)
    SELECT f.register_id, f.id, o.version, {_of("f", _KEPT)}, f.changed_by_id, f.changed_at
    FROM fresh f JOIN opened o ON o.id = f.register_id;
    RETURN NULL;
END $$;

-- Dynamic, so that each is planned for the rows that there are: a plan kept from a correction of one
-- row takes twenty seconds for five thousand.
CREATE FUNCTION rows_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
    opened integer;
    register bigint;
BEGIN
    FOR register, changed IN EXECUTE $sql$
        SELECT f.register_id, array_agg(f.id) FROM fresh f JOIN gone g ON g.id = f.id
        WHERE ({_of("f", _COMPARED)}) IS DISTINCT FROM ({_of("g", _COMPARED)})
        GROUP BY f.register_id $sql$
    LOOP
        opened := register_open_version(register);
        EXECUTE $sql$
            UPDATE registers_rowhistory h SET version_to = $1 FROM unnest($2) AS c(id)
            WHERE h.row_id = c.id AND h.version_to IS NULL $sql$ USING opened, changed;
        EXECUTE $sql$
            INSERT INTO registers_rowhistory (register_id, row_id, version_from, {_KEPT},
                changed_by_id, changed_at)
            SELECT f.register_id, f.id, $1, {_of("f", _KEPT)}, f.changed_by_id, f.changed_at
            FROM fresh f JOIN unnest($2) AS c(id) ON c.id = f.id $sql$ USING opened, changed;
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION rows_went() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE $sql$
        WITH opened AS MATERIALIZED (
            SELECT r.id, register_open_version(r.id) AS version
            FROM (SELECT DISTINCT g.register_id AS id FROM gone g) r
        )
        UPDATE registers_rowhistory h SET version_to = o.version
        FROM gone g JOIN opened o ON o.id = g.register_id
        WHERE h.row_id = g.id AND h.version_to IS NULL $sql$;
    RETURN NULL;
END $$;

CREATE TRIGGER row_history_of_new_rows AFTER INSERT ON registers_registerrow
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION rows_came();
CREATE TRIGGER row_history_of_changed_rows AFTER UPDATE ON registers_registerrow
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION rows_changed();
CREATE TRIGGER row_history_of_removed_rows AFTER DELETE ON registers_registerrow
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION rows_went();

CREATE FUNCTION row_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'row % stays in register %', OLD.id, OLD.register_id
        USING ERRCODE = 'integrity_constraint_violation',
              CONSTRAINT = 'row_stays_in_its_register', TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER row_stays_in_its_register BEFORE UPDATE ON registers_registerrow FOR EACH ROW
    WHEN (NEW.register_id <> OLD.register_id OR NEW.id <> OLD.id) EXECUTE FUNCTION row_stays();

-- Nobody else writes these two tables.
CREATE TRIGGER row_history_is_written_by_the_rows_alone
    BEFORE INSERT OR UPDATE OR DELETE ON registers_rowhistory
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER register_version_is_written_by_the_register_alone
    BEFORE INSERT OR UPDATE OR DELETE ON registers_registerversion
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();
"""

# What stands in the tables already is its present version; how it came about isn't known.
BEFORE_THE_GUARD = f"""
INSERT INTO registers_registerversion (register_id, version, action, made_by_id, made_at,
    sealed_at, rows_total, rows_added, rows_changed, rows_removed, rows_moved)
SELECT r.id, r.version, '', NULL, r.changed_at, r.changed_at, r.row_count, r.row_count, 0, 0, 0
FROM registers_register r;
INSERT INTO registers_rowhistory (register_id, row_id, version_from, {_KEPT},
    changed_by_id, changed_at)
SELECT w.register_id, w.id, r.version, {_of("w", _KEPT)}, w.changed_by_id, w.changed_at
FROM registers_registerrow w JOIN registers_register r ON r.id = w.register_id;
INSERT INTO registers_registerupload (register_id, version, source_name, source_sha256, findings,
    overwritten, kept, uploaded_at, uploaded_by_id)
SELECT r.id, r.version, r.source_name, r.source_sha256, '{{}}', '[]', 0, r.created_at,
    r.created_by_id
FROM registers_register r WHERE r.source IS NOT NULL;
"""

BACKWARD = """
DROP TRIGGER register_version_is_written_by_the_register_alone ON registers_registerversion;
DROP TRIGGER row_history_is_written_by_the_rows_alone ON registers_rowhistory;
DROP TRIGGER row_stays_in_its_register ON registers_registerrow;
DROP FUNCTION row_stays();
DROP TRIGGER row_history_of_removed_rows ON registers_registerrow;
DROP TRIGGER row_history_of_changed_rows ON registers_registerrow;
DROP TRIGGER row_history_of_new_rows ON registers_registerrow;
DROP FUNCTION rows_went();
DROP FUNCTION rows_changed();
DROP FUNCTION rows_came();
DROP FUNCTION register_open_version(bigint);
DROP TRIGGER register_version_is_sealed ON registers_registerversion;
DROP FUNCTION register_version_seal();
DROP TRIGGER register_version_has_a_line ON registers_register;
DROP TRIGGER register_begins_with_a_version ON registers_register;
DROP FUNCTION register_version_open();
DROP TRIGGER register_version_never_goes_back ON registers_register;
DROP FUNCTION register_version_guard();
DROP FUNCTION acting(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_append_only"),
        ("registers", "0002_accepted_rows_stay"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RegisterUpload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="版本")),
                ("before_version", models.PositiveIntegerField(null=True)),
                ("source", models.BinaryField(null=True, verbose_name="原文件")),
                (
                    "source_name",
                    models.CharField(blank=True, max_length=200, verbose_name="文件名"),
                ),
                ("source_sha256", models.CharField(blank=True, max_length=64)),
                ("findings", models.JSONField(default=dict)),
                ("overwritten", models.JSONField(default=list)),
                ("kept", models.PositiveIntegerField(default=0)),
                ("uploaded_at", models.DateTimeField(auto_now_add=True, verbose_name="上传时间")),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "register",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="registers.register",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "登记表文件",
                "ordering": ("-version",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("register", "version"), name="one_file_makes_one_version"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("before_version", None),
                            ("before_version__lt", models.F("version")),
                            _connector="OR",
                        ),
                        name="a_file_replaces_an_older_version",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisterVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="版本")),
                ("action", models.CharField(blank=True, max_length=60, verbose_name="操作")),
                ("made_at", models.DateTimeField(verbose_name="时间")),
                ("sealed_at", models.DateTimeField(null=True)),
                ("rows_total", models.PositiveIntegerField(default=0, verbose_name="人数")),
                ("rows_added", models.PositiveIntegerField(default=0, verbose_name="新增")),
                ("rows_changed", models.PositiveIntegerField(default=0, verbose_name="修改")),
                ("rows_removed", models.PositiveIntegerField(default=0, verbose_name="删除")),
                ("rows_moved", models.PositiveIntegerField(default=0, verbose_name="移位")),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="registers.register",
                    ),
                ),
            ],
            options={
                "verbose_name": "登记表版本",
                "ordering": ("-version",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("register", "version"), name="register_version_told_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RowHistory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row_id", models.BigIntegerField()),
                ("version_from", models.PositiveIntegerField()),
                ("version_to", models.PositiveIntegerField(null=True)),
                ("position", models.PositiveIntegerField(verbose_name="序号")),
                ("excel_row", models.PositiveIntegerField(null=True, verbose_name="行")),
                (
                    "certificate_number",
                    models.CharField(blank=True, max_length=60, verbose_name="证书编号"),
                ),
                (
                    "work_unit",
                    models.CharField(blank=True, max_length=200, verbose_name="工作单位"),
                ),
                (
                    "supervising_department",
                    models.CharField(blank=True, max_length=200, verbose_name="主管部门"),
                ),
                ("name", models.CharField(blank=True, max_length=100, verbose_name="姓名")),
                ("sex", models.CharField(blank=True, max_length=20, verbose_name="性别")),
                (
                    "id_kind",
                    models.CharField(
                        choices=[
                            ("resident", "居民身份证"),
                            ("permit", "居住证或永久居留身份证"),
                            ("passport", "护照"),
                        ],
                        max_length=12,
                        verbose_name="证件类别",
                    ),
                ),
                ("id_number_cipher", models.BinaryField(null=True)),
                ("id_number_index", models.BinaryField(max_length=32, null=True)),
                (
                    "id_number_masked",
                    models.CharField(blank=True, max_length=60, verbose_name="身份证号码"),
                ),
                ("id_number_from_number", models.BooleanField(default=False)),
                (
                    "specialty",
                    models.CharField(blank=True, max_length=100, verbose_name="专业名称"),
                ),
                (
                    "qualification",
                    models.CharField(blank=True, max_length=60, verbose_name="资格名称"),
                ),
                (
                    "approval_date_text",
                    models.CharField(blank=True, max_length=40, verbose_name="批准时间"),
                ),
                ("approval_date", models.DateField(null=True, verbose_name="批准时间")),
                (
                    "document_number",
                    models.CharField(blank=True, max_length=80, verbose_name="批准文号"),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="row_states",
                        to="registers.register",
                    ),
                ),
            ],
            options={
                "verbose_name": "登记表行的历史",
                "ordering": ("register_id", "position"),
                "indexes": [
                    models.Index(
                        fields=["register", "version_from"], name="row_state_by_beginning"
                    ),
                    models.Index(fields=["register", "version_to"], name="row_state_by_end"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("version_to", None)),
                        fields=("row_id",),
                        name="row_has_one_present_state",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("version_to", None),
                            ("version_to__gt", models.F("version_from")),
                            _connector="OR",
                        ),
                        fields=("row_id", "version_from"),
                        name="row_has_one_state_in_a_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("version_to", None),
                            ("version_to__gte", models.F("version_from")),
                            _connector="OR",
                        ),
                        name="row_state_ends_after_it_began",
                    ),
                ],
            },
        ),
        migrations.RunSQL(BEFORE_THE_GUARD, migrations.RunSQL.noop),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

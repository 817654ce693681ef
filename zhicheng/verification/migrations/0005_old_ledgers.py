"""Old records in full, what sources say differently of them, and what was decided (N7).

The triggers compare each record when it comes, with the records of its number alone, so that
neither the list nor an issue costs more with ten million certificates on file.
``rules.differences`` is the same rule in Python; a test holds them together.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What one source says, in the order of ``source_differences``' arguments.
_CERTIFICATE = (
    "{0}.name, {0}.id_number_index, {0}.specialty, {0}.qualification, {0}.approval_date, false,"
    " {0}.document_number, NULL::date"
)
_LEGACY = (
    "{0}.name, {0}.id_number_index, {0}.specialty, {0}.qualification, {0}.approval_date,"
    " {0}.month_only, {0}.document_number, {0}.issued_on"
)
_REISSUE = _CERTIFICATE

_SOURCE = (
    "CASE c.origin WHEN 'reissue' THEN (SELECT CASE e.kind WHEN 'renewal' THEN 'correction' ELSE 'replacement' END"
    " FROM reissues_reissue e WHERE e.id = c.reissue)"
    " WHEN 'register' THEN 'register' WHEN 'online' THEN 'system' ELSE 'legacy' END"
)
_INTO = """
    INSERT INTO verification_sourceconflict (
        number, first_source, first_certificate_id, first_legacy_id,
        other_source, other_legacy_id, other_reissue_id, fields, found_at)
"""
_END = """
    WHERE cardinality(d.fields) > 0
    ON CONFLICT DO NOTHING;
"""


def _pair(first: str, other: str) -> str:
    return f"CROSS JOIN LATERAL source_differences({first}, {other}) AS d (fields)"


def certificate_and_legacy(certificates: str, legacy: str) -> str:
    """Pairs of issued certificates and old records."""
    return f"""{_INTO}
    SELECT c.number, {_SOURCE}, c.id, NULL, 'legacy', l.id, NULL, d.fields, now()
    FROM {certificates} c JOIN {legacy} l ON l.certificate_number = c.number
        AND c.state = 'issued'
    {_pair(_CERTIFICATE.format("c"), _LEGACY.format("l"))} {_END}"""


def legacy_and_legacy(fresh: str) -> str:
    """Pairs of new old records with those that were there, and among themselves."""
    return f"""{_INTO}
    SELECT a.certificate_number, 'legacy', NULL, a.id, 'legacy', b.id, NULL, d.fields, now()
    FROM {fresh} f
    JOIN verification_legacyrecord o ON o.certificate_number = f.certificate_number
        AND o.id <> f.id
    JOIN verification_legacyrecord a ON a.id = least(f.id, o.id)
    JOIN verification_legacyrecord b ON b.id = greatest(f.id, o.id)
    {_pair(_LEGACY.format("a"), _LEGACY.format("b"))} {_END}"""


def certificate_and_reissue(certificates: str, reissues: str) -> str:
    """Pairs of issued certificates and applications about a certificate that was typed."""
    return f"""{_INTO}
    SELECT c.number, {_SOURCE}, c.id, NULL, 'paper', NULL, r.id, d.fields, now()
    FROM {certificates} c JOIN {reissues} r ON r.old_number = c.number AND c.state = 'issued'
        AND r.source = 'paper' AND (r.state = 'done' OR r.lost_at IS NOT NULL)
    {_pair(_CERTIFICATE.format("c"), _REISSUE.format("r"))} {_END}"""


def legacy_and_reissue(legacy: str, reissues: str) -> str:
    """Pairs of old records and applications about a certificate that was typed."""
    return f"""{_INTO}
    SELECT l.certificate_number, 'legacy', NULL, l.id, 'paper', NULL, r.id, d.fields, now()
    FROM {legacy} l JOIN {reissues} r ON r.old_number = l.certificate_number
        AND r.source = 'paper' AND (r.state = 'done' OR r.lost_at IS NOT NULL)
    {_pair(_LEGACY.format("l"), _REISSUE.format("r"))} {_END}"""


_ALL_CERTIFICATES = "certificates_certificate"
_ALL_LEGACY = "verification_legacyrecord"
_ALL_REISSUES = "reissues_reissue"
_THIS_CERTIFICATE = "(SELECT * FROM certificates_certificate WHERE id = NEW.id)"
_THIS_REISSUE = "(SELECT * FROM reissues_reissue WHERE id = NEW.id)"

FORWARD = f"""
-- What an old record says, as one digest; the person by the blind index, never by the number.
CREATE FUNCTION legacy_digest(
    name text, person bytea, specialty text, qualification text, approval_date date,
    month_only boolean, document_number text, issued_on date, self_managed boolean)
RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        'l1', name, encode(person, 'hex'), specialty, qualification,
        to_char(approval_date, 'YYYY-MM-DD'), month_only, document_number,
        to_char(issued_on, 'YYYY-MM-DD'), self_managed)::text, 'UTF8'))
$$;

CREATE FUNCTION legacy_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving CONSTANT text[] := ARRAY['origin', 'ledger', 'imported_by_id'];
    fillable CONSTANT text[] := ARRAY['sex', 'work_unit', 'level', 'grade'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - moving - fillable IS DISTINCT FROM to_jsonb(OLD) - moving - fillable
           OR OLD.sex NOT IN ('', NEW.sex) OR OLD.work_unit NOT IN ('', NEW.work_unit)
           OR OLD.level NOT IN ('', NEW.level) OR OLD.grade NOT IN ('', NEW.grade)
        THEN
            RAISE EXCEPTION 'what the old record % says never changes', OLD.id
                USING ERRCODE = 'integrity_constraint_violation',
                      CONSTRAINT = 'legacy_record_never_changes', TABLE = TG_TABLE_NAME;
        END IF;
        RETURN NEW;
    END IF;
    NEW.content_digest := legacy_digest(
        NEW.name, NEW.id_number_index, NEW.specialty, NEW.qualification, NEW.approval_date,
        NEW.month_only, NEW.document_number, NEW.issued_on, NEW.self_managed);
    RETURN NEW;
END $$;

UPDATE verification_legacyrecord l SET content_digest = legacy_digest(
    l.name, l.id_number_index, l.specialty, l.qualification, l.approval_date, l.month_only,
    l.document_number, l.issued_on, l.self_managed);

CREATE TRIGGER legacy_record_never_changes BEFORE INSERT OR UPDATE ON verification_legacyrecord
    FOR EACH ROW EXECUTE FUNCTION legacy_guard();

-- What two records say differently. What a source doesn't say is no disagreement; where one knows
-- the month alone, the months are compared.
CREATE FUNCTION source_differences(
    name_a text, person_a bytea, specialty_a text, qualification_a text, approved_a date,
    month_a boolean, document_a text, issued_a date,
    name_b text, person_b bytea, specialty_b text, qualification_b text, approved_b date,
    month_b boolean, document_b text, issued_b date)
RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN name_a <> name_b THEN 'name' END,
        CASE WHEN person_a <> person_b THEN 'person' END,
        CASE WHEN specialty_a <> specialty_b AND '' NOT IN (specialty_a, specialty_b)
             THEN 'specialty' END,
        CASE WHEN qualification_a <> qualification_b
              AND '' NOT IN (qualification_a, qualification_b) THEN 'qualification' END,
        CASE WHEN approved_a <> approved_b AND NOT ((month_a OR month_b)
              AND extract(year FROM approved_a) = extract(year FROM approved_b)
              AND extract(month FROM approved_a) = extract(month FROM approved_b))
             THEN 'approval_date' END,
        CASE WHEN document_a <> document_b AND '' NOT IN (document_a, document_b)
             THEN 'document_number' END,
        CASE WHEN issued_a <> issued_b THEN 'document_date' END], NULL)
$$;

-- Whoever brings old records and whoever issues at the same moment would not see each other: an
-- import waits for issues under way, and they for its end. Issues don't wait for each other.
CREATE FUNCTION compare_old_records() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7241001);
    {certificate_and_legacy(_ALL_CERTIFICATES, "fresh")}
    {legacy_and_legacy("fresh")}
    {legacy_and_reissue("fresh", _ALL_REISSUES)}
    RETURN NULL;
END $$;
CREATE TRIGGER old_records_are_compared AFTER INSERT ON verification_legacyrecord
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION compare_old_records();

CREATE FUNCTION compare_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'issued' THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(7241001);
    IF EXISTS (SELECT 1 FROM verification_legacyrecord WHERE certificate_number = NEW.number) THEN
        {certificate_and_legacy(_THIS_CERTIFICATE, _ALL_LEGACY)}
    END IF;
    IF EXISTS (SELECT 1 FROM reissues_reissue WHERE old_number = NEW.number AND source = 'paper')
    THEN
        {certificate_and_reissue(_THIS_CERTIFICATE, _ALL_REISSUES)}
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER certificate_is_compared AFTER INSERT OR UPDATE OF state ON certificates_certificate
    FOR EACH ROW WHEN (NEW.state = 'issued') EXECUTE FUNCTION compare_certificate();

CREATE FUNCTION compare_reissue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'done' OR NEW.lost_at IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock_shared(7241001);
        {certificate_and_reissue(_ALL_CERTIFICATES, _THIS_REISSUE)}
        {legacy_and_reissue(_ALL_LEGACY, _THIS_REISSUE)}
    ELSE
        -- The loss was lifted: the typed data are no source any more.
        DELETE FROM verification_sourceconflict k WHERE k.other_reissue_id = NEW.id
            AND NOT EXISTS (SELECT 1 FROM verification_sourcedecision d WHERE d.conflict_id = k.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER typed_certificate_is_compared
    AFTER INSERT OR UPDATE OF state, lost_at ON reissues_reissue
    FOR EACH ROW WHEN (NEW.source = 'paper') EXECUTE FUNCTION compare_reissue();

-- A decision is revoked, once, and else stays as it was taken.
CREATE FUNCTION source_decision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving CONSTANT text[] := ARRAY['revoked_at', 'revoked_by_id', 'revoked_reason'];
BEGIN
    IF TG_OP = 'DELETE' OR OLD.revoked_at IS NOT NULL
       OR to_jsonb(NEW) - moving IS DISTINCT FROM to_jsonb(OLD) - moving
    THEN
        RAISE EXCEPTION 'decision % stays as it was taken', OLD.id
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'source_decision_stays', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER source_decision_stays BEFORE UPDATE OR DELETE ON verification_sourcedecision
    FOR EACH ROW EXECUTE FUNCTION source_decision_guard();

-- What was on file before.
{certificate_and_legacy(_ALL_CERTIFICATES, _ALL_LEGACY)}
{certificate_and_reissue(_ALL_CERTIFICATES, _ALL_REISSUES)}
{legacy_and_reissue(_ALL_LEGACY, _ALL_REISSUES)}
"""

BACKWARD = """
DROP TRIGGER source_decision_stays ON verification_sourcedecision;
DROP FUNCTION source_decision_guard();
DROP TRIGGER typed_certificate_is_compared ON reissues_reissue;
DROP FUNCTION compare_reissue();
DROP TRIGGER certificate_is_compared ON certificates_certificate;
DROP FUNCTION compare_certificate();
DROP TRIGGER old_records_are_compared ON verification_legacyrecord;
DROP FUNCTION compare_old_records();
DROP TRIGGER legacy_record_never_changes ON verification_legacyrecord;
DROP FUNCTION legacy_guard();
DROP FUNCTION source_differences(
    text, bytea, text, text, date, boolean, text, date,
    text, bytea, text, text, date, boolean, text, date);
DROP FUNCTION legacy_digest(text, bytea, text, text, date, boolean, text, date, boolean);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0008_historic_origin"),
        ("reissues", "0003_second_sources"),
        ("verification", "0004_reports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SourceConflict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=60, verbose_name="证书编号")),
                ("first_source", models.CharField(max_length=12, verbose_name="查询采用")),
                ("other_source", models.CharField(max_length=12, verbose_name="另一来源")),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        size=None,
                        verbose_name="不一致的内容",
                    ),
                ),
                ("found_at", models.DateTimeField(auto_now_add=True, verbose_name="发现时间")),
            ],
            options={
                "verbose_name": "来源冲突",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="SourceDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("first", "查询采用的来源正确"),
                            ("other", "另一来源正确"),
                            ("neither", "两个来源都有误"),
                            ("two", "同一编号的两本不同证书"),
                        ],
                        max_length=8,
                        verbose_name="认定",
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="理由")),
                ("correct", models.CharField(blank=True, max_length=500, verbose_name="正确内容")),
                ("decided_at", models.DateTimeField(auto_now_add=True, verbose_name="认定时间")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="撤销时间")),
                (
                    "revoked_reason",
                    models.CharField(blank=True, max_length=500, verbose_name="撤销理由"),
                ),
            ],
            options={
                "verbose_name": "来源冲突认定",
                "ordering": ("-id",),
            },
        ),
        migrations.AlterModelOptions(
            name="legacyrecord",
            options={"ordering": ("certificate_number", "id"), "verbose_name": "历史证书"},
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="committee",
            field=models.CharField(
                blank=True, db_default="", max_length=200, verbose_name="评委会"
            ),
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="content_digest",
            field=models.BinaryField(db_default=b"", max_length=32),
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="department",
            field=models.CharField(
                blank=True, db_default="", max_length=200, verbose_name="核准部门"
            ),
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="grade",
            field=models.CharField(
                blank=True,
                choices=[("senior", "高级"), ("intermediate", "中级"), ("junior", "初级")],
                db_default="",
                max_length=12,
                verbose_name="等级",
            ),
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="id_kind",
            field=models.CharField(
                choices=[
                    ("resident", "居民身份证"),
                    ("permit", "居住证或永久居留身份证"),
                    ("passport", "护照"),
                ],
                db_default="resident",
                default="resident",
                max_length=12,
                verbose_name="证件类别",
            ),
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="issued_on",
            field=models.DateField(null=True, verbose_name="发证时间"),
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="issuer",
            field=models.CharField(
                blank=True, db_default="", max_length=200, verbose_name="发证单位"
            ),
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="ledger",
            field=models.BigIntegerField(db_index=True, null=True),
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="level",
            field=models.CharField(
                blank=True,
                choices=[
                    ("senior_full", "正高级"),
                    ("senior_deputy", "副高级"),
                    ("intermediate", "中级"),
                    ("assistant", "助理级"),
                    ("technician", "员级"),
                ],
                db_default="",
                max_length=16,
                verbose_name="级别",
            ),
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="month_only",
            field=models.BooleanField(db_default=False, default=False, verbose_name="只知年月"),
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="registration",
            field=models.BigIntegerField(null=True, unique=True),
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="self_managed",
            field=models.BooleanField(db_default=False, default=False, verbose_name="自主评审"),
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="sex",
            field=models.CharField(blank=True, db_default="", max_length=20, verbose_name="性别"),
        ),
        migrations.AddField(
            model_name="legacyrecord",
            name="work_unit",
            field=models.CharField(
                blank=True, db_default="", max_length=200, verbose_name="工作单位"
            ),
        ),
        migrations.AlterField(
            model_name="legacyrecord",
            name="certificate_number",
            field=models.CharField(max_length=60, verbose_name="证书编号"),
        ),
        migrations.AddConstraint(
            model_name="legacyrecord",
            constraint=models.UniqueConstraint(
                fields=("certificate_number", "content_digest"), name="legacy_content_stands_once"
            ),
        ),
        migrations.AddField(
            model_name="sourceconflict",
            name="first_certificate",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="certificates.certificate",
            ),
        ),
        migrations.AddField(
            model_name="sourceconflict",
            name="first_legacy",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="verification.legacyrecord",
            ),
        ),
        migrations.AddField(
            model_name="sourceconflict",
            name="other_legacy",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="verification.legacyrecord",
            ),
        ),
        migrations.AddField(
            model_name="sourceconflict",
            name="other_reissue",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reissues.reissue",
            ),
        ),
        migrations.AddField(
            model_name="sourcedecision",
            name="conflict",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="verification.sourceconflict",
            ),
        ),
        migrations.AddField(
            model_name="sourcedecision",
            name="decided_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sourcedecision",
            name="revoked_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="sourceconflict",
            index=models.Index(fields=["number"], name="conflict_by_number"),
        ),
        migrations.AddConstraint(
            model_name="sourceconflict",
            constraint=models.UniqueConstraint(
                fields=("first_certificate", "first_legacy", "other_legacy", "other_reissue"),
                name="two_records_differ_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="sourceconflict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("first_certificate__isnull", False), ("first_legacy", None)),
                        models.Q(("first_certificate", None), ("first_legacy__isnull", False)),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("other_legacy__isnull", False), ("other_reissue", None)),
                        models.Q(("other_legacy", None), ("other_reissue__isnull", False)),
                        _connector="OR",
                    ),
                ),
                name="conflict_is_between_two_records",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourceconflict",
            constraint=models.CheckConstraint(
                condition=models.Q(("fields", []), _negated=True),
                name="conflict_names_what_differs",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcedecision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)),
                fields=("conflict",),
                name="conflict_is_decided_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="decision_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "neither"), _negated=True),
                    models.Q(("correct", ""), _negated=True),
                    _connector="OR",
                ),
                name="both_wrong_says_what_is_right",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked_at", None), ("revoked_by", None), ("revoked_reason", "")),
                    models.Q(
                        ("revoked_at__isnull", False),
                        ("revoked_by__isnull", False),
                        models.Q(("revoked_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="revoked_decision_says_who_and_why",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

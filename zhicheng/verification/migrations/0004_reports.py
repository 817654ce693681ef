"""Reports of holders; what a report said is never changed, and a revoked one stays revoked."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

FORWARD = """
ALTER TABLE verification_reportterm ADD CONSTRAINT report_is_valid_for_30_to_180_days
    CHECK (ends_on - begins_on BETWEEN 30 AND 180);
ALTER TABLE verification_verificationreport ADD CONSTRAINT report_code_is_kept_as_digest
    CHECK (octet_length(code_digest) = 32 AND octet_length(person) = 32
           AND octet_length(code_cipher) > 32);

CREATE FUNCTION report_raise(rule text, message text, relation text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', message
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = rule, TABLE = relation;
END $$;

-- The day on which nobody could check it any more; null once its terms are gone.
CREATE FUNCTION report_over_since(report bigint, revoked timestamptz) RETURNS date
LANGUAGE sql AS $$
    SELECT coalesce((revoked AT TIME ZONE 'Asia/Shanghai')::date, max(t.ends_on))
    FROM verification_reportterm t WHERE t.report_id = report
$$;

CREATE FUNCTION report_kept(report bigint, revoked timestamptz, relation text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF report_over_since(report, revoked)
       >= (now() AT TIME ZONE 'Asia/Shanghai')::date - 365 THEN
        PERFORM report_raise('report_is_kept_for_a_year',
            'a report is kept for a year after its end', relation);
    END IF;
END $$;

CREATE FUNCTION report_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM report_kept(OLD.id, OLD.revoked_at, TG_TABLE_NAME);
        RETURN OLD;
    END IF;
    IF OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL
       OR to_jsonb(OLD) - 'revoked_at' IS DISTINCT FROM to_jsonb(NEW) - 'revoked_at' THEN
        PERFORM report_raise('report_changes_only_by_its_revocation',
            'what a report said is never changed; it is revoked once', TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER report_changes_only_by_its_revocation
    BEFORE UPDATE OR DELETE ON verification_verificationreport
    FOR EACH ROW EXECUTE FUNCTION report_guard();

CREATE FUNCTION report_term_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    revoked timestamptz;
    until date;
BEGIN
    SELECT r.revoked_at INTO revoked FROM verification_verificationreport r
        WHERE r.id = coalesce(NEW.report_id, OLD.report_id) FOR UPDATE;
    IF TG_OP = 'DELETE' THEN
        PERFORM report_kept(OLD.report_id, revoked, TG_TABLE_NAME);
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        PERFORM report_raise('report_term_is_never_changed',
            'a term is never changed: a renewal is a new one', TG_TABLE_NAME);
    END IF;
    IF revoked IS NOT NULL THEN
        PERFORM report_raise('revoked_report_is_never_renewed',
            'a revoked report is never renewed', TG_TABLE_NAME);
    END IF;
    SELECT max(t.ends_on) INTO until FROM verification_reportterm t
        WHERE t.report_id = NEW.report_id;
    IF until IS NOT NULL AND NEW.ends_on <= until THEN
        PERFORM report_raise('renewal_never_shortens_a_report',
            'a renewal ends later than the term before', TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER report_term_is_never_changed
    BEFORE INSERT OR UPDATE OR DELETE ON verification_reportterm
    FOR EACH ROW EXECUTE FUNCTION report_term_guard();

CREATE FUNCTION report_has_a_term() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM verification_verificationreport r WHERE r.id = NEW.id)
       AND NOT EXISTS (SELECT FROM verification_reportterm t WHERE t.report_id = NEW.id) THEN
        PERFORM report_raise('report_has_a_term', 'a report is valid for some days',
                             TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER report_has_a_term AFTER INSERT ON verification_verificationreport
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION report_has_a_term();
"""

BACKWARD = """
DROP TRIGGER report_has_a_term ON verification_verificationreport;
DROP TRIGGER report_term_is_never_changed ON verification_reportterm;
DROP TRIGGER report_changes_only_by_its_revocation ON verification_verificationreport;
DROP FUNCTION report_has_a_term;
DROP FUNCTION report_term_guard;
DROP FUNCTION report_guard;
DROP FUNCTION report_kept;
DROP FUNCTION report_over_since;
DROP FUNCTION report_raise;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("verification", "0003_lookups")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="VerificationReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code_digest", models.BinaryField(max_length=32)),
                ("code_cipher", models.BinaryField()),
                ("certificate_number", models.CharField(max_length=60, verbose_name="证书编号")),
                ("person", models.BinaryField(max_length=32)),
                ("said", models.JSONField(verbose_name="报告内容")),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="出具时间")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="撤销时间")),
            ],
            options={
                "verbose_name": "核验报告",
                "ordering": ("-made_at", "-id"),
                "indexes": [
                    models.Index(fields=["certificate_number"], name="report_by_certificate")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["code_digest"], name="report_code_is_given_once"
                    ),
                    models.CheckConstraint(
                        condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("made_at")),
                        name="report_is_revoked_after_it_was_made",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportTerm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("begins_on", models.DateField(verbose_name="有效期自")),
                ("ends_on", models.DateField(verbose_name="有效期至")),
                ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="terms",
                        to="verification.verificationreport",
                    ),
                ),
            ],
            options={
                "verbose_name": "核验报告有效期",
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(ends_on__gt=F("begins_on")),
                        name="report_term_ends_after_it_begins",
                    ),
                    models.UniqueConstraint(
                        fields=["report", "ends_on"], name="report_is_renewed_to_another_day"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

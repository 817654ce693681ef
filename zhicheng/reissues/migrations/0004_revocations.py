"""Certificates that the office revokes, each with its decision, for ever (N12, N18)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER revocation_stays BEFORE UPDATE OR DELETE ON reissues_revocation
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Checked at the end of the transaction that writes both.
CREATE FUNCTION revocation_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM certificates_certificate c WHERE c.id = NEW.certificate_id
                   AND c.void_reason = 'revoked' AND c.voided_at = NEW.revoked_at)
       OR EXISTS (SELECT 1 FROM reissues_reissue r WHERE r.certificate_id = NEW.certificate_id
                  AND r.state IN ('applied', 'returned', 'opinions', 'granted', 'collected',
                                  'making'))
    THEN
        RAISE EXCEPTION 'revocation % is of a certificate in force or applied for', NEW.id
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'revocation_ends_its_certificate', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER revocation_ends_its_certificate AFTER INSERT ON reissues_revocation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION revocation_guard();
"""

BACKWARD = """
DROP TRIGGER revocation_ends_its_certificate ON reissues_revocation;
DROP FUNCTION revocation_guard();
DROP TRIGGER revocation_stays ON reissues_revocation;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0008_historic_origin"),
        ("files", "0002_never_changed"),
        ("reissues", "0003_second_sources"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Revocation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        choices=[("qualification", "撤销资格"), ("mistaken", "证书制发有误")],
                        max_length=16,
                        verbose_name="撤销原因",
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="情况说明")),
                ("document_number", models.CharField(max_length=80, verbose_name="撤销决定文号")),
                ("decided_on", models.DateField(verbose_name="决定日期")),
                ("revoked_at", models.DateTimeField(verbose_name="撤销时间")),
                (
                    "certificate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revocation",
                        to="certificates.certificate",
                        verbose_name="证书",
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="撤销决定",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "证书撤销",
                "ordering": ("-id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True),
                            models.Q(("document_number", ""), _negated=True),
                        ),
                        name="revocation_says_why_and_by_which_decision",
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

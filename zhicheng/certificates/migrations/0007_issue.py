"""To whom certificates were issued, by whose authorisation, the signed lists (N8, N18)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER issue_agent_is_never_changed BEFORE UPDATE OR DELETE ON certificates_issueagent
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER issue_record_is_never_changed BEFORE UPDATE OR DELETE ON certificates_issuerecord
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signed_list_is_never_changed BEFORE UPDATE OR DELETE ON certificates_signedlist
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION issue_record_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM certificates_certificate c
        LEFT JOIN certificates_issueagent a ON a.id = NEW.agent_id
        WHERE c.id = NEW.certificate_id AND c.state = 'issued'
          AND c.issued_at = NEW.issued_at AND c.issued_by_id = NEW.issued_by_id
          AND c.recipient = NEW.recipient AND c.recipient_relation = NEW.relation
          AND (a.id IS NULL OR a.unit_id = c.issuing_unit_id AND a.name = c.recipient))
    THEN
        RAISE EXCEPTION 'an issue record says what its certificate says'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'issue_record_equals_its_certificate', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER issue_record_equals_its_certificate BEFORE INSERT ON certificates_issuerecord
    FOR EACH ROW EXECUTE FUNCTION issue_record_guard();

-- Checked at the end of the transaction: the certificate is issued first.
CREATE FUNCTION issued_certificate_has_its_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM certificates_issuerecord r WHERE r.certificate_id = NEW.id) THEN
        RAISE EXCEPTION 'certificate % was issued to nobody on record', NEW.number
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'issued_certificate_has_its_record', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER issued_certificate_has_its_record
    AFTER UPDATE ON certificates_certificate
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.state <> 'issued' AND NEW.state = 'issued' AND NEW.medium = 'paper')
    EXECUTE FUNCTION issued_certificate_has_its_record();

-- With the agent's own data and the authorisation's digest: whoever changes them is found.
CREATE FUNCTION issue_record_digest(r certificates_issuerecord) RETURNS bytea
    LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        'v1', r.id, r.certificate_id, r.recipient, r.relation, r.id_checked,
        (extract(epoch FROM r.issued_at) * 1000000)::bigint, r.issued_by_id, r.agent_id,
        (SELECT jsonb_build_array(
            a.unit_id, a.name, a.id_kind, encode(a.id_number_index, 'hex'),
            encode(sha256(a.id_number_cipher), 'hex'), a.id_number_masked, a.relation,
            a.relation_text, a.authorisation_id, f.sha256, f.kept_sha256, a.named_by_id)
         FROM certificates_issueagent a JOIN files_storedfile f ON f.id = a.authorisation_id
         WHERE a.id = r.agent_id))::text, 'UTF8'))
    $$;
"""

BACKWARD = """
DROP FUNCTION issue_record_digest(certificates_issuerecord);
DROP TRIGGER issued_certificate_has_its_record ON certificates_certificate;
DROP FUNCTION issued_certificate_has_its_record();
DROP TRIGGER issue_record_equals_its_certificate ON certificates_issuerecord;
DROP FUNCTION issue_record_guard();
DROP TRIGGER signed_list_is_never_changed ON certificates_signedlist;
DROP TRIGGER issue_record_is_never_changed ON certificates_issuerecord;
DROP TRIGGER issue_agent_is_never_changed ON certificates_issueagent;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_append_only"),
        ("certificates", "0006_transfers"),
        ("files", "0002_never_changed"),
        ("organizations", "0001_initial"),
        ("registers", "0007_title_facts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IssueAgent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="代领人姓名")),
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
                ("id_number_cipher", models.BinaryField()),
                ("id_number_index", models.BinaryField(max_length=32)),
                ("id_number_masked", models.CharField(max_length=60, verbose_name="身份证号码")),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("spouse", "配偶"),
                            ("parent", "父母"),
                            ("child", "子女"),
                            ("colleague", "同事"),
                            ("unit_clerk", "单位经办人"),
                            ("other", "其他"),
                        ],
                        max_length=12,
                        verbose_name="与持证人关系",
                    ),
                ),
                (
                    "relation_text",
                    models.CharField(blank=True, max_length=60, verbose_name="关系说明"),
                ),
                ("named_at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                (
                    "authorisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="授权材料",
                    ),
                ),
                (
                    "named_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.organization",
                        verbose_name="发放单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "代领人",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="IssueRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("recipient", models.CharField(max_length=100, verbose_name="领取人")),
                ("relation", models.CharField(max_length=8, verbose_name="领取方式")),
                ("id_checked", models.BooleanField(verbose_name="已核对身份证")),
                ("issued_at", models.DateTimeField(verbose_name="发放时间")),
                (
                    "agent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="certificates.issueagent",
                    ),
                ),
                (
                    "certificate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="issue_record",
                        to="certificates.certificate",
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "发放记录",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="SignedList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("attached_at", models.DateTimeField(auto_now_add=True, verbose_name="上传时间")),
                (
                    "attached_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signed_lists",
                        to="registers.register",
                    ),
                ),
            ],
            options={
                "verbose_name": "已签领取签收表",
                "ordering": ("-id",),
            },
        ),
        migrations.AddConstraint(
            model_name="issueagent",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True),
                name="agent_who_takes_a_certificate_has_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="issueagent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("relation", "other"), _negated=True),
                    models.Q(("relation_text", ""), _negated=True),
                    _connector="OR",
                ),
                name="other_relation_of_an_agent_is_told",
            ),
        ),
        migrations.AddConstraint(
            model_name="issuerecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agent__isnull", False), ("relation", "agent")),
                    models.Q(("agent", None), ("relation", "holder")),
                    _connector="OR",
                ),
                name="agent_takes_by_authorisation",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

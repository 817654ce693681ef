"""Electronic certificates with the number and data of an old record (N7; invariants 3, 4, 7).

That they equal it, and that an accepted registration asked for it, the folder of historic
certificates watches. The digest of every other certificate stays what it was.
"""

from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE OR REPLACE FUNCTION certificate_digest(c certificates_certificate) RETURNS bytea
    LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.origin = 'register' AND c.lost_at IS NULL AND c.voided_at IS NULL
    THEN sha256(convert_to(jsonb_build_array(
        'v1', c.id, c.number, c.register_id, c.row_id, c.position, c.state, c.blank_serial, c.name,
        c.sex, c.id_kind, encode(c.id_number_index, 'hex'),
        encode(sha256(c.id_number_cipher), 'hex'),
        c.id_number_masked, c.work_unit, c.specialty, c.qualification, c.grade,
        to_char(c.approval_date, 'YYYY-MM-DD'), c.document_number, c.issuing_unit_id,
        c.approving_department_id, c.embosser_id,
        (extract(epoch FROM c.filled_at) * 1000000)::bigint, c.filled_by_id,
        (extract(epoch FROM c.official_seal_at) * 1000000)::bigint, c.official_seal_by_id,
        c.official_seal_unit_id,
        (extract(epoch FROM c.embossed_at) * 1000000)::bigint, c.embossed_by_id, c.embossed_unit_id,
        (extract(epoch FROM c.issued_at) * 1000000)::bigint, c.issued_by_id, c.recipient,
        c.recipient_relation)::text, 'UTF8'))
    ELSE sha256(convert_to((CASE WHEN c.legacy IS NULL THEN '[]'::jsonb
        ELSE jsonb_build_array('v3', c.legacy) END || jsonb_build_array(
        'v2', c.medium, c.origin, c.approved_person_id, c.reissue, c.replaces_id, c.level,
        (extract(epoch FROM c.lost_at) * 1000000)::bigint,
        (extract(epoch FROM c.voided_at) * 1000000)::bigint, c.void_reason))::text, 'UTF8')
        || sha256(convert_to(jsonb_build_array(
        'v1', c.id, c.number, c.register_id, c.row_id, c.position, c.state, c.blank_serial, c.name,
        c.sex, c.id_kind, encode(c.id_number_index, 'hex'),
        encode(sha256(c.id_number_cipher), 'hex'),
        c.id_number_masked, c.work_unit, c.specialty, c.qualification, c.grade,
        to_char(c.approval_date, 'YYYY-MM-DD'), c.document_number, c.issuing_unit_id,
        c.approving_department_id, c.embosser_id,
        (extract(epoch FROM c.filled_at) * 1000000)::bigint, c.filled_by_id,
        (extract(epoch FROM c.official_seal_at) * 1000000)::bigint, c.official_seal_by_id,
        c.official_seal_unit_id,
        (extract(epoch FROM c.embossed_at) * 1000000)::bigint, c.embossed_by_id, c.embossed_unit_id,
        (extract(epoch FROM c.issued_at) * 1000000)::bigint, c.issued_by_id, c.recipient,
        c.recipient_relation)::text, 'UTF8')))
    END $$;
"""

BACKWARD = """
CREATE OR REPLACE FUNCTION certificate_digest(c certificates_certificate) RETURNS bytea
    LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.origin = 'register' AND c.lost_at IS NULL AND c.voided_at IS NULL
    THEN sha256(convert_to(jsonb_build_array(
        'v1', c.id, c.number, c.register_id, c.row_id, c.position, c.state, c.blank_serial, c.name,
        c.sex, c.id_kind, encode(c.id_number_index, 'hex'),
        encode(sha256(c.id_number_cipher), 'hex'),
        c.id_number_masked, c.work_unit, c.specialty, c.qualification, c.grade,
        to_char(c.approval_date, 'YYYY-MM-DD'), c.document_number, c.issuing_unit_id,
        c.approving_department_id, c.embosser_id,
        (extract(epoch FROM c.filled_at) * 1000000)::bigint, c.filled_by_id,
        (extract(epoch FROM c.official_seal_at) * 1000000)::bigint, c.official_seal_by_id,
        c.official_seal_unit_id,
        (extract(epoch FROM c.embossed_at) * 1000000)::bigint, c.embossed_by_id, c.embossed_unit_id,
        (extract(epoch FROM c.issued_at) * 1000000)::bigint, c.issued_by_id, c.recipient,
        c.recipient_relation)::text, 'UTF8'))
    ELSE sha256(convert_to(jsonb_build_array(
        'v2', c.medium, c.origin, c.approved_person_id, c.reissue, c.replaces_id, c.level,
        (extract(epoch FROM c.lost_at) * 1000000)::bigint,
        (extract(epoch FROM c.voided_at) * 1000000)::bigint, c.void_reason)::text, 'UTF8')
        || sha256(convert_to(jsonb_build_array(
        'v1', c.id, c.number, c.register_id, c.row_id, c.position, c.state, c.blank_serial, c.name,
        c.sex, c.id_kind, encode(c.id_number_index, 'hex'),
        encode(sha256(c.id_number_cipher), 'hex'),
        c.id_number_masked, c.work_unit, c.specialty, c.qualification, c.grade,
        to_char(c.approval_date, 'YYYY-MM-DD'), c.document_number, c.issuing_unit_id,
        c.approving_department_id, c.embosser_id,
        (extract(epoch FROM c.filled_at) * 1000000)::bigint, c.filled_by_id,
        (extract(epoch FROM c.official_seal_at) * 1000000)::bigint, c.official_seal_by_id,
        c.official_seal_unit_id,
        (extract(epoch FROM c.embossed_at) * 1000000)::bigint, c.embossed_by_id, c.embossed_unit_id,
        (extract(epoch FROM c.issued_at) * 1000000)::bigint, c.issued_by_id, c.recipient,
        c.recipient_relation)::text, 'UTF8')))
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0001_initial"),
        ("certificates", "0007_issue"),
        ("organizations", "0001_initial"),
        ("registers", "0008_online_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="certificate",
            name="certificate_has_one_origin",
        ),
        migrations.AddField(
            model_name="certificate",
            name="legacy",
            field=models.BigIntegerField(null=True, verbose_name="历史证书"),
        ),
        migrations.AlterField(
            model_name="certificate",
            name="origin",
            field=models.CharField(
                choices=[
                    ("register", "登记表"),
                    ("online", "线上评审"),
                    ("reissue", "补办换发"),
                    ("historic", "历史证书"),
                ],
                db_default="register",
                default="register",
                max_length=8,
                verbose_name="来源",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "withdrawn"), _negated=True),
                fields=("legacy",),
                name="legacy_record_is_certified_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("legacy", None),
                        ("medium", "paper"),
                        ("origin", "register"),
                        ("register__isnull", False),
                        ("reissue", None),
                        ("replaces", None),
                        ("row__isnull", False),
                    ),
                    models.Q(
                        ("approved_person__isnull", False),
                        ("legacy", None),
                        ("medium", "electronic"),
                        ("origin", "online"),
                        ("register", None),
                        ("reissue", None),
                        ("replaces", None),
                        ("row", None),
                    ),
                    models.Q(
                        ("legacy", None),
                        ("medium", "paper"),
                        ("origin", "reissue"),
                        ("register", None),
                        ("reissue__isnull", False),
                        ("row", None),
                    ),
                    models.Q(
                        ("approved_person", None),
                        ("legacy__isnull", False),
                        ("medium", "electronic"),
                        ("origin", "historic"),
                        ("register", None),
                        ("reissue", None),
                        ("replaces", None),
                        ("row", None),
                    ),
                    _connector="OR",
                ),
                name="certificate_has_one_origin",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

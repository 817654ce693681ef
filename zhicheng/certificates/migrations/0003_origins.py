"""Certificates of any origin: registers, the online channel, reissues; lost and void ones.

Certificates on file come from registers: their approved person and level are their row's.
"""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The path's guard lets no column of an issued certificate change, so it rests meanwhile; the
# foreign keys are checked before the table changes further.
FILL = """
ALTER TABLE certificates_certificate DISABLE TRIGGER certificate_guard;
UPDATE certificates_certificate c SET approved_person_id = r.approved_person_id, level = p.level
FROM registers_registerrow r JOIN approvals_approvedperson p ON p.id = r.approved_person_id
WHERE r.id = c.row_id;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE certificates_certificate ENABLE TRIGGER certificate_guard;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("approvals", "0001_initial"),
        ("certificates", "0002_path"),
        ("organizations", "0001_initial"),
        ("registers", "0007_title_facts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.RemoveConstraint(
            model_name="certificate",
            name="one_certificate_per_person_and_qualification",
        ),
        migrations.RemoveConstraint(
            model_name="certificate",
            name="certificate_on_its_path_lies_on_a_blank",
        ),
        migrations.RemoveConstraint(
            model_name="certificate",
            name="official_seal_by_the_issuing_unit",
        ),
        migrations.RemoveConstraint(
            model_name="certificate",
            name="embossed_after_the_official_seal_by_whoever_may",
        ),
        migrations.RemoveConstraint(
            model_name="certificate",
            name="unsealed_certificate_bears_no_seal",
        ),
        migrations.RemoveConstraint(
            model_name="certificate",
            name="issued_certificate_is_complete_and_received",
        ),
        migrations.AddField(
            model_name="certificate",
            name="approved_person",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="approvals.approvedperson",
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="level",
            field=models.CharField(
                choices=[
                    ("senior_full", "正高级"),
                    ("senior_deputy", "副高级"),
                    ("intermediate", "中级"),
                    ("assistant", "助理级"),
                    ("technician", "员级"),
                ],
                default="",
                max_length=16,
                verbose_name="级别",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="certificate",
            name="lost_at",
            field=models.DateTimeField(null=True, verbose_name="报失时间"),
        ),
        migrations.AddField(
            model_name="certificate",
            name="medium",
            field=models.CharField(
                choices=[("paper", "纸质"), ("electronic", "电子")],
                db_default="paper",
                default="paper",
                max_length=10,
                verbose_name="介质",
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="origin",
            field=models.CharField(
                choices=[("register", "登记表"), ("online", "线上评审"), ("reissue", "补办换发")],
                db_default="register",
                default="register",
                max_length=8,
                verbose_name="来源",
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="reissue",
            field=models.BigIntegerField(null=True, unique=True, verbose_name="补办换发"),
        ),
        migrations.AddField(
            model_name="certificate",
            name="replaces",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="successors",
                to="certificates.certificate",
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="void_reason",
            field=models.CharField(
                blank=True,
                choices=[("replaced", "已补办"), ("renewed", "已换发"), ("revoked", "已撤销资格")],
                db_default="",
                max_length=10,
                verbose_name="作废原因",
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="voided_at",
            field=models.DateTimeField(null=True, verbose_name="作废时间"),
        ),
        migrations.AlterField(
            model_name="certificate",
            name="register",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="certificates",
                to="registers.register",
            ),
        ),
        migrations.AlterField(
            model_name="certificate",
            name="row",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="certificate",
                to="registers.registerrow",
            ),
        ),
        migrations.AlterField(
            model_name="certificate",
            name="state",
            field=models.CharField(
                choices=[
                    ("awaiting_photo", "待补照片"),
                    ("awaiting_blank", "待换取空白证书"),
                    ("filled", "已填制"),
                    ("sealed", "已盖公章"),
                    ("embossed", "已盖钢印"),
                    ("issued", "已发放"),
                    ("withdrawn", "已撤销"),
                ],
                max_length=16,
                verbose_name="状态",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("origin", "reissue"), _negated=True),
                    models.Q(("state", "withdrawn"), _negated=True),
                ),
                fields=("id_number_index", "qualification", "specialty", "document_number"),
                name="one_certificate_per_person_and_qualification",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "issued"), ("voided_at", None)),
                fields=("id_number_index", "qualification", "specialty", "document_number"),
                name="one_certificate_in_force_per_person_and_qualification",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("origin", "reissue"), _negated=True),
                    models.Q(("state", "withdrawn"), _negated=True),
                ),
                fields=("approved_person",),
                name="approved_person_is_certified_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "withdrawn"), _negated=True),
                fields=("replaces",),
                name="certificate_is_replaced_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("medium", "paper"),
                        ("origin", "register"),
                        ("register__isnull", False),
                        ("reissue", None),
                        ("replaces", None),
                        ("row__isnull", False),
                    ),
                    models.Q(
                        ("approved_person__isnull", False),
                        ("medium", "electronic"),
                        ("origin", "online"),
                        ("register", None),
                        ("reissue", None),
                        ("replaces", None),
                        ("row", None),
                    ),
                    models.Q(
                        ("medium", "paper"),
                        ("origin", "reissue"),
                        ("register", None),
                        ("reissue__isnull", False),
                        ("row", None),
                    ),
                    _connector="OR",
                ),
                name="certificate_has_one_origin",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("blank_serial", None), ("state__in", ["awaiting_blank", "withdrawn"])
                    ),
                    models.Q(("blank_serial", None), ("medium", "electronic")),
                    models.Q(
                        models.Q(("state__in", ["awaiting_blank", "withdrawn"]), _negated=True),
                        ("blank_serial__isnull", False),
                        ("filled_at__isnull", False),
                        ("medium", "paper"),
                    ),
                    _connector="OR",
                ),
                name="certificate_on_its_path_lies_on_a_blank",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("medium", "electronic"),
                        ("state__in", ["awaiting_photo", "issued", "withdrawn"]),
                    ),
                    models.Q(
                        ("medium", "paper"), models.Q(("state", "awaiting_photo"), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="electronic_certificate_has_no_path",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["sealed", "embossed", "issued"]), _negated=True),
                    ("medium", "electronic"),
                    models.Q(
                        ("official_seal_at__isnull", False),
                        ("official_seal_by__isnull", False),
                        ("official_seal_unit", models.F("issuing_unit")),
                    ),
                    _connector="OR",
                ),
                name="official_seal_by_the_issuing_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["embossed", "issued"]), _negated=True),
                    ("medium", "electronic"),
                    models.Q(
                        ("embossed_at__isnull", False),
                        ("embossed_by__isnull", False),
                        ("embossed_unit", models.F("embosser")),
                        ("official_seal_at__lte", models.F("embossed_at")),
                    ),
                    _connector="OR",
                ),
                name="embossed_after_the_official_seal_by_whoever_may",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("medium", "paper"), ("state__in", ["sealed", "embossed", "issued"])),
                    models.Q(("embossed_at", None), ("official_seal_at", None)),
                    _connector="OR",
                ),
                name="unsealed_certificate_bears_no_seal",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "issued"), _negated=True),
                    models.Q(("issued_at__isnull", False), ("medium", "electronic")),
                    models.Q(
                        ("embossed_at__lte", models.F("issued_at")),
                        ("issued_at__isnull", False),
                        ("issued_by__isnull", False),
                        models.Q(("recipient", ""), _negated=True),
                        models.Q(("recipient_relation", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="issued_certificate_is_complete_and_received",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "issued"),
                    models.Q(("lost_at", None), ("voided_at", None)),
                    _connector="OR",
                ),
                name="only_an_issued_certificate_is_lost_or_void",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("void_reason", ""), ("voided_at", None)),
                    models.Q(
                        ("voided_at__isnull", False), models.Q(("void_reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="void_certificate_says_why",
            ),
        ),
    ]

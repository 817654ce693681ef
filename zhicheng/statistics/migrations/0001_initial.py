from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar = [
        ("approvals", "0001_initial"),
        ("certificates", "0007_issue"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="BirthYear",
            fields=[
                (
                    "id_number_index",
                    models.BinaryField(max_length=32, primary_key=True, serialize=False),
                ),
                ("year", models.SmallIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Pending",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=1)),
                ("object_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="CertificateFact",
            fields=[
                ("region_id", models.IntegerField()),
                ("unit_id", models.IntegerField()),
                ("issuer_id", models.IntegerField()),
                ("department_id", models.IntegerField()),
                ("series_id", models.IntegerField()),
                ("level", models.SmallIntegerField()),
                ("qualification_id", models.IntegerField()),
                ("mode", models.SmallIntegerField()),
                ("channel", models.SmallIntegerField()),
                ("sex", models.SmallIntegerField()),
                ("age", models.SmallIntegerField()),
                (
                    "certificate",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="certificates.certificate",
                    ),
                ),
                ("issued_year", models.SmallIntegerField()),
                ("how", models.SmallIntegerField()),
                ("voided_year", models.SmallIntegerField()),
                ("revoked", models.BooleanField()),
                ("lost_year", models.SmallIntegerField()),
                ("fill_days", models.IntegerField()),
                ("seal_days", models.IntegerField()),
                ("emboss_days", models.IntegerField()),
                ("issue_days", models.IntegerField()),
                ("whole_days", models.IntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["region_id", "issued_year"], name="issued_by_region"),
                    models.Index(fields=["unit_id", "issued_year"], name="issued_by_unit"),
                    models.Index(fields=["issuer_id", "issued_year"], name="issued_by_issuer"),
                    models.Index(
                        fields=["department_id", "issued_year"], name="issued_by_department"
                    ),
                    models.Index(fields=["series_id", "issued_year"], name="issued_by_series"),
                    models.Index(
                        fields=["qualification_id", "issued_year"], name="issued_by_qualification"
                    ),
                    models.Index(fields=["issued_year"], name="issued_by_year"),
                    models.Index(
                        condition=models.Q(("voided_year", 0), _negated=True),
                        fields=["voided_year"],
                        name="fact_voided_by_year",
                    ),
                    models.Index(
                        condition=models.Q(("lost_year", 0), _negated=True),
                        fields=["lost_year"],
                        name="fact_lost_by_year",
                    ),
                    models.Index(
                        condition=models.Q(("how__gt", 2)),
                        fields=["issued_year", "how"],
                        name="fact_reissued_by_year",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Duration",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "step",
                        "issuer_id",
                        "year",
                        "days",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "step",
                    models.SmallIntegerField(
                        choices=[
                            (1, "受理到填制"),
                            (2, "填制到盖公章"),
                            (3, "盖公章到盖钢印"),
                            (4, "盖钢印到发放"),
                            (5, "受理到发放（全程）"),
                        ]
                    ),
                ),
                ("issuer_id", models.IntegerField()),
                ("year", models.SmallIntegerField()),
                ("days", models.IntegerField()),
                ("n", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("n__gt", 0)), name="duration_counts_somebody"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("only", models.BooleanField(default=True, primary_key=True, serialize=False)),
                ("as_of", models.DateTimeField(null=True)),
                ("rebuilt_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("only", True)), name="only_one_statistics_head"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonFact",
            fields=[
                ("region_id", models.IntegerField()),
                ("unit_id", models.IntegerField()),
                ("issuer_id", models.IntegerField()),
                ("department_id", models.IntegerField()),
                ("series_id", models.IntegerField()),
                ("level", models.SmallIntegerField()),
                ("qualification_id", models.IntegerField()),
                ("mode", models.SmallIntegerField()),
                ("channel", models.SmallIntegerField()),
                ("sex", models.SmallIntegerField()),
                ("age", models.SmallIntegerField()),
                (
                    "person",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="approvals.approvedperson",
                    ),
                ),
                ("passed_year", models.SmallIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["region_id", "passed_year"], name="passed_by_region"),
                    models.Index(fields=["unit_id", "passed_year"], name="passed_by_unit"),
                    models.Index(fields=["issuer_id", "passed_year"], name="passed_by_issuer"),
                    models.Index(
                        fields=["department_id", "passed_year"], name="passed_by_department"
                    ),
                    models.Index(fields=["series_id", "passed_year"], name="passed_by_series"),
                    models.Index(
                        fields=["qualification_id", "passed_year"], name="passed_by_qualification"
                    ),
                    models.Index(fields=["passed_year"], name="passed_by_year"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Rollup",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "grouping",
                        "measure",
                        "a",
                        "b",
                        "c",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("grouping", models.SmallIntegerField()),
                ("measure", models.SmallIntegerField()),
                ("a", models.IntegerField()),
                ("b", models.IntegerField()),
                ("c", models.IntegerField()),
                ("n", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("n__gt", 0)), name="rollup_counts_somebody"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=14)),
                ("text", models.CharField(max_length=100)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "text"), name="term_has_one_code")
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="视图名称")),
                ("path", models.CharField(max_length=40)),
                ("query", models.CharField(blank=True, max_length=300)),
                ("is_default", models.BooleanField(default=False, verbose_name="打开统计时先显示")),
                ("saved_at", models.DateTimeField(auto_now=True, verbose_name="保存时间")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "统计视图",
                "ordering": ("name",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "name"), name="saved_view_has_one_name_per_account"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("account",),
                        name="one_default_view_per_account",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="saved_view_has_a_name",
                    ),
                ],
            },
        ),
    ]

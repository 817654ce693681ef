"""Employers: organisations that verify certificates and do nothing else."""

from django.db import migrations, models

KINDS = [
    ("municipal_office", "市职改办"),
    ("district_office", "区县职改办"),
    ("municipal_department", "市级主管部门"),
    ("large_enterprise", "大型企事业单位"),
    ("reporting_unit", "填报单位"),
    ("employer", "用人单位（只核验证书）"),
]


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_initial")]
    operations = [
        migrations.AlterField(
            model_name="organization",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=24, verbose_name="类别"),
        ),
        migrations.RemoveConstraint(
            model_name="organization", name="unit_without_authority_has_supervisor"
        ),
        migrations.RemoveConstraint(
            model_name="organization", name="only_reporting_units_lack_authority"
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("has_authority", True),
                    ("supervisor__isnull", False),
                    ("kind", "employer"),
                    _connector="OR",
                ),
                name="unit_without_authority_has_supervisor",
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("has_authority", True),
                    ("kind__in", ["reporting_unit", "employer"]),
                    _connector="OR",
                ),
                name="only_reporting_units_lack_authority",
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "employer"), _negated=True),
                    models.Q(
                        ("has_authority", False),
                        ("is_approving_department", False),
                        ("supervisor", None),
                    ),
                    _connector="OR",
                ),
                name="employer_only_verifies",
            ),
        ),
    ]

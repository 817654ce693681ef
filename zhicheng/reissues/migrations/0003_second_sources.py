"""The same certificate by two sources; drafts that end by themselves (N10)."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0001_initial"),
        ("certificates", "0005_print_jobs"),
        ("organizations", "0001_initial"),
        ("reissues", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="reissue",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("found", "原证书已找到"),
                    ("withdrawn", "申请人撤回"),
                    ("refused", "不予办理"),
                    ("expired", "逾期未提交"),
                ],
                max_length=10,
                verbose_name="终止原因",
            ),
        ),
        migrations.AlterField(
            model_name="stepdeadline",
            name="step",
            field=models.CharField(
                choices=[
                    ("draft", "申请人填写"),
                    ("acceptance", "受理"),
                    ("completion", "申请人补正"),
                    ("opinion", "签署每级意见"),
                    ("collection", "领取空白证书"),
                    ("making", "填制、签章和核发"),
                ],
                max_length=12,
                verbose_name="环节",
            ),
        ),
        migrations.AddConstraint(
            model_name="reissue",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("approved_person__isnull", False),
                    (
                        "state__in",
                        ("applied", "returned", "opinions", "granted", "collected", "making"),
                    ),
                ),
                fields=("approved_person",),
                name="one_open_reissue_per_approved_person",
            ),
        ),
    ]

"""Mass exports are looking, too; days of rest are odd hours."""

from django.db import migrations, models
from django.db.models import Q

SENSIBLE = {
    "days__gte": 30,
    "days__lte": 3660,
    "person_most__gte": 2,
    "recipient_most__gte": 2,
    "number_days__gte": 1,
    "unmask_most__gte": 1,
    "night_from__lte": 23,
    "night_to__lte": 23,
    "night_most__gte": 1,
    "failures_most__gte": 2,
}
NAME = "detection_policy_is_sensible"


class Migration(migrations.Migration):
    dependencies = [("anomalies", "0004_episodes")]
    operations = [
        migrations.AlterField(
            "anomaly",
            "kind",
            models.CharField(
                choices=[
                    ("person_many", "一人多证"),
                    ("number_out_of_line", "证书编号失序"),
                    ("same_recipient", "一人代领多本"),
                    ("approval_changed", "受理后改动核准文件"),
                    ("spoilage", "废旧率异常"),
                    ("unmasking", "查看身份证号码异常"),
                    ("mass_export", "大量导出"),
                    ("odd_hours", "非常时段登录"),
                    ("login_attempts", "连续登录失败"),
                ],
                max_length=20,
                verbose_name="类别",
            ),
        ),
        migrations.AddField(
            "detectionpolicy",
            "export_most",
            models.PositiveIntegerField(default=20_000, verbose_name="月导出行数达到"),
            preserve_default=False,
        ),
        migrations.AddField(
            "detectionpolicy",
            "rest_most",
            models.PositiveSmallIntegerField(default=4, verbose_name="月休息日登录天数达到"),
            preserve_default=False,
        ),
        migrations.RemoveConstraint("detectionpolicy", NAME),
        migrations.AddConstraint(
            "detectionpolicy",
            models.CheckConstraint(
                condition=Q(**SENSIBLE, export_most__gte=100, rest_most__gte=1, rest_most__lte=31),
                name=NAME,
            ),
        ),
    ]

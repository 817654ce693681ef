"""By which rule a seal waited for its print stays on record; no past day gets another (N8)."""

from typing import ClassVar

import django.utils.timezone
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER print_policy_begins_today_or_later BEFORE INSERT ON certificates_printpolicy
    FOR EACH ROW EXECUTE FUNCTION refuse_past_day();
CREATE TRIGGER print_policy_is_only_added BEFORE UPDATE OR DELETE ON certificates_printpolicy
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
# Backward a day has one row again, the one that counted.
BACK = """
DROP TRIGGER print_policy_is_only_added ON certificates_printpolicy;
DROP TRIGGER print_policy_begins_today_or_later ON certificates_printpolicy;
DELETE FROM certificates_printpolicy earlier USING certificates_printpolicy later
    WHERE later.valid_from = earlier.valid_from AND later.id > earlier.id;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("audit", "0002_append_only"),
        ("certificates", "0015_planned_anew"),
        ("registers", "0013_rules_begin_today_or_later"),
    ]

    operations: ClassVar = [
        migrations.AlterModelOptions(
            name="printpolicy",
            options={"ordering": ("-valid_from", "-pk"), "verbose_name": "打印确认规定"},
        ),
        migrations.AlterField(
            model_name="printpolicy",
            name="valid_from",
            field=models.DateField(verbose_name="生效日期"),
        ),
        migrations.AlterField(
            model_name="printpolicy",
            name="set_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="设定时间"),
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]

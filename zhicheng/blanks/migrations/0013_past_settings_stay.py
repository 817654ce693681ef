"""What was set of blanks for a day stays on record, and no past day gets another setting (N1, N5)."""

from typing import ClassVar

import django.utils.timezone
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER spare_policy_begins_today_or_later BEFORE INSERT ON blanks_sparepolicy
    FOR EACH ROW EXECUTE FUNCTION refuse_past_day();
CREATE TRIGGER spare_policy_is_only_added BEFORE UPDATE OR DELETE ON blanks_sparepolicy
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER spare_disposal_begins_today_or_later BEFORE INSERT ON blanks_sparedisposal
    FOR EACH ROW EXECUTE FUNCTION refuse_past_day();
CREATE TRIGGER spare_disposal_is_only_added BEFORE UPDATE OR DELETE ON blanks_sparedisposal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reorder_policy_begins_today_or_later BEFORE INSERT ON blanks_reorderpolicy
    FOR EACH ROW EXECUTE FUNCTION refuse_past_day();
CREATE TRIGGER reorder_policy_is_only_added BEFORE UPDATE OR DELETE ON blanks_reorderpolicy
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stocktake_policy_begins_today_or_later BEFORE INSERT ON blanks_stocktakepolicy
    FOR EACH ROW EXECUTE FUNCTION refuse_past_day();
CREATE TRIGGER stocktake_policy_is_only_added BEFORE UPDATE OR DELETE ON blanks_stocktakepolicy
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
# Backward a day has one row again, the one that counted.
BACK = """
DROP TRIGGER spare_policy_is_only_added ON blanks_sparepolicy;
DROP TRIGGER spare_policy_begins_today_or_later ON blanks_sparepolicy;
DELETE FROM blanks_sparepolicy earlier USING blanks_sparepolicy later
    WHERE later.valid_from = earlier.valid_from AND later.id > earlier.id;
DROP TRIGGER spare_disposal_is_only_added ON blanks_sparedisposal;
DROP TRIGGER spare_disposal_begins_today_or_later ON blanks_sparedisposal;
DELETE FROM blanks_sparedisposal earlier USING blanks_sparedisposal later
    WHERE later.valid_from = earlier.valid_from AND later.id > earlier.id;
DROP TRIGGER reorder_policy_is_only_added ON blanks_reorderpolicy;
DROP TRIGGER reorder_policy_begins_today_or_later ON blanks_reorderpolicy;
DELETE FROM blanks_reorderpolicy earlier USING blanks_reorderpolicy later
    WHERE later.valid_from = earlier.valid_from AND later.id > earlier.id AND later.grade = earlier.grade;
DROP TRIGGER stocktake_policy_is_only_added ON blanks_stocktakepolicy;
DROP TRIGGER stocktake_policy_begins_today_or_later ON blanks_stocktakepolicy;
DELETE FROM blanks_stocktakepolicy earlier USING blanks_stocktakepolicy later
    WHERE later.valid_from = earlier.valid_from AND later.id > earlier.id;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("audit", "0002_append_only"),
        ("blanks", "0012_lists"),
        ("registers", "0013_rules_begin_today_or_later"),
    ]

    operations: ClassVar = [
        *[
            migrations.AlterField(
                model_name=name,
                name="valid_from",
                field=models.DateField(verbose_name="生效日期"),
            )
            for name in ("sparepolicy", "sparedisposal", "stocktakepolicy")
        ],
        migrations.RemoveConstraint(model_name="reorderpolicy", name="one_reorder_policy_a_day"),
        migrations.AlterField(
            model_name="reorderpolicy",
            name="set_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="设定时间"),
        ),
        *[
            migrations.AlterModelOptions(
                name=name, options={"ordering": ("-valid_from", "-pk"), "verbose_name": label}
            )
            for name, label in (
                ("sparepolicy", "备用证书比例"),
                ("sparedisposal", "剩余证书处理办法"),
                ("reorderpolicy", "补库警戒线"),
                ("stocktakepolicy", "盘点周期"),
            )
        ],
        migrations.RunSQL(FORWARD, BACK),
    ]

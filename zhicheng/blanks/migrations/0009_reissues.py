"""Blanks that are handed out for one reissue, beside those allotted to a register (N11, N12).

- An account stays what it is, its reissue too.
- A reissue never has more than one live blank (invariant 6).
"""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE OR REPLACE FUNCTION ledger_account_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR pg_trigger_depth() < 2 OR
       (OLD.id, OLD.organization_id, OLD.state, OLD.grade, OLD.register_id, OLD.reissue)
       IS DISTINCT FROM
       (NEW.id, NEW.organization_id, NEW.state, NEW.grade, NEW.register_id, NEW.reissue)
    THEN
        RAISE EXCEPTION 'an account of the ledger is never changed'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

-- Runs after the ledger's own trigger (by its name), so holdings are as they became. The ledger
-- holds both accounts' rows, so two movements into the same reissue wait for each other.
CREATE FUNCTION reissue_blanks_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    live CONSTANT text[] := ARRAY['unit', 'filling', 'on_certificate'];
    came blanks_custody;
    held bigint;
BEGIN
    SELECT * INTO came FROM blanks_custody c WHERE c.id = NEW.target_id;
    IF came.reissue IS NULL OR NOT came.state = ANY(live) THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(range_size(h.serials)), 0) INTO held
        FROM blanks_custody c JOIN blanks_holding h ON h.custody_id = c.id
        WHERE c.reissue = came.reissue AND c.state = ANY(live);
    IF held > 1 THEN
        RAISE EXCEPTION 'reissue % would hold % blanks', came.reissue, held
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'reissue_holds_one_blank', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER reissue_holds_one_blank AFTER INSERT ON blanks_movement
    FOR EACH ROW EXECUTE FUNCTION reissue_blanks_guard();
"""

BACKWARD = """
DROP TRIGGER reissue_holds_one_blank ON blanks_movement;
DROP FUNCTION reissue_blanks_guard();

CREATE OR REPLACE FUNCTION ledger_account_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR pg_trigger_depth() < 2 OR
       (OLD.id, OLD.organization_id, OLD.state, OLD.grade, OLD.register_id) IS DISTINCT FROM
       (NEW.id, NEW.organization_id, NEW.state, NEW.grade, NEW.register_id)
    THEN
        RAISE EXCEPTION 'an account of the ledger is never changed'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("blanks", "0008_seams"),
        ("files", "0002_never_changed"),
        ("organizations", "0001_initial"),
        ("registers", "0007_title_facts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.RemoveConstraint(
            model_name="custody",
            name="one_custody_per_holder_state_and_register",
        ),
        migrations.RemoveConstraint(
            model_name="custody",
            name="allotted_blanks_belong_to_a_register",
        ),
        migrations.AddField(
            model_name="custody",
            name="reissue",
            field=models.BigIntegerField(null=True, verbose_name="补办换发"),
        ),
        migrations.AddField(
            model_name="exchange",
            name="reissue",
            field=models.BigIntegerField(null=True, verbose_name="补办换发"),
        ),
        migrations.AddField(
            model_name="spoilage",
            name="reissue",
            field=models.BigIntegerField(null=True, verbose_name="补办换发"),
        ),
        migrations.AlterField(
            model_name="exchange",
            name="register",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="exchanges",
                to="registers.register",
            ),
        ),
        migrations.AlterField(
            model_name="movement",
            name="reason",
            field=models.CharField(
                choices=[
                    ("delivery", "印制入库"),
                    ("allotment", "配发"),
                    ("hand_over", "移交"),
                    ("receipt", "签收"),
                    ("filling", "填制"),
                    ("spare", "启用备用证书"),
                    ("spoilage", "错制作废"),
                    ("issue", "发放"),
                    ("return_spoiled", "交回废旧证书"),
                    ("exchange", "换取空白证书"),
                    ("destruction", "销毁"),
                    ("damaged", "到货损坏"),
                    ("return_unused", "交回多余空白证书"),
                    ("carry_over", "结转备用"),
                    ("transfer", "备用证书调剂"),
                    ("loss", "报告遗失"),
                    ("found", "找回"),
                    ("write_off", "确认遗失"),
                    ("correction", "更正"),
                    ("reissue", "补办换发领取"),
                ],
                max_length=20,
                verbose_name="事由",
            ),
        ),
        migrations.AlterField(
            model_name="spoilage",
            name="reason",
            field=models.CharField(
                choices=[
                    ("misprint", "打印错误"),
                    ("damaged", "破损污损"),
                    ("seal_fault", "印章加盖有误"),
                    ("withdrawn", "补办换发终止"),
                    ("other", "其他"),
                ],
                max_length=12,
                verbose_name="原因",
            ),
        ),
        migrations.AlterField(
            model_name="spoilage",
            name="register",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="spoilages",
                to="registers.register",
            ),
        ),
        migrations.AddIndex(
            model_name="custody",
            index=models.Index(
                condition=models.Q(("reissue__isnull", False)),
                fields=["reissue"],
                name="custody_by_reissue",
            ),
        ),
        migrations.AddConstraint(
            model_name="custody",
            constraint=models.UniqueConstraint(
                fields=("organization", "state", "grade", "register", "reissue"),
                name="one_custody_per_holder_state_and_purpose",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="custody",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("register__isnull", False),
                        ("reissue", None),
                        (
                            "state__in",
                            (
                                "reserved",
                                "in_transit",
                                "unit",
                                "spare",
                                "filling",
                                "on_certificate",
                                "spoiled",
                            ),
                        ),
                    ),
                    models.Q(
                        ("register", None),
                        ("reissue__isnull", False),
                        ("state__in", ("unit", "filling", "on_certificate", "spoiled")),
                    ),
                    models.Q(
                        ("state__in", ("lost", "written_off")),
                        models.Q(("register", None), ("reissue", None), _connector="OR"),
                    ),
                    models.Q(
                        models.Q(
                            (
                                "state__in",
                                [
                                    "reserved",
                                    "in_transit",
                                    "unit",
                                    "spare",
                                    "filling",
                                    "on_certificate",
                                    "spoiled",
                                    "lost",
                                    "written_off",
                                ],
                            ),
                            _negated=True,
                        ),
                        ("register", None),
                        ("reissue", None),
                    ),
                    _connector="OR",
                ),
                name="allotted_blanks_belong_to_a_register_or_reissue",
            ),
        ),
        migrations.AddConstraint(
            model_name="exchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("register__isnull", False), ("reissue", None)),
                    models.Q(("register", None), ("reissue__isnull", False)),
                    _connector="OR",
                ),
                name="exchange_is_for_a_register_or_reissue",
            ),
        ),
        migrations.AddConstraint(
            model_name="spoilage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("register__isnull", False), ("reissue", None)),
                    models.Q(("register", None), ("reissue__isnull", False)),
                    _connector="OR",
                ),
                name="spoiled_blank_was_for_a_register_or_reissue",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

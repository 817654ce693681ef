"""Numbering rules, their counters, every number given; and what the database keeps of them.

- A rule never changes; one that has counted isn't withdrawn either.
- A counter never goes back, so no number comes twice from it.
- A number that was given stays given; once its register was submitted, for good.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION numbering_rule_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
       OR (to_jsonb(NEW) - 'withdrawn_at' - 'withdrawn_by_id')
          <> (to_jsonb(OLD) - 'withdrawn_at' - 'withdrawn_by_id')
       OR OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL
    THEN
        RAISE EXCEPTION 'numbering rule % is never changed, only succeeded', OLD.id
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'numbering_rule_never_changes', TABLE = TG_TABLE_NAME;
    END IF;
    IF EXISTS (SELECT 1 FROM registers_numbercounter c WHERE c.rule_id = OLD.id) THEN
        RAISE EXCEPTION 'numbering rule % has given numbers', OLD.id
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'numbering_rule_in_use_stays', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER numbering_rule_never_changes BEFORE UPDATE OR DELETE ON registers_numberingrule
    FOR EACH ROW EXECUTE FUNCTION numbering_rule_guard();

CREATE FUNCTION number_counter_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.last < OLD.last
       OR (NEW.rule_id, NEW.scope) IS DISTINCT FROM (OLD.rule_id, OLD.scope)
    THEN
        RAISE EXCEPTION 'the counter of rule % in scope % never goes back', OLD.rule_id, OLD.scope
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'number_counter_never_goes_back', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER number_counter_never_goes_back BEFORE UPDATE OR DELETE ON registers_numbercounter
    FOR EACH ROW EXECUTE FUNCTION number_counter_guard();

CREATE FUNCTION given_number_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
       OR (NEW.rule_id, NEW.scope, NEW.sequence, NEW.number)
          IS DISTINCT FROM (OLD.rule_id, OLD.scope, OLD.sequence, OLD.number)
       OR OLD.settled AND to_jsonb(NEW) <> to_jsonb(OLD)
       OR NEW.skipped AND NOT OLD.skipped
    THEN
        RAISE EXCEPTION 'certificate number % was given and stays given', OLD.number
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'given_number_stays', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER given_number_stays BEFORE UPDATE OR DELETE ON registers_givennumber
    FOR EACH ROW EXECUTE FUNCTION given_number_guard();

-- The numbers of a register that was submitted are never given to anybody else, also when it
-- comes back and loses rows.
CREATE FUNCTION settle_given_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registers_givennumber g SET settled = true
        WHERE NOT g.settled AND g.number IN (
            SELECT r.certificate_number FROM registers_registerrow r
            WHERE r.register_id = NEW.id AND r.certificate_number <> '');
    RETURN NULL;
END $$;
CREATE TRIGGER submitted_register_settles_its_numbers
    AFTER INSERT OR UPDATE OF state ON registers_register
    FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION settle_given_numbers();
"""

BACKWARD = """
DROP TRIGGER submitted_register_settles_its_numbers ON registers_register;
DROP FUNCTION settle_given_numbers();
DROP TRIGGER given_number_stays ON registers_givennumber;
DROP FUNCTION given_number_guard();
DROP TRIGGER number_counter_never_goes_back ON registers_numbercounter;
DROP FUNCTION number_counter_guard();
DROP TRIGGER numbering_rule_never_changes ON registers_numberingrule;
DROP FUNCTION numbering_rule_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0001_initial"),
        ("registers", "0004_evidence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NumberingRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="启用日期")),
                ("pattern", models.CharField(max_length=80, verbose_name="编号样式")),
                (
                    "year_source",
                    models.CharField(
                        choices=[("approval", "批准时间的年度"), ("register", "登记表的年度")],
                        default="approval",
                        max_length=8,
                        verbose_name="年度取自",
                    ),
                ),
                (
                    "region_source",
                    models.CharField(
                        choices=[("issuing", "发放单位的区县"), ("reporting", "填报单位的区县")],
                        default="issuing",
                        max_length=10,
                        verbose_name="区县取自",
                    ),
                ),
                (
                    "region_code",
                    models.CharField(blank=True, max_length=6, verbose_name="区县代码"),
                ),
                ("unit_code", models.CharField(blank=True, max_length=10, verbose_name="单位代码")),
                (
                    "senior_code",
                    models.CharField(blank=True, max_length=10, verbose_name="高级代码"),
                ),
                (
                    "intermediate_code",
                    models.CharField(blank=True, max_length=10, verbose_name="中级代码"),
                ),
                (
                    "junior_code",
                    models.CharField(blank=True, max_length=10, verbose_name="初级代码"),
                ),
                ("leading_zeros", models.BooleanField(default=True, verbose_name="流水号补零")),
                ("start", models.PositiveIntegerField(default=1, verbose_name="起始号")),
                ("per_year", models.BooleanField(default=True, verbose_name="每年重新计数")),
                ("per_grade", models.BooleanField(default=False, verbose_name="各等级分别计数")),
                ("per_region", models.BooleanField(default=False, verbose_name="各区县分别计数")),
                (
                    "check_algorithm",
                    models.CharField(
                        choices=[
                            ("none", "不用校验码"),
                            ("mod_11_2", "ISO 7064 MOD 11-2（0–9、X，与身份证号码相同）"),
                            ("mod_37_36", "ISO 7064 MOD 37-36（0–9、A–Z）"),
                            ("luhn", "Luhn（0–9，与银行卡相同）"),
                        ],
                        default="none",
                        max_length=10,
                        verbose_name="校验码",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="设定时间")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤销时间")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
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
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "编号规则",
                "ordering": ("unit_id", "-valid_from"),
            },
        ),
        migrations.CreateModel(
            name="NumberCounter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scope", models.CharField(max_length=40)),
                ("last", models.BigIntegerField()),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counters",
                        to="registers.numberingrule",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GivenNumber",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=60, verbose_name="证书编号")),
                ("scope", models.CharField(max_length=40)),
                ("sequence", models.BigIntegerField(verbose_name="流水号")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("register", "登记表"),
                            ("template", "预填模板"),
                            ("reissue", "补办、换发"),
                        ],
                        max_length=10,
                        verbose_name="用途",
                    ),
                ),
                ("skipped", models.BooleanField(default=False)),
                ("settled", models.BooleanField(default=False)),
                ("given_at", models.DateTimeField(verbose_name="编号时间")),
                (
                    "given_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registers.register",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registers.numberingrule",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="numberingrule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("unit", "valid_from"),
                name="one_numbering_rule_per_unit_and_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="numberingrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("pattern", ""), _negated=True),
                name="numbering_rule_has_a_pattern",
            ),
        ),
        migrations.AddConstraint(
            model_name="numberingrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("start__gte", 1)), name="numbering_starts_at_one_or_later"
            ),
        ),
        migrations.AddConstraint(
            model_name="numbercounter",
            constraint=models.UniqueConstraint(
                fields=("rule", "scope"), name="one_counter_per_rule_and_scope"
            ),
        ),
        migrations.AddIndex(
            model_name="givennumber",
            index=models.Index(
                condition=models.Q(("settled", False)),
                fields=["rule", "scope", "sequence"],
                name="number_perhaps_free",
            ),
        ),
        migrations.AddConstraint(
            model_name="givennumber",
            constraint=models.UniqueConstraint(
                condition=models.Q(("skipped", False)),
                fields=("number",),
                name="certificate_number_given_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="givennumber",
            constraint=models.UniqueConstraint(
                fields=("rule", "scope", "sequence"), name="sequence_passed_once"
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

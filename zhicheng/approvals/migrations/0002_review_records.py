"""Records of every mode that needs one, with scope and end; who reviewed, on the document."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

LEVELS = [
    ("senior_full", "正高级"),
    ("senior_deputy", "副高级"),
    ("intermediate", "中级"),
    ("assistant", "助理级"),
    ("technician", "员级"),
]
FORWARD = """
CREATE FUNCTION review_record_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'review records are never deleted'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'review_record_is_only_ever_ended';
    END IF;
    IF OLD.ended_on IS NOT NULL
        OR (NEW.id, NEW.mode, NEW.unit_id, NEW.department_id, NEW.number, NEW.series, NEW.levels,
            NEW.qualifications, NEW.scope, NEW.valid_from, NEW.valid_to, NEW.recorded_at,
            NEW.recorded_by_id)
        IS DISTINCT FROM
           (OLD.id, OLD.mode, OLD.unit_id, OLD.department_id, OLD.number, OLD.series, OLD.levels,
            OLD.qualifications, OLD.scope, OLD.valid_from, OLD.valid_to, OLD.recorded_at,
            OLD.recorded_by_id)
    THEN
        RAISE EXCEPTION 'a review record is only ever ended, once'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'review_record_is_only_ever_ended';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER review_record_is_only_ever_ended BEFORE UPDATE OR DELETE
    ON approvals_reviewrecord FOR EACH ROW EXECUTE FUNCTION review_record_guard();
"""
BACKWARD = """
DROP TRIGGER review_record_is_only_ever_ended ON approvals_reviewrecord;
DROP FUNCTION review_record_guard();
"""


def _words(name, size, verbose, **options):
    return migrations.AddField(
        model_name="reviewrecord",
        name=name,
        field=django.contrib.postgres.fields.ArrayField(
            base_field=models.CharField(max_length=size, **options),
            default=list,
            size=None,
            verbose_name=verbose,
        ),
    )


def _person():
    return models.ForeignKey(
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0001_initial"),
        ("audit", "0002_append_only"),
        ("organizations", "0002_employers"),
    ]
    operations = [
        migrations.AddField(
            model_name="approvaldocument",
            name="review_unit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.organization",
                verbose_name="评审单位",
            ),
        ),
        migrations.RenameModel("SelfReviewRecord", "ReviewRecord"),
        migrations.RemoveConstraint("reviewrecord", "self_review_record_ends_after_it_begins"),
        migrations.AlterModelOptions(
            name="reviewrecord",
            options={"ordering": ("-valid_to", "unit_id"), "verbose_name": "评审备案"},
        ),
        migrations.AlterField(
            model_name="reviewrecord",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="review_records",
                to="organizations.organization",
                verbose_name="评审单位",
            ),
        ),
        migrations.AlterField(
            model_name="reviewrecord",
            name="number",
            field=models.CharField(max_length=60, unique=True, verbose_name="备案号或授权文号"),
        ),
        migrations.AlterField(
            model_name="reviewrecord",
            name="scope",
            field=models.CharField(blank=True, max_length=200, verbose_name="备注"),
        ),
        migrations.AddField(
            model_name="reviewrecord",
            name="mode",
            field=models.CharField(
                choices=[
                    ("authorized", "授权评审"),
                    ("joint", "联合评审"),
                    ("self_managed", "自主评审"),
                ],
                # Until now there were records of this mode alone.
                default="self_managed",
                max_length=16,
                verbose_name="评审方式",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="reviewrecord",
            name="department",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.organization",
                verbose_name="授权或同意部门",
            ),
        ),
        _words("series", 40, "系列"),
        _words("levels", 16, "级别", choices=LEVELS),
        _words("qualifications", 40, "资格名称"),
        migrations.AddField(model_name="reviewrecord", name="recorded_by", field=_person()),
        migrations.AddField(
            model_name="reviewrecord",
            name="ended_on",
            field=models.DateField(null=True, verbose_name="自何日起失效"),
        ),
        migrations.AddField(
            model_name="reviewrecord",
            name="end_kind",
            field=models.CharField(
                blank=True,
                choices=[("ended", "提前终止"), ("revoked", "撤销")],
                default="",
                max_length=8,
                verbose_name="失效原因",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="reviewrecord",
            name="end_reason",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="说明"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="reviewrecord",
            name="ended_at",
            field=models.DateTimeField(null=True, verbose_name="办理时间"),
        ),
        migrations.AddField(model_name="reviewrecord", name="ended_by", field=_person()),
        migrations.AddConstraint(
            model_name="reviewrecord",
            constraint=models.CheckConstraint(
                condition=Q(("valid_to__gte", F("valid_from"))),
                name="review_record_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewrecord",
            constraint=models.CheckConstraint(
                condition=Q(
                    ("mode", "self_managed"), ("department__isnull", False), _connector="OR"
                ),
                name="authorised_review_names_its_department",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewrecord",
            constraint=models.CheckConstraint(
                condition=Q(ended_on=None, ended_at=None, end_kind="", end_reason="")
                | Q(ended_on__isnull=False, ended_at__isnull=False)
                & ~Q(end_kind="")
                & ~Q(end_reason=""),
                name="ended_review_record_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewrecord",
            constraint=models.CheckConstraint(
                condition=Q(ended_on=None)
                | Q(ended_on__gte=F("valid_from"), ended_on__lte=F("valid_to")),
                name="review_record_ends_within_its_days",
            ),
        ),
        migrations.AddIndex(
            model_name="reviewrecord",
            index=models.Index(fields=["department", "mode"], name="review_record_by_department"),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

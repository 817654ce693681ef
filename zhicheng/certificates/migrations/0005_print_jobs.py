"""Print jobs: what was sent to which printer, and what came out of it (N8, N9)."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = """
-- A page names the blank on which its certificate lies now, and nothing of it changes afterwards
-- but what came of it. Its code is signed once.
CREATE FUNCTION print_page_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        broken := 'print_page_is_never_removed';
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'waiting' THEN
            broken := 'print_page_begins_by_waiting';
        ELSIF NOT EXISTS (
            SELECT 1 FROM certificates_certificate c
            JOIN certificates_printjob j ON j.id = NEW.job_id
            WHERE c.id = NEW.certificate_id AND c.blank_serial = NEW.serial
              AND c.state = 'filled' AND c.grade = j.grade
              AND c.register_id IS NOT DISTINCT FROM j.register_id
              AND c.reissue IS NOT DISTINCT FROM j.reissue) THEN
            broken := 'page_lies_on_its_certificates_blank';
        END IF;
    ELSIF (NEW.job_id, NEW.certificate_id, NEW.serial)
          IS DISTINCT FROM (OLD.job_id, OLD.certificate_id, OLD.serial) THEN
        broken := 'page_lies_on_its_certificates_blank';
    ELSIF OLD.code <> '' AND (NEW.code, NEW.signing_key, NEW.made_on)
          IS DISTINCT FROM (OLD.code, OLD.signing_key, OLD.made_on) THEN
        broken := 'printed_code_is_signed_once';
    ELSIF OLD.state <> 'waiting' AND NEW.state <> OLD.state THEN
        broken := 'what_came_of_a_page_is_settled_once';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'print page: %', broken
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = broken, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER print_page_guard BEFORE INSERT OR UPDATE OR DELETE ON certificates_printpage
    FOR EACH ROW EXECUTE FUNCTION print_page_guard();

-- A blank that was spoiled, lost or taken back while its page waits: the page is spoiled with it,
-- and the file that still holds it goes: a page too many shifts every later one by a sheet. A tray
-- of which nothing was printed has to be confirmed anew.
CREATE FUNCTION print_page_leaves_with_its_blank() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH gone AS (
        UPDATE certificates_printpage SET state = 'spoiled'
        WHERE certificate_id = NEW.id AND serial = OLD.blank_serial AND state = 'waiting'
        RETURNING portion_id
    )
    UPDATE certificates_printportion p
    SET content = NULL,
        loaded_at = CASE WHEN p.handed_out > 0 THEN p.loaded_at END,
        loaded_by_id = CASE WHEN p.handed_out > 0 THEN p.loaded_by_id END
    FROM gone WHERE p.id = gone.portion_id;
    RETURN NULL;
END $$;

CREATE TRIGGER print_page_leaves_with_its_blank AFTER UPDATE ON certificates_certificate
    FOR EACH ROW WHEN (OLD.blank_serial IS NOT NULL
                       AND NEW.blank_serial IS DISTINCT FROM OLD.blank_serial)
    EXECUTE FUNCTION print_page_leaves_with_its_blank();

-- A file holds whole ID numbers: none outlives its job, and a job ends with every page settled.
CREATE FUNCTION print_job_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        broken := 'print_job_is_never_removed';
    ELSIF OLD.state IN ('confirmed', 'cancelled') AND to_jsonb(NEW) IS DISTINCT FROM to_jsonb(OLD)
    THEN
        broken := 'ended_print_job_stays';
    ELSIF (NEW.number, NEW.organization_id, NEW.register_id, NEW.reissue, NEW.grade, NEW.edition,
           NEW.layout_id, NEW.printer_id, NEW.calibration_id, NEW.address, NEW.follows_id)
          IS DISTINCT FROM
          (OLD.number, OLD.organization_id, OLD.register_id, OLD.reissue, OLD.grade, OLD.edition,
           OLD.layout_id, OLD.printer_id, OLD.calibration_id, OLD.address, OLD.follows_id) THEN
        broken := 'print_job_keeps_what_it_was_asked';
    ELSIF NEW.state IN ('confirmed', 'cancelled') THEN
        IF EXISTS (SELECT 1 FROM certificates_printportion
                   WHERE job_id = NEW.id AND content IS NOT NULL) THEN
            broken := 'finished_print_job_keeps_no_file';
        ELSIF EXISTS (SELECT 1 FROM certificates_printpage
                      WHERE job_id = NEW.id AND state = 'waiting') THEN
            broken := 'finished_print_job_settles_every_page';
        ELSIF (NEW.state = 'confirmed') <> EXISTS (
            SELECT 1 FROM certificates_printportion WHERE job_id = NEW.id AND handed_out > 0) THEN
            broken := 'print_job_is_confirmed_when_a_file_went_out';
        END IF;
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'print job: %', broken
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = broken, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER print_job_guard BEFORE UPDATE OR DELETE ON certificates_printjob
    FOR EACH ROW EXECUTE FUNCTION print_job_guard();

CREATE FUNCTION print_portion_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.content IS NOT NULL AND EXISTS (
        SELECT 1 FROM certificates_printjob
        WHERE id = NEW.job_id AND state IN ('confirmed', 'cancelled')) THEN
        RAISE EXCEPTION 'print portion: its job has ended'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'finished_print_job_keeps_no_file', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER print_portion_guard BEFORE INSERT OR UPDATE ON certificates_printportion
    FOR EACH ROW EXECUTE FUNCTION print_portion_guard();
"""

BACKWARD = """
DROP TRIGGER print_portion_guard ON certificates_printportion;
DROP FUNCTION print_portion_guard();
DROP TRIGGER print_job_guard ON certificates_printjob;
DROP FUNCTION print_job_guard();
DROP TRIGGER print_page_leaves_with_its_blank ON certificates_certificate;
DROP FUNCTION print_page_leaves_with_its_blank();
DROP TRIGGER print_page_guard ON certificates_printpage;
DROP FUNCTION print_page_guard();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("certificates", "0004_guards"),
        ("layouts", "0002_never_changed"),
        ("organizations", "0001_initial"),
        ("photos", "0002_never_changed"),
        ("registers", "0007_title_facts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="PrintJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=24, unique=True, verbose_name="打印任务")),
                ("reissue", models.BigIntegerField(null=True, verbose_name="补办换发")),
                (
                    "grade",
                    models.CharField(
                        choices=[("senior", "高级"), ("intermediate", "中级"), ("junior", "初级")],
                        max_length=12,
                        verbose_name="等级",
                    ),
                ),
                ("edition", models.PositiveSmallIntegerField(null=True, verbose_name="印制年度")),
                ("layout_label", models.CharField(max_length=100, verbose_name="版式")),
                ("address", models.CharField(blank=True, max_length=200)),
                ("pages_count", models.PositiveIntegerField(verbose_name="页数")),
                ("portion_size", models.PositiveIntegerField(verbose_name="每次装纸")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("preparing", "生成打印文件中"),
                            ("ready", "待装纸打印"),
                            ("printing", "打印中，待确认"),
                            ("confirmed", "已确认"),
                            ("cancelled", "已取消"),
                        ],
                        default="preparing",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("asked", models.UUIDField(null=True)),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                ("made_at", models.DateTimeField(null=True, verbose_name="文件生成时间")),
                ("loaded_at", models.DateTimeField(null=True, verbose_name="首次装纸时间")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                (
                    "calibration",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="layouts.printercalibration",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "follows",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followers",
                        to="certificates.printjob",
                    ),
                ),
                (
                    "layout",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="layouts.layoutversion",
                        verbose_name="版式",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.organization",
                        verbose_name="单位",
                    ),
                ),
                (
                    "printer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="layouts.printer",
                        verbose_name="打印机",
                    ),
                ),
                (
                    "register",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="print_jobs",
                        to="registers.register",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "打印任务",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="PrintPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(unique=True, verbose_name="生效日期")),
                ("required", models.BooleanField(verbose_name="先打印确认，后加盖公章")),
                ("set_at", models.DateTimeField(auto_now=True, verbose_name="设定时间")),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "打印确认规定",
                "ordering": ("-valid_from",),
            },
        ),
        migrations.CreateModel(
            name="PrintPortion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="次序")),
                ("serials", models.JSONField(default=list, verbose_name="空白证书编号")),
                ("count", models.PositiveIntegerField(verbose_name="张数")),
                ("content", models.BinaryField(null=True)),
                ("size", models.PositiveIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256")),
                ("made_at", models.DateTimeField(null=True, verbose_name="生成时间")),
                ("loaded_at", models.DateTimeField(null=True, verbose_name="装纸时间")),
                ("handed_out", models.PositiveIntegerField(default=0, verbose_name="取用次数")),
                ("handed_out_at", models.DateTimeField(null=True)),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="portions",
                        to="certificates.printjob",
                    ),
                ),
                (
                    "loaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "装纸批次",
                "ordering": ("job_id", "number"),
            },
        ),
        migrations.CreateModel(
            name="PrintPage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("serial", models.BigIntegerField(verbose_name="空白证书编号")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待确认"),
                            ("good", "完好"),
                            ("spoiled", "作废"),
                            ("unprinted", "没有印"),
                            ("cancelled", "已取消"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="结果",
                    ),
                ),
                ("code", models.TextField(blank=True)),
                (
                    "signing_key",
                    models.CharField(blank=True, max_length=16, verbose_name="签名密钥"),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="photos.photo",
                        verbose_name="照片",
                    ),
                ),
                ("made_on", models.DateField(null=True, verbose_name="制作日期")),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="print_pages",
                        to="certificates.certificate",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pages",
                        to="certificates.printjob",
                    ),
                ),
                (
                    "portion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pages",
                        to="certificates.printportion",
                    ),
                ),
            ],
            options={
                "verbose_name": "打印页",
                "ordering": ("portion__number", "serial"),
            },
        ),
        migrations.CreateModel(
            name="FilledOtherwise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reissue",
                    models.BigIntegerField(null=True, unique=True, verbose_name="补办换发"),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="说明")),
                ("stated_at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                (
                    "register",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="filled_otherwise",
                        to="registers.register",
                    ),
                ),
                (
                    "stated_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "其他方式填制",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("register__isnull", False), ("reissue", None)),
                            models.Q(("register", None), ("reissue__isnull", False)),
                            _connector="OR",
                        ),
                        name="statement_is_of_a_register_or_reissue",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="statement_says_why"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="printjob",
            index=models.Index(fields=["organization", "state"], name="print_job_by_unit_state"),
        ),
        migrations.AddConstraint(
            model_name="printjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("register__isnull", False), ("reissue", None)),
                    models.Q(("register", None), ("reissue__isnull", False)),
                    _connector="OR",
                ),
                name="print_job_is_of_a_register_or_reissue",
            ),
        ),
        migrations.AddConstraint(
            model_name="printjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("state__in", ["preparing", "ready"])),
                    models.Q(
                        ("ended_at", None), ("loaded_at__isnull", False), ("state", "printing")
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("loaded_at__isnull", False),
                        ("state", "confirmed"),
                    ),
                    models.Q(
                        ("ended_at__isnull", False), ("loaded_at", None), ("state", "cancelled")
                    ),
                    _connector="OR",
                ),
                name="print_job_state_has_its_times",
            ),
        ),
        migrations.AddConstraint(
            model_name="printjob",
            constraint=models.CheckConstraint(
                condition=models.Q(("pages_count__gte", 1), ("portion_size__gte", 1)),
                name="print_job_has_pages",
            ),
        ),
        migrations.AddConstraint(
            model_name="printportion",
            constraint=models.UniqueConstraint(
                fields=("job", "number"), name="tray_portion_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="printportion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("handed_out", 0), ("loaded_at__isnull", False), _connector="OR"
                ),
                name="file_goes_out_after_the_first_serial_is_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="printportion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("content", None),
                    models.Q(("sha256__regex", "^[0-9a-f]{64}$"), ("size__gt", 0)),
                    _connector="OR",
                ),
                name="print_file_has_its_digest",
            ),
        ),
        migrations.AddIndex(
            model_name="printpage",
            index=models.Index(fields=["certificate", "state"], name="print_page_by_certificate"),
        ),
        migrations.AddIndex(
            model_name="printpage",
            index=models.Index(fields=["serial", "state"], name="print_page_by_serial"),
        ),
        migrations.AddConstraint(
            model_name="printpage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")),
                fields=("certificate",),
                name="certificate_is_in_one_open_print_job",
            ),
        ),
        migrations.AddConstraint(
            model_name="printpage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "good"])),
                fields=("serial",),
                name="blank_is_printed_well_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="printpage",
            constraint=models.UniqueConstraint(
                fields=("job", "certificate"), name="certificate_is_on_one_page_of_a_job"
            ),
        ),
        migrations.AddConstraint(
            model_name="printpage",
            constraint=models.UniqueConstraint(
                fields=("job", "serial"), name="blank_is_one_page_of_a_job"
            ),
        ),
        migrations.AddConstraint(
            model_name="printpage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("code", ""),
                    models.Q(
                        models.Q(("signing_key", ""), _negated=True), ("made_on__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="printed_code_names_its_key_and_day",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

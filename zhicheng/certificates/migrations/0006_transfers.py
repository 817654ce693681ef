"""Transfer slips between unit and embosser, and what the database watches over them (N8)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION transfer_slip_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'slip % is never removed', OLD.number
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'transfer_slip_is_never_removed', TABLE = TG_TABLE_NAME;
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'sent'), ('draft', 'cancelled'), ('sent', 'arrived'), ('sent', 'cancelled'),
        ('arrived', 'returning'), ('returning', 'closed'))
    THEN
        RAISE EXCEPTION 'slip % may not go from % to %', OLD.number, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'transfer_slip_goes_step_by_step', TABLE = TG_TABLE_NAME;
    END IF;
    IF (NEW.number, NEW.unit_id, NEW.embosser_id, NEW.made_at, NEW.made_by_id)
       IS DISTINCT FROM (OLD.number, OLD.unit_id, OLD.embosser_id, OLD.made_at, OLD.made_by_id)
       OR OLD.sent_at IS NOT NULL AND (NEW.sent_at, NEW.sent_by_id, NEW.carried_by)
          IS DISTINCT FROM (OLD.sent_at, OLD.sent_by_id, OLD.carried_by)
       OR OLD.received_at IS NOT NULL AND (NEW.received_at, NEW.received_by_id)
          IS DISTINCT FROM (OLD.received_at, OLD.received_by_id)
       OR OLD.returned_at IS NOT NULL AND (NEW.returned_at, NEW.returned_by_id, NEW.collected_by)
          IS DISTINCT FROM (OLD.returned_at, OLD.returned_by_id, OLD.collected_by)
       OR OLD.taken_back_at IS NOT NULL AND NEW IS DISTINCT FROM OLD
    THEN
        RAISE EXCEPTION 'a hand-over of slip % is never rewritten', OLD.number
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'hand_over_is_never_rewritten', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER transfer_slip_guard BEFORE UPDATE OR DELETE ON certificates_transferslip
    FOR EACH ROW EXECUTE FUNCTION transfer_slip_guard();

CREATE FUNCTION transfer_line_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    slip certificates_transferslip%ROWTYPE;
    held certificates_certificate%ROWTYPE;
BEGIN
    SELECT * INTO slip FROM certificates_transferslip
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.slip_id ELSE NEW.slip_id END;
    IF TG_OP = 'DELETE' AND slip.state <> 'draft'
       OR TG_OP = 'INSERT' AND slip.state <> (CASE WHEN NEW.surplus THEN 'sent' ELSE 'draft' END)
       OR TG_OP = 'UPDATE' AND (NEW.slip_id, NEW.certificate_id, NEW.serial, NEW.surplus)
          IS DISTINCT FROM (OLD.slip_id, OLD.certificate_id, OLD.serial, OLD.surplus)
    THEN
        RAISE EXCEPTION 'slip % was handed over: its lines stay', slip.number
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'lines_of_a_slip_on_the_way_stay', TABLE = TG_TABLE_NAME;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND (
        NEW.came IS DISTINCT FROM OLD.came AND slip.state NOT IN ('draft', 'sent', 'arrived')
        OR NEW.back IS DISTINCT FROM OLD.back AND slip.state NOT IN ('returning', 'closed'))
    THEN
        RAISE EXCEPTION 'what was counted on slip % stays', slip.number
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'count_of_a_slip_stays', TABLE = TG_TABLE_NAME;
    END IF;
    SELECT * INTO held FROM certificates_certificate WHERE id = NEW.certificate_id;
    IF TG_OP = 'INSERT' AND (held.issuing_unit_id, held.embosser_id, held.blank_serial)
       IS DISTINCT FROM (slip.unit_id, slip.embosser_id, NEW.serial)
    THEN
        RAISE EXCEPTION 'certificate % is of another unit, embosser or blank', held.number
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'slip_holds_certificates_of_its_unit_and_embosser',
                  TABLE = TG_TABLE_NAME;
    END IF;
    NEW.open := slip.state IN ('draft', 'sent', 'arrived', 'returning')
        AND NEW.came IS DISTINCT FROM false AND NEW.back IS DISTINCT FROM false
        AND held.blank_serial IS NOT DISTINCT FROM NEW.serial AND held.state <> 'issued';
    RETURN NEW;
END $$;

CREATE TRIGGER transfer_line_guard BEFORE INSERT OR UPDATE OR DELETE ON certificates_transferline
    FOR EACH ROW EXECUTE FUNCTION transfer_line_guard();

-- The lines of a slip that ended, and of a certificate that is no more on this blank, are closed.
CREATE FUNCTION transfer_slip_closes_its_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE certificates_transferline SET open = open WHERE slip_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER transfer_slip_closes_its_lines AFTER UPDATE ON certificates_transferslip
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION transfer_slip_closes_its_lines();

CREATE FUNCTION certificate_leaves_its_slip() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE certificates_transferline SET open = open WHERE certificate_id = NEW.id AND open;
    RETURN NULL;
END $$;

CREATE TRIGGER certificate_leaves_its_slip AFTER UPDATE ON certificates_certificate
    FOR EACH ROW WHEN (OLD.blank_serial IS DISTINCT FROM NEW.blank_serial
                       OR OLD.state <> 'issued' AND NEW.state = 'issued')
    EXECUTE FUNCTION certificate_leaves_its_slip();
"""

BACKWARD = """
DROP TRIGGER certificate_leaves_its_slip ON certificates_certificate;
DROP FUNCTION certificate_leaves_its_slip();
DROP TRIGGER transfer_slip_closes_its_lines ON certificates_transferslip;
DROP FUNCTION transfer_slip_closes_its_lines();
DROP TRIGGER transfer_line_guard ON certificates_transferline;
DROP FUNCTION transfer_line_guard();
DROP TRIGGER transfer_slip_guard ON certificates_transferslip;
DROP FUNCTION transfer_slip_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0005_print_jobs"),
        ("organizations", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TransferSlip",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="移交单编号")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "待移交"),
                            ("sent", "已移交待签收"),
                            ("arrived", "已签收待退回"),
                            ("returning", "已退回待领回"),
                            ("closed", "已领回"),
                            ("cancelled", "已撤销"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="制单时间")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="移交时间")),
                ("carried_by", models.CharField(blank=True, max_length=100, verbose_name="送件人")),
                ("received_at", models.DateTimeField(null=True, verbose_name="签收时间")),
                ("returned_at", models.DateTimeField(null=True, verbose_name="退回时间")),
                (
                    "collected_by",
                    models.CharField(blank=True, max_length=100, verbose_name="取件人"),
                ),
                ("taken_back_at", models.DateTimeField(null=True, verbose_name="领回时间")),
                ("found", models.JSONField(default=list, verbose_name="单外编号")),
                (
                    "embosser",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.organization",
                        verbose_name="钢印单位",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "received_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "returned_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "taken_back_by",
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
                        verbose_name="移交单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "移交单",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="TransferLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("serial", models.BigIntegerField(verbose_name="空白证书编号")),
                ("surplus", models.BooleanField(default=False, verbose_name="单外")),
                ("came", models.BooleanField(null=True, verbose_name="到达")),
                ("back", models.BooleanField(null=True, verbose_name="领回")),
                ("open", models.BooleanField(default=True)),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer_lines",
                        to="certificates.certificate",
                    ),
                ),
                (
                    "slip",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="certificates.transferslip",
                    ),
                ),
            ],
            options={
                "verbose_name": "移交证书",
                "ordering": ("serial",),
            },
        ),
        migrations.AddIndex(
            model_name="transferslip",
            index=models.Index(fields=["unit", "state"], name="slip_by_unit_state"),
        ),
        migrations.AddIndex(
            model_name="transferslip",
            index=models.Index(fields=["embosser", "state"], name="slip_by_embosser_state"),
        ),
        migrations.AddConstraint(
            model_name="transferslip",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["sent", "arrived", "returning", "closed"]), _negated=True
                    ),
                    models.Q(
                        ("sent_at__isnull", False),
                        ("sent_by__isnull", False),
                        models.Q(("carried_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="slip_on_the_way_names_giver_and_carrier",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferslip",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["arrived", "returning", "closed"]), _negated=True),
                    models.Q(("received_at__isnull", False), ("received_by__isnull", False)),
                    _connector="OR",
                ),
                name="arrived_slip_names_who_received_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferslip",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["returning", "closed"]), _negated=True),
                    models.Q(
                        ("returned_at__isnull", False),
                        ("returned_by__isnull", False),
                        models.Q(("collected_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="returning_slip_names_giver_and_carrier",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferslip",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "closed"), _negated=True),
                    models.Q(("taken_back_at__isnull", False), ("taken_back_by__isnull", False)),
                    _connector="OR",
                ),
                name="closed_slip_names_who_took_it_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferline",
            constraint=models.UniqueConstraint(
                fields=("slip", "certificate"), name="certificate_stands_on_a_slip_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="transferline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("open", True)),
                fields=("certificate",),
                name="certificate_on_one_open_slip_at_most",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

"""Steps of registers, allotments and reissues are timed; who stands on a register counts there."""

from typing import ClassVar

from django.db import migrations, models

STEPS = [
    (6, "提交到主管部门签章"),
    (7, "提交（签章）到受理"),
    (8, "受理到配发"),
    (9, "配发到移交"),
    (10, "移交到签收"),
    (1, "受理到填制"),
    (2, "填制到盖公章"),
    (3, "盖公章到盖钢印"),
    (4, "盖钢印到发放"),
    (5, "受理到发放（全程）"),
    (11, "申请到受理"),
    (12, "受理到签章完备"),
    (13, "签章完备到核发新证书"),
    (14, "申请到核发（全程）"),
    (15, "导入核准文件到生成电子证书"),
]

FORWARD = """
-- Papers change much on their way (rows, counts): only what is timed or who files is heard of.
CREATE FUNCTION statistics_note_papers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO statistics_pending (kind, object_id) VALUES (TG_ARGV[0], OLD.id);
    ELSE
        INSERT INTO statistics_pending (kind, object_id) VALUES (TG_ARGV[0], NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER statistics_hear_of_new AFTER INSERT ON registers_register
    FOR EACH ROW WHEN (NEW.submitted_at IS NOT NULL)
    EXECUTE FUNCTION statistics_note_papers('g');
CREATE TRIGGER statistics_hear_of_steps AFTER UPDATE ON registers_register
    FOR EACH ROW WHEN (
        (OLD.submitted_at, OLD.endorsed_at, OLD.accepted_at, OLD.issuing_unit_id)
        IS DISTINCT FROM
        (NEW.submitted_at, NEW.endorsed_at, NEW.accepted_at, NEW.issuing_unit_id))
    EXECUTE FUNCTION statistics_note_papers('g');
CREATE TRIGGER statistics_hear_of_gone AFTER DELETE ON registers_register
    FOR EACH ROW EXECUTE FUNCTION statistics_note_papers('g');
CREATE TRIGGER statistics_hear_of_new AFTER INSERT ON blanks_allotment
    FOR EACH ROW EXECUTE FUNCTION statistics_note_papers('a');
CREATE TRIGGER statistics_hear_of_steps AFTER UPDATE ON blanks_allotment
    FOR EACH ROW WHEN (
        (OLD.allotted_at, OLD.handed_over_at, OLD.received_at, OLD.state = 'withdrawn')
        IS DISTINCT FROM
        (NEW.allotted_at, NEW.handed_over_at, NEW.received_at, NEW.state = 'withdrawn'))
    EXECUTE FUNCTION statistics_note_papers('a');
CREATE TRIGGER statistics_hear_of_gone AFTER DELETE ON blanks_allotment
    FOR EACH ROW EXECUTE FUNCTION statistics_note_papers('a');
CREATE TRIGGER statistics_hear_of_new AFTER INSERT ON reissues_reissue
    FOR EACH ROW WHEN (NEW.submitted_at IS NOT NULL)
    EXECUTE FUNCTION statistics_note_papers('e');
CREATE TRIGGER statistics_hear_of_steps AFTER UPDATE ON reissues_reissue
    FOR EACH ROW WHEN (
        (OLD.submitted_at, OLD.accepted_at, OLD.granted_at, OLD.done_at, OLD.unit_id)
        IS DISTINCT FROM
        (NEW.submitted_at, NEW.accepted_at, NEW.granted_at, NEW.done_at, NEW.unit_id))
    EXECUTE FUNCTION statistics_note_papers('e');
CREATE TRIGGER statistics_hear_of_gone AFTER DELETE ON reissues_reissue
    FOR EACH ROW EXECUTE FUNCTION statistics_note_papers('e');

-- Another unit or another day of acceptance is one for allotments and certificates, too.
CREATE FUNCTION statistics_note_what_hangs_on_a_register() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_pending (kind, object_id)
    SELECT 'a', a.id FROM blanks_allotment a WHERE a.register_id = NEW.id
    UNION ALL
    SELECT 'c', c.id FROM certificates_certificate c WHERE c.register_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER statistics_hear_of_units AFTER UPDATE ON registers_register
    FOR EACH ROW WHEN (
        (OLD.reporting_unit_id, OLD.issuing_unit_id, OLD.accepted_at)
        IS DISTINCT FROM (NEW.reporting_unit_id, NEW.issuing_unit_id, NEW.accepted_at))
    EXECUTE FUNCTION statistics_note_what_hangs_on_a_register();

-- Who stands on a register counts for its units while it is submitted, and not before or after.
CREATE FUNCTION statistics_note_who_stands_on_a_register() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_pending (kind, object_id)
    SELECT 'p', l.approved_person_id FROM registers_registerrow l
    WHERE l.register_id = NEW.id AND l.approved_person_id IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER statistics_hear_of_submissions AFTER UPDATE ON registers_register
    FOR EACH ROW WHEN (
        (OLD.reporting_unit_id, OLD.issuing_unit_id, OLD.state IN ('draft', 'returned'))
        IS DISTINCT FROM
        (NEW.reporting_unit_id, NEW.issuing_unit_id, NEW.state IN ('draft', 'returned')))
    EXECUTE FUNCTION statistics_note_who_stands_on_a_register();

CREATE FUNCTION statistics_note_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_pending (kind, object_id)
    SELECT 'p', approved_person_id FROM changed WHERE approved_person_id IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER statistics_hear_of_new AFTER INSERT ON registers_registerrow
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION statistics_note_rows();
CREATE TRIGGER statistics_hear_of_gone AFTER DELETE ON registers_registerrow
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION statistics_note_rows();
-- Planned anew each time: a plan kept from a change of one row compares each row with each.
CREATE FUNCTION statistics_note_changed_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'INSERT INTO statistics_pending (kind, object_id)
        SELECT ''p'', x.person FROM fresh n JOIN past o ON o.id = n.id
        CROSS JOIN LATERAL (VALUES (n.approved_person_id), (o.approved_person_id)) x (person)
        WHERE x.person IS NOT NULL AND (n.approved_person_id, n.accepted, n.register_id)
            IS DISTINCT FROM (o.approved_person_id, o.accepted, o.register_id)';
    RETURN NULL;
END $$;
CREATE TRIGGER statistics_hear_of_changes AFTER UPDATE ON registers_registerrow
    REFERENCING OLD TABLE AS past NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION statistics_note_changed_rows();

-- The facts of all have a column more, and new steps are behind them already.
INSERT INTO statistics_pending (kind, object_id)
SELECT 'r', 0 WHERE EXISTS (SELECT FROM approvals_approvedperson)
    OR EXISTS (SELECT FROM certificates_certificate)
    OR EXISTS (SELECT FROM registers_register) OR EXISTS (SELECT FROM reissues_reissue);
"""
BACKWARD = """
DROP TRIGGER statistics_hear_of_new ON registers_register;
DROP TRIGGER statistics_hear_of_steps ON registers_register;
DROP TRIGGER statistics_hear_of_gone ON registers_register;
DROP TRIGGER statistics_hear_of_units ON registers_register;
DROP TRIGGER statistics_hear_of_submissions ON registers_register;
DROP TRIGGER statistics_hear_of_new ON blanks_allotment;
DROP TRIGGER statistics_hear_of_steps ON blanks_allotment;
DROP TRIGGER statistics_hear_of_gone ON blanks_allotment;
DROP TRIGGER statistics_hear_of_new ON reissues_reissue;
DROP TRIGGER statistics_hear_of_steps ON reissues_reissue;
DROP TRIGGER statistics_hear_of_gone ON reissues_reissue;
DROP TRIGGER statistics_hear_of_new ON registers_registerrow;
DROP TRIGGER statistics_hear_of_gone ON registers_registerrow;
DROP TRIGGER statistics_hear_of_changes ON registers_registerrow;
DROP FUNCTION statistics_note_papers();
DROP FUNCTION statistics_note_what_hangs_on_a_register();
DROP FUNCTION statistics_note_who_stands_on_a_register();
DROP FUNCTION statistics_note_rows();
DROP FUNCTION statistics_note_changed_rows();
DELETE FROM statistics_duration WHERE step > 5;
DELETE FROM statistics_pending WHERE kind IN ('g', 'a', 'e');
INSERT INTO statistics_pending (kind, object_id) VALUES ('r', 0);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("approvals", "0001_initial"),
        ("blanks", "0012_lists"),
        ("registers", "0012_nothing_counted_yet"),
        ("reissues", "0007_in_order"),
        ("statistics", "0003_told_apart"),
    ]
    operations: ClassVar = [
        migrations.CreateModel(
            name="StepFact",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "step",
                        "object_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("step", models.SmallIntegerField(choices=STEPS)),
                ("object_id", models.BigIntegerField()),
                ("issuer_id", models.IntegerField()),
                ("year", models.SmallIntegerField()),
                ("days", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("days__gte", 0)),
                        name="step_never_ends_before_it_began",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="certificatefact",
            name="electronic_days",
            field=models.IntegerField(default=-1),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="duration",
            name="step",
            field=models.SmallIntegerField(choices=STEPS),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]

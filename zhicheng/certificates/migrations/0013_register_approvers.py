"""Registers know which departments approved their certificates.

The table takes the place of an index that had to be asked once for every register of a list.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

# Certificates are never removed and never change their register or department: rows are only added.
FORWARD = """
CREATE FUNCTION registers_know_their_approvers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO certificates_registerapprover (department_id, register_id)
    SELECT DISTINCT approving_department_id, register_id FROM made WHERE register_id IS NOT NULL
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER registers_know_their_approvers AFTER INSERT ON certificates_certificate
    REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION registers_know_their_approvers();

INSERT INTO certificates_registerapprover (department_id, register_id)
SELECT DISTINCT approving_department_id, register_id FROM certificates_certificate
WHERE register_id IS NOT NULL;

CREATE TRIGGER approver_of_a_register_is_only_added
    BEFORE UPDATE OR DELETE ON certificates_registerapprover
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

BACKWARD = """
DROP TRIGGER approver_of_a_register_is_only_added ON certificates_registerapprover;
DROP TRIGGER registers_know_their_approvers ON certificates_certificate;
DROP FUNCTION registers_know_their_approvers();
"""


def _organization_or_register(to: str, words: str) -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=to,
        verbose_name=words,
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("certificates", "0012_in_order"),
        ("organizations", "0001_initial"),
        ("registers", "0010_accepted_in_order"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="RegisterApprover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "department",
                    _organization_or_register("organizations.organization", "核准部门"),
                ),
                ("register", _organization_or_register("registers.register", "登记表")),
            ],
            options={
                "verbose_name": "登记表的核准部门",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("department", "register"),
                        name="department_stands_once_with_a_register",
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RemoveIndex(model_name="certificate", name="certificate_by_reg_approver"),
        # Which of those on their path are whose is read from the index alone.
        migrations.RemoveIndex(model_name="certificate", name="certificate_on_its_path"),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                condition=models.Q(("state", "issued"), _negated=True),
                fields=["state", "embossed_at"],
                include=["id", "approving_department", "issuing_unit", "register"],
                name="certificate_on_its_path",
            ),
        ),
        # The last hundred thousand may be of old ledgers: the register's own are behind them.
        migrations.RemoveIndex(model_name="certificate", name="certificate_of_rarer_origin"),
        migrations.RemoveIndex(model_name="certificate", name="certificate_of_dept_by_origin"),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(fields=["origin", "id"], name="certificate_by_origin"),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                fields=["approving_department", "origin", "id"],
                name="certificate_of_dept_by_origin",
            ),
        ),
    ]

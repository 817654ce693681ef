"""A unit's and a department's certificates in the order of their list, by origin and by name.

The indexes take the place of those of the foreign keys alone.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


def _without_index(name: str, words: str) -> migrations.AlterField:
    return migrations.AlterField(
        model_name="certificate",
        name=name,
        field=models.ForeignKey(
            db_index=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="+",
            to="organizations.organization",
            verbose_name=words,
        ),
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("certificates", "0011_made_count")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                fields=["approving_department", "id"], name="certificate_of_dept_in_order"
            ),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(fields=["issuing_unit", "id"], name="certificate_of_unit_in_order"),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                fields=["approving_department", "name"],
                opclasses=["int8_ops", "varchar_pattern_ops"],
                name="certificate_of_dept_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                condition=models.Q(("origin", "register"), _negated=True),
                fields=["approving_department", "origin", "id"],
                name="certificate_of_dept_by_origin",
            ),
        ),
        migrations.RemoveIndex(model_name="certificate", name="reissued_by_department"),
        _without_index("approving_department", "核准部门"),
        _without_index("issuing_unit", "发放单位"),
    ]

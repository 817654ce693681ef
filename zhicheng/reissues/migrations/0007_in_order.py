"""Indexes by which the list of applications is sorted, narrowed and searched."""

from typing import ClassVar

from django.db import migrations, models

IN_ORDER = {
    "kind": "reissue_in_kind_order",
    "name": "reissue_in_name_order",
    "state": "reissue_in_state_order",
    "submitted_at": "reissue_in_submitted_order",
    "waiting_since": "reissue_in_waiting_order",
}


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reissues", "0006_found_by_path")]

    operations: ClassVar = [
        migrations.RemoveIndex(model_name="reissue", name="reissue_by_state"),
        migrations.AddIndex(
            model_name="reissue",
            index=models.Index(fields=["state", "waiting_since", "id"], name="reissue_by_state"),
        ),
        migrations.AddIndex(
            model_name="reissue",
            index=models.Index(
                fields=["old_number"],
                name="reissue_by_old_beginning",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
        *(
            migrations.AddIndex(
                model_name="reissue", index=models.Index(fields=[field, "id"], name=name)
            )
            for field, name in IN_ORDER.items()
        ),
        migrations.AddIndex(
            model_name="reissue",
            index=models.Index(
                fields=["approving_department", "unit"], name="reissue_by_dept_and_unit"
            ),
        ),
    ]

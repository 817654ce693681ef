"""An index by which an organisation finds the applications that need its opinion."""

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reissues", "0005_searched_by_beginning")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="reissue",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["path"], name="reissue_by_path", opclasses=["jsonb_path_ops"]
            ),
        ),
    ]

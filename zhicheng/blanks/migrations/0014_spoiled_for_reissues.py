"""What was spoiled for reissues is found by the unit that took it (N9, N11)."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("blanks", "0013_past_settings_stay")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="spoilage",
            index=models.Index(
                condition=Q(reissue__isnull=False),
                fields=["reissue"],
                name="spoilage_by_reissue",
            ),
        ),
        migrations.AddIndex(
            model_name="custody",
            index=models.Index(
                condition=Q(state="spoiled", reissue__isnull=False),
                fields=["organization", "reissue"],
                name="spoiled_for_reissue_by_unit",
            ),
        ),
    ]

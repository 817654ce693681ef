"""A message keeps its words beside the JSON in which they go."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_past_days_stay")]

    operations = [
        migrations.AddField(
            model_name="messengermessage",
            name="text",
            field=models.TextField(default="", verbose_name="内容"),
        ),
    ]

"""A password that somebody else made is changed by its owner first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0002_employers")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="must_change_password",
            field=models.BooleanField(default=False, verbose_name="须修改密码"),
        ),
    ]

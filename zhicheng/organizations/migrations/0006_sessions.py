"""Sessions in a table that says whose they are; whoever is logged in logs in once more.

Those of before are deleted: they hold what was looked for, signed and not encrypted, and nothing
would ever purge them.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

FORWARD = """
CREATE TRIGGER session_never_changes_its_account BEFORE UPDATE ON organizations_loginsession
    FOR EACH ROW WHEN (OLD.account_id IS NOT NULL AND (OLD.account_id IS DISTINCT FROM NEW.account_id
        OR OLD.began_at IS DISTINCT FROM NEW.began_at))
    EXECUTE FUNCTION refuse_change();
"""
BACKWARD = "DROP TRIGGER session_never_changes_its_account ON organizations_loginsession;"


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("organizations", "0005_second_factor"),
        ("sessions", "0001_initial"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="LoginSession",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                        verbose_name="session key",
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("public_id", models.UUIDField(null=True)),
                ("began_at", models.DateTimeField(null=True, verbose_name="登录时间")),
                ("address", models.CharField(blank=True, max_length=45, verbose_name="来自")),
                ("browser", models.CharField(blank=True, max_length=40, verbose_name="浏览器")),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="organizations.account",
                        verbose_name="账号",
                    ),
                ),
            ],
            options={
                "verbose_name": "登录",
                "verbose_name_plural": "登录",
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            account=None, public_id=None, began_at=None, address="", browser=""
                        )
                        | Q(
                            account__isnull=False,
                            public_id__isnull=False,
                            began_at__isnull=False,
                        ),
                        name="login_says_since_when",
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunSQL("DELETE FROM django_session", migrations.RunSQL.noop),
    ]

"""Two more things are proved by the worker; only the choices' names change."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("proofs", "0001_initial")]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="proof",
            name="subject",
            field=models.CharField(
                choices=[
                    ("audit", "审计链"),
                    ("ledger", "证书对账"),
                    ("search", "搜索数据"),
                    ("statistics", "统计数据"),
                ],
                max_length=10,
                verbose_name="内容",
            ),
        )
    ]

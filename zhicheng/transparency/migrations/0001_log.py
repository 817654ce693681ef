from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar = [
        ("certificates", "0004_guards"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="LogNode",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level",
                        "index",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "verbose_name": "日志节点",
            },
        ),
        migrations.CreateModel(
            name="LogEntry",
            fields=[
                (
                    "sequence",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="序号"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("issued", "发放"),
                            ("lost", "报失"),
                            ("found", "找回"),
                            ("voided", "作废"),
                        ],
                        max_length=8,
                        verbose_name="事项",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("salt", models.BinaryField(max_length=16)),
                ("statement", models.TextField()),
                ("logged_at", models.DateTimeField(auto_now_add=True, verbose_name="入日志时间")),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="log_entries",
                        to="certificates.certificate",
                    ),
                ),
            ],
            options={
                "verbose_name": "日志记录",
                "ordering": ("sequence",),
            },
        ),
        migrations.CreateModel(
            name="PendingEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("issued", "发放"),
                            ("lost", "报失"),
                            ("found", "找回"),
                            ("voided", "作废"),
                        ],
                        max_length=8,
                        verbose_name="事项",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "certificate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="certificates.certificate",
                    ),
                ),
            ],
            options={
                "verbose_name": "待入日志",
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="TreeHead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.BigIntegerField(verbose_name="记录数")),
                ("root", models.BinaryField(max_length=32)),
                ("note", models.TextField()),
                ("key_id", models.CharField(max_length=8, verbose_name="密钥编号")),
                ("signed_at", models.DateTimeField(verbose_name="签名时间")),
            ],
            options={
                "verbose_name": "日志检查点",
                "ordering": ("-id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("size__gte", 0)), name="tree_head_has_a_size"
                    )
                ],
            },
        ),
    ]

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

TRIGGERS = """
CREATE FUNCTION notifications_refuse_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is done for good', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME,
            TABLE = TG_TABLE_NAME;
END $$;
-- Sent, or perhaps sent: never again. One that surely didn't go may wait once more.
CREATE TRIGGER mail_goes_once BEFORE UPDATE ON notifications_mail
    FOR EACH ROW WHEN (OLD.state IN ('sent', 'unknown') AND NEW.state <> OLD.state)
    EXECUTE FUNCTION notifications_refuse_again();
CREATE TRIGGER notification_head_never_goes_back BEFORE UPDATE ON notifications_notificationhead
    FOR EACH ROW WHEN (NEW.position < OLD.position)
    EXECUTE FUNCTION notifications_refuse_again();
-- What happened before this installation told of anything is nobody's news.
INSERT INTO notifications_notificationhead ("only", position)
    SELECT true, coalesce(max(sequence), 0) FROM audit_audithead;
"""
BACK = """
DROP TRIGGER mail_goes_once ON notifications_mail;
DROP TRIGGER notification_head_never_goes_back ON notifications_notificationhead;
DROP FUNCTION notifications_refuse_again();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0002_append_only"),
        ("organizations", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Messenger",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                (
                    "style",
                    models.CharField(
                        choices=[
                            ("wecom", "政务微信 / 企业微信群机器人"),
                            ("dingtalk", "钉钉群机器人（加签）"),
                            ("standard", "其他系统（Standard Webhooks 签名）"),
                        ],
                        max_length=10,
                        verbose_name="类型",
                    ),
                ),
                ("url_cipher", models.BinaryField()),
                ("url_index", models.BinaryField(max_length=32)),
                ("url_masked", models.CharField(max_length=200, verbose_name="地址")),
                ("secret_cipher", models.BinaryField(null=True)),
                (
                    "groups",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), size=None, verbose_name="事项"
                    ),
                ),
                ("template", models.TextField(verbose_name="消息模板")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="接入时间"
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="停用时间")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organizations.organization",
                        verbose_name="机构",
                    ),
                ),
            ],
            options={
                "verbose_name": "消息机器人",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="MessengerMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("message_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("body", models.TextField()),
                ("test", models.BooleanField(default=False, verbose_name="试发")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待发送"),
                            ("delivered", "已送达"),
                            ("dead", "已放弃"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="次数")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="生成时间"
                    ),
                ),
                (
                    "next_attempt_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, null=True, verbose_name="下次发送"
                    ),
                ),
                ("delivered_at", models.DateTimeField(null=True, verbose_name="送达时间")),
                ("log", models.JSONField(default=list)),
                (
                    "messenger",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="notifications.messenger",
                    ),
                ),
            ],
            options={
                "verbose_name": "机器人消息",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="MovedDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True, verbose_name="日期")),
                ("works", models.BooleanField(verbose_name="上班")),
                ("note", models.CharField(blank=True, max_length=40, verbose_name="说明")),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "节假日和调休",
                "ordering": ("day",),
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=60)),
                ("kind", models.CharField(max_length=60, verbose_name="事项")),
                (
                    "group",
                    models.CharField(
                        choices=[
                            ("register", "登记表"),
                            ("blank", "空白证书"),
                            ("certificate", "证书办理"),
                            ("reissue", "补办换发"),
                            ("alarm", "警报与案卷"),
                            ("work", "后台处理"),
                            ("safety", "账号与系统"),
                        ],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                ("what", models.CharField(blank=True, max_length=160, verbose_name="对象")),
                ("url", models.CharField(max_length=200)),
                ("shown", models.BooleanField(default=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间"),
                ),
                ("read_at", models.DateTimeField(null=True, verbose_name="已读")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "提醒",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="NotificationHead",
            fields=[
                ("only", models.BooleanField(default=True, primary_key=True, serialize=False)),
                ("position", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("only", True)), name="only_one_notification_head"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "hidden",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        default=list,
                        size=None,
                        verbose_name="不提醒",
                    ),
                ),
                (
                    "not_mailed",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        default=list,
                        size=None,
                        verbose_name="不发邮件",
                    ),
                ),
                ("digest", models.BooleanField(default=False, verbose_name="每日邮件")),
                (
                    "digest_hour",
                    models.PositiveSmallIntegerField(default=8, verbose_name="发送时间"),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "中文"), ("en", "English")],
                        default="zh-hans",
                        max_length=10,
                        verbose_name="语言",
                    ),
                ),
                ("address_cipher", models.BinaryField(null=True)),
                (
                    "address_masked",
                    models.CharField(blank=True, max_length=100, verbose_name="邮箱"),
                ),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="确认时间")),
                ("asked_cipher", models.BinaryField(null=True)),
                ("asked_masked", models.CharField(blank=True, max_length=100)),
                ("code_cipher", models.BinaryField(null=True)),
                ("code_expires_at", models.DateTimeField(null=True)),
                ("code_attempts", models.PositiveSmallIntegerField(default=0)),
                ("mailed_upto", models.BigIntegerField(default=0)),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notification_preference",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "提醒设置",
            },
        ),
        migrations.CreateModel(
            name="TaskDeadline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="事项")),
                ("valid_from", models.DateField(verbose_name="生效日期")),
                ("days", models.PositiveSmallIntegerField(verbose_name="工作日")),
                ("set_at", models.DateTimeField(auto_now=True, verbose_name="设定时间")),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "办理时限",
                "ordering": ("kind", "-valid_from"),
            },
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("digest", "每日邮件"), ("code", "邮箱确认")],
                        max_length=8,
                        verbose_name="类别",
                    ),
                ),
                ("day", models.DateField(verbose_name="日期")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待发送"),
                            ("sending", "发送中"),
                            ("sent", "已发送"),
                            ("dead", "已放弃"),
                            ("unknown", "不明"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "next_attempt_at",
                    models.DateTimeField(default=django.utils.timezone.now, null=True),
                ),
                ("claimed_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True, verbose_name="发送时间")),
                ("upto", models.BigIntegerField(default=0)),
                ("fault", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                (
                    "made_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="生成时间"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "邮件",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["next_attempt_at"],
                        name="mail_that_waits",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "digest")),
                        fields=("account", "day"),
                        name="one_digest_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("next_attempt_at__isnull", False), ("state", "waiting")),
                            models.Q(("claimed_at__isnull", False), ("state", "sending")),
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            ("state__in", ["dead", "unknown"]),
                            _connector="OR",
                        ),
                        name="mail_waits_or_is_done",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="messenger",
            constraint=models.CheckConstraint(
                condition=models.Q(("groups", []), _negated=True),
                name="messenger_hears_of_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="messenger",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("style", "wecom"), ("secret_cipher__isnull", False), _connector="OR"
                ),
                name="messenger_signs_what_it_sends",
            ),
        ),
        migrations.AddConstraint(
            model_name="messenger",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("organization", "url_index"),
                name="messenger_connected_once",
            ),
        ),
        migrations.AddIndex(
            model_name="messengermessage",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["next_attempt_at"],
                name="messenger_message_that_waits",
            ),
        ),
        migrations.AddIndex(
            model_name="messengermessage",
            index=models.Index(fields=["messenger", "-id"], name="message_of_messenger"),
        ),
        migrations.AddConstraint(
            model_name="messengermessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("next_attempt_at__isnull", False), ("state", "waiting")),
                    models.Q(
                        ("delivered_at__isnull", False),
                        ("next_attempt_at", None),
                        ("state", "delivered"),
                    ),
                    models.Q(("next_attempt_at", None), ("state", "dead")),
                    _connector="OR",
                ),
                name="messenger_message_waits_or_is_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="movedday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("day__iso_week_day__gte", 6), ("works", True)),
                    models.Q(("day__iso_week_day__lte", 5), ("works", False)),
                    _connector="OR",
                ),
                name="moved_day_differs_from_its_weekday",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["account", "-id"], name="notification_of_account"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("read_at", None), ("shown", True)),
                fields=["account"],
                name="notification_unread",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(fields=("account", "source"), name="told_once"),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("digest", False),
                    models.Q(("address_cipher__isnull", False), ("confirmed_at__isnull", False)),
                    _connector="OR",
                ),
                name="digest_goes_to_a_confirmed_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest_hour__lte", 23)), name="digest_hour_is_of_the_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("code_cipher", None),
                    models.Q(("asked_cipher__isnull", False), ("code_expires_at__isnull", False)),
                    _connector="OR",
                ),
                name="code_belongs_to_an_asked_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="taskdeadline",
            constraint=models.UniqueConstraint(
                fields=("kind", "valid_from"), name="one_task_deadline_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="taskdeadline",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__gte", 1), ("days__lte", 250)),
                name="task_deadline_is_a_working_day",
            ),
        ),
        migrations.RunSQL(TRIGGERS, BACK),
    ]

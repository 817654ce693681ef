"""Lines of the system's page: whether everybody is told, mail goes, and links lead here (N18)."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.notifications.models import Mail, MailState, Messenger, SkippedEvent
from zhicheng.notifications.preferences import mail_is_on
from zhicheng.oversight.health import Check
from zhicheng.web.saying import say

LATELY = timedelta(days=3)


def checks() -> list[Check]:
    """Events nobody could be told of; mails that didn't go, with the reason; the public address."""
    return [_told(), _mail(), _address()]


def _told() -> Check:
    label = _("提醒")
    number = SkippedEvent.objects.count()
    first = SkippedEvent.objects.first()
    if first is None:
        return Check(label, "good", _("按时生成"))
    said = _("有事项没有生成提醒，自审计序号 %(sequence)d（%(fault)s）") % {
        "sequence": first.sequence,
        "fault": say(first.fault),
    }
    return Check(label, "bad", said, first.skipped_at, number)


def _mail() -> Check:
    label = _("邮件（三天内）")
    if not mail_is_on():
        return Check(label, "wait", _("没有配置邮件服务器，不发送邮件"))
    lost = Mail.objects.filter(
        state__in=[MailState.DEAD, MailState.UNKNOWN], made_at__gt=timezone.now() - LATELY
    )
    newest = lost.order_by("-id").first()
    if newest is None:
        return Check(label, "good", _("按时发送"))
    said = _("没有发出，或结果不明：%(fault)s") % {"fault": say(newest.fault)}
    return Check(label, "wait", said, newest.made_at, lost.count())


def _address() -> Check:
    label = _("公开网址")
    if settings.ZHICHENG_PUBLIC_ADDRESS:
        return Check(label, "good", settings.ZHICHENG_PUBLIC_ADDRESS)
    if mail_is_on() or Messenger.objects.filter(ended_at=None).exists():
        return Check(
            label, "bad", _("没有设定（ZHICHENG_PUBLIC_ADDRESS），邮件和机器人消息中没有链接")
        )
    return Check(label, "wait", _("没有设定（ZHICHENG_PUBLIC_ADDRESS）"))

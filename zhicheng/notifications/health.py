"""Two lines of the system's page: whether everybody is told, and whether mail goes (N18)."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.notifications.models import Mail, MailState, SkippedEvent
from zhicheng.notifications.preferences import mail_is_on
from zhicheng.oversight.health import Check
from zhicheng.web.saying import say

LATELY = timedelta(days=3)


def checks() -> list[Check]:
    """Events of which nobody could be told; mails that didn't go, with the newest reason."""
    return [_told(), _mail()]


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

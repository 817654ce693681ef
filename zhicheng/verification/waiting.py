"""First pages: alarms that nobody has looked into (N18), and an employer's way to verify (N7)."""

from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account, Kind
from zhicheng.organizations.permissions import Action
from zhicheng.verification.enumeration import open_alarms
from zhicheng.web.deadlines import first_due
from zhicheng.web.tasks import NextStep, TaskGroup


def alarms_waiting(account: Account) -> list[TaskGroup]:
    """The task group of whoever acknowledges them."""
    if not may(account, Action.ENUMERATION_ACKNOWLEDGE):
        return []
    waiting = open_alarms()
    named = first_due(waiting, "raised_at", "enumeration.acknowledge")
    items = [
        (
            _("%(kind)s（未查到 %(misses)d 次）")
            % {"kind": alarm.get_kind_display(), "misses": alarm.misses},
            reverse("verification:alarm", args=[alarm.pk]),
            alarm.raised_at,
        )
        for alarm in named
    ]
    return [
        TaskGroup(
            title=_("查询枚举预警"),
            count=waiting.count() if named else 0,
            url=f"{reverse('verification:alarms')}?state=open",
            oldest=named[0].raised_at if named else None,
            items=tuple(items),
            clause="N18",
            order=15,
            kind="enumeration.acknowledge",
        )
    ]


def beginning(account: Account) -> list[NextStep]:
    """What an employer is here for: nothing ever waits for it, so its first page offers this."""
    if account.organization.kind != Kind.EMPLOYER or not may(
        account, Action.BATCH_VERIFY, account.organization
    ):
        return []
    steps = [
        NextStep(
            _("核验证书"),
            _("上传姓名和号码的名单，一次最多 5000 行；答复与公众查询相同，以 Excel 给出。"),
            reverse("verification:batch_new"),
            _("上传名单核验"),
            order=10,
        ),
        NextStep(
            _("还没有名单的，下载模板填写"),
            _("姓名，以及身份证号码、证书编号中的一项；也可以用本单位已有的表。"),
            reverse("verification:batch_template"),
            _("下载模板"),
            order=11,
        ),
    ]
    if may(account, Action.API_KEY_CREATE, account.organization):
        steps.append(
            NextStep(
                _("由本单位的系统自动核验"),
                _("开通一个接口密钥，招聘或人事系统就可以直接核验。"),
                reverse("api_pages:new_key"),
                _("开通接口密钥"),
                order=12,
            )
        )
    return steps

"""Approval documents that wait for their scan."""

from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.approvals import queries
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.deadlines import NAMED, first_due
from zhicheng.web.tasks import NextStep, TaskGroup


def waiting(account: Account) -> list[TaskGroup]:
    """Documents without a scan, for whoever may attach one."""
    if not may(account, Action.APPROVAL_ATTACH_SCAN):
        return []
    rows = queries.visible(account).filter(scan_sha256="")
    shown = rows.order_by("imported_at", "pk").values_list(
        "pk", "number", "people_count", "imported_at"
    )
    oldest = first_due(shown, "imported_at", "approval.scan")
    return [
        TaskGroup(
            title=_("待上传扫描件的核准文件"),
            count=len(oldest) if len(oldest) < NAMED else rows.count(),
            url=f"{reverse('approvals:list')}?scan=no",
            oldest=oldest[0][3] if oldest else None,
            items=tuple(
                (
                    _("%(number)s（%(count)d 人）") % {"number": number, "count": count},
                    reverse("approvals:detail", args=[pk]),
                    at,
                )
                for pk, number, count, at in oldest
            ),
            clause="N2",
            order=80,
            kind="approval.scan",
        )
    ]


def beginning(account: Account) -> list[NextStep]:
    """The first approval document: every register is checked against it (N2)."""
    if not may(account, Action.APPROVAL_IMPORT) or ApprovalDocument.objects.exists():
        return []
    return [
        NextStep(
            _("导入第一批任职资格核准文件"),
            _("登记表逐行与核准文件核对；没有核准文件，单位的登记表都提交不了。"),
            reverse("approvals:import"),
            _("导入核准文件"),
            order=5,
        )
    ]

"""An administrator's first page: who is locked out; what to set up first (N3, N18)."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.queries import locked_accounts
from zhicheng.web.tasks import NextStep, TaskGroup

NAMED = 5


def waiting(account: Account) -> list[TaskGroup]:
    """Accounts that are locked out now."""
    if not may(account, Action.ACCOUNT_UNLOCK):
        return []
    locked = locked_accounts()
    return [
        TaskGroup(
            title=_("被锁定的账号"),
            count=len(locked),
            url=reverse("organizations:accounts"),
            oldest=locked[0].since if locked else None,
            items=tuple(
                (
                    f"{item.account.username} {item.account.organization.name}",
                    reverse("organizations:account", args=[item.account.pk]),
                    item.since,
                )
                for item in locked[:NAMED]
            ),
            clause="N18",
            order=10,
        )
    ]


def beginning(account: Account) -> list[NextStep]:
    """The first organisations, and accounts for those that have none."""
    if not may(account, Action.ORGANIZATION_CREATE):
        return []
    in_force = Organization.objects.in_force(timezone.localdate())
    if in_force.count() < 2:
        return [
            NextStep(
                _("登记第一批机构"),
                _(
                    "主管部门、区县职改办、大型企事业单位和填报单位；有无自主管理权限决定登记表走哪条路。"
                ),
                reverse("organizations:new"),
                _("新增机构"),
                order=5,
            )
        ]
    bare = in_force.exclude(accounts__in=Account.objects.filter(is_active=True)).count()
    if not bare:
        return []
    return [
        NextStep(
            _("给没有账号的机构开通账号"),
            _("还有 %(count)d 个机构没有启用的账号，不能登录办理。") % {"count": bare},
            reverse("organizations:new_account"),
            _("新增账号"),
            order=6,
        )
    ]

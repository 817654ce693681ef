"""How safe an account is, on its page: its second factor and its logins, taken away or ended."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from zhicheng.organizations import logins
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.second_factor import is_required_of, take_away
from zhicheng.web.pages import account_of, page


def safety_of(reader: Account, account: Account) -> dict[str, object]:
    """What the account's page shows of it, and offers; addresses only to those who may see them."""
    other = account.pk != reader.pk
    return {
        "required": is_required_of(account),
        "may_take": other
        and account.second_factor_since is not None
        and may(reader, Action.SECOND_FACTOR_TAKE_AWAY),
        "logins": logins.living(account) if may(reader, Action.SESSION_VIEW) else None,
        "may_end": other and may(reader, Action.SESSION_END_OF_OTHERS),
    }


@page(Action.SECOND_FACTOR_TAKE_AWAY)
@require_POST
def take_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """For somebody whose phone and recovery codes are lost."""
    account = take_away(actor=account_of(request), account_id=pk)
    said = _t("账号 %(name)s 的两步验证已解除，全部登录已退出。")
    messages.success(request, said % {"name": account.username})
    return redirect("organizations:account", pk)


@page(Action.SESSION_END_OF_OTHERS)
@require_POST
def end_login(request: HttpRequest, pk: int, login: UUID) -> HttpResponse:
    """Ends one login of somebody else."""
    account = logins.end_of(actor=account_of(request), account_id=pk, login=login)
    messages.success(request, _t("账号 %(name)s 的登录已退出。") % {"name": account.username})
    return redirect("organizations:account", pk)


@page(Action.SESSION_END_OF_OTHERS)
@require_POST
def end_logins(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends all of them."""
    account = logins.end_of(actor=account_of(request), account_id=pk)
    messages.success(request, _t("账号 %(name)s 的登录已退出。") % {"name": account.username})
    return redirect("organizations:account", pk)

"""Organisations for everybody to look up; accounts and changes for administrators."""

import secrets
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.organizations import actions
from zhicheng.organizations.account_views import safety_of
from zhicheng.organizations.closing import (
    close_organization,
    is_closable,
    left_at,
    reopen_organization,
    warnings_at,
)
from zhicheng.organizations.forms import (
    AccountChangeForm,
    AccountForm,
    CloseForm,
    OrganizationForm,
)
from zhicheng.organizations.guard import may, require
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import (
    ACTION_LABELS,
    PERMISSIONS,
    ROLE_LABELS,
    Action,
    Relation,
    Role,
)
from zhicheng.organizations.queries import accounts, is_locked, known_to, visible
from zhicheng.web.lists import ChoiceFilter, Column, ListPage
from zhicheng.web.saying import say

RELATION_LABELS = {
    Relation.REPORTING: _("填报单位"),
    Relation.SUPERVISING: _("主管部门"),
    Relation.ISSUING: _("发放单位"),
    Relation.APPROVING: _("资格核准部门"),
    Relation.EMBOSSING: _("钢印单位"),
    Relation.MUNICIPAL: _("市职改办"),
    Relation.EMPLOYING: _("用人单位"),
    Relation.ANY: _("不限"),
}
ENDED = (("1", _("已停用")),)
YES_NO = (("1", _("是")), ("0", _("否")))


class OrganizationList(ListPage):
    """All organisations in force; by a filter those that have ended."""

    title = _("机构")
    purpose = _("谁有自主管理权限、由谁主管、谁核准资格，决定登记表和证书走哪条路。")
    clause = "N3"
    action = Action.ORGANIZATION_VIEW
    template_name = "organizations/list.html"
    default_sort: ClassVar = ("kind", "name")
    search_fields: ClassVar = ("name", "short_name")
    search_hint = _("名称或简称")
    export_name = "organizations"
    empty_title = _("还没有机构")
    filters: ClassVar = (
        ChoiceFilter("ended", _("状态"), ENDED, apply=lambda rows, _value: rows),
        ChoiceFilter("kind", _("类别"), Kind.choices),
        ChoiceFilter(
            "has_authority",
            _("自主管理权限"),
            YES_NO,
            apply=lambda rows, value: rows.filter(has_authority=value == "1"),
        ),
        ChoiceFilter(
            "approving",
            _("资格核准部门"),
            YES_NO,
            apply=lambda rows, value: rows.filter(is_approving_department=value == "1"),
        ),
    )
    columns: ClassVar = (
        Column(_("名称"), "name", "name", link=lambda o: f"/organizations/{o.pk}/"),
        Column(_("类别"), "get_kind_display", "kind"),
        Column(_("自主管理权限"), "has_authority", "has_authority", "bool"),
        Column(_("主管部门"), "supervisor.name", "supervisor__name"),
        Column(_("资格核准"), "is_approving_department", "is_approving_department", "bool"),
        Column(_("区县"), "region.name"),
        Column(_("账号"), "account_count", "account_count", "number"),
    )

    def get_queryset(self) -> QuerySet[Any]:
        """Organisations that exist today, or no more; an employer sees none but itself."""
        return visible(self.account, ended=self.request.GET.get("ended") == ENDED[0][0])

    def extra_context(self) -> dict[str, Any]:
        """Which buttons the administrator sees."""
        return {"can_create": may(self.account, Action.ORGANIZATION_CREATE)}


def has_second_factor(account: Account) -> bool:
    """Whether a code is asked for beside the password."""
    return account.second_factor_since is not None


class AccountList(ListPage):
    """All accounts, for administrators and auditors."""

    title = _("账号")
    purpose = _("一人一号，一号一岗；离岗停用，不删除。")
    clause = "N18"
    action = Action.ACCOUNT_VIEW
    template_name = "organizations/accounts.html"
    default_sort: ClassVar = ("username",)
    search_fields: ClassVar = ("username", "display_name", "organization__name")
    search_hint = _("用户名、姓名或机构")
    export_name = "accounts"
    filters: ClassVar = (
        ChoiceFilter("role", _("角色"), [(r.value, label) for r, label in ROLE_LABELS.items()]),
        ChoiceFilter(
            "is_active",
            _("启用"),
            YES_NO,
            apply=lambda rows, value: rows.filter(is_active=value == "1"),
        ),
        ChoiceFilter(
            "second_factor",
            _("两步验证"),
            YES_NO,
            apply=lambda rows, value: rows.filter(second_factor_since__isnull=value == "0"),
        ),
    )
    columns: ClassVar = (
        Column(
            _("用户名"), "username", "username", link=lambda a: f"/organizations/accounts/{a.pk}/"
        ),
        Column(_("姓名"), "display_name", "display_name"),
        Column(_("机构"), "organization.name", "organization__name"),
        Column(_("角色"), "get_role_display", "role"),
        Column(_("启用"), "is_active", "is_active", "bool"),
        Column(_("两步验证"), has_second_factor, "second_factor_since", "bool"),
        Column(_("上次登录"), "last_login", "last_login", "time"),
    )

    def get_queryset(self) -> QuerySet[Any]:
        """Every account."""
        return accounts()

    def extra_context(self) -> dict[str, Any]:
        """Which buttons the administrator sees."""
        return {"can_create": may(self.account, Action.ACCOUNT_CREATE)}


@login_required
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One organisation: facts, whom it supervises, who works there."""
    require(request.user, Action.ORGANIZATION_VIEW)
    assert isinstance(request.user, Account)
    found = known_to(request.user).select_related("supervisor", "region")
    organization = get_object_or_404(found, pk=pk)
    return render(
        request,
        "organizations/detail.html",
        {
            "organization": organization,
            "supervised": organization.supervised.order_by("name"),
            "accounts": organization.accounts.order_by("-is_active", "username")
            if may(request.user, Action.ACCOUNT_VIEW)
            else None,
            "can_change": may(request.user, Action.ORGANIZATION_CHANGE),
            "can_close": may(request.user, Action.ORGANIZATION_CLOSE) and is_closable(organization),
            "can_reopen": may(request.user, Action.ORGANIZATION_REOPEN)
            and organization.valid_to is not None,
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Creates or changes an organisation."""
    require(request.user, Action.ORGANIZATION_CREATE if pk is None else Action.ORGANIZATION_CHANGE)
    assert isinstance(request.user, Account)
    instance = get_object_or_404(Organization, pk=pk) if pk is not None else None
    form = OrganizationForm(request.POST or None, instance=instance)
    if request.method == "POST" and form.is_valid():
        if pk is None:
            saved = actions.create_organization(actor=request.user, **form.cleaned_data)
        else:
            saved = actions.change_organization(
                actor=request.user, organization_id=pk, **form.cleaned_data
            )
        messages.success(request, _t("已保存：%(name)s") % {"name": saved.name})
        return redirect("organizations:detail", saved.pk)
    return render(request, "organizations/edit.html", {"form": form, "organization": instance})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends an organisation; while something is left to be done there the page says what."""
    require(request.user, Action.ORGANIZATION_CLOSE)
    assert isinstance(request.user, Account)
    organization = get_object_or_404(Organization, pk=pk)
    yesterday = timezone.localdate() - timedelta(days=1)
    last_day = min(organization.valid_to or yesterday, yesterday)
    form = CloseForm(request.POST or None, initial={"last_day": last_day})
    if request.method == "POST" and form.is_valid():
        close_organization(
            actor=request.user, organization_id=pk, last_day=form.cleaned_data["last_day"]
        )
        messages.success(request, _t("已停用：%(name)s") % {"name": organization.name})
        return redirect("organizations:detail", pk)
    return render(
        request,
        "organizations/close.html",
        {
            "form": form,
            "organization": organization,
            "left": [(say(item.what), item) for item in left_at(organization)],
            "warned": [(say(item.what), item) for item in warnings_at(organization)],
            "logins": organization.accounts.filter(is_active=True).count(),
        },
    )


@login_required
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a mistaken end back."""
    require(request.user, Action.ORGANIZATION_REOPEN)
    assert isinstance(request.user, Account)
    organization = reopen_organization(actor=request.user, organization_id=pk)
    messages.success(request, _t("已恢复：%(name)s") % {"name": organization.name})
    return redirect("organizations:detail", pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_account(request: HttpRequest) -> HttpResponse:
    """Opens an account; its first password is shown once."""
    require(request.user, Action.ACCOUNT_CREATE)
    assert isinstance(request.user, Account)
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        password = secrets.token_urlsafe(12)
        account = actions.create_account(actor=request.user, password=password, **form.cleaned_data)
        return render(
            request, "organizations/password.html", {"account": account, "password": password}
        )
    return render(request, "organizations/edit_account.html", {"form": form, "account": None})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes or switches off an account."""
    require(request.user, Action.ACCOUNT_VIEW)
    assert isinstance(request.user, Account)
    account = get_object_or_404(Account.objects.select_related("organization"), pk=pk)
    form = AccountChangeForm(request.POST or None, instance=get_object_or_404(Account, pk=pk))
    if request.method == "POST" and form.is_valid():
        actions.change_account(actor=request.user, account_id=pk, **form.cleaned_data)
        messages.success(request, _t("账号 %(name)s 已保存。") % {"name": account.username})
        return redirect("organizations:accounts")
    return render(
        request,
        "organizations/edit_account.html",
        {
            "form": form,
            "account": account,
            "can_change": may(request.user, Action.ACCOUNT_CHANGE) and account != request.user,
            "locked": may(request.user, Action.ACCOUNT_UNLOCK) and is_locked(account),
            **safety_of(request.user, account),
        },
    )


@login_required
@require_POST
def unlock_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a lock-out after wrong passwords."""
    require(request.user, Action.ACCOUNT_UNLOCK)
    assert isinstance(request.user, Account)
    account = actions.unlock_account(actor=request.user, account_id=pk)
    messages.success(request, _t("账号 %(name)s 可以再次登录。") % {"name": account.username})
    return redirect("organizations:account", pk)


@login_required
@require_POST
def reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    """A new random password for somebody who lost theirs, shown once."""
    require(request.user, Action.PASSWORD_RESET)
    assert isinstance(request.user, Account)
    password = secrets.token_urlsafe(12)
    account = actions.reset_password(actor=request.user, account_id=pk, password=password)
    return render(
        request, "organizations/password.html", {"account": account, "password": password}
    )


@login_required
@require_safe
def permissions(request: HttpRequest) -> HttpResponse:
    """THE permission table, as the guard reads it (invariant 9)."""
    require(request.user, Action.ORGANIZATION_VIEW)
    rows = [
        {
            "label": label,
            "action": action.value,
            "cells": [
                "、".join(
                    str(RELATION_LABELS[relation])
                    for relation in Relation
                    if (role, relation) in PERMISSIONS[action]
                )
                for role in Role
            ],
        }
        for action, label in ACTION_LABELS.items()
    ]
    return render(
        request,
        "organizations/permissions.html",
        {"rows": rows, "roles": [ROLE_LABELS[role] for role in Role]},
    )

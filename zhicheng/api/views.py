"""Pages of keys and subscriptions, for an organisation's officer."""

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.api import actions, queries, webhooks
from zhicheng.api.forms import KeyForm, RotateForm, SubscriptionForm
from zhicheng.api.models import ApiKey, DeliveryState, Subscription
from zhicheng.api.rules import EVENTS, SCOPES, Event, Scope
from zhicheng.organizations.guard import may, might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, ListPage
from zhicheng.web.pages import account_of, page

WORKS, ENDED = "active", "retired"


def tabs(current: str, account: Account) -> list[dict[str, object]]:
    """The sections of these pages; an employer hears of nothing."""
    sections = (
        ("keys", _("接口密钥"), "api_pages:keys"),
        ("subscriptions", _("事件通知"), "api_pages:subscriptions"),
        ("documentation", _("接口说明"), "api_pages:documentation"),
    )
    return [
        {"label": label, "url": reverse(route), "current": key == current}
        for key, label, route in sections
        if key != "subscriptions" or might(account, Action.WEBHOOK_VIEW)
    ]


def state_of(key: ApiKey) -> str:
    """A key's state for its badge."""
    if key.revoked_at is not None:
        return "revoked"
    return WORKS if key.works else ENDED


def state_words(key: ApiKey) -> str:
    """The same in words."""
    words = {WORKS: _("使用中"), ENDED: _("已过期"), "revoked": _("已停用")}
    return words[state_of(key)]


class KeyList(ListPage):
    """The keys: whose, what for, until when, last used."""

    title = _l("接口密钥")
    purpose = _l("其他系统凭密钥取用证书数据、报送核准文件和登记表；密钥只在开通时显示一次。")
    clause = "N20"
    action = Action.API_KEY_VIEW
    template_name = "api/keys.html"
    search_fields = ("client__name", "prefix", "client__organization__name")
    search_hint = _l("系统、前缀或机构")
    empty_title = _l("还没有接口密钥")
    empty_text = _l("由本机构负责人开通，按需选择权限范围。")
    export_name = "api-keys"
    columns: ClassVar = (
        Column(
            _l("前缀"),
            "prefix",
            sort="prefix",
            kind="code",
            link=lambda key: reverse("api_pages:key", args=[key.pk]),
        ),
        Column(_l("系统"), "client.name", sort="client__name"),
        Column(_l("机构"), "client.organization.name", sort="client__organization__name"),
        Column(_l("状态"), state_of, kind="badge", label=state_words),
        Column(_l("权限范围"), lambda key: "、".join(scope_words(key.scopes))),
        Column(_l("有效期至"), "expires_at", sort="expires_at", kind="time"),
        Column(_l("最近使用"), "last_used_at", sort="last_used_at", kind="time"),
    )
    filters: ClassVar = (
        ChoiceFilter(
            "works",
            _l("状态"),
            (("1", _l("使用中")), ("0", _l("已过期或停用"))),
            apply=lambda rows, value: (
                rows.filter(revoked_at=None, expires_at__gt=timezone.now())
                if value == "1"
                else rows.exclude(revoked_at=None, expires_at__gt=timezone.now())
            ),
        ),
    )

    def get_queryset(self) -> QuerySet[ApiKey]:
        """Those that the account may see."""
        return queries.keys(self.account)

    def extra_context(self) -> dict[str, Any]:
        """Tabs, and the button of who may make one."""
        may_create = may(self.account, Action.API_KEY_CREATE, self.account.organization)
        return {"sections": tabs("keys", self.account), "may_create": may_create}


def scope_words(scopes: list[str]) -> list[str]:
    """What scopes are called."""
    return [_(SCOPES[Scope(scope)].label) for scope in scopes]


@page(Action.API_KEY_CREATE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_key(request: HttpRequest) -> HttpResponse:
    """Asks for a key and shows it, once."""
    account = account_of(request)
    offered = actions.offered_scopes(account.organization)
    form = KeyForm(request.POST or None, offered=offered)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = actions.create_key(
            actor=account,
            organization=account.organization,
            name=given["name"],
            scopes=given["scopes"],
            purpose=given["purpose"],
            per_minute=given["per_minute"],
            expires_at=form.expires_at,
        )
        return _shown_once(request, made)
    return render(request, "api/new_key.html", {"form": form})


def _shown_once(request: HttpRequest, made: actions.MadeKey) -> HttpResponse:
    return render(request, "api/key_made.html", {"key": made.key, "text": made.text})


@require_safe
@page(Action.API_KEY_VIEW)
def key(request: HttpRequest, pk: int) -> HttpResponse:
    """One key with what may be done with it."""
    account = account_of(request)
    found = get_object_or_404(queries.keys(account), pk=pk)
    own = found.client.organization_id == account.organization_id
    return render(
        request,
        "api/key.html",
        {
            "key": found,
            "state": state_of(found),
            "state_words": state_words(found),
            "scopes": [{"code": scope, "facts": SCOPES[Scope(scope)]} for scope in found.scopes],
            "may_rotate": found.works and own and may(account, Action.API_KEY_ROTATE, found.client),
            "may_revoke": found.works and may(account, Action.API_KEY_REVOKE, found.client),
            "rotate_form": RotateForm(),
            "others": queries.keys(account).filter(client=found.client_id).exclude(pk=pk),
        },
    )


@require_POST
@never_cache
@page(Action.API_KEY_ROTATE)
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A second key, shown once; the first works on for the overlap."""
    account = account_of(request)
    found = get_object_or_404(queries.keys(account), pk=pk)
    given = cleaned(RotateForm(request.POST))
    made = actions.rotate_key(
        actor=account, key_id=found.pk, overlap=timedelta(days=given["overlap"])
    )
    return _shown_once(request, made)


@require_POST
@page(Action.API_KEY_REVOKE)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends it at once."""
    account = account_of(request)
    found = get_object_or_404(queries.keys(account), pk=pk)
    ended = actions.revoke_key(actor=account, key_id=found.pk)
    messages.success(request, _("密钥 %(key)s 已停用。") % {"key": ended.prefix})
    return redirect("api_pages:key", found.pk)


class SubscriptionList(ListPage):
    """Who hears of what."""

    title = _l("事件通知")
    purpose = _l(
        "证书发放、报失、作废和登记表状态变化时，主动通知对方系统；内容只有编号，并有签名。"
    )
    clause = "N20"
    action = Action.WEBHOOK_VIEW
    template_name = "api/subscriptions.html"
    search_fields = ("url", "organization__name")
    search_hint = _l("地址或机构")
    empty_title = _l("还没有订阅")
    empty_text = _l("由本机构负责人登记对方系统的接收地址。")
    export_name = "webhooks"
    columns: ClassVar = (
        Column(_l("接收地址"), "url", sort="url", link=lambda item: item.get_absolute_url()),
        Column(_l("机构"), "organization.name", sort="organization__name"),
        Column(_l("事件"), lambda item: "、".join(event_words(item.events))),
        Column(
            _l("状态"),
            lambda item: ENDED if item.ended_at else WORKS,
            kind="badge",
            label=lambda item: _("已停止") if item.ended_at else _("使用中"),
        ),
        Column(_l("待投递"), "waiting_count", sort="waiting_count", kind="number"),
        Column(_l("已放弃"), "dead_count", sort="dead_count", kind="number"),
        Column(_l("订阅时间"), "created_at", sort="created_at", kind="time"),
    )

    def get_queryset(self) -> QuerySet[Subscription]:
        """Those that the account may see."""
        return queries.subscriptions(self.account)

    def extra_context(self) -> dict[str, Any]:
        """Tabs, and the button of who may subscribe."""
        may_subscribe = may(self.account, Action.WEBHOOK_SUBSCRIBE, self.account.organization)
        return {"sections": tabs("subscriptions", self.account), "may_subscribe": may_subscribe}


def event_words(events: list[str]) -> list[str]:
    """What events are called."""
    return [_(EVENTS[Event(event)]) for event in events]


@page(Action.WEBHOOK_SUBSCRIBE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_subscription(request: HttpRequest) -> HttpResponse:
    """Asks for address and events; shows the secret, once."""
    account = account_of(request)
    form = SubscriptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = webhooks.subscribe(
            actor=account, organization=account.organization, **form.cleaned_data
        )
        return render(
            request,
            "api/subscription_made.html",
            {"subscription": made.subscription, "secret": made.secret},
        )
    return render(request, "api/new_subscription.html", {"form": form})


@require_safe
@page(Action.WEBHOOK_VIEW)
def subscription(request: HttpRequest, token: UUID) -> HttpResponse:
    """One subscription and its messages, the newest first."""
    account = account_of(request)
    found = get_object_or_404(queries.subscriptions(account), token=token)
    deliveries = found.deliveries.order_by("-id")
    state = request.GET.get("state", "")
    if state in DeliveryState.values:
        deliveries = deliveries.filter(state=state)
    shown = Paginator(deliveries, 30).get_page(request.GET.get("page"))
    working = found.ended_at is None
    own = found.organization_id == account.organization_id
    return render(
        request,
        "api/subscription.html",
        {
            "subscription": found,
            "events": event_words(found.events),
            "deliveries": shown,
            "states": DeliveryState.choices,
            "state": state,
            "may_end": working and may(account, Action.WEBHOOK_END, found),
            "may_redeliver": working and own and may(account, Action.WEBHOOK_REDELIVER, found),
        },
    )


@require_POST
@page(Action.WEBHOOK_END)
def end(request: HttpRequest, token: UUID) -> HttpResponse:
    """Stops it; what waits is given up."""
    account = account_of(request)
    found = get_object_or_404(queries.subscriptions(account), token=token)
    webhooks.end_subscription(actor=account, subscription_id=found.pk)
    messages.success(request, _("订阅已停止。"))
    return redirect(found.get_absolute_url())


@require_POST
@page(Action.WEBHOOK_REDELIVER)
def redeliver(request: HttpRequest, message: UUID) -> HttpResponse:
    """Sends a message again."""
    account = account_of(request)
    found = get_object_or_404(queries.deliveries(account), message_id=message)
    webhooks.redeliver(actor=account, delivery_id=found.pk)
    messages.success(request, _("已排入投递，几秒后重新发送。"))
    return redirect(found.subscription.get_absolute_url())

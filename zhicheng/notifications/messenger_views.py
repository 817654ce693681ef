"""Robots of the city's messenger: listed, connected, tried, ended."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.notifications import messengers
from zhicheng.notifications.forms import (
    GROUP_CHOICES,
    MessengerChangeForm,
    MessengerForm,
    everything,
)
from zhicheng.notifications.models_messengers import MessageState, Messenger, MessengerMessage
from zhicheng.notifications.tabs import tabs
from zhicheng.organizations.guard import may, might, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.pages import account_of, page
from zhicheng.web.saying import say

SHOWN = 50
WATCHED = timedelta(minutes=3)  # a page that asked for ever would keep a left session alive


def _visible(account: Account) -> QuerySet[Messenger]:
    found = Messenger.objects.select_related("organization", "created_by")
    if may(account, Action.MESSENGER_VIEW):  # whatever the robot: office, auditor, administrator
        return found
    return found.filter(organization=account.organization_id)


@require_safe
@page(Action.MESSENGER_VIEW)
def listed(request: HttpRequest) -> HttpResponse:
    """Every robot that the account may see."""
    account = account_of(request)
    robots = _visible(account).annotate(
        delivered=Count("messages", filter=Q(messages__state="delivered")),
        dead=Count("messages", filter=Q(messages__state="dead")),
        last=Max("messages__delivered_at"),
    )
    return render(
        request,
        "notifications/messengers.html",
        {
            "robots": robots,
            "may_connect": might(account, Action.MESSENGER_CONNECT),
            "tabs": tabs(account, "messengers"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.MESSENGER_CONNECT)
@never_cache
def connect(request: HttpRequest) -> HttpResponse:
    """A new robot of one's own organisation; a secret made here is shown once."""
    account = account_of(request)
    form = MessengerForm(request.POST or None, initial={"groups": everything()})
    if request.method == "POST" and form.is_valid():
        made = messengers.connect(
            actor=account, organization=account.organization, **form.cleaned_data
        )
        if not made.secret:
            messages.success(request, _("已接入。请试发一条消息。"))
            return redirect(made.messenger)
        return render(request, "notifications/messenger_secret.html", {"made": made})
    return render(request, "notifications/messenger_new.html", {"form": form})


@require_safe
@page(Action.MESSENGER_VIEW)
def detail(request: HttpRequest, token: UUID) -> HttpResponse:
    """One robot and its latest messages."""
    account = account_of(request)
    robot = get_object_or_404(_visible(account), token=token)
    sent = list(robot.messages.order_by("-id")[:SHOWN])
    return render(
        request,
        "notifications/messenger.html",
        {
            "robot": robot,
            "sent": [(item, _became(item)) for item in sent],
            "watched": any(_comes_soon(item) for item in sent),
            "may_change": robot.ended_at is None and may(account, Action.MESSENGER_CHANGE, robot),
            "groups": [label for value, label in GROUP_CHOICES if value in robot.groups],
            "may_test": robot.ended_at is None and may(account, Action.MESSENGER_TEST, robot),
            "may_end": robot.ended_at is None and may(account, Action.MESSENGER_END, robot),
        },
    )


def _comes_soon(message: MessengerMessage) -> bool:
    """Whether somebody waits for the result of a trial."""
    fresh = message.created_at > timezone.now() - WATCHED
    return message.test and message.state == MessageState.WAITING and fresh


def _became(message: MessengerMessage) -> str:
    """What became of it, as a sentence."""
    if message.state == MessageState.DELIVERED:
        return _("对方已收到。")
    if not message.log:
        if message.state == MessageState.DEAD:
            return _("机器人停用，没有发送。")
        return _("等候后台发送，一般在一分钟内。")
    last = message.log[-1]
    fault = say(last["fault"]) or _("对方答复 %(status)s") % {"status": last["status"]}
    if message.state == MessageState.DEAD:
        return _("没有送达，不再重发：%(fault)s") % {"fault": fault}
    return _("没有送达：%(fault)s。%(time)s 自动重发。") % {
        "fault": fault,
        "time": f"{timezone.localtime(message.next_attempt_at):%m-%d %H:%M}",
    }


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.MESSENGER_CHANGE)
def change(request: HttpRequest, token: UUID) -> HttpResponse:
    """更改名称、事项和模板."""
    account = account_of(request)
    robot = get_object_or_404(_visible(account), token=token)
    require(account, Action.MESSENGER_CHANGE, robot)
    now = {"name": robot.name, "groups": robot.groups, "template": robot.template}
    form = MessengerChangeForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        messengers.change(actor=account, messenger_id=robot.pk, **form.cleaned_data)
        messages.success(request, _("已更改，以后的消息按新的设定发送。"))
        return redirect(robot)
    return render(request, "notifications/messenger_change.html", {"form": form, "robot": robot})


@require_POST
@page(Action.MESSENGER_TEST)
def test(request: HttpRequest, token: UUID) -> HttpResponse:
    """试发."""
    robot = get_object_or_404(_visible(account_of(request)), token=token)
    messengers.test(actor=account_of(request), messenger_id=robot.pk)
    messages.success(request, _("试发消息已交后台发送，结果会自动显示在下面。"))
    return redirect(robot)


@require_POST
@page(Action.MESSENGER_END)
def end(request: HttpRequest, token: UUID) -> HttpResponse:
    """停用."""
    robot = get_object_or_404(_visible(account_of(request)), token=token)
    messengers.end(actor=account_of(request), messenger_id=robot.pk)
    messages.success(request, _("机器人 %(name)s 已停用。") % {"name": robot.name})
    return redirect("notifications:messengers")

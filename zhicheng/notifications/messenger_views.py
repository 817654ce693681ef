"""Robots of the city's messenger: listed, connected, tried, ended."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.notifications import messengers
from zhicheng.notifications.forms import GROUP_CHOICES, MessengerForm, everything
from zhicheng.notifications.models_messengers import Messenger
from zhicheng.notifications.tabs import tabs
from zhicheng.organizations.guard import may, might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.web.pages import account_of, page

SHOWN = 50


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
    sent = robot.messages.order_by("-id")[:SHOWN]
    return render(
        request,
        "notifications/messenger.html",
        {
            "robot": robot,
            "sent": sent,
            "groups": [label for value, label in GROUP_CHOICES if value in robot.groups],
            "may_test": robot.ended_at is None and may(account, Action.MESSENGER_TEST, robot),
            "may_end": robot.ended_at is None and may(account, Action.MESSENGER_END, robot),
        },
    )


@require_POST
@page(Action.MESSENGER_TEST)
def test(request: HttpRequest, token: UUID) -> HttpResponse:
    """试发."""
    robot = get_object_or_404(_visible(account_of(request)), token=token)
    messengers.test(actor=account_of(request), messenger_id=robot.pk)
    messages.success(request, _("试发消息已交后台发送，结果稍后显示在下表，请刷新查看。"))
    return redirect(robot)


@require_POST
@page(Action.MESSENGER_END)
def end(request: HttpRequest, token: UUID) -> HttpResponse:
    """停用."""
    robot = get_object_or_404(_visible(account_of(request)), token=token)
    messengers.end(actor=account_of(request), messenger_id=robot.pk)
    messages.success(request, _("机器人 %(name)s 已停用。") % {"name": robot.name})
    return redirect("notifications:messengers")

"""What I was told, how I want to be told, and the office's deadlines."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.notifications import deadlines, preferences
from zhicheng.notifications.forms import (
    MAILED,
    AddressForm,
    CodeForm,
    DeadlineForm,
    MovedForm,
    PreferenceForm,
)
from zhicheng.notifications.kinds import ALWAYS_SHOWN, DUE_TASKS, Group
from zhicheng.notifications.models import (
    Mail,
    MailKind,
    MovedDay,
    Notification,
    Preference,
)
from zhicheng.notifications.tabs import tabs
from zhicheng.organizations.guard import require
from zhicheng.organizations.permissions import Action
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page

SHOWN = 100  # settings of deadlines on their page


class Notifications(ListPage):
    """Everything that I was told."""

    title = _l("提醒")
    purpose = _l("与您有关的事情办到了哪一步。点开即为已读；不含任何人的姓名和身份证号码。")
    clause = "N18"
    action = Action.NOTIFICATION_SET
    template_name = "notifications/list.html"
    export_name = "notifications"
    default_sort: ClassVar = ("-pk",)
    empty_title = _l("还没有提醒")
    empty_text = _l("登记表、证书、申请有进展，或有警报时，会列在这里。")
    columns: ClassVar = (
        Column(
            _l("状态"),
            lambda item: "seen" if item.read_at else "unseen",
            kind="badge",
            label=lambda item: _("已读") if item.read_at else _("未读"),
        ),
        Column(_l("类别"), "group_label", sort="group"),
        Column(_l("内容"), "text", link=lambda item: item.get_absolute_url()),
        Column(_l("时间"), "created_at", sort="created_at", kind="time"),
    )
    filters: ClassVar = (
        ChoiceFilter("group", _l("类别"), [(group.value, group.label) for group in Group]),
        ChoiceFilter(
            "read",
            _l("状态"),
            [("no", _l("未读")), ("yes", _l("已读"))],
            apply=lambda rows, value: rows.filter(read_at__isnull=value == "no"),
        ),
        DateFilter("at", _l("时间"), "created_at__date"),
    )

    def get_queryset(self) -> QuerySet[Any]:
        """The account's own, but for what it doesn't want to see."""
        return Notification.objects.filter(account=self.account, shown=True)

    def extra_context(self) -> dict[str, Any]:
        """Tabs, and whether there is something unread."""
        return {
            "tabs": tabs(self.account, "list"),
            "some_unread": self.get_queryset().filter(read_at=None).exists(),
        }


@require_safe
@page(Action.NOTIFICATION_SET)
def open_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Reads it, and goes where it leads."""
    account = account_of(request)
    found = get_object_or_404(Notification, pk=pk, account=account)
    preferences.read(account=account, pks=[pk])
    return redirect(found.url)


@require_POST
@page(Action.NOTIFICATION_SET)
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything is read."""
    count = preferences.read(account=account_of(request))
    messages.success(request, _("已将 %(count)d 条提醒标为已读。") % {"count": count})
    return redirect("notifications:list")


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.NOTIFICATION_SET)
def chosen(request: HttpRequest) -> HttpResponse:
    """What is shown, what is mailed, when, and the address."""
    account = account_of(request)
    found = preferences.of(account)
    if request.method == "POST":
        form = PreferenceForm(request.POST)
        values = cleaned(form)
        every = {group.value for group in Group}
        preferences.choose(
            actor=account,
            hidden=every - set(values["shown"]) - {group.value for group in ALWAYS_SHOWN},
            not_mailed=(every | {DUE_TASKS}) - set(values["mailed"]),
            digest=values["digest"],
            digest_hour=values["digest_hour"],
            language=values["language"],
        )
        messages.success(request, _("提醒设置已保存。"))
        return redirect("notifications:preferences")
    mails = Mail.objects.filter(account=account).order_by("-id")
    return render(
        request,
        "notifications/preferences.html",
        {
            "form": PreferenceForm(initial=_initial(found)),
            "preference": found,
            "address_form": AddressForm(),
            "code_form": CodeForm(),
            "code_waits": found.code_expires_at is not None
            and found.code_expires_at > timezone.now(),
            "mail_is_on": preferences.mail_is_on(),
            # Also one that wasn't needed: who has just switched it on sees that, and why.
            "last_mail": mails.first(),
            "code_mail": mails.filter(kind=MailKind.CODE).first(),
            "tabs": tabs(account, "preferences"),
        },
    )


def _initial(found: Preference) -> dict[str, Any]:
    return {
        "shown": [group.value for group in Group if group.value not in found.hidden],
        "mailed": [key for key, _label in MAILED if key not in found.not_mailed],
        "digest": found.digest,
        "digest_hour": found.digest_hour,
        "language": found.language,
    }


@require_POST
@page(Action.NOTIFICATION_ADDRESS)
def ask_address(request: HttpRequest) -> HttpResponse:
    """Sends a code to the address."""
    values = cleaned(AddressForm(request.POST))
    found = preferences.ask_address(actor=account_of(request), address=values["address"])
    messages.success(
        request,
        _("确认码将在一分钟内发到 %(address)s，请在 60 分钟内填写。")
        % {"address": found.asked_masked},
    )
    return redirect("notifications:preferences")


@require_POST
@page(Action.NOTIFICATION_ADDRESS)
def confirm_address(request: HttpRequest) -> HttpResponse:
    """The code has come back."""
    values = cleaned(CodeForm(request.POST))
    found = preferences.confirm_address(actor=account_of(request), code=values["code"])
    messages.success(request, _("邮箱 %(address)s 已确认。") % {"address": found.address_masked})
    return redirect("notifications:preferences")


@require_POST
@page(Action.NOTIFICATION_ADDRESS)
def forget_address(request: HttpRequest) -> HttpResponse:
    """No mail any more."""
    preferences.forget_address(actor=account_of(request))
    messages.success(request, _("邮箱已删除，不再发送邮件。"))
    return redirect("notifications:preferences")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def task_deadlines(request: HttpRequest) -> HttpResponse:
    """办理时限, and days that are moved."""
    require(request.user, Action.TASK_DEADLINE_SET)
    account = account_of(request)
    if request.method == "POST":
        values = cleaned(DeadlineForm(request.POST))
        deadlines.set_deadline(actor=account, **values)
        messages.success(request, _("办理时限已设定。"))
        return redirect("notifications:deadlines")
    today = timezone.localdate()
    days = deadlines.in_force(today)
    labels = {kind: label for kind, (label, _standard) in deadlines.KINDS.items()}
    history = deadlines.history(SHOWN)
    return render(
        request,
        "notifications/deadlines.html",
        {
            "today": today,
            "rows": [(label, days[kind]) for kind, label in labels.items()],
            "history": [
                (labels.get(item.kind, item.kind), item, replaced) for item, replaced in history
            ],
            "moved": MovedDay.objects.filter(day__year__gte=today.year),
            "form": DeadlineForm(initial={"valid_from": today}),
            "moved_form": MovedForm(),
            "tabs": tabs(account, "deadlines"),
        },
    )


@login_required
@require_POST
def move_days(request: HttpRequest) -> HttpResponse:
    """放假 or 调休."""
    require(request.user, Action.WORKDAY_MOVE)
    if "remove" in request.POST:
        day = get_object_or_404(MovedDay, pk=request.POST["remove"]).day
        deadlines.unmove_day(actor=account_of(request), day=day)
        messages.success(request, _("已恢复为平常日子。"))
    else:
        count = deadlines.move_days(actor=account_of(request), **cleaned(MovedForm(request.POST)))
        messages.success(request, _("已登记 %(count)d 天。") % {"count": count})
    return redirect("notifications:deadlines")

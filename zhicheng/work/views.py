"""The page that shows how far a piece of work is, and the list of one's own."""

import io
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRedirect

from zhicheng.organizations.permissions import Action
from zhicheng.web.lists import ChoiceFilter, Column, ListPage
from zhicheng.web.pages import account_of
from zhicheng.web.partial import wants_part
from zhicheng.work import queries
from zhicheng.work.kinds import label_of
from zhicheng.work.models import Work, WorkState

PATIENCE = timedelta(seconds=8)  # from then on the page says why nothing happens yet


class WorkList(ListPage):
    """Everything that the account asked for in the last month."""

    title = _l("后台处理")
    purpose = _l("上传、检查、受理等较长的处理在后台进行，页面可以离开；在这里看进度和结果。")
    action = Action.ORGANIZATION_VIEW
    search_fields = ("subject",)
    search_hint = _l("文件名、登记表编号")
    default_sort = ("-pk",)
    empty_title = _l("没有后台处理")
    empty_text = _l("上传登记表、提交或受理时，进度会显示在这里。")
    export_name = "work"
    columns: ClassVar = (
        Column(
            _l("事项"), lambda work: label_of(work.kind), link=lambda work: work.get_absolute_url()
        ),
        Column(_l("内容"), "subject", sort="subject"),
        Column(_l("状态"), "state", sort="state", kind="badge", label="get_state_display"),
        Column(_l("结果"), lambda work: work.result_message or _message(work)),
        Column(_l("提出时间"), "asked_at", sort="asked_at", kind="time"),
        Column(_l("完成时间"), "finished_at", sort="finished_at", kind="time"),
    )
    filters: ClassVar = (ChoiceFilter("state", _l("状态"), WorkState.choices),)

    def get_queryset(self) -> QuerySet[Work]:
        """The account's own."""
        return queries.own(self.account)


def _message(work: Work) -> str:
    return str((work.refusal or {}).get("message", ""))


@login_required
@require_GET
@never_cache
def detail(request: HttpRequest, token: UUID) -> HttpResponse:
    """The bar while it runs; then the page of the result, or why it was refused."""
    work = get_object_or_404(queries.own(account_of(request)), token=token)
    if work.is_finished:
        queries.settle(work)
    if work.state == WorkState.DONE and work.result_url:
        if work.seen_at is None and work.result_message:
            messages.success(request, work.result_message)
        if wants_part(request):
            return HttpResponseClientRedirect(work.result_url)
        return redirect(work.result_url)
    template = "work/_progress.html" if wants_part(request) else "work/detail.html"
    return render(request, template, _context(work))


@login_required
@require_GET
@never_cache
def product(request: HttpRequest, token: UUID) -> FileResponse:
    """The file that the work made, to whoever asked for it."""
    work = get_object_or_404(queries.own(account_of(request)), token=token)
    content = queries.product_of(work)
    if content is None:
        raise Http404
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=work.product_name)


def _context(work: Work) -> dict[str, Any]:
    slow = work.state == WorkState.WAITING and timezone.now() - work.asked_at > PATIENCE
    return {
        "work": work,
        "label": label_of(work.kind),
        "refused": work.refusal,
        "ahead": queries.ahead_of(work) if slow else 0,
        "nobody": slow and not queries.worker_lives(),
    }

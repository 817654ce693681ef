"""Pages of batch verification: the list of what was asked, the upload, the empty workbook."""

import io
from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET, require_http_methods

from zhicheng.organizations.guard import may, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.finding import Finding
from zhicheng.values.refusal import NotPermitted, Refusal
from zhicheng.verification.batch.answering import rows_a_day, rows_today
from zhicheng.verification.batch.background import ask_verify
from zhicheng.verification.batch.books import template
from zhicheng.verification.batch.forms import BatchForm
from zhicheng.verification.batch.queries import visible
from zhicheng.verification.batch.reading import read_batch
from zhicheng.verification.batch.rules import MOST_ROWS, check_day
from zhicheng.verification.models import BatchPurpose, BatchVerification, BatchWay
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage, TextFilter
from zhicheng.web.pages import account_of, page
from zhicheng.work.jobs import PRODUCT_KEPT

SHOWN_FINDINGS = 500


class BatchList(ListPage):
    """What was verified in batches, by whom and what for; never whom it was about."""

    title = _l("批量核验")
    purpose = _l("一次核验多人的职称证书：上传姓名和号码，得到与公众查询相同的答复。")
    clause = "N7"
    template_name = "verification/batch/list.html"
    action = Action.BATCH_VIEW
    search_fields = ("number", "organization__name", "source_name")
    search_hint = _l("核验编号、单位、文件")
    default_sort = ("-pk",)
    empty_title = _l("还没有核验过")
    empty_text = _l("下载模板，填写姓名和身份证号码（或证书编号），然后上传。")
    export_name = "batch-verifications"
    columns: ClassVar = (
        Column(_l("核验编号"), "number", sort="number", kind="code"),
        Column(_l("单位"), "organization.name", sort="organization__name"),
        Column(_l("经办人"), lambda batch: batch.client or batch.account.display_name),
        Column(_l("方式"), "get_way_display", sort="way"),
        Column(_l("用途"), lambda batch: batch.purpose_note or batch.get_purpose_display()),
        Column(_l("行数"), "row_count", sort="row_count", kind="number"),
        Column(_l("查到"), "found_count", sort="found_count", kind="number"),
        Column(_l("核验时间"), "asked_at", sort="asked_at", kind="time"),
        Column(
            _l("结果"),
            lambda batch: _result(batch),
            link=lambda batch: _result_address(batch),
        ),
    )
    filters: ClassVar = (
        ChoiceFilter("purpose", _l("用途"), BatchPurpose.choices),
        ChoiceFilter("way", _l("方式"), BatchWay.choices),
        TextFilter("unit", _l("单位"), "organization__name"),
        DateFilter("asked", _l("核验时间"), "asked_at__date"),
    )

    def get_queryset(self) -> QuerySet[BatchVerification]:
        """What the account may see."""
        return visible(self.account)

    def extra_context(self) -> dict[str, Any]:
        """How many rows are left today."""
        return {"may_verify": _may_verify(self.account), "left": _left(self.account)}


def _is_kept(batch: BatchVerification) -> bool:
    return batch.work is not None and batch.asked_at > timezone.now() - PRODUCT_KEPT


def _result(batch: Any) -> str:
    if batch.work is None:
        return "—"
    if not _is_kept(batch):
        return _("已清除")
    return _("下载") if batch.mine else _("由核验人下载")


def _result_address(batch: Any) -> str:
    """Where the answers are, for whoever asked: they are nobody else's."""
    if not batch.mine or not _is_kept(batch):
        return ""
    return reverse("work:detail", args=[batch.work])


def _may_verify(account: Account) -> bool:
    return may(account, Action.BATCH_VERIFY, account.organization)


def _left(account: Account) -> int:
    return max(0, rows_a_day() - rows_today(account.organization_id))


@page(Action.BATCH_VERIFY)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The upload: a file with one fault asks nothing, and every fault is named."""
    account = account_of(request)
    require(account, Action.BATCH_VERIFY, account.organization)
    form = BatchForm(request.POST or None, request.FILES or None)
    findings: list[Finding] = []
    refusal = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            checked = read_batch(told["file"].read())
            findings = list(checked.findings)
            if not findings:
                asked = len(checked.rows)
                check_day(asked, rows_today(account.organization_id), rows_a_day())
                return redirect(
                    ask_verify(
                        account,
                        checked.rows,
                        way=BatchWay.UPLOAD,
                        purpose=told["purpose"],
                        purpose_note=told["purpose_note"],
                        source_name=told["file"].name,
                    )
                )
        except NotPermitted:
            raise
        except Refusal as error:
            refusal = error
    context = {
        "form": form,
        "findings": findings,
        "shown": findings[:SHOWN_FINDINGS],
        "refusal": refusal,
        "left": _left(account),
        "most": MOST_ROWS,
        "hours": PRODUCT_KEPT // timedelta(hours=1),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "verification/batch/new.html", context, status=status)


@page(Action.BATCH_VERIFY)
@require_GET
def template_file(request: HttpRequest) -> FileResponse:
    """The workbook to fill in."""
    return FileResponse(io.BytesIO(template()), as_attachment=True, filename=_("批量核验名单.xlsx"))

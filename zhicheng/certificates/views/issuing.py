"""领取: a register's issue records, the signature list, what nobody has collected yet (N8)."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from zhicheng.audit.recording import recorded
from zhicheng.certificates import issuing
from zhicheng.certificates import list_columns as of_certificates
from zhicheng.certificates.forms import RevealForm
from zhicheng.certificates.models import Certificate, IssueAgent, SignedList
from zhicheng.certificates.queries import issued as reads
from zhicheng.certificates.queries import station
from zhicheng.certificates.tabs import tabs
from zhicheng.certificates.views.lists import registers_offered, units_offered
from zhicheng.certificates.views.station import register_or_404
from zhicheng.database.any_of import one_of
from zhicheng.documents import signature_list as paper
from zhicheng.files.store import download, prepare
from zhicheng.organizations.guard import may, require
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.values.refusal import Refusal
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import COUNTED_LONG, ChoiceFilter, Column, ListPage
from zhicheng.web.pages import account_of, page
from zhicheng.web.tasks import LATE, SLOW

RECORDS_SHOWN = 500


@require_GET
@page(Action.ISSUE_RECORD_VIEW)
def issued(request: HttpRequest, pk: int) -> HttpResponse:
    """Who took the register's certificates, the signature list and its signed scans."""
    account, register = account_of(request), register_or_404(request, pk)
    require(account, Action.ISSUE_RECORD_VIEW, register)
    records = list(reads.records_of(register)[: RECORDS_SHOWN + 1])
    agents = {item.agent.pk: item.agent for item in records if item.agent}
    counts = station.counts(account, register)
    context = {
        "register": register,
        "records": records[:RECORDS_SHOWN],
        "cut": len(records) > RECORDS_SHOWN,
        "agents": list(agents.values()),
        "people": counts.people,
        "waiting": counts.by_place.get("embossed", 0),
        "done": counts.by_place.get("issued", 0),
        "lists": register.signed_lists.select_related("file", "attached_by").defer("file__content"),
        "may_print": may(account, Action.SIGNATURE_LIST_PRINT, register),
        "may_attach": may(account, Action.SIGNATURE_LIST_ATTACH, register),
        "may_unmask": may(account, Action.PERSON_UNMASK, register),
        "reveal_form": RevealForm(),
        "tabs": tabs(account, "stations"),
    }
    return render(request, "certificates/issued.html", context)


@require_POST
@page(Action.SIGNATURE_LIST_PRINT)
def signature_list(request: HttpRequest, pk: int) -> HttpResponse:
    """领取签收表 as PDF; the print is on record with the digest that stands on it."""
    account, register = account_of(request), register_or_404(request, pk)
    require(account, Action.SIGNATURE_LIST_PRINT, register)
    signatures = reads.signatures_of(register)
    if not signatures.rows:
        raise Refusal(
            "issue.nothing_to_sign",
            "登记表还没有填制证书，没有可以签收的。",
            clause="N8",
            found="0 本",
            expected="已填制的证书",
        )
    content = paper.render(signatures, created=timezone.localtime())
    with recorded(account, Action.SIGNATURE_LIST_PRINT) as record:
        record(
            subject=register,
            data={
                "number": register.number,
                "count": len(signatures.rows),
                "digest": signatures.digest,
            },
        )
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{register.number}-LQ.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@page(Action.SIGNATURE_LIST_ATTACH)
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps scans of the signed list."""
    account, register = account_of(request), register_or_404(request, pk)
    require(account, Action.SIGNATURE_LIST_ATTACH, register)
    files = [
        prepare(item.read(), item.name or "")
        for item in request.FILES.getlist("files")[: issuing.FILES_AT_ONCE + 1]
    ]
    kept = issuing.attach_signed_lists(actor=account, register_id=register.pk, files=files)
    messages.success(request, _("已保存签收表扫描件 %(count)d 个。") % {"count": len(kept)})
    return redirect("certificates:issued", register.pk)


@require_GET
@page(Action.ISSUE_RECORD_VIEW)
def signed_list(request: HttpRequest, pk: int) -> HttpResponse:
    """A scan of the signed list."""
    item = get_object_or_404(
        SignedList.objects.select_related("register", "file").defer("register__source"), pk=pk
    )
    register_or_404(request, item.register_id)
    return download(issuing.open_signed_list(actor=account_of(request), item=item), inline=True)


def _agent_or_404(request: HttpRequest, pk: int) -> IssueAgent:
    found = get_object_or_404(IssueAgent.objects.select_related("authorisation"), pk=pk)
    if not may(account_of(request), Action.ISSUE_RECORD_VIEW, found):
        get_object_or_404(IssueAgent.objects.none(), pk=pk)
    return found


@require_GET
@page(Action.ISSUE_RECORD_VIEW)
def authorisation(request: HttpRequest, pk: int) -> HttpResponse:
    """An agent's authorisation."""
    agent = _agent_or_404(request, pk)
    return download(issuing.open_authorisation(actor=account_of(request), agent=agent), inline=True)


@require_POST
@page(Action.PERSON_UNMASK)
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """An agent's whole ID number, for a stated purpose; each look is an audit event."""
    number = issuing.show_agents_id_number(
        actor=account_of(request),
        agent=_agent_or_404(request, pk),
        purpose=cleaned(RevealForm(request.POST))["purpose"],
    )
    answer = render(request, "certificates/_id_number.html", {"number": number})
    answer["Cache-Control"] = "no-store"
    return answer


def _days(at: datetime | None) -> int:
    return (timezone.now() - at).days if at else 0


def _tone(row: Certificate) -> str:
    days = _days(row.embossed_at)
    return "error" if days >= LATE else "warning" if days >= SLOW else "tidied"


class Uncollected(ListPage):
    """Complete and not collected: how long each has waited, and a text to remind people."""

    title = gettext_lazy("待领证书")
    purpose = gettext_lazy("签章完备、还没有人领取的证书；等得最久的在前。")
    clause = "N8"
    template_name = "certificates/uncollected.html"
    action = Action.CERTIFICATE_VIEW
    columns = (
        of_certificates.NUMBER,
        of_certificates.NAME,
        of_certificates.WORKS_AT,
        of_certificates.TITLE,
        of_certificates.GRADE,
        Column(
            gettext_lazy("登记表"),
            lambda row: row.register.number if row.register else row.get_origin_display(),
            sort="register__number",
            kind="code",
        ),
        of_certificates.ISSUING,
        Column(gettext_lazy("盖钢印时间"), "embossed_at", sort="embossed_at", kind="time"),
        Column(
            gettext_lazy("已等"),
            _tone,
            kind="badge",
            label=lambda row: _("%(days)d 天") % {"days": _days(row.embossed_at)},
        ),
    )
    filters = (
        ChoiceFilter(
            "unit",
            gettext_lazy("发放单位"),
            units_offered,
            apply=lambda rows, value: rows.filter(issuing_unit=int(value)),
        ),
        ChoiceFilter(
            "register",
            gettext_lazy("登记表"),
            registers_offered,
            apply=lambda rows, value: rows.filter(register=int(value)),
        ),
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),
    )
    search_fields = ("number", "name", "work_unit", "register__number")
    search_hint = gettext_lazy("姓名、证书编号、工作单位")
    default_sort = ("embossed_at",)
    quick_sorts = ("embossed_at", "-embossed_at")
    counted = COUNTED_LONG
    empty_title = gettext_lazy("没有待领的证书")
    empty_text = gettext_lazy("签章完备的证书都已领走。")
    export_name = "uncollected"

    def get_queryset(self) -> QuerySet[Certificate]:
        """Complete and with nobody."""
        return reads.uncollected(self.account)

    def extra_context(self) -> dict[str, Any]:
        """Tabs, and the text for those that the filters leave, if they are few enough for one."""
        found = []
        # One more than is counted means that not all were.
        limit = min(reads.REMINDED_AT_MOST, self.counted)
        few = self.found is not None and len(self.found) <= limit
        if few and self.found:
            chosen = Certificate.objects.filter(one_of("pk", self.found))
            chosen = chosen.select_related("issuing_unit")
            chosen = chosen.only("name", "number", "work_unit", "issuing_unit__name")
            chosen = chosen.order_by("work_unit", "register_id", "position")
            found = list(chosen)
        return {
            "tabs": tabs(self.account, "uncollected"),
            "reminder": reads.reminder(found) if found else "",
            "reminded": len(found),
            "remind_within": 0 if few else limit,
        }

"""Registrations for unit and office: the list, one with its papers, the steps (N7)."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST, require_safe

from zhicheng.audit.models import AuditEvent
from zhicheng.files.store import download
from zhicheng.historic import certifying, deciding, queries
from zhicheng.historic.forms import AcceptForm, NoteForm, WhyForm
from zhicheng.historic.lifecycle import REGISTRATION
from zhicheng.historic.models import Registration, RegistrationState
from zhicheng.historic.showing import facts, way
from zhicheng.historic.tabs import tabs
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import ACTION_LABELS, Action
from zhicheng.verification.models import SourceConflict
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of, page

TABLE = "historic.registration"


class Registrations(ListPage):
    """Every registration that was handed in."""

    title = _l("历史证书登记")
    purpose = _l("持证人登记的旧纸质证书：单位核对，市职改办审核入库，之后可生成电子证书。")
    clause = "N7"
    template_name = "historic/registrations.html"
    action = Action.HISTORIC_VIEW
    search_fields = ("receipt_number", "name", "certificate_number")
    search_hint = _l("受理号、姓名、证书编号")
    default_sort = ("waiting_since",)
    empty_title = _l("没有历史证书登记")
    empty_text = _l("持证人在公众页面登记并提交后，出现在这里。")
    export_name = "registrations"
    columns: ClassVar = (
        Column(
            _l("受理号"),
            "receipt_number",
            sort="receipt_number",
            kind="code",
            link=lambda item: item.get_absolute_url(),
        ),
        Column(_l("状态"), "state", sort="state", kind="badge", label="get_state_display"),
        Column(_l("证书编号"), "certificate_number", sort="certificate_number", kind="code"),
        Column(_l("姓名"), "name", sort="name"),
        Column(_l("资格名称"), "qualification", sort="qualification"),
        Column(_l("批准时间"), "approval_date", sort="approval_date", kind="date"),
        Column(_l("核对单位"), "unit.name", sort="unit__name"),
        Column(_l("信息来源"), lambda item: _("台账") if item.from_ledger else _("持证人填写")),
        Column(_l("提交时间"), "submitted_at", sort="submitted_at", kind="time"),
    )
    filters: ClassVar = (
        ChoiceFilter(
            "state",
            _l("状态"),
            [choice for choice in RegistrationState.choices if choice[0] != "draft"],
        ),
        DateFilter("submitted", _l("提交时间"), "submitted_at__date"),
    )

    def get_queryset(self) -> QuerySet[Registration]:
        """What the account may see."""
        return queries.visible(self.account)

    def extra_context(self) -> dict[str, Any]:
        """The other lists."""
        return {"tabs": tabs(self.account, "registrations")}


def _registration(request: HttpRequest, pk: int) -> Registration:
    return get_object_or_404(queries.visible(account_of(request)), pk=pk)


@require_safe
@page(Action.HISTORIC_VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What the certificate says, its papers, who did what, what can be done now."""
    account = account_of(request)
    registration = _registration(request, pk)
    moves = {move.action for move in REGISTRATION.allowed(registration.state)}
    can = {
        action: action in moves and may(account, action, registration)
        for action in (
            Action.HISTORIC_CHECK,
            Action.HISTORIC_ACCEPT,
            Action.HISTORIC_CERTIFY,
            Action.HISTORIC_RETURN,
            Action.HISTORIC_REFUSE,
        )
    }
    sees = may(account, Action.HISTORIC_VIEW_EVIDENCE, registration)
    context = {
        "item": registration,
        "facts": facts(registration),
        "way": way(registration),
        "tabs": tabs(account, "registrations"),
        "may_check": can[Action.HISTORIC_CHECK],
        "may_accept": can[Action.HISTORIC_ACCEPT] and registration.checked_by_id != account.pk,
        "may_certify": can[Action.HISTORIC_CERTIFY],
        "may_return": can[Action.HISTORIC_RETURN],
        "may_refuse": can[Action.HISTORIC_REFUSE],
        "papers": registration.evidence.filter(removed_at=None).select_related("file")
        if sees
        else [],
        "note_form": NoteForm(),
        "accept_form": AcceptForm(auto_id="accept_%s"),
        "return_form": WhyForm(auto_id="return_%s"),
        "refuse_form": WhyForm(auto_id="refuse_%s"),
        "conflicts": _conflicts(account, registration),
        "events": _events(registration),
    }
    return render(request, "historic/registration.html", context)


def _conflicts(account: Account, registration: Registration) -> list[SourceConflict]:
    if not may(account, Action.SOURCE_CONFLICT_VIEW):
        return []
    return list(SourceConflict.objects.filter(number=registration.certificate_number)[:10])


def _events(registration: Registration) -> list[dict[str, Any]]:
    found = AuditEvent.objects.filter(subject_type=TABLE, subject_id=registration.pk).order_by(
        "-sequence"
    )[:100]
    return [
        {
            "at": event.occurred_at,
            "label": ACTION_LABELS.get(event.tag, event.tag),  # type: ignore[call-overload]
            "who": event.actor_name,
            "organization": "",
            "details": [
                str(event.data[name]) for name in ("reason", "note", "kind") if event.data.get(name)
            ],
            "url": "",
        }
        for event in found
    ]


@require_safe
@page(Action.HISTORIC_VIEW_EVIDENCE)
def paper(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """A file that came with it."""
    registration = _registration(request, pk)
    if not may(account_of(request), Action.HISTORIC_VIEW_EVIDENCE, registration):
        raise Http404
    found = get_object_or_404(
        registration.evidence.select_related("file"), file__token=token, removed_at=None
    )
    return download(found.file, inline=True)


def _done(request: HttpRequest, registration: Registration, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect(registration.get_absolute_url())


@require_POST
@page(Action.HISTORIC_CHECK)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """核对无误."""
    note = cleaned(NoteForm(request.POST))["note"]
    done = deciding.check(
        actor=account_of(request), registration_id=_registration(request, pk).pk, note=note
    )
    return _done(request, done, _("已核对，送市职改办审核。"))


@require_POST
@page(Action.HISTORIC_RETURN)
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """退回补正."""
    reason = cleaned(WhyForm(request.POST))["reason"]
    done = deciding.send_back(
        actor=account_of(request), registration_id=_registration(request, pk).pk, reason=reason
    )
    return _done(request, done, _("已退回，持证人查询进度时看到原因。"))


@require_POST
@page(Action.HISTORIC_REFUSE)
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """不予登记."""
    reason = cleaned(WhyForm(request.POST))["reason"]
    done = deciding.refuse(
        actor=account_of(request), registration_id=_registration(request, pk).pk, reason=reason
    )
    return _done(request, done, _("已登记为不予登记。"))


@require_POST
@page(Action.HISTORIC_ACCEPT)
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """审核通过."""
    department = cleaned(AcceptForm(request.POST))["department"]
    done = deciding.accept(
        actor=account_of(request),
        registration_id=_registration(request, pk).pk,
        department_id=department,
    )
    return _done(request, done, _("已审核通过，证书已入库。可以生成电子证书。"))


@require_POST
@page(Action.HISTORIC_CERTIFY)
def certify(request: HttpRequest, pk: int) -> HttpResponse:
    """生成电子证书."""
    registration = _registration(request, pk)
    certifying.certify(
        actor=account_of(request),
        registration_id=registration.pk,
        address=settings.ZHICHENG_PUBLIC_ADDRESS or request.build_absolute_uri("/"),
    )
    return _done(request, registration, _("电子证书已生成并签名，持证人和单位可以下载。"))

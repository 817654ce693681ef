"""An application that is being filled in: one page, a small form for each thing (N10, N13, N14).

Works without script, on a phone, through either door.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhicheng.files.store import download, prepare
from zhicheng.organizations.permissions import Action
from zhicheng.reissues import actions, drafting, papers, rules
from zhicheng.reissues.actions import CHANGEABLE
from zhicheng.reissues.content import corrections_in, papers_of
from zhicheng.reissues.forms import CorrectionForm, DetailsForm, PapersForm, ReasonForm
from zhicheng.reissues.models import EvidenceKind, Kind
from zhicheng.reissues.showing import boxes, checked, shown_corrections
from zhicheng.reissues.views.doors import Door, let_out
from zhicheng.reissues.views.starting import address
from zhicheng.values.refusal import Refusal
from zhicheng.web.forms import cleaned
from zhicheng.web.limits import count_question

AT_ONCE = 10  # files; each may take a second to be judged


def _page(request: HttpRequest, door: Door, template: str, **more: Any) -> HttpResponse:
    reissue = door.reissue
    told = papers_of(reissue)
    context = {
        "door": door,
        "base": door.base,
        "public": door.public,
        "reissue": reissue,
        "lost": reissue.kind == Kind.REPLACEMENT,
        "corrections": shown_corrections(reissue),
        "boxes": boxes(reissue, door.url),
        "urls": door.urls,
        "facts": papers.facts_of(reissue),
        "missing": [checked(item) for item in rules.missing(told, "submit")],
        **more,
    }
    return render(request, template, context)


def _changeable(door: Door) -> bool:
    return door.reissue.state in CHANGEABLE and door.may(Action.REISSUE_AMEND)


@require_safe
def draft(request: HttpRequest, door: Door) -> HttpResponse:
    """Everything that was filled in, what came, what is missing."""
    if not _changeable(door):
        return redirect(door.url("status"))
    return _draft(request, door)


def _draft(
    request: HttpRequest,
    door: Door,
    *,
    details: DetailsForm | None = None,
    correction: CorrectionForm | None = None,
) -> HttpResponse:
    taken = tuple(item.field for item in corrections_in(door.reissue))
    return _page(
        request,
        door,
        "reissues/draft.html",
        details=details or DetailsForm(reissue=door.reissue),
        correction=correction or CorrectionForm(taken=taken),
        papers_form=PapersForm(),
    )


@require_POST
def details(request: HttpRequest, door: Door) -> HttpResponse:
    """Telephone, unit, newspaper or damage."""
    _count(request, door)
    form = DetailsForm(request.POST, reissue=door.reissue)
    if not form.is_valid():
        return _draft(request, door, details=form)
    changes = dict(form.cleaned_data)
    changes["unit_id"] = changes.pop("unit")
    if not changes["telephone"]:
        del changes["telephone"]
    drafting.change(door.actor, door.reissue, **changes)
    messages.success(request, _("已保存。"))
    return redirect(door.url("draft") + "#papers")


@require_POST
def correct(request: HttpRequest, door: Door) -> HttpResponse:
    """Adds a corrected field."""
    _count(request, door)
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _draft(request, door, correction=form)
    drafting.correct(door.actor, door.reissue, form.cleaned_data["field"], form.cleaned_data["new"])
    messages.success(request, _("已填写更正内容，请上传佐证材料。"))
    return redirect(door.url("draft") + "#corrections")


@require_POST
def leave(request: HttpRequest, door: Door) -> HttpResponse:
    """Takes a corrected field out again, with its proofs."""
    drafting.leave(door.actor, door.reissue, request.POST.get("field", ""))
    messages.success(request, _("已删去更正项目。"))
    return redirect(door.url("draft") + "#corrections")


@require_POST
def upload(request: HttpRequest, door: Door) -> HttpResponse:
    """Papers of one box, all or none; each judged by its content before anything is kept."""
    _count(request, door)
    files = cleaned(PapersForm(request.POST, request.FILES))["papers"]
    if len(files) > AT_ONCE:
        raise Refusal(
            "reissue.too_many_at_once",
            _("一次选择的文件过多，没有上传。"),
            clause="N10",
            found=f"{len(files)}",
            expected=f"≤ {AT_ONCE}",
            mend=_("请分几次上传，或把同一材料的多页合并为一个 PDF。"),
        )
    kind = request.POST.get("kind", EvidenceKind.OTHER)
    field = request.POST.get("field", "")
    prepared = [prepare(file.read(), file.name) for file in files]
    drafting.hand_in(door.actor, door.reissue, kind, prepared, field=field)
    messages.success(request, _("已上传 %(count)d 个文件。") % {"count": len(prepared)})
    page = "draft" if door.reissue.state in CHANGEABLE else "status"
    return redirect(door.url(page) + "#papers")


@require_POST
def remove(request: HttpRequest, door: Door, evidence: int) -> HttpResponse:
    """Takes a paper out before the application is sent."""
    if not door.reissue.evidence.filter(pk=evidence, removed_at=None).exists():
        raise Http404
    actions.remove_evidence(actor=door.actor, reissue_id=door.reissue.pk, evidence_id=evidence)
    messages.success(request, _("已删去文件。"))
    return redirect(door.url("draft") + "#papers")


@require_safe
def paper(request: HttpRequest, door: Door, token: str) -> HttpResponse:
    """A paper that was handed in, for whoever handed it in."""
    found = (
        door.reissue.evidence.filter(file__token=token, removed_at=None)
        .select_related("file")
        .defer("file__content")
        .first()
    )
    if found is None:
        raise Http404
    return download(found.file, inline=True)


@require_safe
def confirm(request: HttpRequest, door: Door) -> HttpResponse:
    """The summary before it is sent."""
    if not _changeable(door):
        return redirect(door.url("status"))
    return _page(request, door, "reissues/confirm.html")


@require_POST
def submit(request: HttpRequest, door: Door) -> HttpResponse:
    """Sends it to the unit."""
    _count(request, door)
    actions.submit(actor=door.actor, reissue_id=door.reissue.pk)
    messages.success(request, _("申请已提交。请记下受理号。"))
    return redirect(door.url("status"))


@require_safe
def receipt(request: HttpRequest, door: Door) -> HttpResponse:
    """受理回执 as PDF."""
    content = papers.receipt_of(door.reissue, address(request))
    return papers.answer(content, f"{door.reissue.receipt_number}-receipt")


@require_safe
def form(request: HttpRequest, door: Door) -> HttpResponse:
    """附件2 in duplicate as PDF, to be signed by the holder."""
    content = papers.form_of(door.actor, door.reissue, address(request))
    return papers.answer(content, door.reissue.receipt_number)


@require_POST
def withdraw(request: HttpRequest, door: Door) -> HttpResponse:
    """Gives the application up."""
    reason = cleaned(ReasonForm(request.POST))["reason"]
    actions.withdraw(actor=door.actor, reissue_id=door.reissue.pk, reason=reason)
    messages.success(request, _("申请已撤回，原证书不受影响。"))
    return _ended(request, door)


@require_POST
def found(request: HttpRequest, door: Door) -> HttpResponse:
    """The lost certificate was found."""
    note = cleaned(ReasonForm(request.POST))["reason"]
    actions.report_found(actor=door.actor, reissue_id=door.reissue.pk, note=note)
    messages.success(request, _("已登记原证书找到，补办终止，原证书恢复正常。"))
    return _ended(request, door)


def _ended(request: HttpRequest, door: Door) -> HttpResponse:
    return redirect(door.url("status"))


@require_POST
def leave_page(request: HttpRequest, door: Door) -> HttpResponse:
    """The holder has done: nobody else at this computer sees the application."""
    let_out(request)
    return redirect("reissues:progress")


def _count(request: HttpRequest, door: Door) -> None:
    if door.public:
        count_question(request)

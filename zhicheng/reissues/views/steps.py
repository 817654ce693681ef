"""What officers and clerks do with an application: each posts a dialog of its page (N10, N11)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhicheng.files.store import Prepared, prepare
from zhicheng.organizations.permissions import Action
from zhicheng.reissues import actions, actions_old, actions_opinions, queries
from zhicheng.reissues.forms import ReasonForm
from zhicheng.reissues.models import Reissue, ReissueState
from zhicheng.reissues.old_certificates import matching_people
from zhicheng.reissues.staff_forms import (
    AcceptForm,
    DisposeForm,
    HandInForm,
    MatchForm,
    OpinionForm,
    PaperOpinionForm,
    WhyForm,
)
from zhicheng.reissues.views.detail import reissue_or_404
from zhicheng.values.refusal import Conflict
from zhicheng.web.forms import cleaned
from zhicheng.web.pages import account_of, page


def prepared(file: Any) -> Prepared | None:
    """The uploaded scan judged by its content, or None when there is none."""
    return prepare(file.read(), file.name) if file else None


def done(request: HttpRequest, reissue: Reissue, text: str) -> HttpResponse:
    """Back to the application's page with what happened."""
    messages.success(request, text)
    return redirect("reissues:application", reissue.pk)


def _posted(request: HttpRequest, form: type[forms.Form]) -> dict[str, Any]:
    return cleaned(form(request.POST, request.FILES))


@require_POST
@page(Action.REISSUE_ACCEPT)
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """受理."""
    reissue = reissue_or_404(request, pk)
    values = _posted(request, AcceptForm)
    accepted = actions_opinions.accept(
        actor=account_of(request),
        reissue_id=reissue.pk,
        signed_on=values["signed_on"],
        copies=values["copies"],
        scan=prepared(values["scan"]),
    )
    text = _("已受理。") + (_("原证书已按报失处理，查询显示已报失。") if accepted.lost_at else "")
    return done(request, reissue, text)


@require_POST
@page(Action.REISSUE_ACCEPT_LOSS)
def accept_loss(request: HttpRequest, pk: int) -> HttpResponse:
    """受理报失, ahead of everything else."""
    reissue = reissue_or_404(request, pk)
    actions_opinions.accept_loss(actor=account_of(request), reissue_id=reissue.pk)
    return done(request, reissue, _("已受理报失，公开查询即刻显示原证书已报失。"))


@require_POST
@page(Action.REISSUE_RETURN)
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """退回补正."""
    reissue = reissue_or_404(request, pk)
    reason = _posted(request, WhyForm)["reason"]
    actions_opinions.return_application(
        actor=account_of(request), reissue_id=reissue.pk, reason=reason
    )
    return done(request, reissue, _("已退回申请人补正。"))


@require_POST
@page(Action.REISSUE_REFUSE)
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """不予办理."""
    reissue = reissue_or_404(request, pk)
    reason = _posted(request, WhyForm)["reason"]
    actions_opinions.refuse(actor=account_of(request), reissue_id=reissue.pk, reason=reason)
    return done(request, reissue, _("已决定不予办理，原证书不受影响。"))


@require_POST
@page(Action.REISSUE_OPINE)
def opine(request: HttpRequest, pk: int) -> HttpResponse:
    """Signs the box whose turn it is."""
    reissue = reissue_or_404(request, pk)
    account = account_of(request)
    values = _posted(request, OpinionForm)
    level = queries.may_sign(account, reissue) or _turn(reissue)
    opinion = actions_opinions.opine(
        actor=account,
        reissue_id=reissue.pk,
        level=level,
        decision=values["decision"],
        text=values["text"],
    )
    return done(request, reissue, _signed(reissue.pk, str(opinion.get_level_display())))


@require_POST
@page(Action.REISSUE_RECORD_OPINION)
def record_opinion(request: HttpRequest, pk: int) -> HttpResponse:
    """Records the next box from the stamped paper with its scan."""
    reissue = reissue_or_404(request, pk)
    values = _posted(request, PaperOpinionForm)
    scan = prepared(values["scan"])
    assert scan is not None
    opinion = actions_opinions.record_opinion(
        actor=account_of(request),
        reissue_id=reissue.pk,
        level=_turn(reissue),
        decision=values["decision"],
        given_on=values["given_on"],
        scan=scan,
        text=values["text"],
    )
    return done(request, reissue, _signed(reissue.pk, str(opinion.get_level_display())))


def _turn(reissue: Reissue) -> str:
    """The level that is asked for now; a page that is out of date is told so."""
    turn = next((step.level for step in queries.opinion_steps(reissue) if step.is_turn), "")
    if not turn:
        raise Conflict(
            "reissue.no_turn",
            _("这份申请现在没有待签署的意见。"),
            clause="N10",
            found=str(ReissueState(reissue.state).label),
            expected=str(ReissueState.OPINIONS.label),
            mend=_("请刷新页面。"),
        )
    return turn


def _signed(pk: int, level: str) -> str:
    reissue = Reissue.objects.get(pk=pk)
    text = _("已签署：%(level)s。") % {"level": level}
    if reissue.state == ReissueState.GRANTED:
        text += _("签章已完备，可以领取空白证书。")
    return text


@require_POST
@page(Action.REISSUE_DECIDE_MATCH)
def decide_match(request: HttpRequest, pk: int) -> HttpResponse:
    """认定原证书信息, by the municipal office (N6)."""
    reissue = reissue_or_404(request, pk)
    people = matching_people(
        bytes(reissue.id_number_index), reissue.document_number, reissue.qualification
    )
    values = cleaned(MatchForm(request.POST, people=list(people)))
    actions_opinions.decide_match(
        actor=account_of(request),
        reissue_id=reissue.pk,
        note=values["note"],
        approving_department_id=int(values["approving_department"]),
        person_id=int(values["person"]) if values["person"] else None,
    )
    return done(request, reissue, _("已认定原证书信息。"))


@require_POST
@page(Action.REISSUE_HAND_IN)
def hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """收回原证书."""
    reissue = reissue_or_404(request, pk)
    values = _posted(request, HandInForm)
    actions_old.hand_in(
        actor=account_of(request),
        reissue_id=reissue.pk,
        number=values["number"],
        serial=values["serial"],
        received_on=values["received_on"],
    )
    return done(request, reissue, _("已登记收回原证书。"))


@require_POST
@page(Action.REISSUE_DISPOSE)
def dispose(request: HttpRequest, pk: int) -> HttpResponse:
    """处理收回的原证书."""
    reissue = reissue_or_404(request, pk)
    form = DisposeForm(request.POST, done=reissue.state == ReissueState.DONE)
    actions_old.dispose(actor=account_of(request), reissue_id=reissue.pk, **cleaned(form))
    return done(request, reissue, _("已登记原证书的处理。"))


@require_POST
@page(Action.REISSUE_WITHDRAW)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """撤回, by a clerk for the holder."""
    reissue = reissue_or_404(request, pk)
    reason = _posted(request, ReasonForm)["reason"]
    actions.withdraw(actor=account_of(request), reissue_id=reissue.pk, reason=reason)
    return done(request, reissue, _("申请已撤回，原证书不受影响。"))


@require_POST
@page(Action.REISSUE_FOUND)
def found(request: HttpRequest, pk: int) -> HttpResponse:
    """原证书找到."""
    reissue = reissue_or_404(request, pk)
    note = _posted(request, ReasonForm)["reason"]
    actions.report_found(actor=account_of(request), reissue_id=reissue.pk, note=note)
    return done(request, reissue, _("已登记原证书找到，补办终止，原证书恢复正常。"))

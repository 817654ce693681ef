"""From the blank to the new certificate in hand: the ordinary path for a single one (N8, N12)."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhicheng.audit.recording import recorded
from zhicheng.certificates import actions as path
from zhicheng.certificates.forms import IssueForm
from zhicheng.certificates.models import RecipientRelation
from zhicheng.certificates.views.scan import agent_from
from zhicheng.files.store import prepare
from zhicheng.organizations.permissions import Action
from zhicheng.reissues import actions_blank
from zhicheng.reissues.staff_forms import HandOutForm, NumberForm, SpoiledForm
from zhicheng.reissues.views.detail import reissue_or_404
from zhicheng.reissues.views.steps import done
from zhicheng.values.serials import format_serial
from zhicheng.web.forms import cleaned
from zhicheng.web.pages import account_of, page


@require_POST
@page(Action.REISSUE_HAND_OUT)
def hand_out(request: HttpRequest, pk: int) -> HttpResponse:
    """发放空白证书, by the municipal office (N11)."""
    reissue = reissue_or_404(request, pk)
    values = cleaned(HandOutForm(request.POST))
    serial = actions_blank.hand_out(
        actor=account_of(request),
        reissue_id=reissue.pk,
        collected_by=values["collected_by"],
        serial=values["serial"],
    )
    return done(
        request, reissue, _("已发放空白证书 %(serial)s。") % {"serial": format_serial(serial)}
    )


@require_POST
@page(Action.REISSUE_TAKE_BACK)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """收回空白证书 of an ended application."""
    reissue = reissue_or_404(request, pk)
    actions_blank.take_back(actor=account_of(request), reissue_id=reissue.pk)
    return done(request, reissue, _("空白证书已交回库存。"))


@require_POST
@page(Action.REISSUE_EXCHANGE)
def exchange(request: HttpRequest, pk: int) -> HttpResponse:
    """换取: the spoiled blank for a new one (N9)."""
    reissue = reissue_or_404(request, pk)
    made = actions_blank.exchange(actor=account_of(request), reissue_id=reissue.pk)
    return done(
        request, reissue, _("已换给空白证书 %(given)s。") % {"given": "、".join(made.given)}
    )


@require_POST
@page(Action.REISSUE_NUMBER)
def number(request: HttpRequest, pk: int) -> HttpResponse:
    """编新证书编号."""
    reissue = reissue_or_404(request, pk)
    typed = cleaned(NumberForm(request.POST))["number"]
    given = actions_blank.assign_number(
        actor=account_of(request), reissue_id=reissue.pk, number=typed
    )
    return done(request, reissue, _("新证书编号：%(number)s。") % {"number": given})


@require_POST
@page(Action.CERTIFICATE_FILL)
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """填制."""
    reissue = reissue_or_404(request, pk)
    made = actions_blank.fill_in(actor=account_of(request), reissue_id=reissue.pk)
    return done(
        request,
        reissue,
        _("已填制在空白证书 %(serial)s 上，请打印并核对。")
        % {"serial": format_serial(made.blank_serial or 0)},
    )


@require_POST
@page(Action.CERTIFICATE_SPOIL)
def spoil(request: HttpRequest, pk: int) -> HttpResponse:
    """登记废旧证书: there are no spares, so the office exchanges it (N9)."""
    reissue = reissue_or_404(request, pk)
    values = cleaned(SpoiledForm(request.POST, request.FILES))
    photo = values["photo"]
    actions_blank.spoil(
        actor=account_of(request),
        reissue_id=reissue.pk,
        reason=values["reason"],
        note=values["note"],
        photo=prepare(photo.read(), photo.name, allowed=("image/jpeg", "image/png"))
        if photo
        else None,
    )
    return done(request, reissue, _("已登记废旧证书，请凭它到市职改办换取。"))


@require_POST
@page(Action.CERTIFICATE_SEAL)
def seal(request: HttpRequest, pk: int) -> HttpResponse:
    """加盖公章."""
    reissue = reissue_or_404(request, pk)
    path.seal(actor=account_of(request), reissue=reissue.pk)
    return done(request, reissue, _("已登记加盖公章。"))


@require_POST
@page(Action.CERTIFICATE_EMBOSS)
def emboss(request: HttpRequest, pk: int) -> HttpResponse:
    """加盖钢印."""
    reissue = reissue_or_404(request, pk)
    path.emboss(actor=account_of(request), reissue=reissue.pk)
    return done(request, reissue, _("已登记加盖钢印。"))


@require_POST
@page(Action.CERTIFICATE_ISSUE)
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """核发: the new certificate counts, the old one is void (N12)."""
    reissue = reissue_or_404(request, pk)
    account = account_of(request)
    values = cleaned(IssueForm(request.POST, request.FILES))
    # The agent and the issue are one step: a refused issue leaves no agent behind.
    with recorded(account, Action.CERTIFICATE_ISSUE):
        agent = agent_from(request) if values["relation"] == RecipientRelation.AGENT else None
        path.issue(
            actor=account,
            reissue=reissue.pk,
            agent_id=agent.pk if agent else None,
            id_checked=agent is not None or values["id_checked"],
        )
    return done(request, reissue, _("新证书已核发，原证书已作废。"))

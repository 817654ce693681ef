"""What this account can do with an application now: the buttons of its page, from the permission
table and the lifecycle alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhicheng.blanks.models import CustodyState, Spoilage
from zhicheng.certificates.forms import IssueForm
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.reissues import queries
from zhicheng.reissues.actions_blank import NUMBERED
from zhicheng.reissues.actions_match import to_be_decided
from zhicheng.reissues.actions_old import TAKES_OLD
from zhicheng.reissues.ending import live_blank
from zhicheng.reissues.forms import ReasonForm
from zhicheng.reissues.lifecycle import REISSUE
from zhicheng.reissues.models import Fate, HandedIn, Kind, Match, Reissue, ReissueState
from zhicheng.reissues.old_certificates import matching_people
from zhicheng.reissues.rules import LEVEL_LABELS
from zhicheng.reissues.staff_forms import (
    AcceptForm,
    DisposeForm,
    HandInForm,
    HandOutForm,
    MatchForm,
    NumberForm,
    OpinionForm,
    PaperOpinionForm,
    SpoiledForm,
    WhyForm,
)

WITH_BLANK = (ReissueState.COLLECTED, ReissueState.MAKING)


@dataclass(frozen=True)
class Offer:
    """A button that asks before it posts; ``key`` is its dialog's and its address's name.

    ``body`` is a template that lays the form out where its fields depend on each other.
    """

    key: str
    label: str
    url: str
    question: str
    detail: str = ""
    tone: str = ""
    form: Any = None
    body: str = ""
    icon: str = ""
    confirmation: str = ""


@dataclass(frozen=True)
class Now:
    """The application with what the offers ask about."""

    account: Account
    reissue: Reissue
    certificate: Certificate | None
    handed_in: HandedIn | None
    turn: queries.StepView | None

    @property
    def state(self) -> str:
        """Where the application is."""
        return self.reissue.state

    def may(self, action: Action) -> bool:
        """The permission table's word."""
        return may(self.account, action, self.reissue)

    def moves(self, action: Action) -> bool:
        """Permission and lifecycle together."""
        return self.state in REISSUE.sources(action) and self.may(action)

    def offer(self, key: str, label: str, question: str, **more: Any) -> Offer:
        """A button of this application; a form's fields get the dialog's name into their ids."""
        url = reverse(f"reissues:do_{key}", args=[self.reissue.pk])
        if more.get("form") is not None:
            more["form"].auto_id = f"{key}_%s"
        return Offer(key, label, url, question, **more)


def now(account: Account, reissue: Reissue, steps: list[queries.StepView]) -> Now:
    """Reads what the offers ask about."""
    return Now(
        account,
        reissue,
        Certificate.objects.filter(reissue=reissue.pk)
        .select_related("embosser", "issuing_unit", "filled_by", "official_seal_by", "embossed_by")
        .first(),
        HandedIn.objects.filter(reissue=reissue).select_related("received_by", "fate_by").first(),
        next((step for step in steps if step.is_turn), None),
    )


def offers(at: Now) -> list[Offer]:
    """The next steps first, then what ends the application."""
    return [*_unit(at), *_opinions(at), *_blank(at), *_certificate(at), *_old(at)]


def endings(at: Now) -> list[Offer]:
    """Return, refusal, withdrawal."""
    return list(_endings(at))


def _unit(at: Now) -> Iterator[Offer]:
    reissue = at.reissue
    if at.moves(Action.REISSUE_ACCEPT):
        yield at.offer(
            "accept",
            _("受理"),
            _("受理申请"),
            detail=_("收到一式两份、申请人签字的申请表和材料原件，核对无误后受理。"),
            form=AcceptForm(),
            tone="primary",
        )
    waits = (ReissueState.APPLIED, ReissueState.RETURNED)
    lost = reissue.kind == Kind.REPLACEMENT and reissue.lost_at is None
    if lost and at.state in waits and at.may(Action.REISSUE_ACCEPT_LOSS):
        yield at.offer(
            "accept-loss",
            _("先受理报失"),
            _("受理报失？"),
            detail=_("原证书即刻停止公开查询有效，显示已报失。"),
        )
    if to_be_decided(reissue) and at.may(Action.REISSUE_DECIDE_MATCH):
        yield _decision(at)


def _decision(at: Now) -> Offer:
    reissue = at.reissue
    unsure = reissue.certificate_id is None and reissue.match != Match.MATCHED
    people = matching_people(
        bytes(reissue.id_number_index), reissue.document_number, reissue.qualification
    )
    label = _("认定原证书信息") if unsure else _("改定资格核准部门")
    return at.offer(
        "match",
        label,
        label,
        detail=_("核准文件不能证实申请人填写的内容，由市职改办核实认定。")
        if unsure
        else _("原资格核准部门已撤销，由市职改办指定承接其职责的部门。"),
        form=MatchForm(people=list(people) if unsure else None),
    )


def _opinions(at: Now) -> Iterator[Offer]:
    if at.turn is None:
        return
    if queries.may_sign(at.account, at.reissue):
        yield at.offer(
            "opine",
            _("签署意见"),
            at.turn.label,
            detail=_("意见和姓名印在申请表上。"),
            form=OpinionForm(),
            tone="primary",
        )
    if at.moves(Action.REISSUE_RECORD_OPINION):
        yield at.offer(
            "record-opinion",
            _("登记纸质意见"),
            _("登记纸质申请表上的意见：%(level)s") % {"level": at.turn.label},
            detail=_("该级单位已在纸质申请表上签章的，上传扫描件登记。"),
            form=PaperOpinionForm(),
            tone="" if at.turn.organization_id else "primary",
        )


def _blank(at: Now) -> Iterator[Offer]:
    reissue = at.reissue
    held = live_blank(reissue, CustodyState.UNIT, CustodyState.FILLING)
    due = Spoilage.objects.filter(reissue=reissue.pk, needs_blank=True, exchange=None).exists()
    again = at.state in WITH_BLANK and held is None and not due
    if at.moves(Action.REISSUE_HAND_OUT) or (again and at.may(Action.REISSUE_HAND_OUT)):
        yield at.offer(
            "hand-out",
            _("发放空白证书"),
            _("发放空白证书"),
            detail=_("凭签章完备的申请表和佐证材料领取，一份申请一本。"),
            form=HandOutForm(),
            tone="primary",
        )
    if at.moves(Action.REISSUE_TAKE_BACK):
        yield at.offer(
            "take-back", _("收回空白证书"), _("收回空白证书，交回库存？"), tone="primary"
        )
    if due and at.may(Action.REISSUE_EXCHANGE):
        yield at.offer(
            "exchange", _("换取空白证书"), _("收下废旧证书，换给一本空白证书？"), tone="primary"
        )
    if at.state in NUMBERED and at.may(Action.REISSUE_NUMBER):
        numbered = bool(reissue.new_number)
        yield at.offer(
            "number",
            _("更换新证书编号") if numbered else _("编新证书编号"),
            _("新证书编号"),
            form=NumberForm(),
            tone="primary" if at.state == ReissueState.COLLECTED and not numbered else "",
        )
    fillable = at.moves(Action.CERTIFICATE_FILL) or (
        at.certificate is not None
        and at.certificate.state == CertificateState.AWAITING_BLANK
        and at.may(Action.CERTIFICATE_FILL)
    )
    if fillable and reissue.new_number and live_blank(reissue, CustodyState.UNIT):
        yield at.offer(
            "fill",
            _("填制"),
            _("填制新证书"),
            detail=_("内容取自申请和更正信息；填制后请打印并核对。"),
            tone="primary",
        )
    if held is not None and at.state in WITH_BLANK and at.may(Action.CERTIFICATE_SPOIL):
        yield at.offer(
            "spoil",
            _("登记废旧证书"),
            _("登记废旧证书"),
            detail=_("补办换发没有备用证书，凭废旧证书到市职改办换取。"),
            form=SpoiledForm(),
            tone="outline-danger",
        )


def _certificate(at: Now) -> Iterator[Offer]:
    made = at.certificate
    if made is None:
        return
    steps = {
        CertificateState.FILLED: (
            "seal",
            Action.CERTIFICATE_SEAL,
            _("加盖公章"),
            _("请在实物上加盖公章、核对无误后登记，不能撤销。"),
            None,
        ),
        CertificateState.SEALED: (
            "emboss",
            Action.CERTIFICATE_EMBOSS,
            _("加盖钢印"),
            _("请在实物上加盖钢印、核对无误后登记，不能撤销。"),
            None,
        ),
        CertificateState.EMBOSSED: (
            "issue",
            Action.CERTIFICATE_ISSUE,
            _("核发"),
            _("核发后新证书生效，原证书即刻作废，不能撤销。"),
            IssueForm(),
        ),
    }
    found = steps.get(CertificateState(made.state))
    if found is not None and may(at.account, found[1], made):
        key, _action, label, detail, form = found
        body = "certificates/_issue_body.html" if form is not None else ""
        yield at.offer(key, label, label, detail=detail, form=form, body=body, tone="primary")


def _old(at: Now) -> Iterator[Offer]:
    reissue = at.reissue
    before = reissue.kind == Kind.RENEWAL and at.state in TAKES_OLD
    takes = before or at.state == ReissueState.DONE
    if at.handed_in is None and takes and at.may(Action.REISSUE_HAND_IN):
        yield at.offer("hand-in", _("收回原证书"), _("登记收回原证书"), form=HandInForm())
    over = (ReissueState.DONE, ReissueState.ENDED, ReissueState.REFUSED, ReissueState.CLOSING)
    kept = at.handed_in is not None and at.handed_in.fate == Fate.HELD
    if kept and at.state in over and at.may(Action.REISSUE_DISPOSE):
        yield at.offer(
            "dispose",
            _("处理原证书"),
            _("处理收回的原证书"),
            form=DisposeForm(done=at.state == ReissueState.DONE),
        )


def _endings(at: Now) -> Iterator[Offer]:
    if at.moves(Action.REISSUE_RETURN):
        yield at.offer("return", _("退回补正"), _("退回申请人补正"), form=WhyForm())
    if at.moves(Action.REISSUE_REFUSE):
        yield at.offer(
            "refuse", _("不予办理"), _("不予办理"), form=WhyForm(), tone="outline-danger"
        )
    if at.moves(Action.REISSUE_FOUND) and at.reissue.kind == Kind.REPLACEMENT:
        yield at.offer(
            "found",
            _("原证书找到"),
            _("登记原证书找到"),
            detail=_("补办终止，原证书恢复正常。"),
            form=ReasonForm(),
        )
    if at.moves(Action.REISSUE_WITHDRAW) and at.state != ReissueState.DRAFT:
        yield at.offer(
            "withdraw",
            _("代申请人撤回"),
            _("撤回申请"),
            detail=_("申请终止，原证书不受影响。"),
            form=ReasonForm(),
            tone="outline-danger",
        )


def next_words(at: Now) -> str:
    """Who has to do what next, as one sentence for everybody who looks."""
    unit = at.reissue.unit.name
    match at.state:
        case ReissueState.DRAFT:
            return _("申请还在填写，提交后由%(unit)s受理。") % {"unit": unit}
        case ReissueState.RETURNED:
            return _("已退回，等申请人补正后重新提交。")
        case ReissueState.APPLIED:
            return _("等%(unit)s收到签字的申请表一式两份和材料原件后受理。") % {"unit": unit}
        case ReissueState.OPINIONS if at.turn is not None:
            name = at.turn.name or LEVEL_LABELS[at.turn.level]
            return _("等%(unit)s签署“%(level)s”。") % {"unit": name, "level": at.turn.label}
        case ReissueState.GRANTED:
            return _("签章完备：%(unit)s凭申请表和佐证材料到市职改办领取空白证书。") % {
                "unit": unit
            }
        case ReissueState.COLLECTED if not at.reissue.new_number:
            return _("已领空白证书：%(unit)s编新证书编号后填制。") % {"unit": unit}
        case ReissueState.COLLECTED:
            return _("已领空白证书：由%(unit)s经办人填制。") % {"unit": unit}
        case ReissueState.MAKING if at.certificate is not None:
            return _of_certificate(at.certificate)
        case ReissueState.CLOSING:
            return _("申请已终止：%(unit)s把空白证书交回市职改办。") % {"unit": unit}
    return ""


def _of_certificate(made: Certificate) -> str:
    unit, embosser = made.issuing_unit.name, made.embosser.name
    match made.state:
        case CertificateState.AWAITING_BLANK:
            return _("空白证书已作废：%(unit)s凭废旧证书到市职改办换取后重新填制。") % {
                "unit": unit
            }
        case CertificateState.FILLED:
            return _("已填制：打印、核对后由%(unit)s负责人加盖公章。") % {"unit": unit}
        case CertificateState.SEALED:
            return _("已盖公章：由%(unit)s钢印员加盖钢印。") % {"unit": embosser}
        case CertificateState.EMBOSSED:
            return _("签章完备：由%(unit)s核发给申请人。") % {"unit": unit}
    return ""

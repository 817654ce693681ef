"""One application for everybody who deals with it: the form as on paper, what is missing, whose
turn it is, the old and the new certificate, what happened.
"""

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import CertificateState
from zhicheng.certificates.queries import visible as visible_certificates
from zhicheng.files.store import download
from zhicheng.organizations.guard import may
from zhicheng.organizations.models import Organization
from zhicheng.organizations.permissions import ACTION_LABELS, Action
from zhicheng.reissues import listing, papers, queries
from zhicheng.reissues.actions import CHANGEABLE
from zhicheng.reissues.forms import PapersForm
from zhicheng.reissues.models import Kind, OpinionLevel, Reissue, ReissueState
from zhicheng.reissues.offers import Now, endings, next_words, now, offers
from zhicheng.reissues.showing import boxes, checklist, shown_corrections
from zhicheng.reissues.tabs import tabs
from zhicheng.reissues.views.doors import Door
from zhicheng.reissues.views.starting import address
from zhicheng.web.pages import account_of, page

TABLE = "reissues.reissue"
CERTIFICATES = "certificates.certificate"
EVENTS = 200
TAKES_PAPERS = (*CHANGEABLE, ReissueState.APPLIED, ReissueState.OPINIONS, ReissueState.GRANTED)


def reissue_or_404(request: HttpRequest, pk: int) -> Reissue:
    """The application, if the account may see it, with what a row of the list shows."""
    return get_object_or_404(listing.listed(account_of(request)), pk=pk)


@require_safe
@page(Action.REISSUE_VIEW)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The application's page."""
    account = account_of(request)
    reissue = reissue_or_404(request, pk)
    door = Door(reissue, account, False)
    steps = queries.opinion_steps(reissue)
    at = now(account, reissue, steps)
    sees_papers = may(account, Action.REISSUE_VIEW_EVIDENCE, reissue)
    adds = reissue.state in TAKES_PAPERS and may(account, Action.REISSUE_ADD_EVIDENCE, reissue)
    known = visible_certificates(account)
    context = {
        "reissue": reissue,
        "lost": reissue.kind == Kind.REPLACEMENT,
        "facts": papers.facts_of(reissue),
        "waits_for": listing.waits_for(reissue),
        "late": listing.is_overdue(reissue),
        "place": listing.place(reissue),
        "path": _path(at),
        "next": next_words(at),
        "offers": offers(at),
        "endings": endings(at),
        "prints": at.certificate is not None
        and at.certificate.state == CertificateState.FILLED
        and may(account, Action.PRINT_JOB_START, at.certificate),
        "edits": reissue.state in CHANGEABLE and door.may(Action.REISSUE_AMEND),
        "opinions": [item for item in steps if item.level != OpinionLevel.APPLICANT],
        "signed": next(item for item in steps if item.level == OpinionLevel.APPLICANT),
        "checklist": checklist(reissue),
        "corrections": shown_corrections(reissue),
        "sees_papers": sees_papers,
        "adds": adds,
        "boxes": boxes(reissue, door.url) if sees_papers else [],
        "papers_form": PapersForm(),
        "certificate": at.certificate,
        "opens_new": at.certificate is not None and known.filter(pk=at.certificate.pk).exists(),
        "old": known.filter(pk=reissue.certificate_id or 0).first(),
        "handed_in": at.handed_in,
        "sightings": reissue.sightings.select_related("seen_by")[:20],
        "events": _events(at),
        "tabs": tabs(account, "list"),
    }
    return render(request, "reissues/detail.html", context)


def _path(at: Now) -> list[dict[str, str]]:
    """The stations of an application up to the new certificate in hand."""
    reissue, made = at.reissue, at.certificate
    filled = made is not None and made.state != CertificateState.AWAITING_BLANK
    parts = [
        (_("提交"), reissue.submitted_at if reissue.state not in CHANGEABLE else None),
        (_("受理"), reissue.accepted_at if reissue.state not in CHANGEABLE else None),
        (_("签章完备"), reissue.granted_at),
        (_("领取空白证书"), reissue.collected_at),
        (_("填制"), made.filled_at if made is not None and filled else None),
        (_("加盖公章"), made.official_seal_at if made else None),
        (_("加盖钢印"), made.embossed_at if made else None),
        (_("核发"), reissue.done_at),
    ]
    over = reissue.state in (ReissueState.ENDED, ReissueState.REFUSED, ReissueState.CLOSING)
    steps: list[dict[str, str]] = []
    for label, moment in parts:
        first = all(step["state"] == "done" for step in steps)
        state = "done" if moment else "now" if first and not over else "todo"
        note = timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""
        steps.append({"label": label, "state": state, "note": note})
    return steps


def _events(at: Now) -> list[dict[str, Any]]:
    """Everything that was done to it and to its new certificate, the newest first."""
    about = Q(subject_type=TABLE, subject_id=at.reissue.pk)
    if at.certificate is not None:
        about |= Q(subject_type=CERTIFICATES, subject_id=at.certificate.pk)
    found = list(
        AuditEvent.objects.filter(about)
        .defer("row_ids", "row_digests", "previous", "digest")
        .order_by("-sequence")[:EVENTS]
    )
    names = dict(
        Organization.objects.filter(
            pk__in={event.organization_id for event in found if event.organization_id}
        ).values_list("pk", "name")
    )
    return [
        {
            "at": event.occurred_at,
            "label": _label(event.tag),
            "who": event.actor_name,
            "organization": names.get(event.organization_id or 0, ""),
            "details": _details(event.data),
        }
        for event in found
    ]


def _label(tag: str) -> str:
    try:
        return ACTION_LABELS[Action(tag)]
    except ValueError:
        return tag


# What of an event's data people want to read, and how it is called.
_TOLD = (
    ("reason", gettext_lazy("原因")),
    ("serial", gettext_lazy("空白证书编号")),
    ("collected_by", gettext_lazy("领取人")),
    ("new", gettext_lazy("新证书编号")),
    ("file", gettext_lazy("文件")),
    ("text", gettext_lazy("意见")),
    ("note", gettext_lazy("说明")),
)


def _details(data: dict[str, Any]) -> list[str]:
    return [f"{label}：{data[key]}" for key, label in _TOLD if data.get(key)]


@require_safe
@page(Action.REISSUE_VIEW_EVIDENCE)
def evidence(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """A paper of the application, or the scan of a stamped opinion."""
    reissue = reissue_or_404(request, pk)
    if not may(account_of(request), Action.REISSUE_VIEW_EVIDENCE, reissue):
        raise Http404
    paper = (
        reissue.evidence.filter(file__token=token)
        .select_related("file")
        .defer("file__content")
        .first()
    )
    if paper is not None:
        return download(paper.file, inline=True)
    signed = (
        reissue.opinions.filter(scan__token=token)
        .select_related("scan")
        .defer("scan__content")
        .first()
    )
    if signed is None or signed.scan is None:
        raise Http404
    return download(signed.scan, inline=True)


@require_safe
@page(Action.REISSUE_VIEW)
def form_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """附件2 in duplicate with what was signed so far (A2)."""
    reissue = reissue_or_404(request, pk)
    content = papers.form_of(account_of(request), reissue, address(request))
    return papers.answer(content, reissue.receipt_number)


@require_safe
@page(Action.REISSUE_VIEW)
def receipt_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """受理回执, for the counter."""
    reissue = reissue_or_404(request, pk)
    return papers.answer(
        papers.receipt_of(reissue, address(request)), f"{reissue.receipt_number}-receipt"
    )

"""The auditor's pages: the chain, one event, the proof. They change nothing of the business."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from zhicheng.audit.models import AuditEvent
from zhicheng.database.containing import containing
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import ACTION_LABELS, Action
from zhicheng.organizations.sessions import SESSION_LABELS
from zhicheng.oversight.background import ask_verify
from zhicheng.oversight.health import checks
from zhicheng.oversight.telling import SHOWN, kind_in_words, lines, things
from zhicheng.proofs.models import Subject
from zhicheng.proofs.queries import latest
from zhicheng.web.lists import ChoiceFilter, Column, DateFilter, ListPage
from zhicheng.web.pages import account_of
from zhicheng.web.saying import say

OBJECT = re.compile(r"[a-z]+\.[a-z]+:\d{1,18}")
LABELS: Mapping[str, str] = {
    **{action.value: label for action, label in ACTION_LABELS.items()},
    **SESSION_LABELS,
}


def label_of(event: AuditEvent) -> str:
    """What happened, in the office's words."""
    return say(LABELS.get(event.tag, event.tag))


def subject_of(event: AuditEvent) -> str:
    """The kind of its object in words, and its number."""
    return f"{kind_in_words(event.subject_type)} {event.subject_id or ''}".strip()


def _asked(request: HttpRequest) -> list[tuple[str, str]]:
    """The one object whose events an address asks for (``of=registers.register:12``)."""
    asked = request.GET.get("of", "")
    kind, _colon, number = asked.partition(":")
    known = OBJECT.fullmatch(asked)
    return [(asked, f"{kind_in_words(kind)} {number}")] if known else []


def _of(rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
    kind, _colon, number = asked.partition(":")
    return rows.filter(subject_type=kind, subject_id=int(number))


class EventList(ListPage):
    """Every event, newest first."""

    title = _("审计记录")
    purpose = _("谁、何时、依据什么做了什么；每一条都与前一条以密钥摘要相连，改动即可发现。")
    clause = "N18"
    action = Action.AUDIT_VIEW
    template_name = "oversight/list.html"
    default_sort: ClassVar = ("-sequence",)
    counted = 20_000
    export_name = "audit"
    search_fields: ClassVar = ("actor_name",)
    search_beginnings: ClassVar = ("actor_name",)
    quick_sorts: ClassVar = ("sequence", "-sequence", "occurred_at", "-occurred_at")
    search_hint = _("操作人")
    filters: ClassVar = (
        ChoiceFilter("tag", _("事项"), sorted(LABELS.items(), key=lambda item: item[1])),
        ChoiceFilter(
            "organization",
            _("机构"),
            lambda _request: [
                (str(key), name)
                for key, name in Organization.objects.order_by("name").values_list("pk", "name")
            ],
            apply=lambda rows, value: rows.filter(organization_id=int(value)),
        ),
        ChoiceFilter("of", _("对象"), lambda request: _asked(request), apply=_of),
        DateFilter("at", _("时间"), "occurred_at__date"),
    )
    columns: ClassVar = (
        Column(_("序号"), "sequence", "sequence", "number", link=lambda e: f"/audit/{e.sequence}/"),
        Column(_("时间"), "occurred_at", "occurred_at", "time"),
        Column(_("事项"), label_of),
        # Whoever has no account is recorded by a word of ours.
        Column(_("操作人"), lambda event: say(event.actor_name)),
        Column(_("对象"), lambda event: subject_of(event)),
        Column(_("涉及行"), lambda e: len(e.row_ids) or None, kind="number"),
    )

    def _beginning(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """All events of whoever has this in their name: within every filter, by an index.

        An account is found by any part of its names today, and by the beginning of what it was
        called then.
        """
        called = Account.objects.filter(
            Q(containing("username", text)) | Q(containing("display_name", text))
        )
        ids = list(called.values_list("pk", flat=True))
        return rows.filter(Q(actor_id__in=ids) | Q(actor_name__startswith=text))

    def get_queryset(self) -> QuerySet[Any]:
        """The whole chain: an auditor reads everything."""
        return AuditEvent.objects.defer("row_digests")


@login_required
@require_safe
def detail(request: HttpRequest, sequence: int) -> HttpResponse:
    """One event with its place in the chain."""
    require(request.user, Action.AUDIT_VIEW)
    event = get_object_or_404(AuditEvent, pk=sequence)
    reader = account_of(request)
    subject = [event.subject_id] if event.subject_id is not None else []
    organization = Organization.objects.filter(pk__in=[event.organization_id or 0]).first()
    return render(
        request,
        "oversight/detail.html",
        {
            "event": event,
            "label": label_of(event),
            "organization": organization,
            "kind": kind_in_words(event.subject_type),
            "subject": next(iter(things(event.subject_type, subject, reader)), None),
            "lines": list(lines(event.data)),
            "row_kind": kind_in_words(event.row_type),
            "rows": things(event.row_type, event.row_ids[:SHOWN], reader),
            "more_rows": len(event.row_ids) > SHOWN,
            "digest": bytes(event.digest).hex(),
            "previous": bytes(event.previous).hex(),
            "neighbours": AuditEvent.objects.filter(
                sequence__in=(sequence - 1, sequence + 1)
            ).values_list("sequence", flat=True),
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def verification(request: HttpRequest) -> HttpResponse:
    """What the last ``audit verify`` found; by POST it is asked for anew."""
    require(request.user, Action.AUDIT_VERIFY)
    if request.method == "POST":
        return redirect(ask_verify(account_of(request)))
    proofs = [(subject.label, latest(subject)) for subject in Subject]
    return render(
        request, "oversight/verify.html", {"last": latest(Subject.AUDIT), "proofs": proofs}
    )


@login_required
@require_safe
def system(request: HttpRequest) -> HttpResponse:
    """Whether the installation does by itself what it should."""
    require(request.user, Action.SYSTEM_VIEW)
    return render(request, "oversight/system.html", {"checks": checks()})

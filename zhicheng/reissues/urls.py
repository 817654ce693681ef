"""Addresses under /reissues/."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from zhicheng.reissues.views import (
    detail,
    draft,
    lists,
    making,
    progress,
    revocations,
    standing,
    starting,
    steps,
)
from zhicheng.reissues.views.doors import applicants, clerks

app_name = "reissues"

# The pages of an application behind both doors: the holder's and the clerk's.
_BOTH: tuple[tuple[str, Callable[..., Any], str], ...] = (
    ("", draft.draft, "draft"),
    ("details/", draft.details, "details"),
    ("corrections/", draft.correct, "correct"),
    ("corrections/remove/", draft.leave, "leave"),
    ("papers/", draft.upload, "upload"),
    ("papers/<int:evidence>/remove/", draft.remove, "remove"),
    ("papers/<uuid:token>/", draft.paper, "paper"),
    ("confirm/", draft.confirm, "confirm"),
    ("submit/", draft.submit, "submit"),
    ("progress/", progress.status, "status"),
    ("receipt.pdf", draft.receipt, "receipt"),
    ("form.pdf", draft.form, "form"),
    ("withdraw/", draft.withdraw, "withdraw"),
    ("found/", draft.found, "found"),
)
_HOLDER: list[URLPattern] = [
    path(
        f"apply/<str:number>/{tail}",
        applicants(view, progress=view is progress.status),
        name=f"my_{name}",
    )
    for tail, view, name in _BOTH
]
_CLERK: list[URLPattern] = [
    path(f"<int:pk>/apply/{tail}", clerks(view), name=name) for tail, view, name in _BOTH
]

# What is done with an application on its way; the key is the dialog's on its page.
_STEPS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("accept", steps.accept),
    ("accept-loss", steps.accept_loss),
    ("return", steps.send_back),
    ("refuse", steps.refuse),
    ("opine", steps.opine),
    ("record-opinion", steps.record_opinion),
    ("match", steps.decide_match),
    ("hand-in", steps.hand_in),
    ("dispose", steps.dispose),
    ("withdraw", steps.withdraw),
    ("found", steps.found),
    ("hand-out", making.hand_out),
    ("take-back", making.take_back),
    ("exchange", making.exchange),
    ("number", making.number),
    ("fill", making.fill),
    ("spoil", making.spoil),
    ("seal", making.seal),
    ("emboss", making.emboss),
    ("issue", making.issue),
)

urlpatterns = [
    path("", lists.Reissues.as_view(), name="applications"),
    path("ready/", lists.ready, name="ready"),
    path("void/", standing.void, name="void"),
    path("deadlines/", standing.deadlines, name="deadlines"),
    path("revoke/<int:pk>/", revocations.revoke, name="revoke"),
    path("revoke/<int:pk>/decision/", revocations.decision, name="revocation_file"),
    path("<int:pk>/", detail.detail, name="application"),
    path("<int:pk>/form.pdf", detail.form_pdf, name="form_pdf"),
    path("<int:pk>/receipt.pdf", detail.receipt_pdf, name="receipt_pdf"),
    path("<int:pk>/files/<uuid:token>/", detail.evidence, name="evidence"),
    *(path(f"<int:pk>/{key}/", view, name=f"do_{key}") for key, view in _STEPS),
    path("apply/", starting.apply, name="apply"),
    path("form.pdf", starting.blank_form, name="blank_form"),
    path("progress/", progress.progress, name="progress"),
    path(
        "apply/<str:number>/leave/",
        applicants(draft.leave_page, progress=True),
        name="my_leave_page",
    ),
    path(
        "apply/<str:number>/telephone/",
        applicants(progress.telephone, progress=True),
        name="my_telephone",
    ),
    *_HOLDER,
    path("new/", starting.apply_for, name="new"),
    *_CLERK,
]

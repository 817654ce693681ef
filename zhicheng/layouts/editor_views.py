"""The editor of a layout: its page, and what its script asks for (N8)."""

import base64
import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from zhicheng.documents import layout_preview
from zhicheng.documents.certificate_sheet import LABELS
from zhicheng.documents.layout import export_layout, layout_of
from zhicheng.layouts import actions, queries, rules
from zhicheng.layouts.editor_words import words
from zhicheng.layouts.forms import BackgroundForm, ImportForm, RevisionForm
from zhicheng.layouts.models import LayoutState, LayoutVersion
from zhicheng.organizations.guard import may, require
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.web.pages import account_of, page

# The words for ``layout_preview.SAMPLES``, which speaks Chinese alone.
SAMPLES = {
    "plain": gettext_lazy("常见姓名"),
    "long": gettext_lazy("少数民族长姓名、长单位"),
    "rare": gettext_lazy("生僻字姓名"),
    "longest": gettext_lazy("最长的内容"),
}
LONGEST = 100_000  # bytes of a layout
View = Callable[..., HttpResponse]


def answers_json(view: View) -> View:
    """The view's refusals as JSON, so that the editor keeps the work and says why."""

    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            told = {
                name: getattr(refusal, name)
                for name in ("rule", "message", "clause", "found", "expected", "mend")
            }
            return JsonResponse({"refusal": told}, status=refusal.status)

    return answering


@require_safe
@page(Action.LAYOUT_VIEW)
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: to be edited while it is a draft, to be looked at for ever."""
    account = account_of(request)
    require(account, Action.LAYOUT_VIEW)
    found = LayoutVersion.objects.select_related("changed_by", "drafted_by", "put_in_use_by")
    shown = get_object_or_404(found, pk=pk)
    draft = shown.state == LayoutState.DRAFT
    editable = draft and may(account, Action.LAYOUT_DRAFT)
    initial = {"revision": shown.revision}
    layout = shown.layout
    warnings = [f"{rules.name_of(a)} / {rules.name_of(b)}" for a, b in rules.overlaps(layout)]
    others = list(queries.versions().filter(grade=shown.grade).exclude(pk=pk)[:20])
    context = {
        "version": shown,
        "editable": editable,
        "may_use": draft and may(account, Action.LAYOUT_PUT_IN_USE),
        "own_hand": account.pk in shown.editors,
        "overlaps": warnings,
        "use_form": RevisionForm(initial=initial, auto_id="use_%s"),
        "discard_form": RevisionForm(initial=initial, auto_id="discard_%s"),
        "import_form": ImportForm(initial=initial, auto_id="import_%s"),
        "background_form": BackgroundForm(initial=initial, auto_id="background_%s"),
        "remove_form": RevisionForm(initial=initial, auto_id="remove_%s"),
        "others": others,
        "before": next((item for item in others if item.state in ("in_use", "succeeded")), None),
        "samples": SAMPLES.items(),
        "editor": {
            "layout": shown.content,
            "revision": shown.revision,
            "editable": editable,
            "note": shown.note,
            "code": shown.code,
            "labels": {
                **{name: _(label) for name, label in LABELS.items()},
                "qr": _("二维码"),
                "photo": _("照片"),
            },
            "background": reverse("layouts:background", args=[pk]) if shown.background_id else "",
            "save": reverse("layouts:save", args=[pk]),
            "preview": reverse("layouts:preview", args=[pk]),
            "toml": reverse("layouts:as_toml", args=[pk]),
            "words": words(),
        },
    }
    return render(request, "layouts/version.html", context)


@require_POST
@page(Action.LAYOUT_DRAFT)
@answers_json
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Saves a draft as it was seen; 409 tells who was faster."""
    sent = _sent(request)
    version = actions.save_draft(
        actor=account_of(request),
        version_id=pk,
        revision=_revision(sent),
        content=_content(sent),
        note=str(sent.get("note", "")),
    )
    return JsonResponse(
        {
            "revision": version.revision,
            "saved_at": timezone.localtime(version.changed_at).strftime("%H:%M:%S"),
            "layout": version.content,
        }
    )


@require_POST
@page(Action.LAYOUT_VIEW)
@answers_json
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The layout as it would print now, saved or not, and what doesn't fit."""
    require(account_of(request), Action.LAYOUT_VIEW)
    version = get_object_or_404(LayoutVersion, pk=pk)
    sent = _sent(request)
    layout = layout_of(_content(sent), version.grade)
    kind = str(sent.get("sample", "plain"))
    certificate = layout_preview.sample(version.grade, kind if kind in SAMPLES else "plain")
    made = layout_preview.preview(layout, certificate, blank=version.background_id is None)
    problems = [vars(problem) for problem in made.problems]
    problems += [
        {
            "place": one,
            "severity": "error",
            "message": _("与%(other)s重叠。") % {"other": rules.name_of(other)},
        }
        for pair in rules.overlaps(layout)
        for one, other in (pair, pair[::-1])
    ]
    problems += [
        {
            "place": place,
            "severity": "warning",
            "message": _("离边缘不足 %(mm)g 毫米，多数激光打印机印不到。")
            % {"mm": rules.UNPRINTABLE},
        }
        for place in rules.near_the_edge(layout)
    ]
    problems += [
        {"place": place, "severity": "error", "message": _("框比字小，文字会印出框外。")}
        for place in rules.too_small(layout)
    ]
    picture = base64.b64encode(made.png).decode("ascii")
    return JsonResponse({"picture": f"data:image/png;base64,{picture}", "problems": problems})


@require_POST
@page(Action.LAYOUT_VIEW)
@answers_json
def as_toml(request: HttpRequest, pk: int) -> HttpResponse:
    """What the editor holds as a file: a way out when somebody else saved first."""
    require(account_of(request), Action.LAYOUT_VIEW)
    version = get_object_or_404(LayoutVersion, pk=pk)
    text = export_layout(layout_of(_content(_sent(request)), version.grade))
    return HttpResponse(text, content_type="application/toml")


def _sent(request: HttpRequest) -> Mapping[str, Any]:
    try:
        if len(request.body) > LONGEST:
            raise ValueError("too long")
        sent = json.loads(request.body)
        if not isinstance(sent, dict):
            raise TypeError("not an object")
    except (ValueError, TypeError, RecursionError) as error:
        raise Refusal("layout.malformed", _("没有收到可以识别的版式，没有保存。")) from error
    return sent


def _revision(sent: Mapping[str, Any]) -> int:
    revision = sent.get("revision")
    if not isinstance(revision, int):
        raise Refusal("layout.malformed", _("没有收到可以识别的版式，没有保存。"))
    return revision


def _content(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    content = sent.get("layout")
    if not isinstance(content, dict):
        raise Refusal("layout.malformed", _("没有收到可以识别的版式，没有保存。"))
    return content

"""套打版式: the list, and the steps of a version that are forms (N8, N18)."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhicheng.documents import certificate_sheet, layout_preview
from zhicheng.documents.layout import export_layout
from zhicheng.files import rules as file_rules
from zhicheng.files import store
from zhicheng.layouts import actions, queries, rules
from zhicheng.layouts.forms import BackgroundForm, DraftForm, ImportForm, RevisionForm
from zhicheng.layouts.models import LayoutState, LayoutVersion
from zhicheng.organizations.guard import may, require
from zhicheng.organizations.permissions import Action
from zhicheng.reference.models import Grade
from zhicheng.web.forms import cleaned
from zhicheng.web.lists import ChoiceFilter, Column, ListPage
from zhicheng.web.pages import account_of, page


def _who(name: str) -> Any:
    def told(row: LayoutVersion) -> str:
        account = getattr(row, name)
        return account.display_name if account else ""

    return told


class Versions(ListPage):
    """Every version of every layout, and above it what each edition is printed with."""

    title = gettext_lazy("套打版式")
    purpose = gettext_lazy(
        "各等级、各印制年度的空白证书上，每一栏印在哪里。启用后不能更改，只能由新版本接替。"
    )
    clause = "N8"
    template_name = "layouts/list.html"
    action = Action.LAYOUT_VIEW
    default_sort = ("-year", "grade", "-number")
    columns = (
        Column(gettext_lazy("版式"), str, kind="code", link=lambda row: row.get_absolute_url()),
        Column(gettext_lazy("等级"), "get_grade_display", sort="grade"),
        Column(gettext_lazy("印制年度"), "year", sort="year"),
        Column(
            gettext_lazy("状态"), "state", sort="state", kind="badge", label="get_state_display"
        ),
        Column(gettext_lazy("说明"), "note"),
        Column(gettext_lazy("最后修改人"), _who("changed_by")),
        Column(gettext_lazy("修改时间"), "changed_at", sort="changed_at", kind="time"),
        Column(gettext_lazy("启用人"), _who("put_in_use_by")),
        Column(gettext_lazy("启用时间"), "put_in_use_at", sort="put_in_use_at", kind="time"),
        Column(gettext_lazy("已印证书"), "prints", sort="prints", kind="number"),
    )
    filters = (
        ChoiceFilter("grade", gettext_lazy("等级"), Grade.choices),
        ChoiceFilter("state", gettext_lazy("状态"), LayoutState.choices),
    )
    empty_title = gettext_lazy("还没有自己的版式")
    empty_text = gettext_lazy("现在按产品自带的版式打印；量好空白证书后，起草一个新版本。")
    export_name = "layouts"

    def get_queryset(self) -> QuerySet[LayoutVersion]:
        """All of them, with how much was printed with each."""
        require(self.account, Action.LAYOUT_VIEW)
        return queries.with_prints(queries.versions())

    def extra_context(self) -> dict[str, Any]:
        """What each edition is printed with, and the button."""
        return {
            "coverage": queries.coverage(timezone.localdate().year),
            "may_draft": may(self.account, Action.LAYOUT_DRAFT),
        }


@require_http_methods(["GET", "POST"])
@page(Action.LAYOUT_DRAFT)
def new(request: HttpRequest) -> HttpResponse:
    """起草: an empty draft, or one from a file."""
    initial = {name: request.GET[name] for name in ("grade", "year") if name in request.GET}
    form = DraftForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        name, text = values["file"]
        version = actions.start_draft(
            actor=account_of(request),
            grade=values["grade"],
            year=values["year"],
            text=text,
            source=name,
            note=values["note"],
        )
        messages.success(
            request,
            _("已起草%(layout)s。调整好位置并保存后，由另一名负责人启用。") % {"layout": version},
        )
        return redirect(version)
    status = 422 if request.method == "POST" else 200
    return render(request, "layouts/new.html", {"form": form}, status=status)


@require_POST
@page(Action.LAYOUT_DRAFT)
def import_(request: HttpRequest, pk: int) -> HttpResponse:
    """Another content for a draft, from a file."""
    values = cleaned(ImportForm(request.POST, request.FILES))
    name, text = values["file"]
    version = actions.save_draft(
        actor=account_of(request),
        version_id=pk,
        revision=values["revision"],
        text=text,
        source=name,
    )
    messages.success(request, _("已导入 %(file)s。") % {"file": name})
    return redirect(version)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.LAYOUT_VIEW)
def background(request: HttpRequest, pk: int) -> HttpResponse:
    """The scan beneath a layout, and a new one for a draft."""
    if request.method == "POST":
        require(account_of(request), Action.LAYOUT_DRAFT)
        values = cleaned(BackgroundForm(request.POST, request.FILES))
        picture = store.prepare(
            values["file"].read(file_rules.LARGEST + 1),
            values["file"].name,
            (file_rules.JPEG, file_rules.PNG),
        )
        version = actions.set_background(
            actor=account_of(request), version_id=pk, revision=values["revision"], picture=picture
        )
        messages.success(request, _("已换底图。"))
        return redirect(version)
    require(account_of(request), Action.LAYOUT_VIEW)
    found = LayoutVersion.objects.filter(background__isnull=False).select_related("background")
    kept = get_object_or_404(found, pk=pk).background
    assert kept is not None
    return store.download(kept, inline=True)


@require_POST
@page(Action.LAYOUT_DRAFT)
def remove_background(request: HttpRequest, pk: int) -> HttpResponse:
    """The made-up blank beneath again."""
    values = cleaned(RevisionForm(request.POST))
    version = actions.set_background(
        actor=account_of(request), version_id=pk, revision=values["revision"], picture=None
    )
    messages.success(request, _("已去掉底图。"))
    return redirect(version)


@require_POST
@page(Action.LAYOUT_PUT_IN_USE)
def put_in_use(request: HttpRequest, pk: int) -> HttpResponse:
    """启用, by a second officer."""
    values = cleaned(RevisionForm(request.POST))
    version = actions.put_in_use(
        actor=account_of(request), version_id=pk, revision=values["revision"]
    )
    messages.success(
        request,
        _("%(layout)s 已启用，此后这些空白证书按它打印。它不能再更改。") % {"layout": version},
    )
    return redirect(version)


@require_POST
@page(Action.LAYOUT_DISCARD)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """放弃 a draft."""
    values = cleaned(RevisionForm(request.POST))
    version = actions.discard_draft(
        actor=account_of(request), version_id=pk, revision=values["revision"]
    )
    messages.success(request, _("已放弃%(layout)s。") % {"layout": version})
    return redirect("layouts:list")


@require_safe
@page(Action.LAYOUT_VIEW)
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The version as a file that can be imported again."""
    require(account_of(request), Action.LAYOUT_VIEW)
    version = get_object_or_404(LayoutVersion, pk=pk)
    answer = HttpResponse(export_layout(version.layout), content_type="application/toml")
    answer["Content-Disposition"] = f'attachment; filename="{version.code}.toml"'
    return answer


@require_safe
@page(Action.LAYOUT_VIEW)
def sample(request: HttpRequest, pk: int) -> HttpResponse:
    """Made-up certificates as PDF, as far as they fit: to be held against the blank."""
    require(account_of(request), Action.LAYOUT_VIEW)
    version = get_object_or_404(LayoutVersion, pk=pk)
    pages = [
        replace(certificate, blank_serial=number)
        for number, certificate in enumerate(
            layout_preview.samples_that_fit(version.layout), start=1
        )
    ]
    pdf = certificate_sheet.render(pages, version.layout, created=timezone.localdate())
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{version.code}-sample.pdf"'
    return answer


@require_safe
@page(Action.LAYOUT_VIEW)
def compare(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """What moved from one version to another, in mm."""
    require(account_of(request), Action.LAYOUT_VIEW)
    before = get_object_or_404(LayoutVersion, pk=other)
    after = get_object_or_404(LayoutVersion, pk=pk)
    one, two = before.layout, after.layout
    context = {
        "before": before,
        "after": after,
        "changes": rules.compare(one, two),
        "boxes_before": rules.boxes(one).items(),
        "boxes_after": rules.boxes(two).items(),
        "width": max(one.width, two.width),
        "height": max(one.height, two.height),
        "others": queries.versions().filter(grade=after.grade).exclude(pk=after.pk),
    }
    return render(request, "layouts/compare.html", context)

"""The tour again, and the handbook as pages and as one PDF."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhicheng.guidance import handbook, tour
from zhicheng.guidance.printed import handbook_pdf
from zhicheng.web.pages import account_of


@login_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The tour, whether it was put away or not, and the way to the handbook."""
    account = account_of(request)
    _tour, steps = tour.tour_of(account)
    mine = [item for item in handbook.chapters() if account.role in item.roles]
    context = tour.shown(steps) | {"on_page": True, "chapters": mine}
    return render(request, "guidance/start.html", context)


@login_required
@require_POST
def dismiss_tour(request: HttpRequest) -> HttpResponse:
    """Puts it away and goes back to the first page."""
    account = account_of(request)
    tour.tour_of(account)
    tour.dismiss(account)
    messages.info(request, _("引导已收起；要再看，点左侧的“使用指引”。"))
    return HttpResponseRedirect(reverse("web:tasks"))


@login_required
@require_POST
def restart_tour(request: HttpRequest) -> HttpResponse:
    """Begins it again on the first page."""
    tour.restart(account_of(request))
    return HttpResponseRedirect(reverse("web:tasks"))


@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    """The list of chapters; open to everybody, as holders and employers have theirs."""
    return render(request, "guidance/contents.html", {"chapters": handbook.chapters()})


@require_safe
def chapter(request: HttpRequest, name: str) -> HttpResponse:
    """One chapter with the way to the next."""
    every = handbook.chapters()
    place = next((number for number, item in enumerate(every) if item.name == name), None)
    if place is None:
        raise Http404
    return render(
        request,
        "guidance/chapter.html",
        {
            "chapter": every[place],
            "html": handbook.as_html(every[place]),
            "before": every[place - 1] if place else None,
            "after": every[place + 1] if place + 1 < len(every) else None,
        },
    )


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture that a chapter shows."""
    path = handbook.picture_path(name)
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/webp")


@require_safe
def as_pdf(request: HttpRequest) -> HttpResponse:
    """All chapters as one PDF with contents and page numbers."""
    answer = HttpResponse(handbook_pdf(), content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="zhicheng-handbook.pdf"'
    return answer

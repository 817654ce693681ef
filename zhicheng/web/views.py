"""The pages that belong to no folder: tasks, the notice, language, health, errors."""

from django.contrib.auth.decorators import login_required
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhicheng.organizations.models import Account
from zhicheng.web.clauses import CLAUSES
from zhicheng.web.notice import notice
from zhicheng.web.queues import confirmed, opened, page_of, recalled
from zhicheng.web.tasks import TaskGroup, next_steps_of, tasks_of


@login_required
def tasks(request: HttpRequest) -> HttpResponse:
    """The first page after login: what waits for me, what for others, what to begin with."""
    assert isinstance(request.user, Account)
    groups = tasks_of(request.user)
    mine = [group for group in groups if not group.others]
    return render(
        request,
        "web/tasks.html",
        {
            "groups": mine,
            "followed": [group for group in groups if group.others],
            "tiles": _tiles(mine),
            "steps": next_steps_of(request.user),
        },
    )


def _tiles(mine: list[TaskGroup]) -> list[tuple[int, str, bool]]:
    overdue = sum(1 for group in mine if group.overdue)
    return [
        (sum(group.count for group in mine), _("等您办理"), False),
        (overdue, _("类已逾期"), overdue > 0),
        (sum(1 for group in mine if group.soon), _("类即将到期"), False),
        (max((group.days for group in mine), default=0), _("天，等候最久"), False),
    ]


@login_required
def queue(request: HttpRequest, key: str) -> HttpResponseBase:
    """Everything of one kind that waits, by unit and age, to be done several at once."""
    return page_of(key).as_view()(request)


@login_required
@require_POST
def queue_confirm(request: HttpRequest, key: str) -> HttpResponse:
    """Names what was ticked and asks; then does each, and tells what became of it."""
    page = opened(request, key)
    return confirmed(page, page.operation(request.POST.get("operation", "")), request)


@login_required
@require_safe
def queue_outcome(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """What became of each; what the worker still does is followed."""
    page = opened(request, key)
    operation, outcomes = recalled(request, page, token)
    states = [item.state for item in outcomes]
    return render(
        request,
        "web/queue_outcome.html",
        {
            "list": page,
            "operation": operation,
            "outcomes": outcomes,
            "done": states.count("done"),
            "running": states.count("running"),
            "refused": states.count("refused"),
        },
    )


def notice_page(request: HttpRequest) -> HttpResponse:
    """The notice itself, clause by clause, and whole."""
    return render(request, "web/notice.html", {"clauses": CLAUSES, "notice": notice()})


def healthz(request: HttpRequest) -> JsonResponse:
    """For the load balancer: 200 while the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})


def robots(request: HttpRequest) -> HttpResponse:
    """No search engine may index anything here."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")

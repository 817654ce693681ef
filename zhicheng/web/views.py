"""The pages that belong to no folder: tasks, the notice, language, health, errors."""

from django.contrib.auth.decorators import login_required
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from zhicheng.organizations.models import Account
from zhicheng.web.clauses import CLAUSES
from zhicheng.web.notice import notice
from zhicheng.web.tasks import tasks_of


@login_required
def tasks(request: HttpRequest) -> HttpResponse:
    """The first page after login: what waits for me."""
    assert isinstance(request.user, Account)
    return render(request, "web/tasks.html", {"groups": tasks_of(request.user)})


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

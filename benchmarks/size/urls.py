"""The product's addresses, and a page that does nothing through the same middleware."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def empty(request: HttpRequest) -> HttpResponse:
    """As little as a view can do."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [path("bench/empty/", empty), path("", include("zhicheng.urls"))]

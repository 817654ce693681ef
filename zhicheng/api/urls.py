"""Addresses of the interface, of its description and of its pages."""

from django.urls import include, path

from zhicheng.api import views
from zhicheng.api.interface import api

pages = (
    [
        path("v1/", views.documentation, name="documentation"),
        path("v1/openapi.json", views.openapi, name="openapi"),
    ],
    "api_pages",
)
urlpatterns = [path("", include(pages)), path("v1/", api.urls)]

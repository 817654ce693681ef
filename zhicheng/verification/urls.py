"""Addresses of the public query."""

from django.urls import path

from zhicheng.verification import views

app_name = "verification"
urlpatterns = [
    path("", views.ask, name="ask"),
    path("v/<path:number>", views.certificate, name="certificate"),
    path("source-conflicts/", views.conflicts, name="conflicts"),
]

"""Addresses of the auditor's pages."""

from django.urls import path

from zhicheng.oversight import views

app_name = "audit"
urlpatterns = [
    path("", views.EventList.as_view(), name="list"),
    path("<int:sequence>/", views.detail, name="detail"),
    path("system/", views.system, name="system"),
    path("verify/", views.verification, name="verify"),
]

"""Addresses of the pages that belong to no folder."""

from django.contrib.auth.views import LogoutView, PasswordChangeView
from django.urls import path, reverse_lazy
from django.views.i18n import set_language

from zhicheng.web import accounts, views

app_name = "web"
urlpatterns = [
    path("tasks/", views.tasks, name="tasks"),
    path("notice/", views.notice, name="notice"),
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("language/", set_language, name="language"),
    path("login/", accounts.LoginPage.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path(
        "password/",
        PasswordChangeView.as_view(
            template_name="web/password.html", success_url=reverse_lazy("web:tasks")
        ),
        name="password",
    ),
]

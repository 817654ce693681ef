"""Addresses of the pages that belong to no folder."""

from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.i18n import set_language

from zhicheng.web import (
    accounts,
    login_code,
    logins,
    rare_fonts,
    second_factor,
    styleguide,
    views,
)

app_name = "web"
urlpatterns = [
    path("tasks/", views.tasks, name="tasks"),
    path("tasks/queue/<str:key>/", views.queue, name="queue"),
    path("tasks/queue/<str:key>/confirm/", views.queue_confirm, name="queue_confirm"),
    path("tasks/queue/<str:key>/outcome/<str:token>/", views.queue_outcome, name="queue_outcome"),
    path("notice/", views.notice_page, name="notice"),
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("fonts/rare.css", rare_fonts.style, name="rare_fonts"),
    path("fonts/<str:version>/<str:name>.woff", rare_fonts.piece, name="rare_font"),
    path("language/", set_language, name="language"),
    path("login/", accounts.LoginPage.as_view(), name="login"),
    path("login/code/", login_code.code_page, name="login_code"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", accounts.PasswordPage.as_view(), name="password"),
    path("second-factor/", second_factor.second_factor, name="second_factor"),
    path("second-factor/begin/", second_factor.begin, name="begin_second_factor"),
    path("second-factor/replace/", second_factor.replace, name="replace_second_factor"),
    path("second-factor/codes/", second_factor.renew_codes, name="renew_recovery_codes"),
    path("second-factor/off/", second_factor.turn_off, name="turn_off_second_factor"),
    path("sessions/", logins.own_logins, name="logins"),
    path("sessions/end/", logins.end_others, name="end_other_logins"),
    path("sessions/<uuid:login>/end/", logins.end_login, name="end_login"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]

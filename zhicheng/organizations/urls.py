"""Addresses of organisations and accounts."""

from django.urls import path

from zhicheng.organizations import account_views, views

app_name = "organizations"
urlpatterns = [
    path("", views.OrganizationList.as_view(), name="list"),
    path("new/", views.edit, name="new"),
    path("permissions/", views.permissions, name="permissions"),
    path("accounts/", views.AccountList.as_view(), name="accounts"),
    path("accounts/new/", views.new_account, name="new_account"),
    path("accounts/<int:pk>/", views.edit_account, name="account"),
    path("accounts/<int:pk>/unlock/", views.unlock_account, name="unlock_account"),
    path("accounts/<int:pk>/password/", views.reset_password, name="reset_password"),
    path(
        "accounts/<int:pk>/second-factor/",
        account_views.take_second_factor,
        name="take_second_factor",
    ),
    path("accounts/<int:pk>/sessions/end/", account_views.end_logins, name="end_logins"),
    path("accounts/<int:pk>/sessions/<uuid:login>/end/", account_views.end_login, name="end_login"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/close/", views.close, name="close"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
]

"""Addresses of organisations and accounts."""

from django.urls import path

from zhicheng.organizations import views

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
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/close/", views.close, name="close"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
]

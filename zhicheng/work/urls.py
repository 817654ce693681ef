"""Addresses of the work pages."""

from django.urls import path

from zhicheng.work import views

app_name = "work"
urlpatterns = [
    path("", views.WorkList.as_view(), name="list"),
    path("<uuid:token>/", views.detail, name="detail"),
    path("<uuid:token>/file/", views.product, name="product"),
]

"""Addresses under /search/."""

from django.urls import path

from zhicheng.search import views

app_name = "search"
urlpatterns = [path("", views.search, name="search")]

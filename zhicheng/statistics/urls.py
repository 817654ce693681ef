"""Addresses of the statistics."""

from django.urls import path

from zhicheng.statistics import (
    compare_views,
    people_views,
    process_views,
    report_views,
    views,
    views_saved,
)

app_name = "statistics"
urlpatterns = [
    path("", views.home, name="home"),
    path("overview/", views.overview, name="overview"),
    path("table/", views.table, name="table"),
    path("compare/", compare_views.compare, name="compare"),
    path("process/", process_views.process, name="process"),
    path("people/", people_views.people, name="people"),
    path("definitions/", views.definitions, name="definitions"),
    path("report/", report_views.report, name="report"),
    path("views/", views_saved.save, name="save_view"),
    path("views/<int:pk>/remove/", views_saved.remove, name="remove_view"),
]

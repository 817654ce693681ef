"""Addresses below /selfissued/."""

from django.urls import path

from zhicheng.selfissued import certificate_views, views

app_name = "selfissued"
urlpatterns = [
    path("", views.ReportList.as_view(), name="list"),
    path("new/", views.new, name="new"),
    path("template.xlsx", views.template, name="template"),
    path("reports/<int:pk>/", views.report, name="report"),
    path("reports/<int:pk>/source/", views.source, name="source"),
    path("reports/<int:pk>/accept/", views.accept, name="accept"),
    path("reports/<int:pk>/return/", views.send_back, name="return"),
    path("reports/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("certificates/", certificate_views.CertificateList.as_view(), name="certificates"),
    path("certificates/<int:pk>/", certificate_views.detail, name="certificate"),
    path("certificates/<int:pk>/end/", certificate_views.end, name="end"),
    path("certificates/<int:pk>/correct/", certificate_views.correct, name="correct"),
]

"""Addresses of the public query."""

from django.urls import path

from zhicheng.verification import (
    electronic,
    log_evidence,
    scanning,
    views,
    views_alarms,
    views_holder,
    views_reports,
)
from zhicheng.verification.batch import views as batch

app_name = "verification"
urlpatterns = [
    path("", views.ask, name="ask"),
    path("v/", scanning.page, name="verify"),
    path("v/status", scanning.status, name="status"),
    path("v/worker.js", scanning.worker, name="worker"),
    path("v/manifest.webmanifest", scanning.manifest, name="manifest"),
    path("e/", electronic.fetch, name="fetch"),
    path("e/file", electronic.file, name="fetch_file"),
    path("e/verify/", electronic.verify_pdf, name="verify_pdf"),
    path("v/<path:number>", views.certificate, name="certificate"),
    path("report/", views_reports.report, name="report"),
    path("r/<str:code>", views_reports.by_code, name="report_by_code"),
    path("holder/", views_holder.holder, name="holder"),
    path("holder/certificate/", views_holder.mine, name="mine"),
    path("holder/reports/", views_holder.make_report, name="make_report"),
    path("holder/reports/<int:key>.pdf", views_holder.report_file, name="report_file"),
    path("holder/reports/<int:key>/renew", views_holder.renew_report, name="renew_report"),
    path("holder/reports/<int:key>/revoke", views_holder.revoke_report, name="revoke_report"),
    path("holder/lookups/", views_holder.who_looked, name="who_looked"),
    path("holder/leave/", views_holder.leave, name="leave"),
    path("log/evidence/", log_evidence.evidence, name="log_evidence"),
    path("batch/", batch.BatchList.as_view(), name="batch"),
    path("batch/new/", batch.new, name="batch_new"),
    path("batch/template.xlsx", batch.template_file, name="batch_template"),
    path("query-alarms/", views_alarms.Alarms.as_view(), name="alarms"),
    path("query-alarms/<int:pk>/", views_alarms.alarm, name="alarm"),
    path("query-alarms/<int:pk>/acknowledge/", views_alarms.acknowledge, name="acknowledge_alarm"),
]

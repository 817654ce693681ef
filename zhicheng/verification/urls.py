"""Addresses of the public query."""

from django.urls import path

from zhicheng.verification import electronic, log_evidence, scanning, views

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
    path("log/evidence/", log_evidence.evidence, name="log_evidence"),
]

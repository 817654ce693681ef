"""Addresses below /approvals/."""

from django.urls import path

from zhicheng.approvals import record_views, views

app_name = "approvals"
urlpatterns = [
    path("", views.DocumentList.as_view(), name="list"),
    path("import/", views.import_documents, name="import"),
    path("import/template.xlsx", views.list_file, name="list_template"),
    path("records/", record_views.RecordList.as_view(), name="records"),
    path("records/new/", record_views.new_record, name="new_record"),
    path("records/<int:pk>/", record_views.record, name="record"),
    path("records/<int:pk>/end/", record_views.end_record, name="end_record"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/people/", views.people, name="people"),
    path("<int:pk>/scan/", views.scan, name="scan"),
    path("<int:pk>/scan/new/", views.attach_scan, name="attach_scan"),
]

"""Addresses below /approvals/."""

from django.urls import path

from zhicheng.approvals import views

app_name = "approvals"
urlpatterns = [
    path("", views.DocumentList.as_view(), name="list"),
    path("import/", views.import_documents, name="import"),
    path("import/template.xlsx", views.list_file, name="list_template"),
    path("self-reviews/", views.RecordList.as_view(), name="records"),
    path("self-reviews/new/", views.new_record, name="new_record"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/people/", views.people, name="people"),
    path("<int:pk>/scan/", views.scan, name="scan"),
    path("<int:pk>/scan/new/", views.attach_scan, name="attach_scan"),
]

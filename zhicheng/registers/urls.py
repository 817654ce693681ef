"""Addresses below /registers/."""

from django.urls import path

from zhicheng.registers import (
    file_views,
    grid_views,
    paper_views,
    step_views,
    version_views,
    views,
)

app_name = "registers"
urlpatterns = [
    path("", views.RegisterList.as_view(), name="list"),
    path("new/", views.upload, name="new"),
    path("template/", file_views.template, name="template"),
    path("paper/", paper_views.paper_check, name="paper_check"),
    path("paper/scan/", paper_views.paper_photo, name="paper_photo"),
    path("scans/<int:scan_id>/", paper_views.scan, name="scan"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/findings/", views.findings, name="findings"),
    path("<int:pk>/missing/", views.missing, name="missing"),
    path("<int:pk>/missing/add/", grid_views.add_missing, name="add_missing"),
    path("<int:pk>/paper/", paper_views.paper, name="paper"),
    path("<int:pk>/paper/print/", paper_views.print_form, name="print"),
    path("<int:pk>/paper/scans/", paper_views.attach, name="attach_scans"),
    path("<int:pk>/history/", views.history, name="history"),
    path("<int:pk>/versions/", version_views.listed, name="versions"),
    path("<int:pk>/versions/<int:version>/", version_views.shown, name="version"),
    path("<int:pk>/versions/<int:version>/changes/", version_views.changes, name="changes"),
    path("<int:pk>/versions/<int:version>/settle/", version_views.settle, name="settle"),
    path("<int:pk>/compare/", version_views.compared, name="compare"),
    path("<int:pk>/compare/export/", version_views.export, name="export_comparison"),
    path("<int:pk>/replace/", views.replace, name="replace"),
    path("<int:pk>/source/", file_views.source, name="source"),
    path("<int:pk>/marked/", file_views.marked, name="marked"),
    path("<int:pk>/export/", file_views.export, name="export"),
    path("<int:pk>/grid/", grid_views.data, name="grid"),
    path("<int:pk>/grid/changes/", grid_views.changes, name="grid_changes"),
    path("<int:pk>/grid/save/", grid_views.save, name="grid_save"),
    path("<int:pk>/grid/remove/", grid_views.remove, name="grid_remove"),
    path("<int:pk>/grid/find/", grid_views.find, name="grid_find"),
    path("<int:pk>/grid/parts/", grid_views.parts, name="grid_parts"),
    path("<int:pk>/rows/<int:row_id>/id-number/", grid_views.reveal, name="reveal"),
    path("<int:pk>/submit/", step_views.submit, name="submit"),
    path("<int:pk>/withdraw/", step_views.withdraw, name="withdraw"),
    path("<int:pk>/endorse/", step_views.endorse, name="endorse"),
    path("<int:pk>/accept/", step_views.accept, name="accept"),
    path("<int:pk>/return/", step_views.return_register, name="return"),
]

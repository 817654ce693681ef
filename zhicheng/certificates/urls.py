"""Addresses under /certificates/."""

from django.urls import path

from zhicheng.certificates.views import detail, lists, printing, station

app_name = "certificates"
urlpatterns = [
    path("", lists.Certificates.as_view(), name="list"),
    path("registers/", lists.Stations.as_view(), name="stations"),
    path("registers/<int:pk>/", station.Station.as_view(), name="station"),
    path("registers/<int:pk>/fill/", station.fill, name="fill"),
    path("registers/<int:pk>/print/", station.start_printing, name="print_start"),
    path("registers/<int:pk>/otherwise/", station.filled_otherwise, name="filled_otherwise"),
    path("registers/<int:pk>/spoil/", station.spoil, name="spoil"),
    path("registers/<int:pk>/seal/", station.seal, name="seal"),
    path("registers/<int:pk>/emboss/", station.emboss, name="emboss"),
    path("registers/<int:pk>/issue/", station.issue, name="issue"),
    path("registers/<int:pk>/scan/", station.scan, name="scan"),
    path("embossing/", lists.embossing, name="embossing"),
    path("printing/", printing.PrintJobs.as_view(), name="print_jobs"),
    path("printing/policy/", printing.set_policy, name="print_policy"),
    path("printing/<int:pk>/", printing.detail, name="print_job"),
    path("printing/<int:pk>/load/", printing.load, name="print_load"),
    path("printing/<int:pk>/recut/", printing.recut, name="print_recut"),
    path("printing/<int:pk>/confirm/", printing.confirm, name="print_confirm"),
    path("printing/<int:pk>/prepare/", printing.prepare, name="print_prepare"),
    path("printing/<int:pk>/cancel/", printing.cancel, name="print_cancel"),
    path("printing/<int:pk>/<int:number>.pdf", printing.sheets, name="print_sheets"),
    path("<int:pk>/", detail.detail, name="detail"),
    path("<int:pk>/print/", printing.start_one, name="print_one"),
    path("<int:pk>/reveal/", detail.reveal, name="reveal"),
]

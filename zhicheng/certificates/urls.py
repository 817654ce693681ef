"""Addresses under /certificates/."""

from django.urls import path

from zhicheng.certificates.views import detail, lists, station

app_name = "certificates"
urlpatterns = [
    path("", lists.Certificates.as_view(), name="list"),
    path("registers/", lists.Stations.as_view(), name="stations"),
    path("registers/<int:pk>/", station.Station.as_view(), name="station"),
    path("registers/<int:pk>/fill/", station.fill, name="fill"),
    path("registers/<int:pk>/sheets.pdf", station.sheets, name="sheets"),
    path("registers/<int:pk>/spoil/", station.spoil, name="spoil"),
    path("registers/<int:pk>/seal/", station.seal, name="seal"),
    path("registers/<int:pk>/emboss/", station.emboss, name="emboss"),
    path("registers/<int:pk>/issue/", station.issue, name="issue"),
    path("registers/<int:pk>/scan/", station.scan, name="scan"),
    path("embossing/", lists.embossing, name="embossing"),
    path("<int:pk>/", detail.detail, name="detail"),
    path("<int:pk>/reveal/", detail.reveal, name="reveal"),
]

"""Addresses under /certificates/."""

from django.urls import path

from zhicheng.certificates.views import detail, issuing, lists, scan, station, transfers

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
    path("registers/<int:pk>/issued/", issuing.issued, name="issued"),
    path("registers/<int:pk>/signature-list.pdf", issuing.signature_list, name="signature_list"),
    path("registers/<int:pk>/signed-lists/", issuing.attach, name="attach_signed_list"),
    path("signed-lists/<int:pk>/", issuing.signed_list, name="signed_list"),
    path("agents/<int:pk>/authorisation/", issuing.authorisation, name="authorisation"),
    path("agents/<int:pk>/reveal/", issuing.reveal, name="reveal_agent"),
    path("uncollected/", issuing.Uncollected.as_view(), name="uncollected"),
    path("embossing/", lists.embossing, name="embossing"),
    path(
        "scan/official-seal/",
        scan.station,
        {"slug": "official-seal"},
        name="scan_official_seal",
    ),
    path(
        "scan/embossed-seal/",
        scan.station,
        {"slug": "embossed-seal"},
        name="scan_embossed_seal",
    ),
    path("scan/issue/", scan.station, {"slug": "issue"}, name="scan_issue"),
    path("scan/issue/agent/", scan.agent, name="scan_agent"),
    path("scan/<slug:slug>/record/", scan.record, name="scan_record"),
    path("scan/<slug:slug>/pile/", scan.pile, name="scan_pile"),
    path("scan/<slug:slug>/missing/", scan.missing, name="scan_missing"),
    path("transfers/", transfers.Transfers.as_view(), name="transfers"),
    path("transfers/new/", transfers.new, name="new_transfer"),
    path("transfers/<int:pk>/", transfers.detail, name="transfer"),
    path("transfers/<int:pk>/scan/", transfers.scan, name="transfer_scan"),
    path("transfers/<int:pk>/remove/", transfers.remove, name="transfer_remove"),
    path("transfers/<int:pk>/send/", transfers.send, name="transfer_send"),
    path("transfers/<int:pk>/cancel/", transfers.cancel, name="transfer_cancel"),
    path("transfers/<int:pk>/receive/", transfers.receive, name="transfer_receive"),
    path("transfers/<int:pk>/return/", transfers.give_back, name="transfer_return"),
    path("transfers/<int:pk>/take-back/", transfers.take_back, name="transfer_take_back"),
    path("transfers/<int:pk>/slip.pdf", transfers.slip_pdf, name="transfer_slip"),
    path("transfers/<int:pk>/return.pdf", transfers.return_pdf, name="transfer_return_slip"),
    path("<int:pk>/", detail.detail, name="detail"),
    path("<int:pk>/reveal/", detail.reveal, name="reveal"),
]

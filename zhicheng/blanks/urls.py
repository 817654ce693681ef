"""Addresses under /blanks/; a blank's own page and the reconciliation are the certificates'."""

from django.urls import path

from zhicheng.blanks.views import allotments, holders, spoiled, stock, supply

app_name = "blanks"
urlpatterns = [
    path("", stock.overview, name="overview"),
    path("runs/", stock.PrintRuns.as_view(), name="runs"),
    path("runs/new/", stock.record_run, name="record_run"),
    path("spares/", stock.spares, name="spares"),
    path("holders/", stock.Holders.as_view(), name="holders"),
    path("holders/<int:pk>/", holders.holder, name="holder"),
    path("holders/<int:pk>/statement/", holders.Statement.as_view(), name="statement"),
    path("reorder/", supply.reorder, name="reorder"),
    path("spoilage/", supply.spoilage_rates, name="spoilage_rates"),
    path("allotments/", allotments.Allotments.as_view(), name="allotments"),
    path("allotments/<int:pk>/", allotments.detail, name="allotment"),
    path("allotments/<int:pk>/allot/", allotments.allot, name="allot"),
    path("allotments/<int:pk>/hand-over/", allotments.hand_over, name="hand_over"),
    path("allotments/<int:pk>/receive/", allotments.receive, name="receive"),
    path("allotments/<int:pk>/slip.pdf", allotments.slip, name="slip"),
    path("spoiled/", spoiled.SpoiledList.as_view(), name="spoiled"),
    path("exchange/", spoiled.exchange_list, name="exchange"),
    path("exchange/<int:pk>/<slug:grade>/", spoiled.exchange, name="exchange_register"),
    path("exchange/<int:pk>/<slug:grade>/take-back/", spoiled.take_back, name="take_back"),
    path("destructions/", spoiled.Destructions.as_view(), name="destructions"),
    path("destructions/propose/", spoiled.propose, name="propose_destruction"),
    path("destructions/<int:pk>/confirm/", spoiled.confirm, name="confirm_destruction"),
]

"""Addresses under /blanks/; a blank's own page and the reconciliation are the certificates'."""

from django.urls import path

from zhicheng.blanks.views import allotments, left_over, movements, orders, spoiled, stock

app_name = "blanks"
urlpatterns = [
    path("", stock.overview, name="overview"),
    path("orders/", orders.PrintOrders.as_view(), name="orders"),
    path("orders/new/", orders.place, name="place_order"),
    path("orders/<int:pk>/", orders.order, name="order"),
    path("orders/<int:pk>/cancel/", orders.cancel, name="cancel_order"),
    path("orders/<int:pk>/cases/<int:case>/write-off/", orders.write_off, name="write_off"),
    path("runs/", stock.PrintRuns.as_view(), name="runs"),
    path("runs/new/", stock.record_run, name="record_run"),
    path("spares/", stock.spares, name="spares"),
    path("holders/", stock.Holders.as_view(), name="holders"),
    path("allotments/", allotments.Allotments.as_view(), name="allotments"),
    path("allotments/<int:pk>/", allotments.detail, name="allotment"),
    path("allotments/<int:pk>/allot/", allotments.allot, name="allot"),
    path("allotments/<int:pk>/hand-over/", allotments.hand_over, name="hand_over"),
    path("allotments/<int:pk>/receive/", allotments.receive, name="receive"),
    path("allotments/<int:pk>/slip.pdf", allotments.slip, name="slip"),
    path("left-over/", left_over.LeftOverList.as_view(), name="left_over"),
    path("left-over/<int:pk>/<slug:grade>/", left_over.detail, name="left_over_of"),
    path("left-over/<int:pk>/<slug:grade>/return/", left_over.give_back, name="left_return"),
    path("left-over/<int:pk>/<slug:grade>/carry-over/", left_over.carry_over, name="left_carry"),
    path("left-over/<int:pk>/<slug:grade>/transfer/", left_over.transfer, name="left_transfer"),
    path("movements/", movements.Movements.as_view(), name="movements"),
    path("movements/<int:pk>/", movements.detail, name="movement"),
    path("movements/<int:pk>/correct/", movements.correct, name="correct_movement"),
    path("spoiled/<int:pk>/photo/", spoiled.photo, name="spoiled_photo"),
    path("spoiled/", spoiled.SpoiledList.as_view(), name="spoiled"),
    path("exchange/", spoiled.exchange_list, name="exchange"),
    path("exchange/<int:pk>/<slug:grade>/", spoiled.exchange, name="exchange_register"),
    path("exchange/<int:pk>/<slug:grade>/take-back/", spoiled.take_back, name="take_back"),
    path("exchange/<int:pk>/<slug:grade>/request/", spoiled.ask, name="request_exchange"),
    path("exchange/requests/<int:pk>.pdf", spoiled.request_slip, name="request_slip"),
    path("destructions/<int:pk>/record.pdf", spoiled.record, name="destruction_record"),
    path("destructions/", spoiled.Destructions.as_view(), name="destructions"),
    path("destructions/propose/", spoiled.propose, name="propose_destruction"),
    path("destructions/<int:pk>/confirm/", spoiled.confirm, name="confirm_destruction"),
]

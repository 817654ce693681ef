"""Addresses under /blanks/ whose pages tell of certificates too, so that they stand here."""

from django.urls import path

from zhicheng.certificates.views import ledger

app_name = "ledger"
urlpatterns = [
    path("serials/", ledger.search, name="search"),
    path("serials/<int:serial>/", ledger.serial, name="serial"),
    path("reconcile/", ledger.reconciliation, name="reconcile"),
]

"""Well-known addresses: the keys for everybody who checks a certificate."""

from django.urls import path

from zhicheng.credentials import views

app_name = "well_known"
urlpatterns = [
    path("zhicheng-keys.json", views.key_set, name="keys"),
    path("zhicheng-keys.cbor", views.cose_key_set, name="cose_keys"),
]

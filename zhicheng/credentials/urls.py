"""Addresses of the keys' page."""

from django.urls import path

from zhicheng.credentials import views

app_name = "credentials"
urlpatterns = [
    path("keys/", views.keys, name="keys"),
    path("keys/generate/", views.generate, name="generate"),
    path("keys/rotate/", views.rotate, name="rotate"),
    path("keys/<slug:key_id>/retire/", views.retire, name="retire"),
    path("keys/<slug:key_id>/revoke/", views.revoke, name="revoke"),
]

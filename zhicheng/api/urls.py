"""Addresses of the interface, of its description and of its pages."""

from django.urls import include, path

from zhicheng.api import documentation, views
from zhicheng.api.interface import api

pages = (
    [
        path("v1/", documentation.page, name="documentation"),
        path("v1/openapi.json", documentation.openapi, name="openapi"),
        path("", views.KeyList.as_view(), name="keys"),
        path("keys/new/", views.new_key, name="new_key"),
        path("keys/<int:pk>/", views.key, name="key"),
        path("keys/<int:pk>/rotate/", views.rotate, name="rotate"),
        path("keys/<int:pk>/revoke/", views.revoke, name="revoke"),
        path("webhooks/", views.SubscriptionList.as_view(), name="subscriptions"),
        path("webhooks/new/", views.new_subscription, name="new_subscription"),
        path("webhooks/<uuid:token>/", views.subscription, name="subscription"),
        path("webhooks/<uuid:token>/end/", views.end, name="end"),
        path("webhooks/messages/<uuid:message>/again/", views.redeliver, name="redeliver"),
    ],
    "api_pages",
)
urlpatterns = [path("", include(pages)), path("v1/", api.urls)]

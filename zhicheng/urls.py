"""Addresses of the whole product (design: /registers/, /approvals/, ...)."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []

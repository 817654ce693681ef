"""Addresses of the whole product (design: /registers/, /approvals/, ...).

Folders whose pages exist are mounted under their own name.
"""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

FOLDERS = (
    "registers",
    "approvals",
    "blanks",
    "certificates",
    "credentials",
    "layouts",
    "photos",
    "electronic",
    "reissues",
    "organizations",
    "selfissued",
    "historic",
    "statistics",
    "anomalies",
    "search",
    "notifications",
    "guidance",
)

# What everybody asks comes first: an address is looked for in this order.
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("zhicheng.verification.urls")),
    path("", include("zhicheng.web.urls")),
]
urlpatterns += [
    path(f"{folder}/", include(f"zhicheng.{folder}.urls"))
    for folder in FOLDERS
    if find_spec(f"zhicheng.{folder}.urls")
]
urlpatterns += [
    path("blanks/", include("zhicheng.certificates.ledger_urls")),
    path("audit/", include("zhicheng.oversight.urls")),
    path("jobs/", include("zhicheng.work.urls")),
    path("api/", include("zhicheng.api.urls")),
    path("log/", include("zhicheng.transparency.urls")),
    path(".well-known/", include("zhicheng.credentials.public_urls")),
]

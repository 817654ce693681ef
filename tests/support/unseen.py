"""Addresses that answer a GET and are no page of their own: each by its kind.

A walk sees most files and parts by itself; here is what it finds no link to, because the demo city
has no such thing or because a script makes the address.
"""

from collections.abc import Mapping

FILE, DATA, PART, ONWARD = "文件", "数据", "页面的一部分", "转到别处"

KINDS: Mapping[str, str] = {
    "fonts/<str:version>/<str:name>.woff": FILE,
    "registers/scans/<int:scan_id>/": FILE,
    "blanks/spoiled/<int:pk>/photo/": FILE,
    "blanks/cases/<int:pk>/files/<uuid:token>/": FILE,
    "certificates/signed-lists/<int:pk>/": FILE,
    "certificates/transfers/<int:pk>/return.pdf": FILE,
    "layouts/<int:pk>/background/": FILE,
    "photos/registers/<int:pk>/people/<int:row>/picture.jpg": FILE,
    "reissues/revoke/<int:pk>/decision/": FILE,
    "reissues/<int:pk>/apply/papers/<uuid:token>/": FILE,
    "reissues/<int:pk>/apply/receipt.pdf": FILE,
    "reissues/<int:pk>/apply/form.pdf": FILE,
    "reissues/apply/<str:number>/papers/<uuid:token>/": FILE,
    "historic/register/<str:number>/files/<uuid:token>/": FILE,
    "anomalies/inquiries/<int:pk>/files/<str:token>/": FILE,
    "jobs/<uuid:token>/file/": FILE,
    "statistics/report/": FILE,  # of the year that a form chooses
    "registers/<int:pk>/grid/changes/": DATA,
    "log/consistency": DATA,
    "log/inclusion": DATA,
    "log/leaves": DATA,
    "certificates/scan/<slug:slug>/missing/": PART,
    "reissues/<int:pk>/apply/progress/": ONWARD,  # to the application's page
    "notifications/<int:pk>/": ONWARD,  # to what the notice is about
    "statistics/": ONWARD,  # to the figures that the account may see
    "language/": ONWARD,
    "logout/": ONWARD,
}


def kind_of(route: str) -> str:
    """What kind of address it is; empty for one that nobody has accounted for: a page unseen."""
    return DATA if route.startswith("api/v1/") else KINDS.get(route, "")

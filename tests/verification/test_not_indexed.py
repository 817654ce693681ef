"""No search engine keeps a public page, whatever it answers: header, meta element, robots.txt."""

import re

import pytest
from django.test import Client

from tests.support.city import found_city
from tests.support.reissues import issued
from tests.verification.test_reports import code_of, come_in, record_of
from zhicheng.verification.reports import actions

pytestmark = pytest.mark.django_db
PAGES = (
    "/", "/v/", "/v/2026-1", "/report/", "/r/ABCDEFGHJKMNPQRS", "/holder/", "/e/", "/e/verify/",
    "/log/", "/reissues/apply/", "/reissues/progress/", "/notice/", "/login/",
)  # fmt: skip


def robots_of(page: str) -> str:
    found = re.search(r'<meta name="robots" content="([^"]+)"', page)
    assert found, page[:300]
    return found[1]


def test_no_public_page_is_indexed(client: Client) -> None:
    (certificate,) = issued(found_city())
    report = actions.make(record=record_of(certificate), days=90)
    come_in(client, certificate)
    answers = [client.get(path) for path in PAGES]
    answers += [client.get("/holder/certificate/"), client.get("/holder/lookups/")]
    answers += [
        client.get(f"/r/{code_of(report)}"),
        client.post("/report/", {"code": code_of(report)}),
        client.post("/", {"name": certificate.name, "number": certificate.number}),
        client.post("/", {"name": "无此人", "number": "1"}),
    ]
    for answer in answers:
        path = answer.request["PATH_INFO"]
        assert answer.status_code == 200, path
        assert "noindex" in answer.headers["X-Robots-Tag"], path
        assert "noindex" in robots_of(answer.content.decode()), path
        assert "no-store" in answer.headers["Cache-Control"], path
    for path in (f"/holder/reports/{report.pk}.pdf", "/reissues/form.pdf", "/no-such-page/"):
        assert "noindex" in client.get(path).headers["X-Robots-Tag"], path
    text = client.get("/robots.txt").content.decode()
    assert text == "User-agent: *\nDisallow: /\n"


def test_every_public_page_works_without_script(client: Client) -> None:
    """Forms post to where they stand; scripts only help. The camera's page says so."""
    for path in PAGES:
        page = client.get(path).content.decode()
        if "<form" in page.split("<main", 1)[1] and path != "/v/":
            assert re.search(r'<form[^>]*method="post"', page.split("<main", 1)[1]), path
    assert "<noscript>" in client.get("/v/").content.decode()


def test_no_first_load_of_a_public_page_weighs_more_than_60_kilobytes(client: Client) -> None:
    import gzip
    from pathlib import Path

    from django.contrib.staticfiles import finders

    for path in ("/", "/report/", "/holder/", "/v/2026-1", "/r/ABCDEFGHJKMNPQRS", "/v/"):
        page = client.get(path).content
        total = len(gzip.compress(page))
        for name in re.findall(rb'(?:href|src)="/static/([^"]+)"', page):
            found = finders.find(name.decode())
            assert isinstance(found, str), name
            total += len(gzip.compress(Path(found).read_bytes()))
        total += len(client.get("/fonts/rare.css", headers={"Accept-Encoding": "gzip"}).content)
        assert total < 60_000, (path, total)


def test_addresses_that_hold_nonsense_break_nothing(client: Client) -> None:
    for path in ("/v/%00", "/v/" + "9" * 2000, "/r/%00", "/r/" + "证" * 200, "/r/a%20b"):
        for answer in (client.get(path), client.post(path, {"name": "张三"}), client.head(path)):
            assert answer.status_code in (200, 404, 429), path

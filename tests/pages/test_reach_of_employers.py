"""What an employer's account reaches: batch verification, its own keys, and what is public.

Asked of every address that the product has, so that a new page is closed to employers until
somebody opens it to them here.
"""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.city import City, accepted_register, deliver
from tests.support.employers import employer
from zhicheng.organizations.permissions import Role

pytestmark = pytest.mark.django_db

CLOSED = {302, 401, 403, 404, 405}
OPEN_TO_CLERKS = {
    "/batch/",
    "/batch/new/",
    "/batch/template.xlsx",
    "/guidance/",
    "/guidance/tour/dismiss/",
    "/guidance/tour/restart/",
    "/jobs/",
    "/organizations/",
    "/organizations/permissions/",
    "/password/",
    "/search/",
    "/second-factor/",
    "/second-factor/begin/",
    "/second-factor/codes/",
    "/second-factor/off/",
    "/second-factor/replace/",
    "/sessions/",
    "/sessions/8e5b1f6e-0c65-4c3e-9a52-4d1f0b1f9a11/end/",
    "/sessions/end/",
    "/styleguide/",
    "/tasks/",
}
OPEN_TO_OFFICERS = OPEN_TO_CLERKS | {"/api/", "/api/keys/new/"}


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    """Every address but the interface's (it takes keys) and the way out; objects by id 1."""
    for item in patterns:
        path = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from addresses(item.url_patterns, path)
        elif "static" not in path and not path.startswith(("/api/v1/", "/logout/", "/language/")):
            path = re.sub("<uuid:[^>]*>", "8e5b1f6e-0c65-4c3e-9a52-4d1f0b1f9a11", path)
            yield re.sub("<[^>]*>", "1", path)


def reached(client: Client) -> set[tuple[str, str]]:
    """(method, address) of all that is answered, the login's own redirects apart."""
    found = set()
    for path in addresses(get_resolver().url_patterns):
        for method in ("GET", "POST"):
            answer = client.generic(method, path)
            if answer.status_code not in CLOSED or (
                answer.status_code == 302
                and not answer.headers["Location"].startswith(("/login/", "/tasks/"))
            ):
                found.add((method, path))
    return found


@pytest.mark.parametrize(
    ("role", "open_to"), [(Role.CLERK, OPEN_TO_CLERKS), (Role.OFFICER, OPEN_TO_OFFICERS)]
)
def test_an_employer_reaches_its_own_pages_and_what_is_public(
    city: City, role: Role, open_to: set[str]
) -> None:
    client = Client()
    public = reached(client)
    client.force_login(employer(role=role))
    assert {path for _method, path in reached(client) - public} <= open_to


def test_an_employer_finds_no_other_organisation_and_nobodys_certificate(city: City) -> None:
    register = accepted_register(city, 1)
    deliver(city, 5)
    one, _other = employer("甲公司"), employer("乙公司")
    client = Client()
    client.force_login(one)
    for text in ("公司", "卫生健康委", "长江", register.number, "张"):
        page = client.get("/search/", {"q": text}).content.decode()
        assert "乙公司" not in page and "市卫生健康委" not in page and "长江重工" not in page
    assert "甲公司" in client.get("/search/", {"q": "公司"}).content.decode()


def test_a_scanner_of_an_employers_raises_no_alarm_about_blanks(city: City) -> None:
    client = Client()
    client.force_login(employer())
    assert client.post("/blanks/scan/", {"text": "1"}).status_code == 403

"""Every address of the product, asked for by everybody (invariant 9, 10).

Nobody meets a server error; strangers are sent to the login; other organisations don't learn that
an object exists; no page shows an ID number in clear; no page's queries grow with its rows.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from tests.support.city import City, accepted_register, carry, deliver, found_city
from zhicheng.api.actions import create_key
from zhicheng.api.webhooks import subscribe
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.spoilage import spoil
from zhicheng.organizations.models import Account
from zhicheng.protection import reveal
from zhicheng.registers.models import Register, RegisterRow

pytestmark = pytest.mark.django_db

PUBLIC = {
    "/",
    "/notice/",
    "/login/",
    "/healthz",
    "/robots.txt",
    "/v/",
    "/v/worker.js",
    "/v/manifest.webmanifest",
    "/.well-known/zhicheng-keys.json",
    "/.well-known/zhicheng-keys.cbor",
    "/api/v1/",
    "/api/v1/openapi.json",
}
# Addresses that answer to POST alone, or that need more than an object's id.
OF_REGISTER = (
    "/registers/{register}/",
    "/registers/{register}/findings/",
    "/registers/{register}/missing/",
    "/registers/{register}/paper/",
    "/registers/{register}/history/",
    "/registers/{register}/versions/",
    "/registers/{register}/versions/1/",
    "/registers/{register}/compare/?from=1&to=1",
    "/registers/{register}/numbers/",
    "/registers/{register}/source/",
    "/blanks/allotments/{register}/",
    "/blanks/allotments/{register}/slip.pdf",
    "/blanks/left-over/{register}/intermediate/",
    "/blanks/exchange/{register}/intermediate/",
    "/certificates/registers/{register}/",
    "/certificates/{certificate}/",
)
STEPS = (
    "/registers/{register}/submit/",
    "/registers/{register}/withdraw/",
    "/registers/{register}/endorse/",
    "/registers/{register}/accept/",
    "/registers/{register}/return/",
    "/registers/{register}/numbers/",
    "/registers/{register}/export/",
    "/registers/{register}/compare/export/",
    "/registers/{register}/marked/",
    "/registers/{register}/paper/scans/",
    "/registers/{register}/versions/1/settle/",
    "/registers/{register}/paper/print/",
    "/blanks/allotments/{register}/allot/",
    "/blanks/allotments/{register}/hand-over/",
    "/blanks/allotments/{register}/receive/",
    "/blanks/left-over/{register}/intermediate/return/",
    "/blanks/left-over/{register}/intermediate/carry-over/",
    "/blanks/left-over/{register}/intermediate/transfer/",
    "/blanks/exchange/{register}/intermediate/request/",
    "/blanks/exchange/{register}/intermediate/take-back/",
    "/certificates/registers/{register}/fill/",
    "/certificates/registers/{register}/sheets.pdf",
    "/certificates/registers/{register}/spoil/",
    "/certificates/registers/{register}/seal/",
    "/certificates/registers/{register}/emboss/",
    "/certificates/registers/{register}/issue/",
    "/certificates/{certificate}/reveal/",
)


@pytest.fixture
def city() -> City:
    return found_city()


@pytest.fixture
def done(city: City) -> Register:
    """A register of five, issued; one blank spoiled on the way."""
    register = accepted_register(city, 5)
    deliver(city, 20)
    carry(city, register, "filled")
    serial = register.certificates.order_by("blank_serial")[0].blank_serial
    spoil(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        serials=[serial or 0],
        reason="damaged",
    )
    for step in ("sealed", "embossed", "issued"):
        carry_one(city, register, step)
    return register


def carry_one(city: City, register: Register, step: str) -> None:
    from zhicheng.certificates import actions as path

    match step:
        case "sealed":
            path.seal(actor=city.who("health", "officer"), register_id=register.pk)
        case "embossed":
            path.emboss(actor=city.who("health", "embosser"), register_id=register.pk)
        case "issued":
            path.issue(actor=city.who("health", "clerk"), register_id=register.pk)


def logged_in(account: Account) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def plain_addresses(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    """All addresses without a variable part."""
    for item in patterns:
        path = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from plain_addresses(item.url_patterns, path)
        elif "<" not in path and "static" not in path:
            yield path


def addresses(done: Register) -> list[str]:
    certificate = Certificate.objects.filter(register=done)[0]
    own = [path.format(register=done.pk, certificate=certificate.pk) for path in OF_REGISTER]
    return sorted(set(plain_addresses(get_resolver().url_patterns))) + own


def test_everybody_gets_an_answer_from_every_address(city: City, done: Register) -> None:
    numbers = [reveal(bytes(row.id_number_cipher or b"")) for row in RegisterRow.objects.all()]
    seen = 0
    for account in city.accounts.values():
        client = logged_in(account)
        for path in addresses(done):
            answer = client.get(path)
            assert answer.status_code in (200, 302, 400, 401, 403, 404, 405, 422), (path, account)
            if answer.status_code == 200 and not answer.streaming:
                seen += 1
                text = answer.content.decode("utf-8", errors="ignore")
                assert not [number for number in numbers if number in text], path
    assert seen > 200


def test_strangers_are_sent_to_the_login(client: Client, done: Register) -> None:
    for path in addresses(done):
        answer = client.get(path)
        if path in PUBLIC:
            assert answer.status_code == 200, path
        elif path.startswith("/api/v1/"):
            assert answer.status_code in (401, 405), path
        elif path == "/language/":
            assert answer.headers["Location"] == "/", path
        elif answer.status_code == 302:
            assert answer.headers["Location"].startswith("/login/?next="), path
        else:
            assert answer.status_code in (403, 405), path


def test_other_organisations_do_not_learn_that_it_exists(city: City, done: Register) -> None:
    certificate = Certificate.objects.filter(register=done)[0]
    names = {"register": done.pk, "certificate": certificate.pk}
    before = done.certificates.order_by("pk").values_list("state", "recipient")
    for who in (("district", "clerk"), ("enterprise", "officer"), ("industry", "embosser")):
        client = logged_in(city.who(*who))
        for path in OF_REGISTER:
            assert client.get(path.format(**names)).status_code == 404, (path, who)
        for path in STEPS:
            status = client.post(path.format(**names)).status_code
            assert status in (403, 404), (path, who, status)
    assert list(done.certificates.order_by("pk").values_list("state", "recipient")) == list(before)


def test_administrators_see_no_business_data(city: City, done: Register) -> None:
    client = logged_in(city.who("office", "administrator"))
    certificate = Certificate.objects.filter(register=done)[0]
    for path in OF_REGISTER:
        status = client.get(path.format(register=done.pk, certificate=certificate.pk)).status_code
        assert status in (403, 404), path
    for path in ("/registers/", "/certificates/", "/blanks/", "/approvals/", "/audit/"):
        assert client.get(path).status_code == 403, path


def test_auditors_read_everything_and_move_nothing(city: City, done: Register) -> None:
    client = logged_in(city.who("office", "auditor"))
    certificate = Certificate.objects.filter(register=done)[0]
    names = {"register": done.pk, "certificate": certificate.pk}
    for path in ("/registers/", "/certificates/", "/blanks/", "/approvals/", "/audit/"):
        assert client.get(path).status_code == 200, path
    for path in OF_REGISTER:
        if "source" not in path:  # this register never was a file
            assert client.get(path.format(**names)).status_code == 200, path
    reading = ("/export/", "/reveal/", "/print/", "/marked/")
    for path in STEPS:
        if not path.endswith(reading):
            answer = client.post(path.format(**names), {"reason": "无"})
            assert answer.status_code in (403, 404), path


def test_keys_and_subscriptions_are_seen_by_their_own_organisation(city: City) -> None:
    made = create_key(
        actor=city.who("health", "officer"),
        organization=city.health,
        name="市卫健委人事系统",
        scopes=["reference:read"],
        expires_at=timezone.now() + timedelta(days=9),
    )
    hearing = subscribe(
        actor=city.who("health", "officer"),
        organization=city.health,
        url="https://example.org/hook",
        events=["certificate.issued"],
    ).subscription
    key, hook = f"/api/keys/{made.key.pk}/", f"/api/webhooks/{hearing.token}/"
    for who, status in (
        (("health", "officer"), 200),
        (("office", "officer"), 200),
        (("office", "auditor"), 200),
        (("industry", "officer"), 404),
        (("health", "clerk"), 403),
        (("office", "administrator"), 403),
    ):
        client = logged_in(city.who(*who))
        for path in (key, hook):
            assert client.get(path).status_code == status, (path, who)
        if who != ("health", "officer"):
            for path in (
                (f"{key}rotate/", f"{hook}end/") if who[0] != "office" else (f"{key}rotate/",)
            ):
                answer = client.post(path, {"overlap": "7"})
                assert answer.status_code in (403, 404), (path, who)


@pytest.mark.parametrize(
    ("who", "path"),
    [
        (("health", "clerk"), "/certificates/"),
        (("health", "clerk"), "/certificates/registers/{register}/"),
        (("health", "clerk"), "/certificates/registers/"),
        (("hospital", "clerk"), "/registers/{register}/"),
        (("hospital", "clerk"), "/registers/{register}/versions/1/"),
        (("office", "clerk"), "/registers/{register}/paper/"),
        (("office", "officer"), "/registers/"),
        (("office", "officer"), "/blanks/"),
        (("office", "officer"), "/blanks/allotments/"),
        (("office", "officer"), "/blanks/allotments/{register}/"),
        (("office", "officer"), "/blanks/orders/"),
        (("office", "officer"), "/blanks/left-over/"),
        (("health", "officer"), "/blanks/left-over/{register}/intermediate/"),
        (("office", "officer"), "/blanks/movements/"),
        (("office", "auditor"), "/audit/"),
        (("health", "clerk"), "/tasks/"),
    ],
)
def test_the_queries_of_a_page_do_not_grow_with_its_rows(
    city: City, who: tuple[str, str], path: str
) -> None:
    counts = []
    for people in (4, 40):
        register = accepted_register(city, people)
        deliver(city, 2 * people + 4)
        carry(city, register, "issued")
        client = logged_in(city.who(*who))
        client.get("/tasks/")
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path.format(register=register.pk))
        assert answer.status_code == 200
        counts.append(len(queries))
    # A second register brings a few of its own (there is somewhere to move spares to); rows none.
    assert counts[1] <= counts[0] + 5
    assert counts[1] < 60

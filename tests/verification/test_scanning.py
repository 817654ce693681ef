"""The page that checks a QR code, and the server's one word to it (N7, invariant 10)."""

import gzip
import json
import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from tests.support.city import City, accepted_register, carry, deliver, found_city
from tests.support.credentials import OTHER, PLAIN
from tests.support.credentials import text_of as forged_text_of
from zhicheng.blanks.investigations import report_loss
from zhicheng.blanks.models import Sighting
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.printing import claims_of
from zhicheng.certificates.spoilage import spoil
from zhicheng.credentials import actions
from zhicheng.credentials.queries import active_key
from zhicheng.credentials.signing import sign_batch
from zhicheng.organizations.guard import CONSOLE
from zhicheng.registers.models import Register
from zhicheng.values.serials import SerialRange, format_serial

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return found_city()


@pytest.fixture
def register(city: City) -> Register:
    register = accepted_register(city, 2)
    deliver(city, 10)
    carry(city, register, "embossed")
    return register


def text_of(certificate: Certificate, **changed: object) -> str:
    claims = claims_of(certificate, made_on=timezone.localdate())
    return sign_batch([replace(claims, **changed)], address="http://localhost").texts[0]  # type: ignore[arg-type]


def status(client: Client, text: str) -> str:
    answer = client.post("/v/status", {"credential": text})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    told: dict[str, str] = json.loads(answer.content)
    assert set(told) == {"status"}
    return told["status"]


def test_a_certificate_is_in_force_from_its_issue_on(
    client: Client, city: City, register: Register
) -> None:
    certificate = register.certificates.order_by("pk")[0]
    text = text_of(certificate)
    assert status(client, text) == "unknown"
    path.issue(actor=city.who("health", "clerk"), register_id=register.pk)
    assert status(client, text) == "valid"
    assert status(client, text.partition("#")[2]) == "valid"


def test_a_lost_blank_is_told_to_who_holds_it_and_raises_the_alarm(
    client: Client, city: City, register: Register
) -> None:
    certificate = register.certificates.order_by("pk")[0]
    assert certificate.blank_serial is not None
    text = text_of(certificate)
    report_loss(
        actor=city.who("health", "clerk"),
        serials=[SerialRange(certificate.blank_serial, certificate.blank_serial)],
        note="柜中不见",
    )
    assert status(client, text) == "lost"
    assert [sighting.serials for sighting in Sighting.objects.all()] == [
        [format_serial(certificate.blank_serial)]
    ]


def test_the_paper_of_a_spoiled_blank_is_void_and_its_successor_in_force(
    client: Client, city: City, register: Register
) -> None:
    certificate = register.certificates.order_by("pk")[0]
    assert certificate.blank_serial is not None
    old = text_of(certificate)
    spoil(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        serials=[certificate.blank_serial],
        reason="damaged",
    )
    certificate.refresh_from_db()
    new = text_of(certificate)
    assert (status(client, old), status(client, new)) == ("void", "unknown")
    path.seal(actor=city.who("health", "officer"), register_id=register.pk)
    path.emboss(actor=city.who("health", "embosser"), register_id=register.pk)
    path.issue(actor=city.who("health", "clerk"), register_id=register.pk)
    assert (status(client, old), status(client, new)) == ("void", "valid")


def test_a_credential_that_tells_something_else_is_of_no_certificate(
    client: Client, city: City, register: Register
) -> None:
    path.issue(actor=city.who("health", "clerk"), register_id=register.pk)
    one, two = register.certificates.order_by("pk")
    assert status(client, text_of(one)) == "valid"
    for changed in ({"number": two.number}, {"name": "别人"}, {"specialty": "外科"}):
        assert status(client, text_of(one, **changed)) == "unknown"


def test_only_a_credential_of_ours_gets_an_answer(
    client: Client, city: City, register: Register
) -> None:
    path.issue(actor=city.who("health", "clerk"), register_id=register.pk)
    certificate = register.certificates.order_by("pk")[0]
    claims = claims_of(certificate, made_on=timezone.localdate())
    key = active_key()
    assert key is not None
    forged = forged_text_of(claims, key=OTHER, key_id=bytes.fromhex(key.key_id))
    for text in (forged, forged_text_of(PLAIN), certificate.number, "", "x" * 9000):
        assert status(client, text) == "unknown"
    good = text_of(certificate)
    actions.revoke(
        actor=CONSOLE, key_id=key.key_id, from_day=timezone.localdate(), reason="私钥泄露"
    )
    assert status(client, good) == "unknown"


def test_the_status_has_the_public_querys_limit(client: Client, settings: object) -> None:
    settings.ZHICHENG_QUESTIONS_PER_MINUTE = 3  # type: ignore[attr-defined]
    answers = [client.post("/v/status", {"credential": "1"}).status_code for _ in range(8)]
    assert 429 in answers
    assert answers[0] == 200
    assert client.get("/v/status").status_code == 405


def test_nothing_of_a_credential_reaches_a_log(
    client: Client, city: City, register: Register, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    text = text_of(register.certificates.order_by("pk")[0])
    client.post("/v/status", {"credential": text})
    assert text.partition("#")[2][20:60] not in caplog.text


def test_webassembly_may_run_on_this_page_alone(client: Client, city: City) -> None:
    policy = client.get("/v/").headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    for other in ("/", "/v/2018500000001", "/notice/", "/login/"):
        assert "wasm" not in client.get(other).headers["Content-Security-Policy"]


def test_the_first_load_stays_under_60_kilobytes_without_the_decoder(
    client: Client, city: City
) -> None:
    page = client.get("/v/").content
    files = set(re.findall(rb"(?:href|src)=\"/static/([^\"]+)\"", page))
    files |= set(re.findall(rb"data-words=\"/static/([^\"]+)\"", page))
    total = len(gzip.compress(page)) + len(client.get("/.well-known/zhicheng-keys.json").content)
    total += len(client.get("/v/worker.js").content)
    for name in files | {b"verification/worker.js"}:
        assert b"vendor" not in name
        path = finders.find(name.decode())
        assert isinstance(path, str), name
        total += len(gzip.compress(Path(path).read_bytes()))
    assert total < 60_000


def test_the_worker_keeps_what_the_page_needs(client: Client, city: City) -> None:
    answer = client.get("/v/worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    text = answer.content.decode()
    listed = json.loads(text.partition("self.ZC = ")[2].partition(";\nimportScripts")[0])
    page = client.get("/v/").content.decode()
    used = set(re.findall(r"\"(/static/[^\"]+)\"", page))
    assert used <= {*listed["shell"], *listed["lazy"]}
    for kept in listed["shell"]:
        if kept.startswith("/static/"):
            assert finders.find(kept.removeprefix("/static/")), kept
        else:
            assert client.get(kept).status_code == 200, kept
    about = json.loads(client.get("/v/manifest.webmanifest").content)
    assert about["start_url"] == about["scope"] == "/v/"


def test_old_codes_still_lead_to_their_question(client: Client, city: City) -> None:
    """Certificates printed before have ``/v/<number>`` in their codes."""
    page = client.get("/v/2018500000001").content.decode()
    assert "2018500000001" in page
    assert "姓名" in page

"""What other systems read: one certificate, revocations, reference data, exports (N7, N20)."""

import gzip
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import cbor2
import duckdb
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection
from django.test import Client

from tests.support.api_city import at_rest
from tests.support.city import City, accepted_register, carry, deliver
from zhicheng.api.schemas import CertificateOut
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates.models import Certificate
from zhicheng.credentials.models import SigningKey
from zhicheng.protection import reveal
from zhicheng.registers.models import Register
from zhicheng.verification.actions import LegacyLine, import_legacy
from zhicheng.verification.lookups import lookups_of
from zhicheng.verification.models import Lookup

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


@pytest.fixture
def issued(city: City) -> Register:
    register = accepted_register(city, 3)
    deliver(city, 20)
    carry(city, register, "issued")
    return register


def change(number: str, **columns: str) -> None:
    """What only a finished application may change, changed without one."""
    settings = ", ".join(f"{name} = {value}" for name, value in columns.items())
    with at_rest(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE certificates_certificate SET {settings} WHERE number = %s", [number]
        )


def numbers(register: Register) -> list[str]:
    return list(register.certificates.order_by("position").values_list("number", flat=True))


def whole_number(number: str) -> str:
    return reveal(bytes(Certificate.objects.get(number=number).id_number_cipher))


def test_n20_a_certificate_by_number_is_masked(
    issued: Register, caller: Callable[..., Client]
) -> None:
    (number, *_others) = numbers(issued)
    answer = caller().get(f"{ROOT}/certificates/{number}")
    told = answer.json()
    CertificateOut.model_validate(told)
    assert (told["number"], told["status"], told["source"]) == (number, "valid", "register")
    assert whole_number(number) not in answer.content.decode()
    assert "*" in told["id_number"]
    assert "id_number_index" not in told


def test_whole_id_numbers_need_scope_and_purpose_and_are_recorded(
    issued: Register, caller: Callable[..., Client]
) -> None:
    (number, *_others) = numbers(issued)
    path = f"{ROOT}/certificates/{number}?id_numbers=whole"
    refused = caller(name="甲", scopes=["certificates:read"], purpose="").get(path)
    assert refused.status_code == 403
    assert refused.json()["rule"] == "api_key.scope_missing"
    told = caller(name="乙", purpose="核对身份").get(path).json()
    assert told["id_number"] == whole_number(number)
    event = AuditEvent.objects.filter(tag="any:person:unmask").latest("sequence")
    assert event.data["purpose"] == "核对身份"
    assert event.data["number"] == number
    assert event.actor_name.startswith("api.") and "乙（zck_" in event.actor_name
    assert whole_number(number) not in json.dumps(event.data)


def test_a_unit_sees_its_own_certificates_alone(
    city: City, issued: Register, caller: Callable[..., Client]
) -> None:
    (number, *_others) = numbers(issued)
    assert caller("health").get(f"{ROOT}/certificates/{number}").status_code == 200
    assert caller("hospital").get(f"{ROOT}/certificates/{number}").status_code == 200
    stranger = caller("enterprise")
    assert stranger.get(f"{ROOT}/certificates/{number}").status_code == 404
    assert stranger.get(f"{ROOT}/certificates/changes").json()["changes"] == []
    assert b"".join(stranger.get(f"{ROOT}/certificates/export")) == b""
    assert stranger.get(f"{ROOT}/revocations").json()["revocations"] == []


def test_n7_a_register_answers_before_an_old_ledger(
    city: City, issued: Register, caller: Callable[..., Client]
) -> None:
    known, *_others = numbers(issued)
    line = LegacyLine(
        certificate_number=known,
        name="李旧",
        id_number="500103198502141014",
        specialty="外科",
        qualification="主治医师",
        approval_date=date(2001, 1, 1),
        document_number="渝人〔2001〕1号",
    )
    from dataclasses import replace

    lines = [line, replace(line, certificate_number="旧字第1号")]
    import_legacy(actor=city.who("office", "officer"), lines=lines, origin="旧台账")
    client = caller()
    assert client.get(f"{ROOT}/certificates/{known}").json()["source"] == "register"
    old = client.get(f"{ROOT}/certificates/旧字第1号").json()
    CertificateOut.model_validate(old)
    assert (old["source"], old["name"]) == ("legacy", "李旧")
    assert caller("health").get(f"{ROOT}/certificates/旧字第1号").status_code == 404


def test_the_feed_tells_issue_loss_find_and_end(
    issued: Register, caller: Callable[..., Client]
) -> None:
    first, second, third = numbers(issued)
    change(first, lost_at="now()")
    change(first, lost_at="NULL")
    change(second, voided_at="now()", void_reason="'revoked'")
    change(third, lost_at="now()")
    client = caller()
    page = client.get(f"{ROOT}/certificates/changes?limit=2").json()
    seen = list(page["changes"])
    assert page["more"] and page["position"] == 2
    while page["more"]:
        page = client.get(f"{ROOT}/certificates/changes?limit=2&after={page['position']}").json()
        seen += page["changes"]
    assert [item["sequence"] for item in seen] == list(range(1, 8))
    assert [item["kind"] for item in seen] == [
        *(["issued"] * 3),
        "lost",
        "found",
        "void",
        "lost",
    ]
    # Each carries the certificate as it is now.
    assert {item["certificate"]["number"]: item["certificate"]["status"] for item in seen} == {
        first: "valid",
        second: "void",
        third: "lost",
    }
    after_all = client.get(f"{ROOT}/certificates/changes?after={page['position']}").json()
    assert after_all == {"changes": [], "position": 7, "more": False}


def test_what_the_public_may_not_know_is_in_no_feed(
    city: City, caller: Callable[..., Client]
) -> None:
    register = accepted_register(city, 2)
    deliver(city, 20)
    carry(city, register, "embossed")
    client = caller()
    assert client.get(f"{ROOT}/certificates/changes").json()["changes"] == []
    assert b"".join(client.get(f"{ROOT}/certificates/export")) == b""
    (number, *_others) = numbers(register)
    assert client.get(f"{ROOT}/certificates/{number}").status_code == 404


def test_exports_say_the_same_in_every_format(
    issued: Register, caller: Callable[..., Client]
) -> None:
    first, *_others = numbers(issued)
    change(first, lost_at="now()")
    client = caller()
    plain = client.get(f"{ROOT}/certificates/export")
    assert plain.headers["Feed-Position"] == "4"
    lines = [json.loads(line) for line in b"".join(plain).splitlines()]
    for line in lines:
        CertificateOut.model_validate(line)
    feed = client.get(f"{ROOT}/certificates/changes").json()["changes"]
    latest = {item["certificate"]["number"]: item["certificate"] for item in feed}
    assert {line["number"]: line for line in lines} == latest
    packed = b"".join(client.get(f"{ROOT}/certificates/export?format=ndjson.gz"))
    unpacked = [json.loads(line) for line in gzip.decompress(packed).splitlines()]
    assert sorted(unpacked, key=str) == sorted(lines, key=str)


def test_parquet_is_read_by_another_library(
    issued: Register, caller: Callable[..., Client], tmp_path: Path
) -> None:
    first, *_others = numbers(issued)
    change(first, lost_at="now()")
    client = caller()
    lines = [
        json.loads(line)
        for line in b"".join(client.get(f"{ROOT}/certificates/export")).splitlines()
    ]
    file = tmp_path / "certificates.parquet"
    file.write_bytes(b"".join(client.get(f"{ROOT}/certificates/export?format=parquet")))
    times = ("issued_at", "lost_at", "voided_at")
    plain = ", ".join(f"epoch_us({name}) AS {name}" for name in times)
    table = duckdb.sql(f"SELECT * REPLACE ({plain}) FROM '{file}'")
    (kind,) = set(duckdb.sql(f"SELECT {', '.join(times)} FROM '{file}'").types)
    assert str(kind) == "TIMESTAMP WITH TIME ZONE"
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]
    assert [row["number"] for row in rows] == [line["number"] for line in lines]
    for row, line in zip(rows, lines, strict=True):
        assert row["approval_date"].isoformat() == line["approval_date"]
        for name in times:
            told = datetime.fromisoformat(line[name]) if line[name] else None
            micros = told and round(told.timestamp() * 1_000_000)
            assert row[name] == micros
            line[name] = row[name]
        assert row == {**line, "approval_date": row["approval_date"]}


def test_backslashes_and_quotes_survive_the_export(
    city: City, caller: Callable[..., Client]
) -> None:
    register = accepted_register(city, 1)
    unit = register.issuing_unit
    unit.name = '卫生\\健康"委\t甲'
    unit.save()
    deliver(city, 20)
    carry(city, register, "issued")
    client = caller()
    for numbers_ in ("masked", "whole"):
        path = f"{ROOT}/certificates/export?id_numbers={numbers_}"
        (line,) = b"".join(client.get(path)).splitlines()
        assert json.loads(line)["issuing_unit"] == '卫生\\健康"委\t甲'


def test_each_export_is_recorded_with_count_and_digest(
    issued: Register, caller: Callable[..., Client]
) -> None:
    import hashlib

    client = caller()
    content = b"".join(client.get(f"{ROOT}/certificates/export?id_numbers=whole"))
    begun, ended = AuditEvent.objects.filter(tag="any:list:export").order_by("sequence")
    assert (begun.data["step"], ended.data["step"]) == ("begun", "ended")
    assert ended.data["rows"] == 3 and ended.data["complete"] is True
    assert ended.data["sha256"] == hashlib.sha256(content).hexdigest()
    assert ended.data["purpose"] == "公众查询核对身份"


def test_the_revocation_list_holds_without_this_server(
    issued: Register, caller: Callable[..., Client]
) -> None:
    first, second, _third = numbers(issued)
    change(first, lost_at="now()")
    change(second, voided_at="now()", void_reason="'revoked'")
    client = caller()
    told = client.get(f"{ROOT}/revocations").json()
    assert [(line["number"], line["status"]) for line in told["revocations"]] == [
        (first, "lost"),
        (second, "void"),
    ]
    assert told["position"] == 5
    key = SigningKey.objects.get(state="active")
    public = Ed25519PublicKey.from_public_bytes(bytes(key.public_key))
    jws = client.get(f"{ROOT}/revocations/jws").json()
    public.verify(_bytes(jws["signature"]), f"{jws['protected']}.{jws['payload']}".encode())
    assert json.loads(_bytes(jws["protected"]))["kid"] == key.key_id
    assert json.loads(_bytes(jws["payload"]))["revocations"] == told["revocations"]
    message = cbor2.loads(client.get(f"{ROOT}/revocations/cose").content)
    protected, _unprotected, payload, signature = message.value
    public.verify(signature, cbor2.dumps(["Signature1", protected, b"", payload]))
    version, _made_at, position, lines = cbor2.loads(payload)
    assert (version, position) == (1, 5)
    assert [line[:2] for line in lines] == [[first, 1], [second, 2]]


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_reference_data(city: City, caller: Callable[..., Client]) -> None:
    client = caller()
    for name in ("series", "levels", "grades", "regions", "qualifications"):
        assert client.get(f"{ROOT}/reference/{name}").status_code == 200
    grades = client.get(f"{ROOT}/reference/grades").json()
    assert {"code": "senior", "name": "高级"} in grades
    only = caller(name="别的", scopes=["revocations:read"])
    assert only.get(f"{ROOT}/reference/grades").status_code == 403


def test_a_question_about_one_certificate_is_recorded_with_who_asked_and_the_feed_is_not(
    issued: Register, caller: Callable[..., Client]
) -> None:
    """The holder can be told of it (``lookups_of``)."""
    (number, *_others) = numbers(issued)
    client = caller()
    client.get(f"{ROOT}/certificates/{number}")
    client.get(f"{ROOT}/certificates/none")
    client.get(f"{ROOT}/certificates/changes")
    hit, miss = Lookup.objects.order_by("id")
    assert (hit.hit, hit.found, miss.hit, miss.found) == (True, [number], False, [])
    (look,) = lookups_of([number])
    assert (look.way, look.client) == ("interface", "查询系统")
    assert hit.organization is not None and look.organization == hit.organization.name

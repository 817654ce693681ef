"""Signing keys: made, followed, retired, revoked; and what they leave behind (N18)."""

import json
from datetime import date, timedelta

import cbor2
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from tests.support.city import City, found_city
from tests.support.credentials import PLAIN
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.verify import verify as verify_audit
from zhicheng.commands.setting_up import _first_key
from zhicheng.credentials import actions, keeping, rules
from zhicheng.credentials.claims import Claims
from zhicheng.credentials.models import KeyState, SigningKey
from zhicheng.credentials.queries import active_key, published_keys
from zhicheng.credentials.rules import Reason
from zhicheng.credentials.signing import sign_batch
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.models import Account
from zhicheng.values.refusal import Conflict, NotPermitted, Refusal
from zhicheng.web.tasks import tasks_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return found_city()


@pytest.fixture
def officer(city: City) -> Account:
    return city.who("office", "officer")


def today_claims() -> Claims:
    from dataclasses import replace

    return replace(PLAIN, made_on=timezone.localdate())


def logged_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_batch_is_signed_in_order_with_one_statement(
    officer: Account, django_assert_num_queries: object
) -> None:
    from dataclasses import replace

    batch = [replace(today_claims(), number=f"N{order}") for order in range(300)]
    with django_assert_num_queries(1):  # type: ignore[operator]
        signed = sign_batch(batch, address="https://zs.example/")
    keys = published_keys()
    for claims, text in zip(batch, signed.texts, strict=True):
        assert text.startswith("https://zs.example/v/#")
        verdict = rules.verify(text, keys)
        assert verdict.valid
        assert verdict.claims == claims
        assert verdict.key_id.hex() == signed.key_id
    assert sign_batch(batch, address="https://zs.example").texts == signed.texts


def test_a_rotated_key_still_proves_what_it_signed(officer: Account) -> None:
    before = sign_batch([today_claims()])
    new = actions.rotate(actor=officer)
    after = sign_batch([today_claims()])
    assert after.key_id == new.key_id != before.key_id
    for text in (*before.texts, *after.texts):
        assert rules.verify(text, published_keys()).valid
    old = SigningKey.objects.get(key_id=before.key_id)
    assert old.state == KeyState.RETIRED
    assert old.valid_to == timezone.localdate()
    assert old.private_cipher is None
    events = AuditEvent.objects.filter(tag="office:signing_key:rotate")
    assert [event.data for event in events] == [{"key": new.key_id, "retired": old.key_id}]
    assert verify_audit().as_dict()["passed"]


def test_a_revoked_key_proves_nothing_from_that_day_on(officer: Account) -> None:
    signed = sign_batch([today_claims()])
    actions.revoke(
        actor=officer, key_id=signed.key_id, from_day=timezone.localdate(), reason="私钥泄露"
    )
    assert rules.verify(signed.texts[0], published_keys()).reason is Reason.KEY_REVOKED
    with pytest.raises(Refusal) as refused:
        sign_batch([today_claims()])
    assert refused.value.rule == "credential.no_key"
    assert "签名密钥" in refused.value.mend
    assert actions.generate(actor=officer).state == KeyState.ACTIVE


def test_revoking_again_can_only_reach_further_back(officer: Account) -> None:
    key = active_key()
    assert key is not None
    today = timezone.localdate()
    # Signed since last week, as if the key had been made then.
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE credentials_signingkey DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE credentials_signingkey SET valid_from = %s", [today - timedelta(days=7)]
        )
        cursor.execute("ALTER TABLE credentials_signingkey ENABLE TRIGGER USER")
    revoke = {"actor": officer, "key_id": key.key_id, "reason": "泄露"}
    actions.revoke(**revoke, from_day=today - timedelta(days=2))
    with pytest.raises(Conflict):
        actions.revoke(**revoke, from_day=today - timedelta(days=1))
    actions.revoke(**revoke, from_day=today - timedelta(days=5))
    key.refresh_from_db()
    assert key.revoked_from == today - timedelta(days=5)
    for day in (today - timedelta(days=8), today + timedelta(days=1)):
        with pytest.raises(Refusal):
            actions.revoke(**revoke, from_day=day)


def test_refusals_of_the_actions(officer: Account) -> None:
    key = active_key()
    assert key is not None
    with pytest.raises(Conflict):
        actions.generate(actor=officer)
    with pytest.raises(Refusal):
        actions.revoke(actor=officer, key_id=key.key_id, from_day=timezone.localdate(), reason="  ")
    with pytest.raises(Refusal):
        actions.retire(actor=officer, key_id="ffffffff")
    actions.retire(actor=officer, key_id=key.key_id)
    with pytest.raises(Conflict):
        actions.retire(actor=officer, key_id=key.key_id)
    with pytest.raises(Refusal):
        actions.rotate(actor=officer)
    assert SigningKey.objects.count() == 1


def test_only_officers_of_the_municipal_office_touch_keys(city: City) -> None:
    key = active_key()
    assert key is not None
    before = AuditEvent.objects.count()
    for who in (("office", "clerk"), ("office", "auditor"), ("office", "administrator")):
        account = city.who(*who)
        for call in (
            lambda: actions.generate(actor=account),  # noqa: B023
            lambda: actions.rotate(actor=account),  # noqa: B023
            lambda: actions.retire(actor=account, key_id=key.key_id),  # noqa: B023
            lambda: actions.revoke(
                actor=account,  # noqa: B023
                key_id=key.key_id,
                from_day=timezone.localdate(),
                reason="x",
            ),
        ):
            with pytest.raises(NotPermitted):
                call()
    assert AuditEvent.objects.count() == before
    assert active_key() == key


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM credentials_signingkey",
        "UPDATE credentials_signingkey SET public_key = decode(repeat('00', 32), 'hex')",
        "UPDATE credentials_signingkey SET valid_from = valid_from - 1",
        "UPDATE credentials_signingkey SET state = 'retired'",
        "UPDATE credentials_signingkey SET revoked_from = current_date",
        "UPDATE credentials_signingkey SET state = 'retired', valid_to = current_date",
        (
            "UPDATE credentials_signingkey SET state = 'retired', valid_to = valid_from - 1,"
            " private_cipher = NULL"
        ),
        (
            "UPDATE credentials_signingkey SET state = 'revoked', valid_to = valid_from,"
            " revoked_from = valid_from, private_cipher = NULL"
        ),  # without a reason
        (
            "INSERT INTO credentials_signingkey (key_id, public_key, state, valid_from, reason,"
            " created_at) SELECT 'ffffffff', decode('00', 'hex'), state, valid_from, '', created_at"
            " FROM credentials_signingkey"
        ),  # a second active one
    ],
)
def test_the_database_keeps_the_keys_history(city: City, statement: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_retired_key_never_signs_again(officer: Account) -> None:
    old = active_key()
    assert old is not None
    actions.rotate(actor=officer)
    for statement in (
        "UPDATE credentials_signingkey SET state = 'active', valid_to = NULL WHERE key_id = %s",
        "UPDATE credentials_signingkey SET valid_to = valid_to + 9 WHERE key_id = %s",
        "UPDATE credentials_signingkey SET private_cipher = 'x' WHERE key_id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [old.key_id])


def test_the_private_key_never_lies_in_clear(city: City) -> None:
    key = active_key()
    assert key is not None
    private = keeping.load(key).private_bytes_raw()
    stored = SigningKey.objects.values().get()
    for value in stored.values():
        assert private not in (bytes(value) if isinstance(value, memoryview | bytes) else b"")
        assert private.hex() not in str(value)


def test_the_private_key_may_lie_in_a_folder(
    db: None, settings: object, tmp_path: object, django_capture_on_commit_callbacks: object
) -> None:
    settings.ZHICHENG_SIGNING_KEYS = str(tmp_path)  # type: ignore[attr-defined]
    key = actions.generate(actor=CONSOLE)
    assert key.private_cipher is None
    path = tmp_path / f"{key.key_id}.pem"  # type: ignore[operator]
    assert path.stat().st_mode & 0o777 == 0o600
    assert rules.verify(sign_batch([today_claims()]).texts[0], published_keys()).valid
    path.rename(f"{path}.away")
    with pytest.raises(Refusal) as refused:
        sign_batch([today_claims()])
    assert refused.value.rule == "signing_key.lost"
    (tmp_path / f"{key.key_id}.pem.away").rename(path)  # type: ignore[operator]
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        actions.retire(actor=CONSOLE, key_id=key.key_id)
    assert not path.exists()


def test_a_new_installation_gets_one_key_and_never_a_second(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    _first_key()
    key = active_key()
    assert key is not None
    assert key.key_id in capsys.readouterr().out
    assert AuditEvent.objects.filter(tag="office:signing_key:generate").count() == 1
    _first_key()
    actions.retire(actor=CONSOLE, key_id=key.key_id)
    _first_key()
    assert SigningKey.objects.count() == 1


def test_the_officer_is_told_at_once_when_nothing_can_be_signed(officer: Account) -> None:
    assert not [group for group in tasks_of(officer) if "签名密钥" in group.title]
    key = active_key()
    assert key is not None
    actions.retire(actor=officer, key_id=key.key_id)
    first = tasks_of(officer)[0]
    assert "没有使用中的签名密钥" in first.title
    assert first.url == "/credentials/keys/"


def test_the_page_shows_keys_and_does_everything(city: City, officer: Account) -> None:
    client = logged_in(officer)
    first = active_key()
    assert first is not None
    page = client.get("/credentials/keys/").content.decode()
    assert first.key_id in page
    assert "不能恢复" in page
    assert client.post("/credentials/keys/rotate/").status_code == 302
    second = active_key()
    assert second is not None
    assert second != first
    given = {"from_day": timezone.localdate().isoformat(), "reason": ""}
    assert client.post(f"/credentials/keys/{first.key_id}/revoke/", given).status_code == 422
    given["reason"] = "私钥所在的磁盘遗失"
    assert client.post(f"/credentials/keys/{first.key_id}/revoke/", given).status_code == 302
    assert client.post(f"/credentials/keys/{second.key_id}/retire/").status_code == 302
    page = client.get("/credentials/keys/").content.decode()
    assert "私钥所在的磁盘遗失" in page
    assert "没有使用中的签名密钥" in page
    assert client.post("/credentials/keys/generate/").status_code == 302
    assert SigningKey.objects.count() == 3
    assert logged_in(city.who("office", "auditor")).get("/credentials/keys/").status_code == 200
    assert logged_in(city.who("health", "officer")).get("/credentials/keys/").status_code == 403


def test_the_published_keys_are_for_everybody_and_cacheable(
    client: Client, officer: Account
) -> None:
    signed = sign_batch([today_claims()])
    actions.rotate(actor=officer)
    answer = client.get("/.well-known/zhicheng-keys.json")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "Cookie" not in answer.headers.get("Vary", "")
    published = json.loads(answer.content)
    assert [key["kty"] for key in published["keys"]] == ["OKP", "OKP"]
    assert published["issuer"] == "市职改办"
    keys = rules.parse_keys(answer.content.decode())
    assert keys == published_keys()
    assert rules.verify(signed.texts[0], keys).valid
    again = client.get(
        "/.well-known/zhicheng-keys.json", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    cose = cbor2.loads(client.get("/.well-known/zhicheng-keys.cbor").content)
    assert {(key[1], key[3], key[-1]) for key in cose} == {(1, -8, 6)}
    assert {key[2] for key in cose} == {key.key_id for key in keys}
    assert {key[-2] for key in cose} == {key.public for key in keys}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"keys": 1}', '{"keys": [1]}', '{"keys": [{"kty": "RSA", "crv": ""}]}']
    + [
        json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x} | days]})
        for kid, x, days in (
            ("zz", "A" * 43, {"valid_from": "2026-01-01"}),
            ("00", "A" * 9, {"valid_from": "2026-01-01"}),
            ("00", "A" * 43, {"valid_from": "morgen"}),
            ("00", "A" * 43, {}),
        )
    ],
)
def test_a_list_of_keys_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(rules.KeysError):
        rules.parse_keys(text)


def test_days_of_the_list_are_days() -> None:
    key = rules.PublicKey(b"\x00", bytes(32), date(2026, 1, 1), date(2026, 2, 1), date(2026, 1, 9))
    assert rules.parse_keys(json.dumps(rules.publish([key]))) == [key]

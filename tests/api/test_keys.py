"""Keys: made, exchanged and ended by officers, limited, recorded; around the code too (N18)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from tests.support.city import City
from zhicheng.api.actions import MadeKey, create_key, offered_scopes, revoke_key, rotate_key
from zhicheng.api.models import ApiKey, RequestCount
from zhicheng.audit.models import AuditEvent
from zhicheng.organizations.actions import reset_password
from zhicheng.organizations.models import Account
from zhicheng.values.refusal import NotPermitted, Refusal

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


def asked(text: str, path: str = "/key") -> int:
    return Client(headers={"Authorization": f"Bearer {text}"}).get(f"{ROOT}{path}").status_code


def test_a_key_is_kept_as_a_keyed_digest_alone(make_key: Callable[..., MadeKey]) -> None:
    made = make_key()
    secret = made.text.rpartition("_")[2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(k)::text FROM api_apikey k")
        assert secret not in str(cursor.fetchall())
    assert secret not in str(list(AuditEvent.objects.values_list("data", flat=True)))
    assert asked(made.text) == 200
    assert ApiKey.objects.get(pk=made.key.pk).last_used_at is not None


@pytest.mark.parametrize("text", ["", "zck_", "zck_00000000_" + "x" * 43, "x", "zck_é"])
def test_what_is_no_key_opens_nothing(make_key: Callable[..., MadeKey], text: str) -> None:
    make_key()
    answer = Client(headers={"Authorization": f"Bearer {text}"}).get(f"{ROOT}/key")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_right_prefix_with_a_wrong_secret_opens_nothing(
    make_key: Callable[..., MadeKey],
) -> None:
    text = make_key().text
    assert asked(text[:-1] + ("A" if text[-1] != "A" else "B")) == 401


def test_expired_revoked_and_switched_off_keys_open_nothing(
    city: City, make_key: Callable[..., MadeKey]
) -> None:
    first, second, third = (make_key(name=name) for name in "甲乙丙")
    revoke_key(actor=city.who("office", "officer"), key_id=first.key.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE api_apikey SET created_at = now() - interval '2 days',"
            " expires_at = now() - interval '1 second' WHERE id = %s",
            [second.key.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    Account.objects.filter(pk=third.key.client.account_id).update(is_active=False)
    assert [asked(made.text) for made in (first, second, third)] == [401, 401, 401]


def test_rotation_overlaps(city: City, make_key: Callable[..., MadeKey]) -> None:
    old = make_key()
    new = rotate_key(
        actor=city.who("office", "officer"), key_id=old.key.pk, overlap=timedelta(days=7)
    )
    assert (asked(old.text), asked(new.text)) == (200, 200)
    old.key.refresh_from_db()
    assert old.key.expires_at < timezone.now() + timedelta(days=7, seconds=5)
    assert new.key.client_id == old.key.client_id
    assert new.key.scopes == old.key.scopes
    event = AuditEvent.objects.get(tag="any:api_key:rotate")
    assert (event.data["key"], event.data["before"]) == (new.key.prefix, old.key.prefix)


def test_only_the_organisations_officer_makes_keys(
    city: City, make_key: Callable[..., MadeKey]
) -> None:
    for actor in (city.who("office", "clerk"), city.who("office", "officer")):
        with pytest.raises(NotPermitted):
            create_key(
                actor=actor,
                organization=city.health,
                name="甲",
                scopes=["reference:read"],
                expires_at=timezone.now() + timedelta(days=3),
            )
    of_health = make_key("health")
    with pytest.raises(NotPermitted):
        revoke_key(actor=city.who("industry", "officer"), key_id=of_health.key.pk)
    # The municipal office may end any.
    revoke_key(actor=city.who("office", "officer"), key_id=of_health.key.pk)


def test_a_key_gets_no_more_than_the_organisations_clerk_may(
    city: City, make_key: Callable[..., MadeKey]
) -> None:
    assert "approvals:write" not in offered_scopes(city.hospital)
    assert "registers:write" not in offered_scopes(city.office)
    for scopes, rule in (
        (["approvals:write"], "api_key.scopes"),
        ([], "api_key.scopes"),
        (["id_numbers:read"], "api_key.purpose"),
    ):
        with pytest.raises(Refusal) as refused:
            make_key("hospital", scopes=scopes, purpose="")
        assert refused.value.rule == rule
    with pytest.raises(Refusal) as refused:
        make_key(expires_at=timezone.now() + timedelta(days=500))
    assert refused.value.rule == "api_key.expiry"


def test_the_rate_is_per_key_and_says_when_to_come_again(
    make_key: Callable[..., MadeKey],
) -> None:
    made, other = make_key(per_minute=3), make_key(name="另一系统")
    client = Client(headers={"Authorization": f"Bearer {made.text}"})
    answers = [client.get(f"{ROOT}/key") for _ in range(7)]
    # A minute may end in between: then it begins anew once.
    assert [answer.status_code for answer in answers].count(200) in (3, 4, 5, 6)
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit-Policy"] == '"key";q=3;w=60'
    assert refused.headers["RateLimit"].startswith('"key";r=0;t=')
    assert refused.json()["rule"] == "rate.too_many"
    assert asked(other.text) == 200
    assert RequestCount.objects.filter(key=made.key).exists()


def test_the_database_lets_no_key_do_more_and_no_system_log_in(
    city: City, make_key: Callable[..., MadeKey]
) -> None:
    made = make_key(scopes=["reference:read"], purpose="")
    account = made.key.client.account
    statements = {
        "api_key_never_does_more": (
            "UPDATE api_apikey SET scopes = ARRAY['approvals:write']",
            "UPDATE api_apikey SET expires_at = expires_at + interval '1 day'",
            "UPDATE api_apikey SET per_minute = 60000",
        ),
        "api_key_is_never_removed": ("DELETE FROM api_apikey",),
        "interface_account_never_logs_in": (
            f"UPDATE organizations_account SET password = 'x' WHERE id = {account.pk}",
            f"UPDATE organizations_account SET role = 'officer' WHERE id = {account.pk}",
        ),
        "api_client_fits_its_account": (
            f"UPDATE api_apiclient SET organization_id = {city.health.pk}",
            f"UPDATE api_apiclient SET account_id = {city.who('office', 'officer').pk}",
        ),
        "feed_has_no_gap": ("INSERT INTO api_certificatechange VALUES (7, 'issued', now(), 1)",),
    }
    for name, around in statements.items():
        for statement in around:
            with (
                pytest.raises(IntegrityError) as refused,
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)
            cause: Any = refused.value.__cause__
            assert cause.diag.constraint_name == name, statement
    with pytest.raises(IntegrityError):
        reset_password(
            actor=city.who("office", "administrator"),
            account_id=account.pk,
            password="a-long-password-9",
        )


def test_problems_are_the_pages_refusals(make_key: Callable[..., MadeKey]) -> None:
    client = Client(
        headers={"Authorization": f"Bearer {make_key(scopes=['reference:read'], purpose='').text}"}
    )
    answer = client.get(f"{ROOT}/certificates/changes")
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code == 403
    assert told["type"] == "urn:zhicheng:problem:api_key.scope_missing"
    assert told["clause"] == "N18"
    assert told["expected"] == "certificates:read"
    for path, status in (("/nowhere", 404), ("/certificates/changes?after=x", 422)):
        answer = client.get(f"{ROOT}{path}")
        assert (answer.status_code, answer.json()["status"]) == (status, status)
    answer = client.delete(f"{ROOT}/key")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")

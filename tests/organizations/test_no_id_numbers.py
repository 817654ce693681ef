"""An ID number comes into the audit chain by no name, and by nothing else (invariant 10)."""

import secrets
from typing import Any

import pytest

from tests.support.city import City, id_number
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.recording import recorded
from zhicheng.audit.verify import verify
from zhicheng.organizations import actions
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal

pytestmark = pytest.mark.django_db
NUMBER = id_number(7)
SPACED = f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}"


def account_fields(city: City) -> dict[str, Any]:
    return {
        "username": "new.clerk",
        "password": "made-by-somebody-7",
        "display_name": "新来",
        "organization": city.health,
        "role": "clerk",
    }


@pytest.mark.parametrize("text", [NUMBER, f"张三{NUMBER}", SPACED, "500103850214101"])
@pytest.mark.parametrize("field", ["username", "display_name"])
def test_no_account_is_called_by_an_id_number(city: City, field: str, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        actions.create_account(
            actor=city.who("office", "administrator"), **(account_fields(city) | {field: text})
        )
    assert refused.value.rule == "organizations.id_number"
    assert text not in refused.value.message + refused.value.found
    assert not Account.objects.filter(username=text).exists() and not AuditEvent.objects.exists()


@pytest.mark.parametrize("field", ["display_name", "telephone"])
def test_no_account_is_renamed_to_one(city: City, field: str) -> None:
    clerk = city.who("health", "clerk")
    with pytest.raises(Refusal) as refused:
        actions.change_account(
            actor=city.who("office", "administrator"), account_id=clerk.pk, **{field: NUMBER}
        )
    assert refused.value.rule == "organizations.id_number"
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("field", ["name", "short_name"])
def test_no_organisation_is_called_by_one(city: City, field: str) -> None:
    admin = city.who("office", "administrator")
    fields = {"name": "新单位", "kind": "reporting_unit", "supervisor": city.health}
    with pytest.raises(Refusal) as refused:
        actions.create_organization(actor=admin, **(fields | {field: f"单位{NUMBER}"}))
    assert refused.value.rule == "organizations.id_number"
    with pytest.raises(Refusal):
        actions.change_organization(
            actor=admin, organization_id=city.health.pk, **{field: f"单位{NUMBER}"}
        )
    assert not Organization.objects.filter(name__contains=NUMBER).exists()


def test_telephones_and_credit_codes_are_no_id_numbers(city: City) -> None:
    admin = city.who("office", "administrator")
    actions.change_account(
        actor=admin,
        account_id=city.who("health", "clerk").pk,
        telephone="023-63861234转8012、13983001234",
    )
    actions.change_organization(
        actor=admin, organization_id=city.health.pk, uscc="915001037090000017"
    )
    assert AuditEvent.objects.count() == 2


def test_an_account_called_so_long_ago_can_be_switched_off_and_is_masked(city: City) -> None:
    clerk = city.who("health", "clerk")
    Account.objects.filter(pk=clerk.pk).update(username=NUMBER, display_name=f"张{NUMBER}")
    admin = city.who("office", "administrator")
    actions.change_account(actor=admin, account_id=clerk.pk, display_name="张三", is_active=False)
    clerk.refresh_from_db()
    with recorded(clerk, Action.NOTIFICATION_SET) as record:
        record(subject=clerk)
    assert not clerk.is_active
    events = list(AuditEvent.objects.order_by("sequence").values("data", "actor_name"))
    assert len(events) == 2 and NUMBER not in str(events)
    assert events[1]["actor_name"].startswith(NUMBER[:3] + "*")


def _act(clerk: Account, data: dict[str, Any]) -> None:
    with recorded(clerk, Action.NOTIFICATION_SET) as record:
        Account.objects.filter(pk=clerk.pk).update(telephone="1")
        record(subject=clerk, data=data)


@pytest.mark.parametrize(
    "data",
    [
        {"note": NUMBER},
        {"note": f"身份证{NUMBER}，张三"},
        {"note": NUMBER[:-1] + NUMBER[-1].lower()},
        {"changes": {"display_name": ["张三", [NUMBER]]}},
        {"deep": [{"texts": ("x", {"y": f"\n{NUMBER}\n"})}]},
        {NUMBER: 1},
        {"number": int(id_number(3)) if id_number(3).isdigit() else int(id_number(4))},
    ],
)
def test_the_last_guard_lets_no_id_number_into_the_chain(city: City, data: dict[str, Any]) -> None:
    clerk = city.who("health", "clerk")
    _act(clerk, data)
    kept = str(AuditEvent.objects.get().data)
    for number in (NUMBER, NUMBER.lower(), str(data.get("number", NUMBER))):
        assert number not in kept
    assert "****" in kept
    # The work is done: whoever does it may have no way to write it otherwise.
    clerk.refresh_from_db()
    assert clerk.telephone == "1"


def test_digests_serials_and_long_numbers_of_other_things_pass(city: City) -> None:
    clerk = city.who("health", "clerk")
    data = {
        "sha256": [secrets.token_hex(32) for _ in range(2000)],
        "token": [secrets.token_urlsafe(32) for _ in range(200)],
        "within": f"ab{NUMBER}cd",
        "serials": [[1, 9_999_999_999], *([n, n] for n in range(5000))],
        "numbers": ["500103202603180012", "渝卫98-0417", "W2026000001"],
        "nothing": [None, True, 1.5],
    }
    with recorded(clerk, Action.NOTIFICATION_SET) as record:
        record(subject=clerk, data=data, rows="x", ids=list(range(3000)))
    assert AuditEvent.objects.get().data["sha256"] == data["sha256"]
    assert verify().passed

"""Batch verification and self-issued certificates by the interface (N7, N16)."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.city import City, accepted_register, carry, deliver, id_number
from tests.support.employers import employer
from tests.support.filing import Filing
from tests.support.working import work_off
from zhicheng.api.actions import create_key, offered_scopes
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.permissions import Role
from zhicheng.protection import reveal
from zhicheng.verification.lookups import lookups_of
from zhicheng.verification.models import BatchVerification, Lookup
from zhicheng.work.models import Work

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


@pytest.fixture
def employers(city: City) -> Client:
    """An employer's system, with the key that its officer made."""
    officer = employer(role=Role.OFFICER)
    made = create_key(
        actor=officer,
        organization=officer.organization,
        name="招聘系统",
        scopes=[scope.value for scope in offered_scopes(officer.organization)],
        expires_at=timezone.now() + timedelta(days=90),
    )
    assert set(made.key.scopes) == {"reference:read", "verifications:write"}
    return Client(headers={"Authorization": f"Bearer {made.text}"})


def post(client: Client, path: str, body: object, **headers: str):  # type: ignore[no-untyped-def]
    return client.post(
        f"{ROOT}{path}", json.dumps(body), content_type="application/json", headers=headers
    )


def ask(client: Client, rows: list[dict[str, str]], **headers: str):  # type: ignore[no-untyped-def]
    return post(client, "/verifications", {"purpose": "recruiting", "rows": rows}, **headers)


def test_few_rows_are_answered_at_once_in_the_employers_name(employers: Client, city: City) -> None:
    register = accepted_register(city, 2)
    deliver(city, 10)
    carry(city, register, "issued")
    held = Certificate.objects.order_by("pk")[0]
    whole = reveal(bytes(held.id_number_cipher))
    rows = [
        {"name": held.name, "id_number": whole},
        {"name": held.name, "number": held.number},
        {"name": "查无此人", "id_number": id_number(4711)},
    ]
    answer = ask(employers, rows, **{"Idempotency-Key": "a1"})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["state"], told["rows"], told["found"], told["job"]) == ("done", 3, 2, None)
    first, second, third = told["results"]
    assert first["certificates"] == second["certificates"]
    assert (
        first["certificates"][0] | {"number": held.number, "status": "valid"}
        == (first["certificates"][0])
    )
    assert first["certificates"][0]["source"] == "register"
    assert third == {"position": 3, "found": False, "certificates": []}
    assert whole not in answer.content.decode()
    look = lookups_of([held.number])[0]
    assert (look.organization, look.client) == ("缙云智能装备有限公司", "招聘系统")
    # The same call again is the first one's answer, and no second look.
    again = ask(employers, rows, **{"Idempotency-Key": "a1"})
    assert again.json() == told and again["Idempotency-Replayed"] == "true"
    assert Lookup.objects.filter(way="batch").count() == 3


def test_many_rows_are_work_with_an_address(employers: Client, city: City) -> None:
    rows = [{"name": "张三", "id_number": id_number(order)} for order in range(201)]
    answer = ask(employers, rows)
    assert answer.status_code == 202
    job = answer.json()["job"]
    waiting = employers.get(job).json()
    assert (waiting["state"], waiting["rows"], waiting["results"]) == ("waiting", 201, [])
    work_off()
    told = employers.get(job).json()
    assert (told["state"], told["rows"], len(told["results"])) == ("done", 201, 201)
    assert told["number"] == BatchVerification.objects.get().number
    Work.objects.update(product=None)
    forgotten = employers.get(job)
    assert (forgotten.status_code, forgotten.json()["rule"]) == (404, "verification.forgotten")


def test_faulty_rows_are_named_and_nothing_is_asked(employers: Client) -> None:
    answer = ask(employers, [{"name": "张三", "id_number": id_number(1)}, {"name": "李四"}])
    assert answer.status_code == 422
    (finding,) = answer.json()["findings"]
    assert (finding["position"], finding["column"]) == (2, "身份证号码")
    assert not Lookup.objects.exists()


def test_the_day_has_an_end(employers: Client, settings: object) -> None:
    settings.ZHICHENG_BATCH_ROWS_PER_DAY = 1  # type: ignore[attr-defined]
    rows = [{"name": "张三", "id_number": id_number(1)}]
    assert ask(employers, rows).status_code == 200
    refused = ask(employers, rows)
    assert (refused.status_code, refused.json()["rule"]) == (429, "batch.daily_limit")


def test_an_employers_key_opens_nothing_else(employers: Client, city: City) -> None:
    for path in ("/certificates/changes", "/revocations", "/registers"):
        assert employers.get(f"{ROOT}{path}").status_code == 403
    assert post(employers, "/self-issued", {"certificates": [_own(1)]}).status_code == 403


def test_another_systems_job_is_not_there(employers: Client, caller: Callable[..., Client]) -> None:
    rows = [{"name": "张三", "id_number": id_number(order)} for order in range(201)]
    job = ask(employers, rows).json()["job"]
    assert caller("hospital").get(job).status_code == 404


def _own(order: int, **changed: str) -> dict[str, str]:
    whole = id_number(order)
    return {
        "number": f"CJ2026-{order:04d}",
        "name": "李" + "一二三四"[order],
        "sex": "男" if int(whole[16]) % 2 else "女",
        "id_number": whole,
        "series": "工程技术人员",
        "level": "中级",
        "qualification": "工程师",
        "specialty": "机械设计",
        "approval_date": "2026-03-18",
        "document_number": "长重职〔2026〕2号",
        **changed,
    }


def test_n16_a_self_managed_unit_reports_by_the_interface(
    caller: Callable[..., Client], city: City
) -> None:
    unit = caller("enterprise")
    refused = post(unit, "/self-issued", {"certificates": [_own(1)]})
    assert (refused.status_code, refused.json()["clause"]) == (422, "N16")
    Filing(city).self_review(city.enterprise)
    wrong = post(unit, "/self-issued", {"certificates": [_own(1), _own(2, level="高级")]})
    assert wrong.json()["findings"][0]["position"] == 2
    filed = post(unit, "/self-issued", {"certificates": [_own(1), _own(2)]})
    assert filed.status_code == 201
    number = filed.json()["number"]
    told = unit.get(f"{ROOT}/self-issued/{number}").json()
    assert (told["state"], told["certificates"]) == ("filed", 2)

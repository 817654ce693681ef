"""N17: the review system's documents, by interface and workbook, from the call to the answer."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.electronic.conftest import LogIn
from tests.support.city import City, id_number
from tests.support.working import work_off
from zhicheng.api.actions import create_key
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.certificates.models import Certificate
from zhicheng.demo.people import Person
from zhicheng.demo.workbooks import Line, Listed, register
from zhicheng.reference.loading import load_reference
from zhicheng.registers.actions import upload_register
from zhicheng.verification.queries import find
from zhicheng.verification.rules import Source
from zhicheng.work.models import Work

ROOT = "/api/v1"
NUMBER = "渝卫职改〔2026〕91号"
NAMES = ("张一", "张二", "张三")


@pytest.fixture
def review_system(city: City) -> Client:
    """The review system, with a key of the office."""
    load_reference()
    made = create_key(
        actor=city.who("office", "officer"),
        organization=city.office,
        name="评审系统",
        scopes=["approvals:write"],
        expires_at=timezone.now() + timedelta(days=30),
    )
    return Client(headers={"Authorization": f"Bearer {made.text}"})


def people(count: int = 3) -> list[dict[str, str]]:
    return [
        {
            "name": NAMES[order],
            "sex": "男" if int(id_number(order)[16]) % 2 else "女",
            "id_number": id_number(order),
            "work_unit": "山城第一人民医院",
            "qualification": "主治医师",
            "specialty": "内科",
            "approval_date": "2026-03-18",
            "series": "卫生技术人员",
            "level": "中级",
        }
        for order in range(count)
    ]


def send(client: Client, **changed: Any) -> None:
    document = {
        "document_number": NUMBER,
        "department": "市卫生健康委",
        "channel": "线上",
        "people": people(),
        **changed,
    }
    answer = client.post(
        f"{ROOT}/approvals", json.dumps({"documents": [document]}), content_type="application/json"
    )
    assert answer.status_code == 201, answer.content.decode()


def far(client: Client) -> dict[str, Any]:
    answer = client.get(f"{ROOT}/approvals", {"document_number": NUMBER})
    assert answer.status_code == 200, answer.content.decode()
    return dict(answer.json())


def on_a_register(city: City) -> list[tuple[str, str]]:
    told = people(1)[0]
    person = Person(name=told["name"], sex=told["sex"], id_number=told["id_number"])
    document = ApprovalDocument.objects.get(number=NUMBER)
    listed = Listed(
        person=person,
        document_number=NUMBER,
        department="市卫生健康委",
        mode="委员会评审",
        channel="线上",
        approval_date=document.people.first().approval_date,  # type: ignore[union-attr]
        issued_on=timezone.localdate(),
        work_unit=told["work_unit"],
        series=told["series"],
        level=told["level"],
        qualification=told["qualification"],
        specialty=told["specialty"],
    )
    content = register(
        [Line(listed, "2026000190001", city.health.name)],
        unit=city.hospital.name,
        year=2026,
        filler="甲",
        telephone="023",
    )
    made = upload_register(actor=city.who("hospital", "clerk"), content=content, name="登记表.xlsx")
    return list(made.findings.filter(severity="error").values_list("code", "clause"))


def test_n17_a_document_by_the_interface_becomes_certificates_that_answer(
    city: City, review_system: Client
) -> None:
    send(review_system)
    assert Work.objects.get().kind == "electronic.make"
    assert far(review_system) | {"issued": 0, "left": 3} == far(review_system)
    work_off()
    told = far(review_system)
    assert (told["way"], told["people"], told["issued"], told["left"]) == ("electronic", 3, 3, 0)
    (answer,) = find(NAMES[0], id_number(0), "")
    assert answer.source == Source.SYSTEM
    # Nobody of it gets a paper certificate as well.
    assert ("approval.online", "N17") in on_a_register(city)


def test_n17_who_waits_for_a_photo_or_cannot_be_made_is_told(
    city: City, review_system: Client, settings: Any
) -> None:
    settings.ZHICHENG_ELECTRONIC_PHOTOS = "intermediate"
    send(review_system)
    work_off()
    told = far(review_system)
    assert (told["issued"], told["waiting_photo"], told["left"]) == (0, 3, 0)
    assert find(NAMES[0], id_number(0), "") == []


def test_n17_without_a_numbering_rule_the_review_system_learns_why(
    city: City, review_system: Client
) -> None:
    send(review_system, department="市经济信息委")
    work_off()
    told = far(review_system)
    assert (told["issued"], told["left"]) == (0, 3)
    assert told["hindrances"][0]["name"] is None and told["hindrances"][0]["message"]


def test_n17_a_paper_document_by_the_interface_makes_no_electronic_certificate(
    city: City, review_system: Client, log_in: LogIn
) -> None:
    send(review_system, channel="线下")
    assert not Work.objects.exists()
    assert far(review_system)["way"] == "paper"
    document = ApprovalDocument.objects.get(number=NUMBER)
    page = log_in("health", "officer")
    assert page.post(f"/electronic/documents/{document.pk}/make/").status_code in (404, 405, 422)
    assert not Certificate.objects.exists()
    unknown = review_system.get(f"{ROOT}/approvals", {"document_number": "渝职改〔2026〕999号"})
    assert unknown.status_code == 404

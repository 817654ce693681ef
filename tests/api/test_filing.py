"""What other systems file: the same checks as Excel, once, or not at all (N2, N6, N17, N20)."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.city import City, id_number
from tests.support.filing import Filing
from zhicheng.api.models import IdempotentCall
from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.audit.models import AuditEvent
from zhicheng.registers.columns import KEYS
from zhicheng.registers.models import Register

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"
PERSON = {
    "name": "张伟",
    "sex": "",
    "id_number": "",
    "work_unit": "山城第一人民医院",
    "qualification": "主治医师",
    "specialty": "内科",
    "approval_date": "2026-03-18",
    "series": "卫生技术人员",
    "level": "中级",
}


def person(order: int, **changed: str) -> dict[str, str]:
    number = id_number(order)
    sex = "男" if int(number[16]) % 2 else "女"
    return {
        **PERSON,
        "id_number": number,
        "sex": sex,
        "name": "张" + "一二三四五六"[order],
        **changed,
    }


def document(*people: dict[str, str], number: str = "渝职改〔2026〕88号") -> dict[str, object]:
    return {
        "documents": [
            {
                "document_number": number,
                "department": "市卫生健康委",
                "review_mode": "委员会评审",
                "channel": "线上",
                "issued_on": "2026-04-01",
                "people": list(people),
            }
        ]
    }


def sent(client: Client, path: str, body: object, key: str = "", method: str = "post"):  # type: ignore[no-untyped-def]
    headers = {"Idempotency-Key": key} if key else {}
    return getattr(client, method)(
        f"{ROOT}{path}", json.dumps(body), content_type="application/json", headers=headers
    )


def test_n17_the_review_system_files_online_documents(
    city: City, caller: Callable[..., Client]
) -> None:
    answer = sent(caller(), "/approvals", document(person(1), person(2)))
    assert answer.status_code == 201, answer.content.decode()
    assert answer.json() == {"documents": 1, "people": 2, "findings": answer.json()["findings"]}
    kept = ApprovalDocument.objects.get(number="渝职改〔2026〕88号")
    assert (kept.channel, kept.people_count) == ("online", 2)
    event = AuditEvent.objects.get(tag="office:approval:import")
    assert "zck_" in event.actor_name
    assert event.organization_id == city.office.pk


def test_n2_a_faulty_list_is_refused_whole_with_its_findings(
    city: City, caller: Callable[..., Client]
) -> None:
    wrong = person(2)
    wrong["id_number"] = wrong["id_number"][:-1] + ("0" if wrong["id_number"][-1] != "0" else "1")
    answer = sent(caller(), "/approvals", document(person(1), wrong))
    assert answer.status_code == 422
    told = answer.json()
    assert told["rule"] == "approvals.has_errors"
    (fault,) = [item for item in told["findings"] if item["severity"] == "error"]
    assert (fault["position"], fault["code"], fault["row"]) == (2, "id_number.checksum", None)
    assert wrong["id_number"] not in answer.content.decode()
    assert not ApprovedPerson.objects.exists()


def test_n6_rows_get_the_findings_that_excel_gets(
    city: City, caller: Callable[..., Client]
) -> None:
    filing = Filing(city)
    lines = filing.lines(4)
    lines[1] = lines[1].but(姓名="王错名")
    lines[2] = lines[2].but(证书编号="")
    client = caller("hospital")
    by_file = client.post(
        f"{ROOT}/registers/file", filing.file(lines), content_type="application/octet-stream"
    )
    assert by_file.status_code == 201, by_file.content.decode()
    cells = [[str(cell) for cell in line.cells(at)[1:]] for at, line in enumerate(lines, 1)]
    rows = [dict(zip(KEYS, values, strict=True)) for values in cells]
    by_rows = sent(client, "/registers", {"year": 2026, "rows": rows})
    assert by_rows.status_code == 201, by_rows.content.decode()
    first, second = by_file.json(), by_rows.json()

    def found(told: dict[str, list[dict[str, object]]]) -> set[tuple[object, ...]]:
        return {(f["position"], f["column"], f["code"], f["value"]) for f in told["findings"]}

    assert {code for _p, _c, code, _v in found(second)} >= {"approval.name_differs", "required"}
    # The second register sees the first one's numbers; nothing else differs.
    taken = {"certificate_number.taken", "person.already_certified"}
    assert {item for item in found(second) if item[2] not in taken} == {
        item for item in found(first) if item[2] not in taken
    }
    assert (first["people"], first["state"]) == (4, "draft")
    assert Register.objects.get(number=first["number"]).reporting_unit == city.hospital
    # Status out, to the unit and to nobody else.
    assert client.get(f"{ROOT}/registers/{first['number']}").json() == first
    assert caller("enterprise").get(f"{ROOT}/registers/{first['number']}").status_code == 404
    listed = client.get(f"{ROOT}/registers").json()["registers"]
    assert [item["number"] for item in listed] == [second["number"], first["number"]]
    # Corrected, and checked anew.
    rows[1]["name"] = str(lines[1].listed.person.name)
    again = sent(client, f"/registers/{first['number']}", {"rows": rows}, method="put")
    assert again.status_code == 200, again.content.decode()
    assert "approval.name_differs" not in {item["code"] for item in again.json()["findings"]}
    assert again.json()["version"] > first["version"]


def test_a_repeated_call_is_done_once(city: City, caller: Callable[..., Client]) -> None:
    client = caller()
    body = document(person(1))
    first = sent(client, "/approvals", body, "k-1")
    again = sent(client, "/approvals", body, "k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert AuditEvent.objects.filter(tag="office:approval:import").count() == 1
    # The kept answer may name people: it is encrypted.
    assert b"findings" not in bytes(IdempotentCall.objects.get().answer or b"")
    other = sent(client, "/approvals", document(person(2), number="渝职改〔2026〕89号"), "k-1")
    assert (other.status_code, other.json()["rule"]) == (409, "idempotency.other_body")
    assert ApprovalDocument.objects.count() == 1
    # Another system's key of the same name is another key.
    assert sent(caller(name="别的系统"), "/approvals", body, "k-1").status_code == 422
    # A day later it is forgotten.
    IdempotentCall.objects.update(called_at=timezone.now() - timedelta(hours=25))
    assert sent(client, "/approvals", body, "k-1").status_code == 422


def test_a_refused_call_answers_the_same_again(city: City, caller: Callable[..., Client]) -> None:
    client = caller()
    body = document(person(1, qualification=""))
    first = sent(client, "/approvals", body, "k-2")
    again = sent(client, "/approvals", body, "k-2")
    assert (first.status_code, again.status_code) == (422, 422)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[]", 422),
        (b'{"documents": []}', 422),
        (b'{"documents": [{"people": [{"name": "\\u0000"}]}]}', 422),
        (b'{"documents": [{"people": [{"name": "\\ud800"}]}]}', 422),
        (b'{"rows": NaN}', 422),
    ],
)
def test_hostile_bodies_are_refused_as_problems(
    city: City, caller: Callable[..., Client], body: bytes, status: int
) -> None:
    client = caller()
    answer = client.post(f"{ROOT}/approvals", body, content_type="application/json")
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_is_no_workbook_is_refused(city: City, caller: Callable[..., Client]) -> None:
    client = caller("hospital")
    for content in (b"", b"PK\x03\x04junk", bytes(range(256)) * 20):
        answer = client.post(
            f"{ROOT}/registers/file", content, content_type="application/octet-stream"
        )
        assert answer.status_code == 422, answer.content.decode()
    assert not Register.objects.exists()

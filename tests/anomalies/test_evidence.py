"""Evidence says who, when, what and why, with pages; as a file and on paper, too."""

import re
from io import BytesIO
from typing import Any

import openpyxl
import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.anomalies.test_detectors import _take
from tests.anomalies.test_detectors_of_accounts import happens
from tests.support.city import City, carried, id_number
from tests.support.stations import PDF
from zhicheng.anomalies import actions, evidence
from zhicheng.anomalies.actions import _write
from zhicheng.anomalies.detectors import accounts, logins, papers
from zhicheng.anomalies.models import Anomaly, Inquiry
from zhicheng.anomalies.rules import Found, Thresholds
from zhicheng.audit.models import AuditEvent
from zhicheng.audit.recording import recorded
from zhicheng.audit.verify import verify
from zhicheng.certificates.models import AgentRelation, Certificate
from zhicheng.certificates.unmasking import show_id_number
from zhicheng.files.store import prepare
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.sessions import FAILED, Stranger
from zhicheng.registers.models import Register
from zhicheng.registers.unmasking import show_id_numbers
from zhicheng.values.id_number import mask

LOW = Thresholds(recipient_most=2, unmask_most=3, export_most=100, failures_most=2)


def listed(*found: Found) -> list[Anomaly]:
    _write(found)
    return list(Anomaly.objects.order_by("pk"))


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def sheet(answer: Any) -> list[tuple[Any, ...]]:
    content = BytesIO(b"".join(answer.streaming_content))
    return [tuple(row) for row in openpyxl.load_workbook(content).active.values]  # type: ignore[union-attr]


@pytest.fixture
def register(city: City) -> Register:
    return carried(city, "embossed")


@pytest.fixture
def taken(city: City, register: Register) -> Anomaly:
    """One agent who took three people's certificates."""
    clerk = city.who("health", "clerk")
    for certificate in register.certificates.order_by("position")[:3]:
        _take(clerk, register, [certificate.pk], AgentRelation.COLLEAGUE)
    (anomaly,) = listed(*papers.same_recipients(LOW, timezone.now()))
    return anomaly


def test_the_agent_is_named_and_each_certificate_says_whose_it_is_and_who_took_it(
    taken: Anomaly, auditor: Account, client: Client
) -> None:
    client.force_login(auditor)
    shown = client.get(f"/anomalies/{taken.pk}/").content.decode()
    said = text_of(shown)
    assert f"代领人 常代领（{mask(id_number(7))}）" in said
    for certificate in Certificate.objects.exclude(issued_at=None):
        assert f'<a href="/certificates/{certificate.pk}/">{certificate.number}</a>' in shown
        assert certificate.name in said and certificate.id_number_masked in said
    assert said.count("同事") == 3
    assert id_number(7) not in shown
    assert "常代领" not in str(Anomaly.objects.values_list("summary", "evidence"))


def test_a_look_at_a_number_says_of_whom_and_what_for(
    city: City, register: Register, auditor: Account, client: Client
) -> None:
    clerk, certificate = city.who("health", "clerk"), register.certificates.all()[0]
    for _time in range(6):
        show_id_number(actor=clerk, certificate=certificate, purpose="inquiry")
    show_id_numbers(actor=clerk, register=register, purpose="paper")
    happens(clerk, Action.SEARCH_BY_ID_NUMBER, shown={"certificates": 2})
    (anomaly,) = listed(*accounts.unmasking(LOW, timezone.now()))
    client.force_login(auditor)
    answer = client.get(f"/anomalies/{anomaly.pk}/evidence/event/?export=xlsx")
    heading, searched, looked, one, *more = sheet(answer)
    assert heading == ("时间", "操作人", "机构", "事项", "对象", "数量", "用途")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", one[0])
    assert [row[1:] for row in more] == [one[1:]] * 5
    assert one[2] == city.health.name
    assert one[4:] == (f"证书 {certificate.number} {certificate.name}", 1, "答复本人或单位查询")
    assert looked[4].endswith(register.number) and looked[5:] == (4, "核对纸质登记表")
    assert searched[5:] == (2, "按号码查找")
    event = AuditEvent.objects.get(tag=Action.LIST_EXPORT)
    assert event.data["list"] == "查看身份证号码异常 · 审计记录"
    assert event.data["count"] == 8 and event.data["filters"] == {"anomaly": str(anomaly.pk)}


def test_exports_and_failed_logins_say_what_and_at_which_name(
    city: City, auditor: Account, client: Client
) -> None:
    clerk = city.who("health", "clerk")
    happens(clerk, Action.LIST_EXPORT, list="证书", count=70, filters={"state": "issued"})
    happens(clerk, Action.LIST_EXPORT, list="登记表", count=80, searched=True)
    for _time in range(2):
        happens(Stranger("nobody.here"), FAILED)
    now = timezone.now()
    exported, failed = listed(*accounts.exports(LOW, now), *logins.failed_logins(LOW, now))
    client.force_login(auditor)
    _heading, most, less = sheet(
        client.get(f"/anomalies/{exported.pk}/evidence/event/?export=xlsx")
    )
    assert most[3:6] == ("登记表", 80, "用过搜索") and less[3:6] == ("证书", 70, "issued")
    said = text_of(client.get(f"/anomalies/{failed.pk}/").content.decode())
    assert said.count("nobody.here 登录失败") >= 2


def test_a_table_is_sorted_and_comes_page_by_page(
    city: City, auditor: Account, client: Client
) -> None:
    clerk = city.who("health", "clerk")
    for count in range(60):
        happens(clerk, Action.LIST_EXPORT, list="证书", count=100 + count)
    (anomaly,) = listed(*accounts.exports(LOW, timezone.now()))
    client.force_login(auditor)
    page = f"/anomalies/{anomaly.pk}/evidence/event/"
    first = text_of(client.get(f"{page}?sort=data__count").content.decode())
    assert "第 1–50 条，共 60 条" in first and " 149 " in first and " 150 " not in first
    second = text_of(client.get(f"{page}?sort=data__count&page=2").content.decode())
    assert " 150 " in second and " 159 " in second
    beginning = text_of(client.get(f"/anomalies/{anomaly.pk}/").content.decode())
    assert "这里列出前 10 项，依据共列 60 项" in beginning and " 159 " in beginning


def test_more_objects_ask_no_more_questions(city: City, auditor: Account, client: Client) -> None:
    clerk, other = city.who("health", "clerk"), city.who("health", "officer")
    for _time in range(2):
        happens(clerk, Action.LIST_EXPORT, list="证书", count=100)
    for _time in range(40):
        happens(other, Action.LIST_EXPORT, list="证书", count=100)
    found = accounts.exports(LOW, timezone.now())
    few, many = sorted(listed(*found), key=lambda item: len(item.evidence["objects"]))
    client.force_login(auditor)
    counts = []
    for anomaly in (few, few, many):
        for path in (f"/anomalies/{anomaly.pk}/", f"/anomalies/{anomaly.pk}/evidence/event/"):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                client.get(path)
            counts.append(len(asked))
    assert counts[2:4] == counts[4:6]


def test_only_the_inspector_sees_evidence_and_prints_a_file(
    taken: Anomaly, city: City, auditor: Account, client: Client
) -> None:
    inquiry = actions.open_inquiry(actor=auditor, anomaly_ids=[taken.pk], subject="代领")
    for who in (city.who("office", "officer"), city.who("office", "administrator")):
        client.force_login(who)
        assert client.get(f"/anomalies/{taken.pk}/evidence/certificate/").status_code == 403
        assert client.get(f"/anomalies/inquiries/{inquiry.pk}/").status_code == 403
        assert client.post(f"/anomalies/inquiries/{inquiry.pk}/file.pdf").status_code == 403
    client.force_login(auditor)
    assert client.get(f"/anomalies/{taken.pk}/evidence/blank/").status_code == 404
    assert client.get(f"/anomalies/{taken.pk}/evidence/nothing/").status_code == 404


def test_the_inquiry_goes_on_paper_with_evidence_record_and_digests_and_is_on_record(
    taken: Anomaly, auditor: Account, client: Client
) -> None:
    inquiry = actions.open_inquiry(actor=auditor, anomaly_ids=[taken.pk], subject="集中代领")
    entry = actions.add_inquiry_entry(
        actor=auditor, inquiry_id=inquiry.pk, text="询问代领人", file=prepare(PDF, "笔录.pdf")
    )
    client.force_login(auditor)
    unfinished = words(client.post(f"/anomalies/inquiries/{inquiry.pk}/file.pdf").content)
    assert "尚未结案" in unfinished and "接收单位" not in unfinished
    actions.close_inquiry(
        actor=auditor, inquiry_id=inquiry.pk, outcome="referred", conclusion="移送纪检组"
    )
    answer = client.post(f"/anomalies/inquiries/{inquiry.pk}/file.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    told = words(answer.content)
    certificate = Certificate.objects.exclude(issued_at=None)[0]
    assert entry.file is not None
    for text in (
        *(inquiry.number, "集中代领", "一人代领多本", f"常代领（{mask(id_number(7))}）"),
        *(certificate.number, certificate.name, certificate.id_number_masked),
        *("询问代领人（附件1）", "笔录.pdf", entry.file.sha256, auditor.display_name),
        *("移送处理", "移送纪检组", "接收单位（签章）", "各项相同"),
    ):
        assert text.replace(" ", "") in told, text
    assert id_number(7) not in told
    first, second = AuditEvent.objects.filter(tag=Action.INQUIRY_PRINT).order_by("sequence")
    assert first.subject_id == second.subject_id == inquiry.pk
    assert set(second.data) == {"inquiry", "sha256"} and first.data != second.data
    assert verify().passed


def test_the_paper_asks_no_more_for_more_steps(
    taken: Anomaly, auditor: Account, client: Client
) -> None:
    inquiry = actions.open_inquiry(actor=auditor, anomaly_ids=[taken.pk], subject="代领")

    def asked(inquiry: Inquiry) -> int:
        with CaptureQueriesContext(connection) as queries:
            evidence_free = client.post(f"/anomalies/inquiries/{inquiry.pk}/file.pdf")
        assert evidence_free.status_code == 200
        return len(queries)

    client.force_login(auditor)
    asked(inquiry)
    before = asked(inquiry)
    for number in range(5):
        file = prepare(PDF, f"{number}.pdf")
        actions.add_inquiry_entry(actor=auditor, inquiry_id=inquiry.pk, text="再查", file=file)
    assert asked(inquiry) == before


def test_an_object_that_is_gone_leaves_the_event_that_names_it(city: City) -> None:
    clerk = city.who("health", "clerk")
    for _time in range(7):
        with recorded(clerk, Action.PERSON_UNMASK) as record:
            record(data={"purpose": "issue", "count": 2})
    (anomaly,) = listed(*accounts.unmasking(LOW, timezone.now()))
    (group,) = evidence.groups(anomaly)
    assert len(group.rows) == 7
    object_, count = group.columns[4], group.columns[5]
    assert [object_.words(row) for row in group.rows] == ["—"] * 7
    assert {count.words(row) for row in group.rows} == {2}


def words(content: bytes) -> str:
    """All text of a PDF without spaces and breaks."""
    document = pypdfium2.PdfDocument(content)
    return re.sub(
        r"[\s\u200b]+", "", "".join(page.get_textpage().get_text_bounded() for page in document)
    )

"""A scan at a station: what is recorded, what is answered, and that it stays cheap (N8, N18)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.support.city import City, accepted_register, carry, deliver
from tests.support.stations import one, scan
from zhicheng.audit.models import AuditEvent
from zhicheng.blanks.investigations import report_loss
from zhicheng.blanks.models import Sighting
from zhicheng.certificates import actions as path
from zhicheng.certificates.scan_text import Kind, read
from zhicheng.certificates.spoilage import spoil
from zhicheng.certificates.station_ranges import pile, record_pile
from zhicheng.certificates.stations import STATIONS, missing
from zhicheng.credentials.claims import Claims
from zhicheng.credentials.signing import sign_batch
from zhicheng.organizations.actions import change_account
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, format_serial


def test_n8_a_scan_seals_at_once_by_number_serial_or_address(city: City, filled: Register) -> None:
    officer = city.who("health", "officer")
    first, second, third, _fourth = filled.certificates.order_by("position")
    for text in (
        first.number,
        format_serial(second.blank_serial or 0),
        f"https://zhicheng.example.cn/v/{third.number}",
    ):
        answer = scan(officer, "official-seal", text)
        assert (answer.outcome, answer.title) == ("good", "已登记加盖公章")
    assert filled.certificates.filter(state="sealed").count() == 3
    assert answer.register is not None
    assert (answer.register["done"], answer.register["total"]) == (3, 4)
    lacking = missing(officer, STATIONS["official-seal"], filled.pk)
    assert [(line["position"], line["name"]) for line in lacking] == [(4, "张医3")]
    shown = answer.as_json()
    assert shown["name"] == third.name
    assert shown["serial"] == format_serial(third.blank_serial or 0)


def credential_of(register: Register, place: int = 0) -> str:
    item = one(register, place)
    claims = Claims(
        number=item.number,
        name=item.name,
        id_number_masked=item.id_number_masked,
        qualification=item.qualification,
        specialty=item.specialty,
        approval_date=item.approval_date,
        document_number=item.document_number,
        issuer=item.issuing_unit.name,
        made_on=timezone.localdate(),
        blank_serial=item.blank_serial,
    )
    return sign_batch([claims], address="https://zhicheng.example.cn/").texts[0]


def test_n8_the_certificates_own_code_seals_and_an_old_page_does_not(
    city: City, filled: Register
) -> None:
    officer = city.who("health", "officer")
    code = credential_of(filled)
    assert scan(officer, "official-seal", code).outcome == "good"
    tampered = code[:-1] + ("1" if code[-1] != "1" else "2")
    refused = scan(officer, "official-seal", tampered)
    assert (refused.outcome, refused.title) == ("bad", "二维码不能使用")
    old = credential_of(filled, 1)
    spoil(
        actor=city.who("health", "clerk"),
        register_id=filled.pk,
        serials=[one(filled, 1).blank_serial or 0],
        reason="misprint",
    )
    answer = scan(officer, "official-seal", old)
    assert answer.outcome == "bad"
    assert "废旧证书" in answer.title
    assert one(filled, 1).state == "filled"


def test_n8_a_second_scan_is_yellow_and_changes_nothing(city: City, filled: Register) -> None:
    officer = city.who("health", "officer")
    number = one(filled).number
    assert scan(officer, "official-seal", number).outcome == "good"
    before = AuditEvent.objects.count()
    sealed_at = one(filled).official_seal_at
    for _again in range(3):
        answer = scan(officer, "official-seal", number)
        assert (answer.outcome, answer.mine) == ("again", True)
        assert "health.officer" in answer.detail
    assert AuditEvent.objects.count() == before
    assert one(filled).official_seal_at == sealed_at


def test_n8_n18_every_reason_why_not_is_said(city: City, filled: Register) -> None:
    officer = city.who("health", "officer")
    other = accepted_register(city, 2, unit=city.enterprise, department=city.industry)
    carry(city, other, "filled")
    seen = {
        "不是本单位的证书": one(other).number,
        "没有这个编号": "2099000000000",
        "没有读到编号": "   ",
    }
    for title, text in seen.items():
        answer = scan(officer, "official-seal", text)
        assert (answer.outcome, answer.title) == ("bad", title)
    foreign = scan(officer, "official-seal", one(other).number).as_json()
    assert "name" not in foreign
    answer = scan(city.who("office", "embosser"), "embossed-seal", one(filled).number)
    assert "由资格核准部门加盖钢印" in answer.title
    assert "市卫生健康委" in answer.detail
    answer = scan(city.who("health", "embosser"), "embossed-seal", one(filled).number)
    assert answer.title == "还没有加盖公章"
    answer = scan(city.who("health", "clerk"), "issue", one(filled).number, id_checked=True)
    assert answer.title == "还没有加盖公章"
    assert not filled.certificates.exclude(state="filled").exists()


def test_n8_a_senior_certificate_is_sent_to_the_municipal_office(
    city: City, senior: Register
) -> None:
    answer = scan(city.who("health", "embosser"), "embossed-seal", one(senior).number)
    assert answer.outcome == "bad"
    assert "高级证书由市职改办加盖钢印" in answer.title
    assert "请送市职改办" in answer.detail
    done = scan(city.who("office", "embosser"), "embossed-seal", one(senior).number)
    assert done.outcome == "good"
    assert one(senior).state == "embossed"


def test_n9_a_spoiled_blank_is_red_and_a_lost_one_alarms(city: City, filled: Register) -> None:
    officer, clerk = city.who("health", "officer"), city.who("health", "clerk")
    serial = one(filled).blank_serial or 0
    spoil(actor=clerk, register_id=filled.pk, serials=[serial], reason="damaged")
    answer = scan(officer, "official-seal", format_serial(serial))
    assert (answer.outcome, answer.clause) == ("bad", "N9")
    lost = one(filled, 1).blank_serial or 0
    report_loss(actor=clerk, serials=[SerialRange(lost, lost)], note="不见了")
    answer = scan(officer, "official-seal", format_serial(lost))
    assert answer.outcome == "alarm"
    assert Sighting.objects.get().attempted == "公章工位"


def test_n18_who_filled_in_cannot_seal(city: City, filled: Register) -> None:
    clerk = city.who("health", "clerk")
    change_account(actor=city.who("office", "administrator"), account_id=clerk.pk, role="officer")
    clerk.refresh_from_db()
    answer = scan(clerk, "official-seal", one(filled).number)
    assert (answer.outcome, answer.clause) == ("bad", "N18")
    assert one(filled).state == "filled"


def test_n8_at_the_issue_the_card_is_shown_first(city: City, filled: Register) -> None:
    carry_on(city, filled)
    clerk = city.who("health", "clerk")
    asked = scan(clerk, "issue", one(filled).number)
    assert asked.outcome == "ask"
    assert asked.as_json()["masked"] == one(filled).id_number_masked
    assert one(filled).state == "embossed"
    done = scan(clerk, "issue", one(filled).number, id_checked=True)
    assert done.outcome == "good"
    record = one(filled).issue_record
    assert (record.id_checked, record.relation, record.agent) == (True, "holder", None)
    again = scan(clerk, "issue", one(filled).number, id_checked=True)
    assert again.outcome == "again"
    assert one(filled).name in again.detail


def carry_on(city: City, register: Register) -> None:
    path.seal(actor=city.who("health", "officer"), register_id=register.pk)
    path.emboss(actor=city.who("health", "embosser"), register_id=register.pk)


def statements(who: object, slug: str, text: str, **more: object) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = scan(who, slug, text, **more)  # type: ignore[arg-type]
    assert answer.outcome == "good", answer
    return len(queries)


def test_the_statements_of_a_scan_are_few_and_do_not_grow(city: City) -> None:
    found: dict[str, list[int]] = {}
    for people in (3, 60):
        register = accepted_register(city, people)
        deliver(city, 2 * people)
        carry(city, register, "filled")
        number = one(register).number
        found.setdefault("seal", []).append(
            statements(city.who("health", "officer"), "official-seal", number)
        )
        found.setdefault("emboss", []).append(
            statements(city.who("health", "embosser"), "embossed-seal", number)
        )
        found.setdefault("issue", []).append(
            statements(city.who("health", "clerk"), "issue", number, id_checked=True)
        )
    for step, (few, many) in found.items():
        assert many <= few, (step, few, many)
        assert many <= (26 if step == "issue" else 18), (step, many)


def test_n8_a_pile_is_recorded_from_the_first_to_the_last_serial(
    city: City, filled: Register
) -> None:
    officer = city.who("health", "officer")
    station = STATIONS["official-seal"]
    first, last = one(filled).blank_serial or 0, one(filled, 3).blank_serial or 0
    scan(officer, "official-seal", one(filled, 2).number)
    found = pile(officer, station, str(first), str(last))
    assert (len(found.ready), len(found.done), len(found.other), found.missing) == (3, 1, 0, 0)
    with pytest.raises(Refusal) as refused:
        record_pile(actor=officer, station=station, first=str(first), last=str(last), counted=4)
    assert refused.value.rule == "station.count_differs"
    assert filled.certificates.filter(state="sealed").count() == 1
    # By certificate numbers, and the other way round.
    ends = {"first": one(filled, 3).number, "last": one(filled).number}
    record_pile(actor=officer, station=station, counted=3, **ends)
    assert filled.certificates.filter(state="sealed").count() == 4


def test_n8_a_pile_over_two_registers_is_recorded_whole_or_not_at_all(city: City) -> None:
    deliver(city, 40)
    registers = []
    for _turn in range(2):
        register = accepted_register(city, 5)
        carry(city, register, "filled")
        registers.append(register)
    serials = [c.blank_serial or 0 for item in registers for c in item.certificates.all()]
    ends = {"first": str(min(serials)), "last": str(max(serials))}
    officer, station = city.who("health", "officer"), STATIONS["official-seal"]
    before = AuditEvent.objects.count()
    with pytest.raises(Refusal):
        record_pile(actor=officer, station=station, counted=9, **ends)
    assert AuditEvent.objects.count() == before
    record_pile(actor=officer, station=station, counted=10, **ends)
    assert AuditEvent.objects.count() == before + 2
    for register in registers:
        assert not register.certificates.exclude(state="sealed").exists()


def test_n8_a_pile_of_other_grades_leaves_those_out_that_others_emboss(city: City) -> None:
    register = accepted_register(city, 4, grades=[Grade.SENIOR, Grade.INTERMEDIATE])
    deliver(city, 20)
    deliver(city, 20, grade=Grade.SENIOR)
    carry(city, register, "sealed")
    serials = [item.blank_serial or 0 for item in register.certificates.all()]
    found = pile(
        city.who("health", "embosser"),
        STATIONS["embossed-seal"],
        str(min(serials)),
        str(max(serials)),
    )
    assert {item.grade for item in found.ready} == {Grade.INTERMEDIATE}


@pytest.mark.parametrize(
    ("text", "kind", "code", "serial"),
    [
        ("0012001", Kind.CODE, "0012001", 12001),
        (" ２０２６０００１ ", Kind.CODE, "20260001", 20260001),
        ("yj2026-000012", Kind.SLIP, "YJ2026-000012", None),
        ("YJ2026000012", Kind.SLIP, "YJ2026-000012", None),
        ("https://a.example/v/渝职证字2018第5号", Kind.CODE, "渝职证字2018第5号", None),
        ("", Kind.NOTHING, "", None),
        ("9" * 5000, Kind.NOTHING, "", None),
        ("7" * 300, Kind.REFUSED, "", None),
    ],
)
def test_every_text_of_a_scanner_is_read(
    text: str, kind: Kind, code: str, serial: int | None
) -> None:
    found = read(text)
    assert (found.kind, found.code, found.serial) == (kind, code, serial)

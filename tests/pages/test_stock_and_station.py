"""The stock and the certificates' work station through their pages (N1, N5, N8, N9)."""

import io

import pdfplumber
import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from tests.support.city import City, accepted_register, carry, deliver, id_number
from tests.support.pages import text_of, window, workbook
from tests.support.stations import PDF
from zhicheng.audit.models import AuditEvent
from zhicheng.blanks.models import Allotment, Destruction, Exchange, PrintRun, SparePolicy
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.unmasking import PURPOSES
from zhicheng.protection import reveal

pytestmark = pytest.mark.django_db


def test_n1_a_delivery_is_taken_in_when_the_count_agrees(city: City) -> None:
    officer = window(city, "office", "officer")
    delivery = {
        "grade": "senior",
        "serials": "0012001-0012100",
        "printer": "印刷厂",
        "received_on": timezone.localdate().isoformat(),
    }
    wrong = officer.post("/blanks/runs/new/", {**delivery, "confirmed_count": 99})
    assert "与清点的 99 本不一致" in text_of(wrong)
    assert not PrintRun.objects.exists()
    right = officer.post("/blanks/runs/new/", {**delivery, "confirmed_count": 100}, follow=True)
    assert "已入库高级空白证书 100 本" in text_of(right)
    twice = officer.post("/blanks/runs/new/", {**delivery, "confirmed_count": 100})
    assert "同一编号只能印制一次" in text_of(twice)
    assert PrintRun.objects.count() == 1
    for path in ("/blanks/", "/blanks/runs/", "/blanks/holders/", "/blanks/serials/12050/"):
        assert officer.get(path).status_code == 200, path


def test_n5_the_share_of_spares_is_set_for_a_day_to_come(city: City) -> None:
    officer = window(city, "office", "officer")
    today = timezone.localdate()
    officer.post(
        "/blanks/spares/",
        {"valid_from": today.isoformat(), "percent": "10", "round_up": "on"},
    )
    assert float(SparePolicy.objects.get().rate) == pytest.approx(0.10)
    past = officer.post("/blanks/spares/", {"valid_from": "2020-01-01", "percent": "3"})
    assert "不能从过去的日期起生效" in text_of(past)
    register = accepted_register(city, 20)
    deliver(city, 40)
    said = officer.post(f"/blanks/allotments/{register.pk}/allot/", follow=True)
    assert "按人数 20 本，备用 2 本" in text_of(said)
    assert Allotment.objects.get().spares == 2


def test_n5_the_slip_names_both_sides_and_every_serial(city: City) -> None:
    register = accepted_register(city, 40)
    deliver(city, 60)
    carry(city, register, "handed_over")
    answer = window(city, "office", "clerk").get(f"/blanks/allotments/{register.pk}/slip.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    with pdfplumber.open(io.BytesIO(answer.getvalue())) as pdf:
        text = (pdf.pages[0].extract_text() or "").replace(" ", "")
    for words in ("0012001-0012040", "0012041-0012042", "市卫生健康委", "王领取", register.number):
        assert words in text, words


def spoil(client: Client, register_id: int, *serials: int) -> str:
    answer = client.post(
        f"/certificates/registers/{register_id}/spoil/",
        {"serials": ",".join(str(item) for item in serials), "reason": "misprint", "note": ""},
        follow=True,
    )
    return text_of(answer)


def test_n9_spares_then_exchange_then_destruction_through_the_pages(city: City) -> None:
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "filled")
    clerk, officer = window(city, "health", "clerk"), window(city, "office", "officer")
    first, second = register.certificates.order_by("blank_serial").values_list(
        "blank_serial", flat=True
    )[:2]
    assert "启用备用证书 1 本" in spoil(clerk, register.pk, first or 0)
    assert "备用证书已用完" in spoil(clerk, register.pk, second or 0)

    page = f"/blanks/exchange/{register.pk}/intermediate/"
    assert officer.get(page).status_code == 200
    foreign = officer.post(f"{page}take-back/", {"serials": "0012050"})
    assert foreign.status_code == 422
    assert not Exchange.objects.exists()
    done = text_of(officer.post(f"{page}take-back/", {"serials": f"{first},{second}"}, follow=True))
    assert "换取空白证书" in done
    assert Exchange.objects.get().count == 1
    said = clerk.post(f"/certificates/registers/{register.pk}/fill/", {"scope": "all"}, follow=True)
    assert "已填制证书 1 本" in text_of(said)

    proposed = officer.post(
        "/blanks/destructions/propose/",
        {"grade": "intermediate", "serials": f"{first},{second}"},
        follow=True,
    )
    assert "已提请销毁" in text_of(proposed)
    confirm = f"/blanks/destructions/{Destruction.objects.get().pk}/confirm/"
    assert officer.post(confirm).status_code == 422
    other = window(city, "office", "officer2")
    assert "已销毁" in text_of(other.post(confirm, follow=True))
    assert reconcile().stock["intermediate"]["destroyed"] == 2
    books = text_of(window(city, "office", "auditor").post("/blanks/reconcile/"))
    assert "对账通过" in books


def test_n8_the_station_takes_all_some_or_a_range_and_never_half(city: City) -> None:
    register = accepted_register(city, 6)
    deliver(city, 20)
    carry(city, register, "received")
    clerk, officer = window(city, "health", "clerk"), window(city, "health", "officer")
    station = f"/certificates/registers/{register.pk}/"
    clerk.post(f"{station}fill/", {"scope": "range", "first": 2, "last": 4})
    assert list(register.certificates.order_by("position").values_list("position", flat=True)) == [
        2,
        3,
        4,
    ]
    nobody = clerk.post(f"{station}fill/", {"scope": "picked"})
    assert nobody.status_code == 422
    clerk.post(f"{station}fill/", {"scope": "all"})
    assert register.certificates.count() == 6
    rows = list(register.rows.order_by("position").values_list("pk", flat=True)[:2])
    officer.post(f"{station}seal/", {"scope": "picked", "row": rows})
    assert register.certificates.filter(state="sealed").count() == 2
    early = clerk.post(f"{station}issue/", {"scope": "all", "relation": "holder"})
    assert early.status_code == 422
    officer.post(f"{station}seal/", {"scope": "all"})
    window(city, "health", "embosser").post(f"{station}emboss/", {"scope": "all"})
    agent = {"scope": "picked", "row": rows, "relation": "agent", "agent_name": "杜若谷"}
    unproven = clerk.post(f"{station}issue/", agent)
    assert unproven.status_code == 422
    assert not register.certificates.filter(state="issued").exists()
    agent |= {
        "agent_id_number": id_number(5),
        "agent_relation": "colleague",
        "agent_id_checked": "on",
        "authorisation": workbook(PDF, "委托书.pdf"),
    }
    assert "由杜若谷代领" in text_of(clerk.post(f"{station}issue/", agent, follow=True))
    clerk.post(f"{station}issue/", {"scope": "all", "relation": "holder"})
    assert register.certificates.filter(state="issued").count() == 6
    assert register.certificates.filter(recipient="杜若谷").count() == 2
    assert reconcile().passed


def test_n8_a_scanned_number_finds_its_row_and_a_strange_one_does_not(city: City) -> None:
    register = accepted_register(city, 3)
    deliver(city, 10)
    carry(city, register, "filled")
    clerk = window(city, "health", "clerk")
    certificate = Certificate.objects.order_by("pk")[1]
    station = f"/certificates/registers/{register.pk}/scan/"
    for code in (certificate.number, f"{certificate.blank_serial:07d}"):
        found = clerk.post(station, {"text": code})
        assert str(certificate.row_id) in found.content.decode(), code
    assert str(certificate.row_id) not in clerk.post(station, {"text": "999"}).content.decode()


def test_the_whole_id_number_is_shown_on_demand_and_every_look_is_recorded(city: City) -> None:
    register = accepted_register(city, 1)
    deliver(city, 5)
    carry(city, register, "issued")
    certificate = Certificate.objects.get()
    number = reveal(bytes(certificate.id_number_cipher))
    clerk = window(city, "health", "clerk")
    page = f"/certificates/{certificate.pk}/"
    shown = clerk.get(page)
    assert number not in shown.content.decode()
    refused = clerk.post(f"{page}reveal/", {"purpose": "curiosity"})
    assert refused.status_code == 422
    assert number not in refused.content.decode()
    purpose = next(iter(PURPOSES))
    assert number in clerk.post(f"{page}reveal/", {"purpose": purpose}).content.decode()
    event = AuditEvent.objects.get(tag="any:person:unmask")
    assert number not in str(event.data)
    assert event.actor_id == city.who("health", "clerk").pk


def test_the_list_of_certificates_is_exported_masked_and_recorded(city: City) -> None:
    register = accepted_register(city, 4)
    deliver(city, 10)
    carry(city, register, "issued")
    answer = window(city, "health", "officer").get("/certificates/", {"export": "xlsx"})
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    cells = [str(cell.value) for row in book.active.iter_rows() for cell in row]
    for certificate in register.certificates.all():
        assert certificate.number in cells
        assert reveal(bytes(certificate.id_number_cipher)) not in cells
    assert AuditEvent.objects.get(tag="any:list:export").data["count"] == 4

"""The pages of old certificates: who sees them, what they give away, what a phone can do."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.test import Client

from tests.historic.conftest import OLD_15, Imported, line
from tests.support.city import City
from tests.support.working import worked
from zhicheng.historic import certifying
from zhicheng.historic.lifecycle import LEDGER, REGISTRATION
from zhicheng.historic.models import Ledger, Registration
from zhicheng.verification.models import SourceConflict

Begun = Callable[..., Registration]


@pytest.fixture
def log_in(city: City) -> Callable[[str, str], Client]:
    def enter(organization: str, role: str) -> Client:
        client = Client()
        client.force_login(
            city.who(organization, role), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return enter


def test_the_office_sees_ledgers_and_conflicts_and_units_their_registrations(
    log_in: Callable[[str, str], Client], loaded: Imported, begun: Begun
) -> None:
    ledger = loaded([line("A-1"), line("A-1", 从事专业="桥梁工程")])
    registration = begun("submitted")
    conflict = SourceConflict.objects.get()
    office = (
        f"/historic/ledgers/{ledger.pk}/", "/historic/ledgers/", "/historic/conflicts/",
        f"/historic/conflicts/{conflict.pk}/",
    )  # fmt: skip
    for organization, role, expected in (
        ("office", "officer", 200), ("office", "auditor", 200), ("health", "officer", 403),
        ("hospital", "clerk", 403), ("office", "administrator", 403),
    ):  # fmt: skip
        client = log_in(organization, role)
        for address in office:
            assert client.get(address).status_code == expected, (organization, role, address)
    for organization, role, expected in (
        ("health", "clerk", 200), ("office", "officer", 200), ("industry", "officer", 404),
        ("office", "auditor", 200), ("hospital", "clerk", 403),
    ):  # fmt: skip
        client = log_in(organization, role)
        assert client.get(registration.get_absolute_url()).status_code == expected
        paper = registration.evidence.get(kind="photo").file
        found = client.get(f"/historic/registrations/{registration.pk}/files/{paper.token}/")
        assert found.status_code == expected
        shown = client.get("/historic/registrations/").content.decode()
        assert (registration.receipt_number in shown) == (expected == 200)


def test_no_page_shows_an_id_number_in_clear(
    log_in: Callable[[str, str], Client], loaded: Imported, begun: Begun
) -> None:
    ledger = loaded([line("A-1"), line("", 身份证号=OLD_15)], take=False)
    registration = begun("submitted", certificate_number="B-1")
    client = log_in("office", "officer")
    for address in (
        f"/historic/ledgers/{ledger.pk}/",
        f"/historic/ledgers/{ledger.pk}/map/",
        registration.get_absolute_url(),
        "/historic/registrations/?export=xlsx",
    ):
        assert OLD_15.encode() not in b"".join(client.get(address))
    sent = b"".join(client.get(f"/historic/ledgers/{ledger.pk}/not-taken.xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(sent)).active
    rows = [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert len(rows) == 2 and "证书编号为空" in rows[1][-1]
    assert OLD_15 not in str(rows)


def test_a_ledger_goes_through_the_pages_and_the_worker(
    log_in: Callable[[str, str], Client], loaded: Imported
) -> None:
    ledger = loaded([line("A-1")], take=False)
    client = log_in("office", "officer")
    page = worked(client, client.post(f"/historic/ledgers/{ledger.pk}/import/"))
    assert "已导入 1 行" in page.content.decode()
    assert Ledger.objects.get().state == "imported"


def test_receipt_and_id_number_open_the_progress_and_nothing_more(begun: Begun) -> None:
    registration = begun("submitted")
    client = Client()
    mine = f"/historic/register/{registration.receipt_number}/"
    assert client.get(mine).headers["Location"] == "/historic/progress/"
    wrong = {"number": registration.receipt_number, "id_number": "510213650312103"}
    assert "没有查到" in client.post("/historic/progress/", wrong).content.decode()
    right = {**wrong, "id_number": OLD_15}
    page = client.post("/historic/progress/", right, follow=True).content.decode()
    assert registration.receipt_number in page and "秦望舒" not in page
    assert client.get(mine).headers["Location"] == f"{mine}progress/"
    assert client.post(f"{mine}withdraw/").headers["Location"] == f"{mine}progress/"
    registration.refresh_from_db()
    assert registration.state == "submitted"
    client.post(f"{mine}telephone/", {"telephone": "138-0000-1234"})
    assert "秦望舒" in client.get(f"{mine}progress/").content.decode()
    # An ID number never stands in an address.
    assert client.get(f"/historic/register/?x={OLD_15}").status_code == 302


def test_the_pages_of_electronic_and_of_all_certificates_know_an_old_one(
    city: City, log_in: Callable[[str, str], Client], begun: Begun
) -> None:
    registration = begun("accepted")
    certificate = certifying.certify(
        actor=city.who("office", "officer"), registration_id=registration.pk
    )
    for organization, role in (("office", "officer"), ("health", "clerk"), ("office", "auditor")):
        client = log_in(organization, role)
        for address in (
            "/electronic/certificates/",
            f"/electronic/certificates/{certificate.pk}/",
            "/electronic/certificates/?export=xlsx",
            "/certificates/",
            registration.get_absolute_url(),
        ):
            assert client.get(address).status_code == 200, (role, address)
    page = log_in("office", "officer").get(f"/certificates/{certificate.pk}/", follow=True)
    assert "历史证书" in page.content.decode()


def test_the_diagrams_in_the_docs_are_the_lifecycles() -> None:
    from pathlib import Path

    told = Path(__file__).parents[2].joinpath("docs", "historic.md").read_text("utf-8")
    assert LEDGER.mermaid() in told and REGISTRATION.mermaid() in told

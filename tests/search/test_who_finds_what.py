"""What each role finds by the box: its own, and what was issued or kept before the registers."""

import re
from pathlib import Path

import pytest

from tests.historic.conftest import OLD_15, ledger_file, line, said
from tests.search.test_search import ask, typed
from tests.support.city import City, found_city
from tests.support.employers import employer
from tests.support.filing import Filing
from tests.support.reissues import issued
from zhicheng.historic import ledgers, registering
from zhicheng.historic.models import Ledger, Registration
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role
from zhicheng.reference.loading import load_reference
from zhicheng.registers.models import Register
from zhicheng.selfissued import actions as own
from zhicheng.selfissued.models import SelfIssuedCertificate
from zhicheng.selfissued.template_book import template_book

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    load_reference()
    return found_city()


def found(account: Account, text: str) -> set[str]:
    """The addresses that were found."""
    page = ask(account, text).split("data-search-results")[1]
    assert found_typing(account, text) == set(re.findall(r'<li><a href="([^"]+)"', page))
    return set(re.findall(r'<li><a href="([^"]+)"', page))


def found_typing(account: Account, text: str) -> set[str]:
    return set(re.findall(r'<li><a href="([^"]+)"', typed(account, text)))


def report(city: City) -> SelfIssuedCertificate:
    """A certificate that the enterprise issued itself."""
    Filing(city).self_review(city.enterprise)
    row = [
        *("CJ2026-0001", "李一鸣", "女", "500103198502141022", "", "工程技术人员", "中级"),
        *("工程师", "机械设计", "2026-03-18", "长重职〔2026〕2号", "2026-04-01", ""),
    ]
    content = template_book(unit=city.enterprise.name, rows=[row])
    filed = own.file_report(
        actor=city.who("enterprise", "clerk"), content=content, name="证书.xlsx"
    )
    assert filed.report is not None, [str(item) for item in filed.findings]
    return SelfIssuedCertificate.objects.get()


def test_n16_a_units_own_certificates_are_found_by_it_and_the_office_alone(city: City) -> None:
    certificate = report(city)
    for text in ("李一鸣", "李一", "CJ2026-0001", "cj2026"):
        for who in (("enterprise", "clerk"), ("office", "officer"), ("office", "auditor")):
            assert certificate.get_absolute_url() in found(city.who(*who), text), (text, who)
        for who in (("hospital", "clerk"), ("health", "officer"), ("office", "administrator")):
            assert certificate.get_absolute_url() not in found(city.who(*who), text), (text, who)


def test_n7_old_ledgers_are_found_by_the_office_and_registrations_by_their_unit_too(
    city: City, tmp_path: Path
) -> None:
    officer = city.who("office", "officer")
    content = ledger_file(tmp_path / "a.xlsx", [line("渝水98-0311")])
    ledger = ledgers.upload(actor=officer, content=content, name="台账.xlsx", title="旧台账")
    ledgers.map_columns(
        actor=officer,
        ledger_id=ledger.pk,
        sheet=ledger.sheet,
        header_row=ledger.header_row,
        chosen={int(place): key for place, key in ledger.chosen.items()},
    )
    ledgers.check(actor=officer, ledger_id=ledger.pk)
    ledgers.import_ledger(actor=officer, ledger_id=ledger.pk)
    registration = registering.begin(said=said(city))
    for text in ("秦望舒", "渝卫98-0417", registration.receipt_number):
        assert registration.get_absolute_url() not in found(officer, text)  # still a draft
    Registration.objects.update(state="submitted", submitted_at=registration.created_at)
    page = f"/historic/ledgers/{Ledger.objects.get().pk}/"
    for who, lines, told in (
        (("office", "officer"), True, True),
        (("office", "auditor"), True, True),
        (("health", "clerk"), False, True),
        (("industry", "officer"), False, False),
        (("hospital", "clerk"), False, False),
        (("office", "administrator"), False, False),
    ):
        account = city.who(*who)
        for text in ("龙若谷", "龙", "渝水98-0311", "渝水98"):
            assert (page in found(account, text)) == lines, (who, text)
        for text in ("秦望舒", "渝卫98-0417", registration.receipt_number):
            hit = registration.get_absolute_url() in found(account, text)
            assert hit == told, (who, text)
    assert OLD_15 not in ask(officer, "龙若谷")


def test_an_employer_finds_nothing_but_itself(city: City) -> None:
    certificate, _application = issued(city)[0], report(city)
    register = Register.objects.get(pk=certificate.register_id)
    texts = [
        *(certificate.name, "zy", certificate.number, str(certificate.blank_serial)),
        *(register.number, certificate.document_number, "李一鸣", "CJ2026-0001"),
        *("医院", "sc", "市职改办", "szgb"),
    ]
    for role in Role:
        account = employer(role=role)
        for text in texts:
            assert found(account, text) == set(), (role, text)
        assert found(account, "缙云") == {f"/organizations/{account.organization_id}/"}
        page = ask(account, "身份证")
        assert "按回车键查询" not in page


def test_an_administrator_finds_organisations_alone(city: City) -> None:
    certificate = issued(city)[0]
    register = Register.objects.get(pk=certificate.register_id)
    account = city.who("office", "administrator")
    for text in (
        *(certificate.name, "zy", certificate.number, str(certificate.blank_serial)),
        *(register.number, certificate.document_number),
    ):
        assert not [hit for hit in found(account, text) if not hit.startswith("/organizations/")]
    assert f"/organizations/{city.hospital.pk}/" in found(account, "医院")


def test_an_id_number_is_never_written_back_into_the_page(city: City) -> None:
    number = "500103198502141014"
    page = ask(city.who("office", "officer"), number)
    assert number not in page
    assert number not in typed(city.who("office", "officer"), number)


def test_a_unit_is_told_when_too_many_numbers_begin_so(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = issued(city)[0]
    monkeypatch.setattr("zhicheng.search.queries.CANDIDATES", 0)
    page = ask(city.who("industry", "officer"), certificate.number[:4])
    assert "以此开头的编号很多" in page

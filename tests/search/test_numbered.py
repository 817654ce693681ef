"""Whatever the product gave a number is found by it, by whoever may see it and by nobody else."""

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.historic.conftest import ledger_file, line
from tests.search.test_search import ask, typed
from tests.support.city import City, accepted_register, found_city
from tests.support.pages import logged_in
from zhicheng.anomalies.models import Inquiry
from zhicheng.blanks.models import (
    BlankCase,
    CaseKind,
    Destruction,
    ExchangeRequest,
    PrintOrder,
    Stocktake,
)
from zhicheng.certificates.models import PrintJob, TransferSlip
from zhicheng.historic import ledgers
from zhicheng.search.numbered import NUMBERED
from zhicheng.search.readings import syllables
from zhicheng.search.rules import read
from zhicheng.selfissued.models import Report
from zhicheng.verification.models import BatchPurpose, BatchVerification, BatchWay

pytestmark = pytest.mark.django_db

OFFICE = {"office.clerk", "office.officer", "office.auditor"}
LOOKERS = (
    *(f"office.{role}" for role in ("clerk", "officer", "auditor", "administrator")),
    *("health.officer", "hospital.clerk", "enterprise.clerk", "industry.officer"),
)


@pytest.fixture
def city() -> City:
    return found_city()


def slip(city: City) -> object:
    return TransferSlip.objects.create(
        number="YJ2026-000731",
        unit=city.health,
        embosser=city.office,
        made_by=city.who("health", "clerk"),
    )


def print_job(city: City) -> object:
    return PrintJob.objects.create(
        number="DY2026-00731",
        organization=city.health,
        register=accepted_register(city, 1),
        grade="intermediate",
        layout_label="中级 2026",
        pages_count=1,
        portion_size=1,
        started_by=city.who("health", "clerk"),
    )


def exchange(city: City) -> object:
    return ExchangeRequest.objects.create(
        number="HQ2026-00731",
        register=accepted_register(city, 1),
        grade="intermediate",
        serials=["1"],
        count=1,
        requested_by=city.who("health", "clerk"),
    )


def case(city: City) -> object:
    return BlankCase.objects.create(
        number="AJ2026-000731", kind=CaseKind.LOSS, count=1, holder=city.health, note="搬家时遗失"
    )


def stocktake(city: City) -> object:
    return Stocktake.objects.create(
        number="PD2026-000731",
        organization=city.health,
        expected_count=1,
        started_by=city.who("health", "clerk"),
    )


def print_order(city: City) -> object:
    return PrintOrder.objects.create(
        number="YZ2026-00731",
        grade="senior",
        serials=(1, 11),
        quantity=10,
        ordered_on=timezone.localdate(),
    )


def destruction(city: City) -> object:
    return Destruction.objects.create(
        grade="senior", serials=["1"], count=1, proposed_by=city.who("office", "officer")
    )


def report(city: City) -> object:
    return Report.objects.create(
        number="ZF2026-000731",
        unit=city.enterprise,
        people_count=1,
        source=b"x",
        source_name="证书.xlsx",
        source_sha256="0" * 64,
    )


def ledger(city: City) -> object:
    with TemporaryDirectory() as folder:
        content = ledger_file(Path(folder) / "a.xlsx", [line("渝水98-0311")])
    officer = city.who("office", "officer")
    return ledgers.upload(actor=officer, content=content, name="台账.xlsx", title="旧台账")


def batch(city: City) -> object:
    return BatchVerification.objects.create(
        number="HY2026-000731",
        organization=city.health,
        account=city.who("health", "clerk"),
        way=BatchWay.UPLOAD,
        purpose=next(value for value in BatchPurpose.values if value != "other"),
        row_count=1,
        found_count=0,
    )


def inquiry(city: City) -> object:
    return Inquiry.objects.create(
        number="HC2026-000731", subject="夜间批量查询", opened_by=city.who("office", "auditor")
    )


MADE: dict[str, tuple[Callable[[City], object], set[str]]] = {
    "transfer": (slip, OFFICE | {"health.officer"}),
    "print_job": (print_job, OFFICE | {"health.officer"}),
    "exchange": (exchange, OFFICE | {"health.officer", "hospital.clerk"}),
    "case": (case, OFFICE | {"health.officer"}),
    "stocktake": (stocktake, OFFICE | {"health.officer"}),
    "print_order": (print_order, OFFICE),
    "destruction": (destruction, OFFICE),
    "report": (report, OFFICE | {"enterprise.clerk"}),
    "ledger": (ledger, OFFICE),
    "batch": (batch, OFFICE | {"health.officer"}),
    "inquiry": (inquiry, {"office.auditor"}),
}


def test_every_kind_of_number_is_tried() -> None:
    assert set(MADE) == {kind.key for kind in NUMBERED}


@pytest.mark.parametrize("key", MADE)
def test_a_number_is_found_by_whoever_may_see_what_it_names(city: City, key: str) -> None:
    make, may = MADE[key]
    number = str(make(city).number)  # type: ignore[attr-defined]
    texts = [number, number.replace("-", ""), number.replace("-", "－"), number.lower()]
    if key != "destruction":  # its number stands in no column: found as a whole
        texts += [number[:6], number[:-1]]
    for who in LOOKERS:
        account = city.who(*who.split("."))
        for text in texts:
            hit = re.search(rf'<a href="([^"]+)"><b>{number}</b>', typed(account, text))
            assert bool(hit) == (who in may), (who, text)
            if hit and text == number:
                address = hit[1].replace("&amp;", "&")
                # A ledger whose columns wait to be named goes on to the page for that.
                assert logged_in(account).get(address).status_code in (200, 302), (who, address)


@pytest.mark.parametrize("key", MADE)
def test_what_is_no_number_of_the_kind_finds_none_of_it(city: City, key: str) -> None:
    make, may = MADE[key]
    number = str(make(city).number)  # type: ignore[attr-defined]
    account = city.who(*min(may).split("."))
    kind = next(kind for kind in NUMBERED if kind.key == key)
    for text in ("张三", "zhangsan", "渝职改", "QQ2026-000731"):
        page = ask(account, text, kind=key)
        assert number not in page and "没有找到" in page, text
        assert not kind.find(account, read(text, syllables(), timezone.localdate()), 0, 5), text
    assert number in ask(account, number, kind=key)


def test_of_all_kinds_of_numbers_only_the_meant_one_is_asked(city: City) -> None:
    slip(city)
    officer = city.who("office", "officer")
    typed(officer, "QQ2026-000731")
    with CaptureQueriesContext(connection) as none:
        typed(officer, "QQ2026-000731")
    with CaptureQueriesContext(connection) as one:
        typed(officer, "YJ2026-000731")
    assert len(one) == len(none) + 1


def test_receipts_and_registers_are_found_with_any_hyphen_and_none(city: City) -> None:
    register = accepted_register(city, 1)
    type(register).objects.filter(pk=register.pk).update(number="DJ2026-000009")
    for text in ("DJ2026－000009", "dj2026000009", "DJ2026—000009", "DJ 2026-0000 09"):
        assert f"/registers/{register.pk}/" in typed(city.who("hospital", "clerk"), text), text


def test_the_page_promises_only_what_the_account_can_find(city: City) -> None:
    def promised(who: str) -> str:
        page = logged_in(city.who(*who.split("."))).get("/search/").content.decode()
        return page.split("data-search-results")[1] + page.split("<h1")[1].split("</header>")[0]

    administrator = promised("office.administrator")
    assert "单位名称" in administrator
    for word in ("证书", "身份证", "批准文号", "移交单", "姓名"):
        assert word not in administrator, word
    assert "核查案卷 HC" in promised("office.auditor")
    officer = promised("office.officer")
    assert "移交单 YJ" in officer and "印制单 YZ" in officer and "核查案卷" not in officer
    assert "旧台账" not in promised("hospital.clerk")
    assert "按身份证" not in ask(city.who("office", "embosser"), "没有这个人")

"""A city, a signing authority of the test's own, old ledgers and a holder with a certificate."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.support.city import City, found_city
from tests.support.reissues import picture
from zhicheng.electronic import sealing
from zhicheng.files.store import prepare
from zhicheng.historic import deciding, ledgers, registering
from zhicheng.historic.models import Ledger, Registration
from zhicheng.historic.registering import Holder
from zhicheng.historic.registration_rules import Said
from zhicheng.reference.models import Level, Qualification

HEADINGS = (
    "序号", "姓 名", "性别", "身份证号", "职称证书编号", "从事专业", "任职资格", "评审通过时间",
    "发证日期", "文件号", "评审委员会", "工作单位",
)  # fmt: skip
OLD_15 = "510213650312101"


def line(number: str, **changed: Any) -> dict[str, Any]:
    """A good row of an old ledger."""
    return {
        "姓 名": "龙若谷",
        "性别": "男",
        "身份证号": OLD_15,
        "职称证书编号": number,
        "从事专业": "水利水电工程",
        "任职资格": "工程师",
        "评审通过时间": "1998.12.5",
        "发证日期": "1999.1.20",
        "文件号": "渝职改办〔1998〕88号",
        "评审委员会": "水利工程中评委",
        "工作单位": "江河勘测院",
        **changed,
    }


def ledger_file(
    path: Path, lines: Sequence[dict[str, Any]], headings: Sequence[str] = HEADINGS
) -> bytes:
    """An .xlsx with a merged title above its header, as old ledgers are."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("台账")
        sheet.merge_range(0, 0, 0, len(headings) - 1, "九十年代中级职称发证台账")
        sheet.write(1, 0, "编制单位：江河勘测院")
        sheet.write_row(2, 0, headings)
        for at, told in enumerate(lines, start=1):
            sheet.write_row(
                2 + at, 0, [told.get(name, at if name == "序号" else "") for name in headings]
            )
    return path.read_bytes()


Imported = Callable[..., Ledger]


@pytest.fixture
def city(db: None) -> City:
    city = found_city()
    if not Qualification.objects.filter(name="工程师").exists():
        from zhicheng.reference.loading import load_reference

        load_reference()
    return city


@pytest.fixture
def loaded(city: City, tmp_path: Path) -> Imported:
    """Uploads a ledger of these lines and checks it, and imports it unless told otherwise."""

    def made(
        lines: Sequence[dict[str, Any]],
        *,
        take: bool = True,
        title: str = "九十年代台账",
        **given: Any,
    ) -> Ledger:
        officer = city.who("office", "officer")
        content = ledger_file(tmp_path / "ledger.xlsx", lines, **given)
        ledger = ledgers.upload(actor=officer, content=content, name="台账.xlsx", title=title)
        ledger = ledgers.map_columns(
            actor=officer,
            ledger_id=ledger.pk,
            sheet=ledger.sheet,
            header_row=ledger.header_row,
            chosen={int(place): key for place, key in ledger.chosen.items()},
        )
        ledger = ledgers.check(actor=officer, ledger_id=ledger.pk)
        return ledgers.import_ledger(actor=officer, ledger_id=ledger.pk) if take else ledger

    return made


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> Iterator[Path]:
    """A data folder of the test's own, in which the test authority makes its keys."""
    folder = tmp_path_factory.mktemp("home")
    settings.HOME = folder
    yield folder
    sealing._seal.cache_clear()


def said(city: City, **changed: Any) -> Said:
    """What a holder types from an old certificate that no ledger has."""
    return Said(
        **{
            "unit_id": city.health.pk,
            "certificate_number": "渝卫98-0417",
            "name": "秦望舒",
            "id_number": OLD_15,
            "telephone": "13800001234",
            "sex": "男",
            "work_unit": "山城第一人民医院",
            "specialty": "水利水电工程",
            "qualification": "工程师",
            "level": Level.INTERMEDIATE.value,
            "approval_date": date(1998, 12, 5),
            "issued_on": date(1999, 1, 20),
            "document_number": "渝职改办〔1998〕90号",
            "department": "市卫生局",
            **changed,
        }
    )


@pytest.fixture
def begun(city: City) -> Callable[..., Registration]:
    """A registration as far as asked: draft, submitted, checked, accepted."""

    def made(to: str = "draft", **changed: Any) -> Registration:
        registration = registering.begin(said=said(city, **changed))
        holder = Holder(registration.pk)
        if to == "draft":
            return registration
        for kind in ("certificate", "photo"):
            registering.add_evidence(
                actor=holder,
                registration_id=registration.pk,
                kind=kind,
                file=prepare(picture(), f"{kind}.jpg"),
            )
        registering.submit(actor=holder, registration_id=registration.pk)
        if to != "submitted":
            deciding.check(
                actor=city.who("health", "clerk"), registration_id=registration.pk, note="档案一致"
            )
        if to == "accepted":
            deciding.accept(
                actor=city.who("office", "officer"),
                registration_id=registration.pk,
                department_id=city.health.pk,
            )
        registration.refresh_from_db()
        return registration

    return made

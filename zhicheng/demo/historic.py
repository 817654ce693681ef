"""Certificates of before: two old ledgers, registrations in every state, conflicts (N7, N16)."""

import io
from datetime import date
from typing import Any

import xlsxwriter
from PIL import Image, ImageDraw

from zhicheng.certificates.models import Certificate
from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.files.store import prepare
from zhicheng.historic import certifying, deciding, ledgers, registering
from zhicheng.historic.models import Ledger, Registration
from zhicheng.historic.registering import Holder
from zhicheng.historic.registration_rules import Said
from zhicheng.organizations.models import Account
from zhicheng.photos.pictures import Picture, prepare_one
from zhicheng.protection import reveal
from zhicheng.reference.models import Level
from zhicheng.values.id_number import check_digit
from zhicheng.verification import decisions
from zhicheng.verification.models import Outcome, SourceConflict

HEADINGS = (
    "序号", "姓 名", "性别", "身份证号", "职称证书编号", "从事专业", "任职资格", "评审通过时间",
    "发证日期", "文件号", "评审委员会", "工作单位",
)  # fmt: skip
# How far each goes, and how many working days ago it began.
REGISTRATIONS = (
    ("draft", 4),
    ("submitted", 8),
    ("returned", 24),
    ("checked", 12),
    ("refused", 30),
    ("accepted", 13),
    ("certified", 39),
)
_NAMES = "龙若谷 秦望舒 柳青岩 沈怀远 江映雪 陆知行 方景行 白听澜 温如言 叶疏桐".split()


def _old_number(order: int) -> str:
    """A number of fifteen digits of nobody."""
    return f"5102136{order % 10}03{10 + order % 18}{100 + 2 * order + 1:03d}"


def _number(order: int) -> str:
    first17 = f"51021319{60 + order % 20}0412{300 + 2 * order + 1:03d}"
    return first17 + check_digit(first17)


def _line(order: int, **changed: Any) -> dict[str, Any]:
    year = 1995 + order % 9
    return {
        "序号": order,
        "姓 名": _NAMES[order % len(_NAMES)],
        "性别": "男",
        "身份证号": _old_number(order) if year < 2000 else _number(order),
        "职称证书编号": f"渝中{year}-{order:05d}",
        "从事专业": ("水利水电工程", "机械设计", "建筑工程")[order % 3],
        "任职资格": "工程师",
        "评审通过时间": f"{year}.11.{order % 20 + 1}",
        "发证日期": f"{year + 1}.1.15",
        "文件号": f"渝职改办〔{year}〕{order % 90 + 1}号",
        "评审委员会": "市工程技术中级评委会",
        "工作单位": "江河勘测设计院",
        **changed,
    }


def _workbook(title: str, lines: list[dict[str, Any]]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("台账")
        sheet.merge_range(0, 0, 0, len(HEADINGS) - 1, title)
        sheet.write(1, 0, "编制单位：市职改办档案室")
        sheet.write_row(2, 0, HEADINGS)
        for at, told in enumerate(lines, start=3):
            sheet.write_row(at, 0, [told[name] for name in HEADINGS])
    return made.getvalue()


def tell_historic(city: City) -> list[Course]:
    """Everything that the pages of historic certificates can show."""
    told = _Told(city)
    return [told.ledgers(), *(told.registration(*item) for item in enumerate(REGISTRATIONS))]


class _Told:
    def __init__(self, city: City) -> None:
        self.city = city

    def who(self, name: str) -> Account:
        return self.city.accounts[name]

    def ledger(self, title: str, lines: list[dict[str, Any]], *, take: bool) -> Ledger:
        """A ledger as far as the import, or to the preview."""
        officer = self.who("office.officer")
        ledger = ledgers.upload(
            actor=officer, content=_workbook(title, lines), name=f"{title}.xlsx", title=title
        )
        ledgers.map_columns(
            actor=officer,
            ledger_id=ledger.pk,
            sheet=ledger.sheet,
            header_row=ledger.header_row,
            chosen={int(place): key for place, key in ledger.chosen.items()},
        )
        ledger = ledgers.check(actor=officer, ledger_id=ledger.pk)
        return ledgers.import_ledger(actor=officer, ledger_id=ledger.pk) if take else ledger

    def ledgers(self) -> Course:
        """One imported with a few faults and two conflicts, one that waits for its import."""
        ago, year = self.city.days.ago, self.city.days.year
        yield ago(9, 14)
        known = list(Certificate.objects.filter(state="issued").order_by("pk")[:2])
        disagreeing = [
            _line(
                80 + at,
                **{
                    "姓 名": item.name,
                    "性别": item.sex,
                    "身份证号": reveal(bytes(item.id_number_cipher)),
                    "职称证书编号": item.number,
                    "从事专业": "全科医学" if at == 0 else item.specialty,
                    "任职资格": item.qualification,
                    "评审通过时间": item.approval_date.isoformat() if at == 0 else f"{year}-01-05",
                    "发证日期": f"{year}-04-20",
                    "文件号": item.document_number,
                    "工作单位": item.work_unit,
                },
            )
            for at, item in enumerate(known)
        ]
        wrong = _number(31)
        faults = [
            _line(31, 身份证号=wrong[:17] + ("1" if wrong[17] != "1" else "2")),
            _line(32, 身份证号=510213196504123018),
            _line(33, 任职资格="总工"),
            _line(34, 评审通过时间="1998年12月"),
            _line(35, 评审通过时间="待查"),
            _line(36, 职称证书编号=""),
        ]
        self.ledger(
            "1995—2003年中级职称发证台账（演示）",
            [*(_line(order) for order in range(1, 31)), *faults, *disagreeing],
            take=True,
        )
        yield ago(6, 9, 30)
        found = list(SourceConflict.objects.order_by("pk"))
        decisions.decide(
            actor=self.who("office.officer"),
            conflict_id=found[-1].pk,
            outcome=Outcome.FIRST_RIGHT,
            reason="已调阅核准文件原件，登记表与原件一致，台账批准时间抄写有误。",
        )
        yield ago(3, 15)
        self.ledger(
            "2004年补充台账（演示）",
            [*(_line(order) for order in range(25, 31)), _line(37), _line(38, 身份证号="51021")],
            take=False,
        )

    def registration(self, order: int, told: tuple[str, int]) -> Course:
        """One that goes as far as its state."""
        health, office = self.who("health.officer"), self.who("office.officer")
        (until, day), ago = told, self.city.days.ago
        yield ago(day, 20, 15)  # holders come in the evening
        item = self.begin(order)
        if until == "draft":
            return
        holder = Holder(item.pk)
        for kind, file in (("certificate", _scan()), ("photo", portrait_of_nobody())):
            prepared = (
                prepare_one(Picture("照片.jpg", file))
                if kind == "photo"
                else prepare(file, "证书.jpg")
            )
            registering.add_evidence(
                actor=holder, registration_id=item.pk, kind=kind, file=prepared
            )
        registering.submit(actor=holder, registration_id=item.pk)
        yield ago(day - 5, 10, 25)
        if until == "returned":
            deciding.send_back(
                actor=health, registration_id=item.pk, reason="证书照片看不清编号，请重拍。"
            )
        elif until == "refused":
            deciding.refuse(
                actor=office,
                registration_id=item.pk,
                reason="经查原发证单位没有发放过这个编号的证书。",
            )
        elif until != "submitted":
            deciding.check(actor=health, registration_id=item.pk, note="与发证档案第 12 卷一致。")
        if until in ("accepted", "certified"):
            yield ago(day - 9, 15, 5)
            deciding.accept(
                actor=office,
                registration_id=item.pk,
                department_id=self.city.departments["市卫生健康委"].pk,
            )
        if until == "certified":
            yield ago(0, 8)  # signed today: by a key that is valid from today on
            certifying.certify(actor=office, registration_id=item.pk)

    def begin(self, order: int) -> Registration:
        """The next holder's draft."""
        return registering.begin(
            said=Said(
                unit_id=self.city.departments["市卫生健康委"].pk,
                certificate_number=f"渝卫中{1996 + order}-{order + 311:04d}",
                name=_NAMES[-1 - order],
                id_number=_number(50 + order),
                telephone=f"1380000{order + 1201:04d}",
                sex="男",
                work_unit="山城第一人民医院",
                specialty="内科学",
                qualification="主治医师",
                level=Level.INTERMEDIATE.value,
                approval_date=date(1996 + order, 11, 20),
                issued_on=date(1997 + order, 1, 15),
                document_number=f"渝职改办〔{1996 + order}〕{88 + order}号",
                committee="市卫生系列中级评委会",
                department="市卫生局",
                issuer="市卫生局",
            )
        )


def _scan() -> bytes:
    """A certificate photographed, of nobody."""
    image = Image.new("RGB", (900, 640), "#7d1420")
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 40, 860, 600), fill="#f4ead2", outline="#c9a24a", width=6)
    for at in range(6):
        draw.line((420, 150 + 60 * at, 800, 150 + 60 * at), fill="#9a8f7a", width=3)
    draw.rectangle((110, 150, 300, 400), fill="#cfd8e3", outline="#9a8f7a", width=3)
    made = io.BytesIO()
    image.save(made, "JPEG", quality=80)
    return made.getvalue()


def portrait_of_nobody() -> bytes:
    """A portrait of nobody, white behind."""
    image = Image.new("RGB", (590, 826), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((175, 150, 415, 460), fill="#e3bfa4")
    draw.pieslice((80, 470, 510, 1100), 180, 360, fill="#2d3c55")
    made = io.BytesIO()
    image.save(made, "JPEG", quality=88)
    return made.getvalue()

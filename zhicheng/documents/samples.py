"""``python -m zhicheng.documents.samples OUTDIR``: each document with made-up data."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from zhicheng.documents import (
    certificate_sheet,
    destruction_record,
    exchange_request,
    handover_slip,
    register_form,
    reissue_form,
    reissue_receipt,
    signature_list,
    transfer_slip,
    verification_report,
)
from zhicheng.documents.certificate_sheet import CertificateData
from zhicheng.documents.destruction_record import DestructionRecord
from zhicheng.documents.exchange_request import ExchangeRequest, SpoiledItem
from zhicheng.documents.handover_slip import HandoverSlip, SlipLine
from zhicheng.documents.layout import GRADES, load_layout
from zhicheng.documents.register_form import RegisterForm, RegisterRow
from zhicheng.documents.reissue_form import Correction, Opinion, ReissueForm
from zhicheng.documents.reissue_receipt import HandedIn, Missing, Receipt
from zhicheng.documents.signature_list import SignatureList, SignatureRow
from zhicheng.documents.transfer_slip import GradeLine, Transfer
from zhicheng.documents.verification_report import VerificationReport
from zhicheng.values.id_number import mask
from zhicheng.values.serials import SerialRange, parse_ranges

DAY = date(2018, 11, 20)
# Rare characters, a middle dot, the longest name that a form must bear: all made up.
NAMES = (
    "张伟",
    "欧阳娜娜",
    "𠮷㛃",
    "阿卜杜热合曼·买买提依明",
    "䶮𬭸",
    "王芳",
    "古丽巴哈尔·阿卜杜拉·买买提",
    "李建国",
)
LONG_NAME = "阿卜杜热合曼·买买提依明·" * 4 + "吾斯曼"
UNITS = (
    "重庆市綦江区人民医院",
    "重庆市水利电力建筑勘测设计研究院有限公司",
    "重庆交通大学工程设计研究院有限公司綦江分公司",
    "重庆市巴南区教师进修学校",
)
LONG_UNIT = (
    "重庆市渝东北片区长江上游水土保持生态环境监测与"
    "水资源综合利用工程技术研究中心（筹备委员会办公室）"
)
TITLES = {
    "senior": (
        ("水利水电工程", "高级工程师", "副高级"),
        ("高中语文", "高级教师", "副高级"),
        ("临床医学（心血管内科）", "主任医师", "正高级"),
        ("建筑材料与检测技术", "正高级工程师", "正高级"),
    ),
    "intermediate": (
        ("水利水电工程", "工程师", "中级"),
        ("初中数学", "一级教师", "中级"),
        ("临床医学（心血管内科）", "主治医师", "中级"),
    ),
    "junior": (
        ("水利水电工程", "助理工程师", "助理级"),
        ("小学语文", "三级教师", "员级"),
        ("护理学", "护师", "助理级"),
    ),
}
DOCUMENT = "渝职改办〔2018〕150号"


def sample_id_number(index: int) -> str:
    """A made-up but valid ID number of a person born in 1980 (GB 11643)."""
    digits = f"5001011980{index % 12 + 1:02d}{index % 28 + 1:02d}{index % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return digits + "10X98765432"[total % 11]


def _title(grade: str, index: int) -> tuple[str, str, str]:
    titles = TITLES[grade]
    return titles[index % len(titles)]


def sample_rows(count: int, grade: str = "senior") -> list[RegisterRow]:
    """Made-up lines of 附件1; the second has a very long name and a very long unit."""
    rows = []
    for index in range(count):
        specialty, qualification, _ = _title(grade, index)
        rows.append(
            RegisterRow(
                position=str(index + 1),
                certificate_number=f"2018500{index + 1:06d}",
                work_unit=LONG_UNIT if index == 1 else UNITS[index % len(UNITS)],
                department="重庆市水利局",
                name=LONG_NAME if index == 1 else NAMES[index % len(NAMES)],
                sex="男" if index % 2 else "女",
                id_number=sample_id_number(index),
                specialty=specialty,
                qualification=qualification,
                approval_date="2018.10.26",
                document_number=DOCUMENT,
            )
        )
    return rows


def sample_form(rows: Sequence[RegisterRow]) -> RegisterForm:
    """A made-up head for the rows."""
    return RegisterForm(
        unit="重庆市水利局",
        year="2018",
        reporting_unit=UNITS[1],
        endorsing_unit="重庆市水利局",
        filled_in_by="周敏",
        telephone="023-88888888",
        rows=rows,
        reference="登记表编号 DJ2018-00042",
        remark="第 1 版",
    )


def sample_codes(pages: int) -> list[str]:
    """QR texts of the length that a page's digest has."""
    return [
        f"ZC1/DJ2018-00042/{page + 1}/{pages}/c0ffee00d15ea5edc0ffee00d15ea5ed"
        for page in range(pages)
    ]


def sample_certificates(
    count: int, grade: str = "senior", first_serial: int = 12001
) -> list[CertificateData]:
    """Made-up certificates on consecutive blanks; the second has a very long name and unit."""
    certificates = []
    for index, row in enumerate(sample_rows(count, grade)):
        certificates.append(
            CertificateData(
                blank_serial=first_serial + index,
                number=row.certificate_number,
                name=row.name,
                sex=row.sex,
                id_number=row.id_number,
                work_unit=row.work_unit,
                specialty=row.specialty,
                qualification=row.qualification,
                level=_title(grade, index)[2],
                approval_date=date(2018, 10, 26),
                document_number=row.document_number,
                approving_department="重庆市职称改革办公室",
                issuing_unit=row.department,
                verification="https://zhicheng.example.cn/v/"
                f"{row.certificate_number}?k=b64f0a1c9d3e5f7a8b2c4d6e",
            )
        )
    return certificates


def sample_slip() -> HandoverSlip:
    """A made-up hand-over of blanks of two grades."""
    return HandoverSlip(
        number="JJ2018-00017",
        day=DAY,
        giving_office="重庆市职称改革办公室",
        receiving_unit="重庆市水利局",
        register_number="DJ2018-00042",
        register_unit=UNITS[1],
        people=145,
        rate="5%",
        lines=(
            SlipLine("高级", [SerialRange(12001, 12040)], [SerialRange(12041, 12042)]),
            SlipLine(
                "中级",
                parse_ranges("0305101-0305177 0305190-0305216 0305301"),
                [SerialRange(305302, 305307)],
            ),
        ),
        handed_over_by="陈静",
        collected_by="周敏",
        code="ZC1/JJ2018-00017",
    )


def sample_slip_with_differences() -> HandoverSlip:
    """The same with carried-over spares, missing and damaged blanks."""
    first, second = sample_slip().lines
    return replace(
        sample_slip(),
        lines=(
            replace(
                first, missing=[SerialRange(12007, 12008)], damaged=[SerialRange(12031, 12031)]
            ),
            second,
        ),
        carried=[SerialRange(11980, 11982), SerialRange(11990, 11990)],
    )


def sample_request(count: int = 3) -> ExchangeRequest:
    """A made-up request for an exchange."""
    reasons = (("打印错误", "姓名打印偏位"), ("破损污损", ""), ("印章加盖有误", "公章模糊"))
    return ExchangeRequest(
        number="HQ2018-00005",
        day=DAY,
        unit="重庆市水利局",
        office="重庆市职称改革办公室",
        register="DJ2018-00042",
        grade="高级",
        items=[
            SpoiledItem(f"{12003 + index:07d}", f"2018500{index + 1:06d}", *reasons[index % 3])
            for index in range(count)
        ],
        requested_by="周敏",
        code="ZC1/HQ2018-00005",
    )


def sample_destruction() -> DestructionRecord:
    """A made-up destruction."""
    return DestructionRecord(
        number="XH2018-00002",
        day=DAY,
        office="重庆市职称改革办公室",
        grade="中级",
        serials=parse_ranges("0305102 0305118-0305121 0305190 0305203-0305204"),
        reasons=[("打印错误", 5), ("破损污损", 2), ("印刷到货时损坏", 1)],
        units="重庆市水利局、重庆市卫生健康委员会",
        proposed_by="陈静",
        proposed_at="2018-11-19 10:20",
        confirmed_by="罗建平",
        confirmed_at="2018-11-20 15:05",
    )


def sample_application() -> ReissueForm:
    """A made-up application for replacement, half of its opinions given."""
    return ReissueForm(
        name=NAMES[3],
        sex="男",
        birth="1980年5月",
        id_number=sample_id_number(4),
        telephone="023-88888888",
        replacement=True,
        newspaper="《重庆日报》2018年11月3日",
        old_number="2018500000004",
        specialty="水利水电工程",
        qualification="高级工程师",
        approval_date="2018年10月26日",
        document_number=DOCUMENT,
        applied=DAY,
        opinions=(
            Opinion("情况属实，同意补办。", UNITS[1], "周敏", DAY),
            Opinion(skipped="市级主管部门所属单位"),
            Opinion("同意补办。", "重庆市水利局", "罗建平", DAY),
            Opinion(),
        ),
        number="BF2018-00031",
        code="https://zhicheng.example.cn/reissues/progress/?number=BF2018-00031",
    )


def sample_renewal() -> ReissueForm:
    """A made-up application for renewal with two corrected fields."""
    return replace(
        sample_application(),
        replacement=False,
        renewal=True,
        newspaper="",
        opinions=(),
        corrections=[
            Correction("姓名", "阿卜杜热合曼·买买提", NAMES[3], "户口簿"),
            Correction("专业名称", "水利", "水利水电工程", "评审表复印件"),
        ],
    )


def sample_receipt() -> Receipt:
    """A made-up slip for the applicant."""
    form = sample_application()
    return Receipt(
        number=form.number,
        day=DAY,
        kind="补办",
        name=form.name,
        id_number_masked="500***********0042",
        old_number=form.old_number,
        unit=UNITS[1],
        handed_in=[HandedIn("评审表复印件（档案机构盖章）", "评审表.pdf", "1.2 MB", "5f" * 8)],
        missing=[Missing("遗失登报报纸", "三、证书补办（换发）")],
        address="https://zhicheng.example.cn/reissues/progress/",
        code=form.code,
    )


def sample_report() -> VerificationReport:
    """A made-up holder's report, renewed once."""
    return VerificationReport(
        office="山城市职称改革办公室",
        code="7M4K 2XQH 9RTB WZ6D",
        link="https://zhicheng.example.cn/r/7M4K2XQH9RTBWZ6D",
        address="https://zhicheng.example.cn/report/",
        made_at=datetime(2018, 11, 20, 9, 5),  # noqa: DTZ001 - as it stands on paper
        begins_on=date(2018, 11, 20),
        ends_on=date(2019, 2, 18),
        renewals=1,
        name=NAMES[3],
        sex="男",
        id_number_masked="500***********0042",
        qualification="高级工程师",
        grade="高级",
        specialty="水利水电工程",
        number="2018500000123",
        approval_date=date(2018, 10, 26),
        document_number=DOCUMENT,
        approving_department="重庆市水利局",
        issuing_unit=UNITS[1],
        issued_on=date(2018, 11, 15),
        source="登记表",
        standing="有效",
    )


def sample_transfer(*, back: bool = False) -> Transfer:
    """A made-up way to the embosser, or back with one blank missing and one not embossed."""
    unit, office = "重庆市水利局", "重庆市职称改革办公室"
    return Transfer(
        number="YJ2018-000012",
        day=DAY,
        back=back,
        giving=office if back else unit,
        taking=unit if back else office,
        registers=["DJ2018-00042", "DJ2018-00047"],
        lines=[
            GradeLine("高级", parse_ranges("0012001-0012007 0012009-0012042")),
            GradeLine("中级", parse_ranges("0305101-0305177 0305190-0305216 0305301")),
        ],
        giver="陈静" if back else "周敏",
        carrier="周敏" if back else "李建国",
        taker="" if back else "陈静",
        missing=[] if back else [SerialRange(12009, 12009)],
        surplus=[] if back else [SerialRange(305302, 305302)],
        unembossed=[SerialRange(12031, 12031)] if back else [],
        remarks=[] if back else ["2018500000099（其他单位的证书）"],
    )


def sample_signatures(count: int, *, issued: bool = False) -> SignatureList:
    """A made-up list to sign; once issued, with days and agents."""
    rows = []
    for index, row in enumerate(sample_rows(count)):
        agent = f"{NAMES[(index + 3) % len(NAMES)]}（单位经办人）" if index % 3 == 0 else "本人"
        rows.append(
            SignatureRow(
                row.position,
                row.certificate_number,
                row.name,
                mask(row.id_number),
                row.qualification,
                agent if issued else "",
                "2018-11-20" if issued else "",
            )
        )
    return SignatureList("重庆市水利局", "DJ2018-00042", UNITS[1], rows)


def write_samples(folder: Path) -> list[Path]:
    """Renders every document into ``folder``; gives the files."""
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, bytes] = {}
    for name, count in (("register-40", 40), ("register-3", 3), ("register-empty", 0)):
        form = sample_form(sample_rows(count)) if count else RegisterForm()
        pages = len(register_form.paginate(form.rows))
        codes = sample_codes(pages) if count else [""] * pages
        made[name] = register_form.render(form, codes, created=DAY)
    for grade in GRADES:
        layout = load_layout(grade)
        certificates = sample_certificates(6, grade)
        made[f"certificate-{grade}"] = certificate_sheet.render(certificates, layout, created=DAY)
        made[f"certificate-{grade}-preview"] = certificate_sheet.render(
            certificates, layout, created=DAY, preview=True
        )
    made["handover-slip"] = handover_slip.render(sample_slip(), created=DAY)
    made["handover-differences"] = handover_slip.render(sample_slip_with_differences(), created=DAY)
    made["exchange-request"] = exchange_request.render(sample_request(), created=DAY)
    made["destruction-record"] = destruction_record.render(sample_destruction(), created=DAY)
    made["reissue-form"] = reissue_form.render(sample_application(), created=DAY)
    made["reissue-renewal"] = reissue_form.render(sample_renewal(), created=DAY)
    made["reissue-empty"] = reissue_form.render(ReissueForm(), created=DAY)
    made["reissue-receipt"] = reissue_receipt.render(sample_receipt(), created=DAY)
    made["verification-report"] = verification_report.render(sample_report(), created=DAY)
    for name, back in (("transfer-slip", False), ("transfer-return", True)):
        made[name] = transfer_slip.render(sample_transfer(back=back), created=DAY)
    for name, issued in (("signature-list", False), ("signature-issued", True)):
        made[name] = signature_list.render(sample_signatures(24, issued=issued), created=DAY)
    files = []
    for name, content in made.items():
        file = folder / f"{name}.pdf"
        file.write_bytes(content)
        files.append(file)
    return files


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("用法：python -m zhicheng.documents.samples 输出文件夹")
    for written in write_samples(Path(sys.argv[1])):
        sys.stdout.write(f"{written}\n")

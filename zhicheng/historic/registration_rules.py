"""What an old certificate must say to be registered, and what must come with it; pure (N7, N16)."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from zhicheng.registers.numbering.rules import check_character
from zhicheng.values import id_number
from zhicheng.values.document_number import tidy_document_number
from zhicheng.values.names import problem as name_problem
from zhicheng.values.names import tidy_name
from zhicheng.values.refusal import Refusal
from zhicheng.values.text import hide_id_numbers, tidy_code, tidy_text

PREFIX = "DJ"
EARLIEST = date(1978, 1, 1)
NEEDED = {
    "certificate": "证书扫描件或照片（有姓名、编号、印章的各页）",
    "photo": "本人近期免冠照片",
}
_TELEPHONE = re.compile(r"[+0-9][0-9 \-]{5,18}[0-9]")


@dataclass(frozen=True)
class Said:
    """What stands on the certificate, as its holder typed it; ID number in clear."""

    unit_id: int
    certificate_number: str
    name: str
    id_number: str
    telephone: str
    sex: str = ""
    work_unit: str = ""
    specialty: str = ""
    qualification: str = ""
    level: str = ""
    approval_date: date | None = None
    issued_on: date | None = None
    document_number: str = ""
    committee: str = ""
    department: str = ""
    issuer: str = ""


def tidied(said: Said) -> Said:
    """In the one form of everything on file."""
    return replace(
        said,
        certificate_number=tidy_code(said.certificate_number)[0],
        name=tidy_name(said.name)[0],
        id_number=id_number.tidy(said.id_number)[0],
        telephone=said.telephone.strip(),
        work_unit=tidy_text(said.work_unit)[0],
        specialty=tidy_text(said.specialty)[0],
        qualification=tidy_text(said.qualification)[0],
        document_number=tidy_document_number(said.document_number)[0],
        committee=tidy_text(said.committee)[0],
        department=tidy_text(said.department)[0],
        issuer=tidy_text(said.issuer)[0],
    )


def require_holder(said: Said, today: date) -> str:
    """Who registers what: number, name, ID number, telephone; gives the kind of ID document.

    An ID number of fifteen digits is right on an old certificate.
    """
    for label, text in (("证书编号", said.certificate_number), ("姓名", said.name)):
        if not text:
            raise _fault(label, "为空", "证书上的内容")
        if hide_id_numbers(text) != text:
            raise _fault(label, "像是身份证号码", "证书上的内容")
    told = name_problem(said.name)
    if told:
        raise _fault("姓名", told, "证书上的姓名")
    if not _TELEPHONE.fullmatch(said.telephone):
        raise _fault("联系电话", "不是电话号码", "例如 13800001234")
    number = said.id_number
    if id_number.is_old_resident(number):
        return id_number.RESIDENT
    kind = id_number.kind_of(number)
    if kind is None or len(number) == id_number.LENGTH:
        faults = id_number.problems(number, today)
        if faults:
            raise Refusal(
                faults[0],
                "身份证号码有误，请核对。",
                clause="N6",
                found=id_number.mask(number),
                expected="18 位号码，或证书上的 15 位旧号码",
            )
    return str(kind)


def require_data(said: Said, today: date) -> None:
    """What the certificate says, where no ledger says it."""
    for label, text in (
        ("性别", said.sex),
        ("工作单位", said.work_unit),
        ("专业名称", said.specialty),
        ("资格名称", said.qualification),
        ("批准文号", said.document_number),
    ):
        if not text:
            raise _fault(label, "为空", "证书上的内容")
        if hide_id_numbers(text) != text:
            raise _fault(label, "像是身份证号码", "证书上的内容")
    day = said.approval_date
    if day is None or not EARLIEST <= day <= today:
        raise _fault("批准时间", str(day or "为空"), "评委会评审通过的日期")
    if said.issued_on is not None and not day <= said.issued_on <= today:
        raise _fault("发证时间", str(said.issued_on), "批准时间以后、今天以前的日期")


def _fault(label: str, found: str, expected: str) -> Refusal:
    return Refusal(
        "historic.field",
        f"{label}填写有误。",
        clause="N6",
        found=found,
        expected=expected,
        mend=f"请照证书更正{label}。",
    )


def missing(kinds: Collection[str]) -> list[str]:
    """What has to come yet."""
    return [label for kind, label in NEEDED.items() if kind not in kinds]


def receipt_number(year: int, order: int) -> str:
    """``DJ2026-482915067-0``; ``order`` comes from chance, as the reissues' do."""
    body = f"{PREFIX}{year}-{order:09d}"
    return f"{body}-{check_character('mod_37_36', body)}"


def tidy_receipt(text: str) -> str:
    """A receipt number as people type it; raises Refusal for one with a typing error."""
    plain = "".join(
        chr(ord(char) - 0xFEE0) if 0xFF01 <= ord(char) <= 0xFF5E else char for char in text
    ).upper()
    plain = "".join(char for char in plain if char.isascii() and char.isalnum())
    body = f"{plain[:6]}-{plain[6:-1]}"
    good = (
        len(plain) >= 13
        and plain[:2] == PREFIX
        and plain[2:-1].isdigit()
        and check_character("mod_37_36", body) == plain[-1]
    )
    if not good:
        raise Refusal(
            "historic.receipt_malformed",
            "受理号有误，请核对后重新输入。",
            expected="例如 DJ2026-482915067-0，末位为校验码",
        )
    return f"{body}-{plain[-1]}"


def require_unified(*, self_managed: bool) -> None:
    """Refuses certificates of self-managed review: their unit made them itself (N16)."""
    if self_managed:
        raise Refusal(
            "historic.self_managed",
            "该证书由单位自主评审、自主印制，不发放全市统一的职称证书。",
            clause="N16",
            found="自主评审证书",
            expected="全市统一的职称证书",
            mend="请向评审单位查询；公众查询会注明由单位自主发放。",
        )

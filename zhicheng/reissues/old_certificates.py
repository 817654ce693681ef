"""Finds the certificate that an application is about: on file, in an old ledger, or on paper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q

from zhicheng.approvals.models import ApprovedPerson, Channel, ReviewMode
from zhicheng.certificates.models import Certificate, CertificateState, Medium, Origin
from zhicheng.registers.models import RegisterRow
from zhicheng.reissues import rules
from zhicheng.reissues.models import OPEN_STATES, Field, Ground, Reissue, ReissueState
from zhicheng.values.refusal import Conflict, Refusal


@dataclass(frozen=True)
class OldRecord:
    """What an old ledger says of a certificate; the folder of the public query knows them."""

    number: str
    name: str
    specialty: str
    qualification: str
    approval_date: date
    document_number: str


# (certificate number, blind index of the ID number) -> the record, or None.
Ledger = Callable[[str, bytes], OldRecord | None]
_ledgers: list[Ledger] = []


def tells_old_certificates(ledger: Ledger) -> Ledger:
    """Registers whoever knows certificates of before this product; call it from ``ready``."""
    if ledger not in _ledgers:
        _ledgers.append(ledger)
    return ledger


def in_old_ledgers(number: str, person: bytes) -> OldRecord | None:
    """The record of exactly this number and person."""
    return next((found for ledger in _ledgers if (found := ledger(number, person))), None)


def one_at_a_time(*what: object) -> None:
    """Applications about the same old certificate wait for each other until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"reissue of {' '.join(str(item) for item in what)}"],
        )


def made_by_mistake() -> Q:
    """Historic electronic certificates that were revoked as wrongly made.

    They never were the certificate of their number: the old paper is, by its old record.
    """
    return Q(origin=Origin.HISTORIC, revocation__ground=Ground.MISTAKEN)


def on_file(number: str, name: str, person: bytes) -> Certificate | None:
    """The certificate of this number; raises Refusal when it is another person's or name's."""
    certificate = (
        Certificate.objects.filter(number=number)
        .exclude(made_by_mistake())
        .select_related("approving_department", "approved_person__document")
        .first()
    )
    if certificate is None:
        return None
    if certificate.name != name or bytes(certificate.id_number_index) != person:
        raise Refusal(
            "reissue.not_the_holder",
            "填写的姓名、身份证号码与该编号证书上的不一致。",
            clause="N10",
            found="与证书库登记的信息不一致",
            expected="原证书上的姓名、身份证号码和证书编号，有误的也照原样填写",
            mend="请照原证书填写；需要更正的内容填在更正信息中。",
        )
    return certificate


def require_replaceable(
    certificate: Certificate | None, number: str, person: bytes, *, but: int | None = None
) -> None:
    """Refuses when the old certificate can't be replaced now; ``but``: this application apart."""
    same = Reissue.objects.filter(old_number=number, id_number_index=person)
    if but is not None:
        same = same.exclude(pk=but)
    running = same.filter(state__in=OPEN_STATES).exists()
    done = same.filter(state=ReissueState.DONE).exists()
    if certificate is None:
        rules.require_replaceable(
            rules.OldCertificate(
                number, "已补办或换发", True, done, electronic=False, applied_for=running
            )
        )
        return
    rules.require_replaceable(
        rules.OldCertificate(
            number,
            str(certificate.get_void_reason_display() or certificate.get_state_display()),
            issued=certificate.state == CertificateState.ISSUED,
            void=certificate.voided_at is not None,
            electronic=certificate.medium == Medium.ELECTRONIC,
            historic=certificate.origin == Origin.HISTORIC,
            applied_for=running,
        )
    )


def matching_people(
    person: bytes, document_number: str, qualification: str
) -> Sequence[ApprovedPerson]:
    """Whom the approval documents list so: person, document number and qualification (N6)."""
    return list(
        ApprovedPerson.objects.filter(
            id_number_index=person,
            document__number=document_number,
            qualification=qualification,
        ).select_related("document")
    )


def require_unified(person: ApprovedPerson, number: str) -> None:
    """Refuses people of self-managed (N16) and online (N17) review."""
    rules.require_replaceable(
        rules.OldCertificate(
            number,
            "",
            issued=True,
            void=False,
            electronic=person.document.channel == Channel.ONLINE,
            self_managed=person.document.review_mode == ReviewMode.SELF_MANAGED,
        )
    )


def require_no_other(person: ApprovedPerson, number: str, *, but: int | None = None) -> None:
    """Refuses a typed number of somebody whose certificate is on file under another one (N6).

    Or is to come from an accepted register, or is applied for under another number (N10): the
    same certificate, by two sources. ``but``: this application apart.
    """
    one_at_a_time("approved person", person.pk)
    running = Reissue.objects.filter(approved_person=person, state__in=OPEN_STATES)
    if running.exclude(pk=but or 0).exists():
        raise rules.second_application(f"{person.document.number} {person.qualification}")
    known = (
        Certificate.objects.filter(approved_person=person, voided_at=None)
        .exclude(state=CertificateState.WITHDRAWN)
        .exclude(number=number)
    )
    promised = RegisterRow.objects.filter(approved_person=person, accepted=True, certificate=None)
    if known.exists() or promised.exists():
        raise Refusal(
            "reissue.other_number",
            "证书库中该资格的证书是另一个编号。",
            clause="N6",
            found=number,
            expected="证书库登记的证书编号",
            mend="请核对原证书上的证书编号；没有证书的，请向办理单位查询。",
        )


def require_still_typed(reissue: Reissue) -> None:
    """Refuses typed data of a certificate that has come on file since (N7).

    By its number, or as the certificate of the approved person.
    """
    if reissue.certificate_id is not None:
        return
    if Certificate.objects.filter(number=reissue.old_number).exclude(made_by_mistake()).exists():
        raise Conflict(
            "reissue.on_file_now",
            "填写后原证书已录入证书库，申请须以证书库的信息为准。",
            clause="N7",
            found=f"{reissue.old_number} 在证书库中",
            expected="证书库登记的信息",
            mend="请重新保存申请信息后提交；已经提交的，请撤回后重新申请。",
        )
    if reissue.approved_person is not None:
        require_no_other(reissue.approved_person, reissue.old_number, but=reissue.pk)


def require_no_clash(reissue: Reissue) -> None:
    """Refuses corrections that would make a second certificate in force of the same title.

    One person has one for the same qualification, specialty and approval document (invariant 4).
    """
    new = {item.field: item for item in reissue.corrections.filter(removed_at=None)}
    number = new.get(Field.ID_NUMBER)

    def now(field: str) -> str:
        return new[field].new_text if field in new else str(getattr(reissue, field))

    others = Certificate.objects.filter(
        id_number_index=number.new_index if number else reissue.id_number_index,
        qualification=now(Field.QUALIFICATION),
        specialty=now(Field.SPECIALTY),
        document_number=now(Field.DOCUMENT_NUMBER),
        voided_at=None,
    ).exclude(state=CertificateState.WITHDRAWN)
    if reissue.certificate_id is not None:
        others = others.exclude(pk=reissue.certificate_id)
    if others.exclude(reissue=reissue.pk, reissue__isnull=False).exists():
        raise Refusal(
            "reissue.clashes",
            "该人员已有同一批准文号、资格名称和专业名称的证书。",
            clause="N14",
            found="另有一本有效或在办的证书",
            expected="同一资格只有一本有效证书",
            mend="请核对更正信息；重复的证书请先向市职改办报告。",
        )

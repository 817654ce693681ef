"""Who took what: a register's issue records, its signature list, what nobody has collected yet."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils import timezone

from zhicheng.certificates.models import Certificate, CertificateState, IssueRecord
from zhicheng.certificates.queries import visible
from zhicheng.documents.signature_list import SignatureList, SignatureRow
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register

REMINDED_AT_MOST = 300


def records_of(register: Register) -> QuerySet[IssueRecord]:
    """The register's issue records, in the order of the register."""
    return (
        IssueRecord.objects.filter(certificate__register=register)
        .select_related("certificate", "agent__authorisation", "issued_by")
        .defer(
            "certificate__id_number_cipher",
            "certificate__id_number_index",
            "agent__id_number_cipher",
            "agent__id_number_index",
            "agent__authorisation__content",
        )
        .order_by("certificate__position")
    )


def issue_record_of(certificate: Certificate) -> IssueRecord | None:
    """Who took it; None before the issue, and of what was issued before records were kept."""
    return (
        IssueRecord.objects.filter(certificate=certificate)
        .select_related("agent__authorisation")
        .defer("agent__id_number_cipher", "agent__authorisation__content")
        .first()
    )


def signatures_of(register: Register) -> SignatureList:
    """The list to sign: everybody with a certificate, agent and day where it is issued."""
    taken = {record.certificate_id: record for record in records_of(register)}
    certificates = (
        Certificate.objects.filter(register=register)
        .defer("id_number_cipher", "id_number_index")
        .order_by("position")
    )
    return SignatureList(
        unit=register.issuing_unit.name,
        register=register.number,
        reporting_unit=register.reporting_unit.name,
        rows=[_row(item, taken.get(item.pk)) for item in certificates],
    )


def _row(item: Certificate, record: IssueRecord | None) -> SignatureRow:
    agent, day = "", ""
    if item.state == CertificateState.ISSUED and item.issued_at:
        day = f"{timezone.localdate(item.issued_at):%Y-%m-%d}"
        agent = "本人" if item.recipient_relation == "holder" else item.recipient
        if record is not None and record.agent is not None:
            agent = f"{item.recipient}（{record.agent.relation_words}）"
    return SignatureRow(
        position=str(item.position),
        number=item.number,
        name=item.name,
        id_number=item.id_number_masked,
        qualification=item.qualification,
        agent=agent,
        day=day,
    )


def uncollected(account: Account) -> QuerySet[Certificate]:
    """Complete certificates that nobody has taken, as far as the account may see them (N8)."""
    return (
        visible(account, among_few=True)
        .filter(state=CertificateState.EMBOSSED)
        .defer("id_number_cipher", "id_number_index", "register__source")
    )


def reminder(certificates: Sequence[Certificate]) -> str:
    """A text that a clerk can send to the work units: names and numbers, no ID numbers."""
    by_unit: dict[str, list[str]] = {}
    for item in certificates:
        by_unit.setdefault(item.work_unit, []).append(f"{item.name}（证书编号 {item.number}）")
    issuers = list(dict.fromkeys(item.issuing_unit.name for item in certificates))
    parts = [
        f"{unit}：\n{'、'.join(names)}。以上 {len(names)} 人的职称证书已办理完毕，"
        f"请持证人携带本人身份证到{'、'.join(issuers)}领取；由他人代领的，"
        "请携带双方身份证和授权委托书，单位集中代领的，请出具单位介绍信。"
        for unit, names in by_unit.items()
    ]
    return "\n\n".join(parts)

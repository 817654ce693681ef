"""Reads: which documents and certificates an account may see, how far a document is, whose file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson, Channel, ReviewMode
from zhicheng.certificates.models import Certificate, CertificateState, Medium
from zhicheng.documents import electronic_certificate as page
from zhicheng.documents.electronic_certificate import ElectronicCertificate
from zhicheng.electronic.models import ElectronicFile, Hindrance
from zhicheng.electronic.signing.verdict import Verdict
from zhicheng.organizations.guard import sees_all
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Relation, Role
from zhicheng.protection import blind_index, reveal_bytes
from zhicheng.values.id_number import person_form
from zhicheng.values.id_number import tidy as tidy_id_number
from zhicheng.values.names import tidy_name


def online_documents() -> QuerySet[ApprovalDocument]:
    """Those whose certificates the system makes (N17)."""
    return (
        ApprovalDocument.objects.filter(channel=Channel.ONLINE)
        .exclude(review_mode=ReviewMode.SELF_MANAGED)
        .select_related("approving_department")
        .defer("scan")
    )


def _names(account: Account) -> Q:
    """Work units, as documents name them, that are the account's or stand below it."""
    organization = account.organization
    below = Organization.objects.filter(Q(pk=organization.pk) | Q(supervisor=organization))
    names = {name for pair in below.values_list("name", "short_name") for name in pair if name}
    return Q(work_unit__in=names)


def visible(account: Account) -> QuerySet[Certificate]:
    """The electronic certificates that the account may see (invariant 9)."""
    found = Certificate.objects.filter(medium=Medium.ELECTRONIC).select_related(
        "issuing_unit", "approving_department", "register", "approved_person"
    )
    if account.role == Role.ADMINISTRATOR:
        return found.none()
    if sees_all(account):
        return found
    mine = account.organization_id
    return found.filter(Q(issuing_unit=mine) | Q(approving_department=mine) | _names(account))


def visible_documents(account: Account) -> QuerySet[ApprovalDocument]:
    """The online documents that the account may see: those that list some of its people."""
    found = online_documents()
    if account.role == Role.ADMINISTRATOR:
        return found.none()
    if sees_all(account):
        return found
    # Asked of each of the few online documents, not gathered from all people of these units.
    listed = ApprovedPerson.objects.filter(_names(account), document=OuterRef("pk"))
    return found.filter(Q(approving_department=account.organization_id) | Exists(listed))


def with_counts(documents: QuerySet[ApprovalDocument]) -> QuerySet[ApprovalDocument]:
    """Each with ``waiting`` and ``hindered`` beside what it knows, in the same statement."""

    def counted(rows: QuerySet[Any], key: str) -> Any:
        numbers = rows.order_by().values(key).annotate(n=Count("pk")).values("n")
        return Subquery(numbers)

    own = Certificate.objects.filter(
        medium=Medium.ELECTRONIC, approved_person__document=OuterRef("pk")
    )
    return documents.annotate(
        waiting=counted(
            own.filter(state=CertificateState.AWAITING_PHOTO), "approved_person__document"
        ),
        hindered=counted(Hindrance.objects.filter(document=OuterRef("pk")), "document"),
    )


@dataclass(frozen=True)
class Progress:
    """How far a document is."""

    people: int
    issued: int
    waiting: int
    hindered: int

    @property
    def left(self) -> int:
        """How many have no certificate, for whatever reason."""
        return max(self.people - self.issued - self.waiting, 0)


def progress(document: ApprovalDocument) -> Progress:
    """The document's people by what they have."""
    counts = dict(
        Certificate.objects.filter(medium=Medium.ELECTRONIC, approved_person__document=document)
        .order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
    )
    hindered = Hindrance.objects.filter(document=document, person__isnull=False).count()
    return Progress(
        document.people_count,
        counts.get(CertificateState.ISSUED, 0),
        counts.get(CertificateState.AWAITING_PHOTO, 0),
        hindered,
    )


def hindrances(document: ApprovalDocument, limit: int = 200) -> list[Hindrance]:
    """Why somebody, or all, have no certificate; the whole document's reason first."""
    return list(
        Hindrance.objects.filter(document=document)
        .select_related("person")
        .order_by("person_id")[:limit]
    )


class Holders:
    """A certificate, with who may fetch its file: also the holder's own unit and its department."""

    def __init__(self, certificate: Certificate, units: Mapping[str, Sequence[Organization]]):
        self._certificate = certificate
        self._units = units.get(certificate.work_unit, ())

    def parties(self) -> Mapping[Relation, set[int]]:
        """For the guard."""
        return {
            **self._certificate.parties(),
            Relation.REPORTING: {unit.pk for unit in self._units},
            Relation.SUPERVISING: {
                unit.supervisor_id for unit in self._units if unit.supervisor_id
            },
        }


def holders(certificates: Sequence[Certificate]) -> list[Holders]:
    """Each certificate as the guard asks about it, in one statement."""
    names = {certificate.work_unit for certificate in certificates} - {""}
    units: dict[str, list[Organization]] = {}
    for unit in Organization.objects.filter(Q(name__in=names) | Q(short_name__in=names)):
        for name in {unit.name, unit.short_name} & names:
            units.setdefault(name, []).append(unit)
    return [Holders(certificate, units) for certificate in certificates]


def file_of(certificate: Certificate) -> ElectronicFile:
    """The certificate's signed file; raises ElectronicFile.DoesNotExist while there is none."""
    return ElectronicFile.objects.select_related("file").get(certificate=certificate)


def files_of(certificate_ids: Sequence[int], at_once: int = 50) -> Iterator[ElectronicFile]:
    """The signed files, a few in memory at any time, in the order of the ids."""
    for begin in range(0, len(certificate_ids), at_once):
        part = certificate_ids[begin : begin + at_once]
        found = {
            item.certificate_id: item
            for item in ElectronicFile.objects.filter(certificate__in=part)
            .select_related("file", "certificate")
            .defer("data_cipher", "certificate__id_number_cipher")
        }
        yield from (found[pk] for pk in part if pk in found)


def holders_certificate(name: str, id_number: str, number: str) -> Certificate | None:
    """The electronic certificate in force of whoever knows all three; else nothing."""
    found = Certificate.objects.filter(
        medium=Medium.ELECTRONIC,
        state=CertificateState.ISSUED,
        voided_at=None,
        number=number.strip(),
        id_number_index=blind_index(person_form(tidy_id_number(id_number)[0])),
        name=tidy_name(name)[0],
    ).select_related("issuing_unit", "approving_department", "register")
    return found.first()


def stored_data(file: ElectronicFile) -> ElectronicCertificate:
    """What the file was made from."""
    return ElectronicCertificate.restored(reveal_bytes(bytes(file.data_cipher)))


def regenerated(file: ElectronicFile) -> bytes:
    """The unsigned file made again from the stored data by the template that made it.

    The same bytes as then, with the same typesetter and fonts (``maker``).
    """
    return page.render(stored_data(file), version=file.template_version)


def on_record(verdict: Verdict) -> Verdict:
    """The verdict on a file as our own records have it: by its digest, so on exactly its bytes.

    A trusted root certifies more than our seal, so a good signature alone doesn't make a file
    ours: whoever has a certificate of the same authority could sign anything. And the other way
    round, a file that we keep is the original whatever its signature is, which may be of a kind
    (SM2) that this product can't judge.
    """
    kept = ElectronicFile.objects.filter(signed_sha256=verdict.sha256).first()
    if kept is None:
        return verdict if verdict.reason else replace(verdict, reason="not_ours", data={})
    if not verdict.reason:
        return verdict
    return replace(
        verdict,
        reason="kept",
        signer=kept.signer_name,
        signed_at=kept.signed_at,
        level=kept.level,
        fingerprint=kept.signer,
        data=page.embedded(stored_data(kept), kept.template_version),
    )


def is_test(fingerprint: str) -> bool:
    """Whether the certificate of this fingerprint, as our files tell, stands for nobody."""
    return ElectronicFile.objects.filter(signer=fingerprint, is_test=True).exists()

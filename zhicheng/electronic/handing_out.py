"""A signed file leaves the house: to a unit, or to its holder; each time an audit event."""

from collections.abc import Iterator, Sequence

from zhicheng.approvals.models import ApprovalDocument
from zhicheng.audit.recording import recorded
from zhicheng.certificates.models import Certificate
from zhicheng.electronic import queries
from zhicheng.electronic.models import ElectronicFile
from zhicheng.electronic.writing import TABLE
from zhicheng.files.store import content_of
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal


class Holder:
    """Whoever proved to hold the certificate; has no account."""

    pk: None = None
    username: str = "holder"
    organization_id: None = None


def fetch_one(*, actor: Actor, certificate: Certificate) -> tuple[ElectronicFile, bytes]:
    """The signed file of a certificate; raises NotPermitted, or Refusal while there is none."""
    (subject,) = queries.holders([certificate])
    require(actor, Action.ELECTRONIC_DOWNLOAD, subject)
    file = _file(certificate)
    with recorded(actor, Action.ELECTRONIC_DOWNLOAD) as record:
        record(
            subject=certificate,
            data={"number": certificate.number, "sha256": file.signed_sha256},
        )
    return file, content_of(file.file)


def fetch_all(
    *, actor: Actor, document: ApprovalDocument, certificates: Sequence[Certificate]
) -> Iterator[ElectronicFile]:
    """The signed files of these certificates, one after the other; the event comes first.

    Raises NotPermitted when the actor may not fetch each of them.
    """
    for subject in queries.holders(certificates):
        require(actor, Action.ELECTRONIC_DOWNLOAD, subject)
    if not certificates:
        raise Refusal(
            "electronic.nothing_to_fetch",
            "没有可以下载的电子证书。",
            clause="N17",
            expected="至少一本已签发的电子证书",
        )
    ids = [certificate.pk for certificate in certificates]
    with recorded(actor, Action.ELECTRONIC_DOWNLOAD) as record:
        record(
            subject=document,
            data={"number": document.number, "count": len(ids)},
            rows=TABLE,
            ids=ids,
        )
    return queries.files_of(ids)


def fetch_as_holder(certificate: Certificate) -> tuple[ElectronicFile, bytes]:
    """The signed file for its holder, who named name, ID number and certificate number."""
    file = _file(certificate)
    with recorded(Holder(), Action.ELECTRONIC_HOLDER_DOWNLOAD) as record:
        record(
            subject=certificate,
            data={"number": certificate.number, "sha256": file.signed_sha256},
        )
    return file, content_of(file.file)


def _file(certificate: Certificate) -> ElectronicFile:
    try:
        return queries.file_of(certificate)
    except ElectronicFile.DoesNotExist:
        raise Refusal(
            "electronic.no_file",
            "这本电子证书还没有签发，没有文件可以下载。",
            clause="N17",
            found=certificate.get_state_display(),
            expected="已签发",
            mend="待补照片的，补上照片后由系统签发。",
        ) from None

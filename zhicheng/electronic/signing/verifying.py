"""Is this PDF as it was signed, by a signer whom we trust? Decided offline, from the file alone."""

import hashlib
import io
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO

from asn1crypto import x509
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    EmbeddedPdfSignature,
    SignatureCoverageLevel,
    validate_pdf_signature,
)
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko_certvalidator import ValidationContext

from zhicheng.electronic.signing.verdict import LARGEST, Verdict

EMBEDDED_NAME = "certificate.json"  # as documents/electronic_certificate.py names it
# What the library thinks of a hostile file is no news for the log.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


def verify(pdf: bytes, roots: Sequence[bytes]) -> Verdict:
    """The verdict on a file; ``roots`` are the trusted root certificates as DER. Never raises."""
    digest = hashlib.sha256(pdf).hexdigest()
    if not pdf.startswith(b"%PDF-") or len(pdf) > LARGEST:
        return Verdict("not_a_pdf", sha256=digest)
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        signatures = reader.embedded_regular_signatures
        if not signatures:
            # The trace of a signature that can't be read any more is no unsigned file.
            reason = "damaged" if b"/ByteRange" in pdf else "unsigned"
            return Verdict(reason, sha256=digest)
        if len(signatures) != 1 or len(reader.embedded_signatures) != 1:
            return Verdict("changed", sha256=digest)
        return _judged(reader, signatures[0], roots, digest)
    except Exception:  # a hostile or broken file may trip the reader anywhere
        return Verdict("damaged", sha256=digest)


def verify_file(file: BinaryIO, *, limits: Any, roots: Sequence[str]) -> dict[str, Any]:
    """The verdict as JSON values: for the small process of ``spreadsheets.sandbox``."""
    pdf = file.read(limits.file_bytes + 1)
    found = asdict(verify(pdf, [bytes.fromhex(root) for root in roots]))
    found["signed_at"] = found["signed_at"].isoformat() if found["signed_at"] else None
    return found


def _judged(
    reader: PdfFileReader, signature: EmbeddedPdfSignature, roots: Sequence[bytes], digest: str
) -> Verdict:
    signature.compute_integrity_info()
    certificate = signature.signer_cert
    found: dict[str, Any] = {
        "signer": _name(certificate),
        "fingerprint": hashlib.sha256(certificate.dump()).hexdigest(),
        "sha256": digest,
    }
    covers_all = signature.coverage == SignatureCoverageLevel.ENTIRE_FILE
    if not covers_all or not _only_one_revision_more(reader):
        return Verdict("changed", **found)
    token = next(extract_tst_data_iter(signature.signer_info, signed=False), None)
    moment = _time_of(token) if token is not None else None
    status = validate_pdf_signature(signature, _context(reader, roots, moment), skip_diff=True)
    if not (status.intact and status.valid):
        return Verdict("changed", **found)
    data = _embedded(reader)
    stamp = status.timestamp_validity
    if stamp is None or moment is None:
        reason = "no_timestamp"
    elif not (status.trusted and stamp.intact and stamp.valid and stamp.trusted):
        reason = "untrusted"
    else:
        reason = ""
    level = "PAdES-B-LT" if not reason and _has_proof(reader) else "PAdES-B"
    return Verdict(reason, signed_at=moment, level=level, data=data, **found)


def _context(
    reader: PdfFileReader, roots: Sequence[bytes], moment: datetime | None
) -> ValidationContext:
    """Trust in our roots alone, at the time of the stamp, by the proofs in the file, offline."""
    given: dict[str, Any] = {
        "trust_roots": [x509.Certificate.load(root) for root in roots],
        "moment": moment,
        "allow_fetching": False,
        "revocation_mode": "require",
    }
    if not _has_proof(reader):
        return ValidationContext(**given, crls=[])
    return DocumentSecurityStore.read_dss(reader).as_validation_context(given)


def _has_proof(reader: PdfFileReader) -> bool:
    return pdf_name("/DSS") in reader.root


def _only_one_revision_more(reader: PdfFileReader) -> bool:
    return int(reader.total_revisions) == 2


def _time_of(token: Any) -> datetime:
    moment = token["encap_content_info"]["content"].parsed["gen_time"].native
    assert isinstance(moment, datetime)
    return moment


def _name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.native.get("common_name") or certificate.subject.human_friendly)


def _embedded(reader: PdfFileReader) -> dict[str, Any]:
    """The data inside; an intact file of another maker may have none."""
    try:
        for entry in reader.root["/AF"]:
            file = entry.get_object()
            if str(file["/F"]) == EMBEDDED_NAME:
                loaded = json.loads(file["/EF"]["/F"].data)
                return loaded if isinstance(loaded, dict) else {}
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}
    return {}

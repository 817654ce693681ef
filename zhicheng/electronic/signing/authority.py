"""A certificate authority, a signer and a clock for tests and the demo: TEST in every name.

They prove that the machinery works and nothing else: whoever has the folder can sign with them.
"""

import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from zhicheng.electronic.signing.cms import Identity

FOLDER = "electronic-TEST"
ROOT, SIGNER, CLOCK = "TEST-root", "TEST-signer", "TEST-clock"
NAMES = {
    ROOT: "演示根证书 TEST（无法律效力）",
    SIGNER: "演示电子签章 TEST（无法律效力）",
    CLOCK: "演示时间戳 TEST（无法律效力）",
}
_CRL = "TEST-root.crl"
_CRL_DAYS = 30


@dataclass(frozen=True)
class TestAuthority:
    """What a folder of test keys holds."""

    __test__ = False  # no test class, whatever pytest thinks of the name

    root: bytes
    signer: Identity
    clock: Identity
    crl: bytes


def make(folder: Path, *, now: datetime | None = None) -> None:
    """Makes the folder with fresh keys (mode 0600); one that is there stays as it is.

    Written aside and put in place at once, so that two processes agree on one set.
    """
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    now = now or datetime.now(UTC)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        root_key = ec.generate_private_key(ec.SECP256R1())
        root = _certificate(ROOT, root_key, ROOT, root_key, now, years=20)
        _keep(draft, ROOT, root_key, root)
        for name, years in ((SIGNER, 3), (CLOCK, 10)):
            key = ec.generate_private_key(ec.SECP256R1())
            _keep(draft, name, key, _certificate(name, key, ROOT, root_key, now, years=years))
        _write(draft / _CRL, _empty_crl(root, root_key, now))
        with contextlib.suppress(OSError):  # another process was first
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def load(folder: Path, *, now: datetime | None = None) -> TestAuthority:
    """What the folder holds; its list of revoked certificates is made anew when half its time is
    over. Raises FileNotFoundError where there is none.
    """
    now = now or datetime.now(UTC)
    root = (folder / f"{ROOT}.pem").read_bytes()
    parsed = x509.load_pem_x509_certificate(root)
    crl = (folder / _CRL).read_bytes()
    issued = x509.load_der_x509_crl(crl).last_update_utc
    if not now - timedelta(days=_CRL_DAYS / 2) < issued <= now:
        crl = _empty_crl(parsed, _key(folder, ROOT), now)
        with contextlib.suppress(OSError):  # a folder that may only be read: made anew each time
            aside = folder / f"{_CRL}.{os.getpid()}"
            _write(aside, crl)
            aside.replace(folder / _CRL)
    return TestAuthority(
        parsed.public_bytes(Encoding.DER), _identity(folder, SIGNER), _identity(folder, CLOCK), crl
    )


def _identity(folder: Path, name: str) -> Identity:
    key = _key(folder, name)
    certificate = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
    return Identity(
        certificate.public_bytes(Encoding.DER),
        (),
        lambda data: key.sign(data, ec.ECDSA(hashes.SHA256())),
        is_test=True,
    )


def _key(folder: Path, name: str) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _name(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "演示 TEST"),
            x509.NameAttribute(NameOID.COMMON_NAME, NAMES[name]),
        ]
    )


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    *,
    years: int,
) -> x509.Certificate:
    is_root = name == ROOT
    usage = x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=name == SIGNER,
        key_cert_sign=is_root,
        crl_sign=is_root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(is_root, 0 if is_root else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if name == CLOCK:
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamping, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def _empty_crl(root: x509.Certificate, key: ec.EllipticCurvePrivateKey, now: datetime) -> bytes:
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.subject)
        .last_update(now - timedelta(minutes=5))
        .next_update(now + timedelta(days=_CRL_DAYS))
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
        )
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def _keep(
    folder: Path, name: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate
) -> None:
    _write(
        folder / f"{name}.key",
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    _write(folder / f"{name}.pem", certificate.public_bytes(Encoding.PEM))


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)

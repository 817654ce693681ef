"""A certification authority that is asked by HTTP, and a seal that it certified."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from zhicheng.electronic import sealing
from zhicheng.electronic.signing.cms import Identity, StampMaker


@dataclass
class Authority:
    """A certification authority with its revocation list and time-stamp authority, by HTTP."""

    address: str
    key: Any
    root: x509.Certificate
    revoked: list[int]
    stamper: StampMaker | None = None
    answers: str = "good"
    others: list[StampMaker] = field(default_factory=list)

    def stamping(self, name: str) -> StampMaker:
        """A clock with a key and a certificate of its own."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.issue(key.public_key(), name, stamping=True)
        return StampMaker(
            Identity(
                certificate.public_bytes(Encoding.DER),
                (),
                lambda data: key.sign(data, ec.ECDSA(hashes.SHA256())),
            )
        )

    def issue(self, public: Any, name: str, *, stamping: bool = False) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(self.root.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=40))
            .add_extension(x509.BasicConstraints(False, None), critical=True)
            .add_extension(
                x509.KeyUsage(True, True, *[False] * 7),
                critical=True,
            )
            .add_extension(
                x509.CRLDistributionPoints(
                    [
                        x509.DistributionPoint(
                            [x509.UniformResourceIdentifier(f"{self.address}/root.crl")],
                            None,
                            None,
                            None,
                        )
                    ]
                ),
                critical=False,
            )
        )
        if stamping:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
            )
        return builder.sign(self.key, hashes.SHA256())

    def crl(self) -> bytes:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.root.subject)
            .last_update(now - timedelta(hours=1))
            .next_update(now + timedelta(days=7))
        )
        for serial in self.revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(serial)
                .revocation_date(now - timedelta(hours=2))
                .build()
            )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def stamp(self, question: bytes) -> bytes:
        asked = tsp.TimeStampReq.load(question)
        assert self.stamper is not None
        digest = asked["message_imprint"]["hashed_message"].native
        nonce = asked["nonce"].native
        if self.answers == "another":
            digest = bytes(32)
        if self.answers == "several" and self.others:
            self.others.append(self.stamper)
            self.stamper = self.others.pop(0)
        moment = datetime.now(UTC)
        if self.answers == "an old time":
            moment -= timedelta(days=1)
        if self.answers == "old nonce":
            nonce += 1
        token = self.stamper.token(digest, moment, nonce)
        if self.answers == "broken signature":
            token = token[:-1] + bytes((token[-1] ^ 1,))
        if self.answers == "another's signature":
            token = self.others[0].token(digest, moment, nonce)
        status = "rejection" if self.answers == "rejection" else "granted"
        return bytes(
            tsp.TimeStampResp(
                {
                    "status": {"status": status},
                    "time_stamp_token": cms.ContentInfo.load(token),
                }
            ).dump()
        )


@contextmanager
def answering(key: rsa.RSAPrivateKey) -> Iterator[Authority]:
    """An authority with this key, at a free port of this machine."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "某市电子认证（测试）")])
    now = datetime.now(UTC)
    root = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=400))
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .add_extension(
            x509.KeyUsage(False, False, False, False, False, True, True, False, False),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    made = Authority("", key, root, [])

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            pass

        def do_GET(self) -> None:
            self._answer(made.crl(), "application/pkix-crl")

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(made.stamp(content), "application/timestamp-reply")

        def _answer(self, content: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    made.stamper = made.stamping("时间戳（测试）")
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def root_of(authority: Authority) -> bytes:
    """Its root certificate, as whoever trusts it keeps it."""
    return authority.root.public_bytes(Encoding.DER)


def pkcs12_file(authority: Authority, folder: Path, key: Any) -> Path:
    """A key file of this key, certified for a seal; its password is kouling-1."""
    certificate = authority.issue(key.public_key(), "某市职改办电子签章（测试）")
    path = folder / "seal.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"seal", key, certificate, None, BestAvailableEncryption(b"kouling-1")
        )
    )
    return path


def production(authority: Authority, folder: Path, settings: Any) -> Any:
    """The seal as the settings of a real installation make it."""
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "roots.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    settings.ZHICHENG_SEAL_PKCS12 = str(pkcs12_file(authority, folder, key))
    settings.ZHICHENG_SEAL_PASSWORD = "kouling-1"
    settings.ZHICHENG_SEAL_TIMESTAMPS = authority.address
    settings.ZHICHENG_SEAL_ROOTS = str(folder / "roots.pem")
    return sealing.seal()

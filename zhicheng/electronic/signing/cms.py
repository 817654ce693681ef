"""CMS SignedData (RFC 5652) as PAdES (EN 319 142-1) and time-stamp tokens (RFC 3161) want it.

Everything that is the same for every signature of a key is put together once.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from zhicheng.electronic.signing import der
from zhicheng.values.refusal import Refusal

SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
_ECDSA_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"))
_RSA_SHA256 = der.sequence(der.oid("1.2.840.113549.1.1.11"), der.NULL)
_DATA = der.oid("1.2.840.113549.1.7.1")
_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE = der.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = der.oid("1.2.840.113549.1.9.4")
_ALGORITHM_PROTECTION = der.oid("1.2.840.113549.1.9.52")
_SIGNING_CERTIFICATE = der.oid("1.2.840.113549.1.9.16.2.47")
_TIMESTAMP_TOKEN = der.oid("1.2.840.113549.1.9.16.2.14")
_TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")


@dataclass(frozen=True)
class Identity:
    """Who signs: the certificate (DER), those above it, and the key, wherever it lies.

    ``sign`` gives the signature of the bytes by SHA-256 with the key's own algorithm (ECDSA in
    DER, RSA by PKCS#1 1.5). ``is_test`` says that the certificate stands for nobody.
    """

    certificate: bytes
    chain: tuple[bytes, ...]
    sign: Callable[[bytes], bytes]
    is_test: bool = False
    parsed: x509.Certificate = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Reads the certificate once."""
        object.__setattr__(self, "parsed", x509.load_der_x509_certificate(self.certificate))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate."""
        return hashlib.sha256(self.certificate).hexdigest()

    @property
    def name(self) -> str:
        """The subject's common name."""
        return _common_name(self.parsed.subject)

    @property
    def issuer(self) -> str:
        """The issuer's common name."""
        return _common_name(self.parsed.issuer)


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


class Signatures:
    """Makes SignedData of one identity."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        parsed = identity.parsed
        public = parsed.public_key()
        if isinstance(public, EllipticCurvePublicKey):
            self._algorithm = _ECDSA_SHA256
        elif isinstance(public, RSAPublicKey):
            self._algorithm = _RSA_SHA256
        else:
            raise Refusal(
                "seal.key_kind",
                "签章证书的密钥种类不能用于 PDF 签名。",
                expected="RSA 或 ECDSA；国密 SM2 由签章服务接口接入",
            )
        issuer = parsed.issuer.public_bytes()
        serial = der.integer(parsed.serial_number)
        self._signer = der.sequence(issuer, serial)
        # ESSCertIDv2 with its default algorithm, SHA-256.
        general_name = der.explicit(4, issuer)
        self._signing_certificate = _attribute(
            _SIGNING_CERTIFICATE,
            der.sequence(
                der.sequence(
                    der.sequence(
                        der.octets(hashlib.sha256(identity.certificate).digest()),
                        der.sequence(der.sequence(general_name), serial),
                    )
                )
            ),
        )
        self._protection = _attribute(
            _ALGORITHM_PROTECTION,
            der.sequence(SHA256, der.implicit(1, self._algorithm)),
        )
        self._certificates = der.implicit(0, der.set_of([identity.certificate, *identity.chain]))

    def detached(self, digest: bytes, stamp: Callable[[bytes], bytes] | None) -> bytes:
        """Signs content of that SHA-256 digest, which lies elsewhere.

        ``stamp`` gives the time-stamp token over the signature's own digest.
        """
        attributes, signature = self._signed(digest, _DATA)
        unsigned = b""
        if stamp is not None:
            token = stamp(hashlib.sha256(signature).digest())
            unsigned = der.implicit(1, der.set_of([_attribute(_TIMESTAMP_TOKEN, token)]))
        return self._data(1, der.sequence(_DATA), attributes, signature, unsigned)

    def around(self, content: bytes, content_type: bytes) -> bytes:
        """Signs content that lies within."""
        attributes, signature = self._signed(hashlib.sha256(content).digest(), content_type)
        encapsulated = der.sequence(content_type, der.explicit(0, der.octets(content)))
        return self._data(3, encapsulated, attributes, signature, b"")

    def _signed(self, digest: bytes, content_type: bytes) -> tuple[bytes, bytes]:
        attributes = der.set_of(
            [
                _attribute(_CONTENT_TYPE, content_type),
                _attribute(_MESSAGE_DIGEST, der.octets(digest)),
                self._protection,
                self._signing_certificate,
            ]
        )
        return attributes, self._identity.sign(attributes)

    def _data(
        self, version: int, content: bytes, attributes: bytes, signature: bytes, unsigned: bytes
    ) -> bytes:
        signer = der.sequence(
            der.integer(1),
            self._signer,
            SHA256,
            der.implicit(0, attributes),
            self._algorithm,
            der.octets(signature),
            unsigned,
        )
        data = der.sequence(
            der.integer(version),
            der.set_of([SHA256]),
            content,
            self._certificates,
            der.set_of([signer]),
        )
        return der.sequence(_SIGNED_DATA, der.explicit(0, data))


def _attribute(kind: bytes, value: bytes) -> bytes:
    return der.sequence(kind, der.set_of([value]))


class StampMaker:
    """Time-stamp tokens of a local key: for tests and the demo, which know no other clock."""

    POLICY = "1.3.6.1.4.1.57264.99.1"  # TEST: in nobody's use

    def __init__(self, identity: Identity) -> None:
        self._signatures = Signatures(identity)
        self._policy = der.oid(self.POLICY)

    def token(self, digest: bytes, moment: datetime, nonce: int | None = None) -> bytes:
        """The token that says: this SHA-256 digest existed at this moment."""
        info = der.sequence(
            der.integer(1),
            self._policy,
            der.sequence(SHA256, der.octets(digest)),
            der.integer(secrets.randbits(120)),
            der.generalized_time(moment),
            der.sequence(der.integer(1)),  # accurate to a second
            der.integer(nonce) if nonce is not None else b"",
        )
        return self._signatures.around(info, _TST_INFO)


def chain_of(certificates: Sequence[x509.Certificate]) -> tuple[bytes, ...]:
    """The certificates as DER."""
    return tuple(each.public_bytes(Encoding.DER) for each in certificates)

"""Where the signing key lies: a PKCS#12 or PEM file, or a device behind PKCS#11."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs12

from zhicheng.electronic.signing.cms import Identity, chain_of
from zhicheng.values.refusal import Refusal


def from_pkcs12(path: Path, password: str) -> Identity:
    """Key, certificate and chain of a .p12 or .pfx file."""
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(
            path.read_bytes(), password.encode() or None
        )
    except (OSError, ValueError) as error:
        raise _unusable(error) from None
    if key is None or certificate is None:
        raise _unusable(ValueError("no key or no certificate"))
    return _identity(key, certificate, chain)


def from_pem(path: Path, password: str) -> Identity:
    """Key, certificate and chain, one after the other in a PEM file."""
    try:
        content = path.read_bytes()
        key = load_pem_private_key(content, password.encode() or None)
        certificate, *chain = x509.load_pem_x509_certificates(content)
    except (OSError, ValueError, TypeError) as error:
        raise _unusable(error) from None
    return _identity(key, certificate, chain)


def _identity(key: Any, certificate: x509.Certificate, chain: list[x509.Certificate]) -> Identity:
    if key.public_key() != certificate.public_key():
        raise _unusable(ValueError("another certificate's key"))
    return Identity(certificate.public_bytes(Encoding.DER), chain_of(chain), _signer(key))


def _signer(key: Any) -> Callable[[bytes], bytes]:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        by_ecdsa = ec.ECDSA(hashes.SHA256())
        return lambda data: key.sign(data, by_ecdsa)
    if isinstance(key, rsa.RSAPrivateKey):
        return lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    raise _unusable(ValueError("neither RSA nor ECDSA"))


def from_pkcs11(
    *, module: str, token: str, label: str, pin: str, certificates: Path | None = None
) -> Identity:
    """The key of that label on the token; its session stays open as long as the process.

    The certificate is the token's of the same label, or the first of the PEM file, which also
    holds the chain.
    """
    import hashlib

    import pkcs11
    from pkcs11.util.ec import encode_ecdsa_signature

    def opened() -> tuple[Any, Any]:
        found = pkcs11.lib(module).get_token(token_label=token)
        try:
            session = found.open(user_pin=pin)
        except pkcs11.UserAlreadyLoggedIn:  # all of a process's sessions log in together
            session = found.open()
        return session, session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, label=label)

    try:
        session, key = opened()
        on_token = list(
            session.get_objects(
                {
                    pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                    pkcs11.Attribute.LABEL: label,
                }
            )
        )
        named = x509.load_pem_x509_certificates(certificates.read_bytes()) if certificates else []
        if on_token:
            certificate = x509.load_der_x509_certificate(on_token[0][pkcs11.Attribute.VALUE])
            chain = [each for each in named if each != certificate]
        else:
            certificate, *chain = named
        by_ecdsa = key.key_type == pkcs11.KeyType.EC
    except (pkcs11.PKCS11Error, OSError, ValueError, RuntimeError) as error:
        raise _unusable(error) from None
    one_at_a_time = threading.Lock()  # a session does one thing at a time

    def signed(data: bytes) -> bytes:
        if by_ecdsa:
            raw = key.sign(hashlib.sha256(data).digest(), mechanism=pkcs11.Mechanism.ECDSA)
            return bytes(encode_ecdsa_signature(raw))
        return bytes(key.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))

    def sign(data: bytes) -> bytes:
        nonlocal session, key
        with one_at_a_time:
            try:
                return signed(data)
            except (pkcs11.PKCS11Error, RuntimeError):
                pass
            # A device that was away, or that ended the session: once more from the beginning.
            try:
                session, key = opened()
                return signed(data)
            except (pkcs11.PKCS11Error, RuntimeError) as error:
                raise _away(error) from None

    return Identity(certificate.public_bytes(Encoding.DER), chain_of(chain), sign)


def _away(error: Exception) -> Refusal:
    return Refusal(
        "seal.device_away",
        "密码设备没有完成签名，电子证书没有签发。",
        clause="N17",
        found=type(error).__name__,
        expected="密码设备在线，密钥和口令未变",
        mend="请检查密码设备后，在核准文件的电子证书页重新制作；已签发的不受影响。",
    )


def _unusable(error: Exception) -> Refusal:
    # The kind of the fault alone: a library's words may hold a password or a path.
    return Refusal(
        "seal.key_unusable",
        "电子证书的签名密钥不能使用。",
        clause="N17",
        found=type(error).__name__,
        expected="可读取、口令正确、与证书相符的 RSA 或 ECDSA 密钥",
        mend="请检查 ZHICHENG_SEAL_ 开头的各项设置。",
    )

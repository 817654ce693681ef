"""Keys in files: read, refused, and no file by a key that is revoked or another's."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.electronic.remote_authority import Authority, pkcs12_file, production, root_of
from tests.electronic.sample import PLAIN
from zhicheng.documents.electronic_certificate import render, seal_box
from zhicheng.electronic import sealing
from zhicheng.electronic.signing import keys
from zhicheng.electronic.signing.cms import Identity
from zhicheng.electronic.signing.pades import PadesSeal
from zhicheng.electronic.signing.proofs import Fetched
from zhicheng.electronic.signing.timestamps import RemoteClock
from zhicheng.electronic.signing.verifying import verify
from zhicheng.values.refusal import Refusal


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_a_key_file_a_remote_clock_and_fetched_proofs(
    by_http: Authority, tmp_path: Path, kind: str, settings: Any
) -> None:
    """As in production: PKCS#12, RFC 3161 by HTTP, revocation list from the named address."""
    key: Any = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        if kind == "rsa"
        else ec.generate_private_key(ec.SECP384R1())
    )
    (tmp_path / "roots.pem").write_bytes(by_http.root.public_bytes(Encoding.PEM))
    settings.ZHICHENG_SEAL_PKCS12 = str(pkcs12_file(by_http, tmp_path, key))
    settings.ZHICHENG_SEAL_PASSWORD = "kouling-1"
    settings.ZHICHENG_SEAL_TIMESTAMPS = by_http.address
    settings.ZHICHENG_SEAL_ROOTS = str(tmp_path / "roots.pem")
    seal = sealing.seal()
    assert not seal.identity.is_test
    pdf = seal.sign(render(PLAIN), box=seal_box(), issuer=PLAIN.issuing_unit)
    verdict = verify(pdf, [root_of(by_http)])
    assert (verdict.reason, verdict.level) == ("", "PAdES-B-LT")
    assert verdict.signer == "某市职改办电子签章（测试）"


def test_a_pem_file_with_everything(by_http: Authority, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = by_http.issue(key.public_key(), "某市职改办电子签章（测试）")
    path = tmp_path / "seal.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
        + by_http.root.public_bytes(Encoding.PEM)
    )
    identity = keys.from_pem(path, "")
    assert identity.certificate == certificate.public_bytes(Encoding.DER)
    assert identity.chain == (root_of(by_http),)


def test_a_wrong_password_and_anothers_key_are_refused(by_http: Authority, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    path = pkcs12_file(by_http, tmp_path, key)
    with pytest.raises(Refusal) as refused:
        keys.from_pkcs12(path, "falsch")
    assert refused.value.rule == "seal.key_unusable"
    assert "falsch" not in str(vars(refused.value))
    with pytest.raises(Refusal):
        keys.from_pkcs12(tmp_path / "missing.p12", "")
    other = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "mixed.pem").write_bytes(
        other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + by_http.root.public_bytes(Encoding.PEM)
    )
    with pytest.raises(Refusal):
        keys.from_pem(tmp_path / "mixed.pem", "")


def test_a_revoked_seal_signs_nothing(by_http: Authority) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = by_http.issue(key.public_key(), "旧签章（测试）")
    identity = Identity(
        certificate.public_bytes(Encoding.DER),
        (),
        lambda data: key.sign(data, ec.ECDSA(hashes.SHA256())),
    )
    clock = RemoteClock(by_http.address)
    now = [0.0]
    seal = PadesSeal(
        identity, clock, Fetched(identity, clock, [root_of(by_http)], now=lambda: now[0])
    )
    assert (
        verify(seal.sign(render(PLAIN), box=seal_box(), issuer="市"), [root_of(by_http)]).reason
        == ""
    )
    by_http.revoked.append(certificate.serial_number)
    now[0] += 4000  # an hour later the list is asked again
    with pytest.raises(Refusal) as refused:
        seal.sign(render(PLAIN), box=seal_box(), issuer="市")
    assert refused.value.rule == "seal.not_proved"


def test_a_device_whose_key_is_not_the_certificates_issues_nothing(
    by_http: Authority, tmp_path: Path, settings: Any
) -> None:
    """As with a renewed certificate beside the old key: no such file may ever be kept."""
    seal = production(by_http, tmp_path, settings)
    other = ec.generate_private_key(ec.SECP256R1())
    seal._signatures._identity = replace(
        seal.identity, sign=lambda data: other.sign(data, ec.ECDSA(hashes.SHA256()))
    )
    with pytest.raises(Refusal) as refused:
        seal.sign(render(PLAIN), box=seal_box(), issuer="市")
    assert refused.value.rule == "seal.not_verified"

"""Keys in files and in a device (SoftHSM2), a remote clock and fetched proofs, a seal service."""

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.electronic.sample import PLAIN, seal_of
from zhicheng.documents.electronic_certificate import render, seal_box
from zhicheng.electronic import sealing
from zhicheng.electronic.signing import keys
from zhicheng.electronic.signing.authority import TestAuthority
from zhicheng.electronic.signing.cms import Identity, StampMaker
from zhicheng.electronic.signing.pades import PadesSeal
from zhicheng.electronic.signing.proofs import Fetched
from zhicheng.electronic.signing.timestamps import LocalClock, RemoteClock
from zhicheng.electronic.signing.verifying import verify
from zhicheng.values.refusal import Refusal

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "softhsm.sh"
FOUND = ("var/softhsm", "/usr/lib/softhsm", "/usr/local/lib/softhsm", "/opt/homebrew/lib/softhsm")


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


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def by_http(rsa_key: rsa.RSAPrivateKey) -> Iterator[Authority]:
    key = rsa_key
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
    return authority.root.public_bytes(Encoding.DER)


def pkcs12_file(authority: Authority, folder: Path, key: Any) -> Path:
    certificate = authority.issue(key.public_key(), "某市职改办电子签章（测试）")
    path = folder / "seal.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"seal", key, certificate, None, BestAvailableEncryption(b"kouling-1")
        )
    )
    return path


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


@pytest.mark.parametrize(
    "answers", ["another", "old nonce", "rejection", "an old time", "broken signature"]
)
def test_a_clock_that_answers_another_question_is_refused(by_http: Authority, answers: str) -> None:
    by_http.answers = answers
    with pytest.raises(Refusal) as refused:
        RemoteClock(by_http.address)(b"1" * 32)
    assert refused.value.rule == "seal.timestamp"


def production(authority: Authority, folder: Path, settings: Any) -> Any:
    """The seal as the settings of a real installation make it."""
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "roots.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    settings.ZHICHENG_SEAL_PKCS12 = str(pkcs12_file(authority, folder, key))
    settings.ZHICHENG_SEAL_PASSWORD = "kouling-1"
    settings.ZHICHENG_SEAL_TIMESTAMPS = authority.address
    settings.ZHICHENG_SEAL_ROOTS = str(folder / "roots.pem")
    return sealing.seal()


def test_an_authority_with_several_clocks_is_proved_with_each(
    by_http: Authority, tmp_path: Path, settings: Any
) -> None:
    """The stamp within a file is by a certificate whose proof is in the file."""
    by_http.others = [by_http.stamping("时间戳二（测试）"), by_http.stamping("时间戳三（测试）")]
    seal = production(by_http, tmp_path, settings)
    by_http.answers = "several"
    for _file in range(4):
        pdf = seal.sign(render(PLAIN), box=seal_box(), issuer="市")
        assert verify(pdf, [root_of(by_http)]).reason == ""
        assert by_http.stamper is not None
        assert by_http.stamper._signatures._identity.certificate in pdf, "in the DSS, not as hex"


def test_a_stamp_that_no_trusted_root_proves_is_not_issued(
    by_http: Authority, test_ca: TestAuthority, tmp_path: Path, settings: Any
) -> None:
    """Somebody between us and the authority, with a clock of his own."""
    seal = production(by_http, tmp_path, settings)
    seal.sign(render(PLAIN), box=seal_box(), issuer="市")
    by_http.others, by_http.answers = [StampMaker(test_ca.clock)], "another's signature"
    with pytest.raises(Refusal) as refused:
        seal.sign(render(PLAIN), box=seal_box(), issuer="市")
    assert refused.value.rule == "seal.not_proved"
    by_http.answers = "good"
    seal.sign(render(PLAIN), box=seal_box(), issuer="市")


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


def test_a_broken_answer_is_a_refusal_not_a_crash() -> None:
    """Half an HTTP answer, or none: the batch ends with its reason on the page."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"

        def answer(content: bytes) -> None:
            connection, _peer = server.accept()
            with connection:
                connection.recv(4000)
                connection.sendall(content)

        for content in (b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n0"):
            thread = threading.Thread(target=answer, args=[content])
            thread.start()
            with pytest.raises(Refusal) as refused:
                RemoteClock(address)(bytes(32))
            thread.join()
            assert refused.value.rule == "seal.timestamp"


def test_a_clock_that_is_away_is_refused() -> None:
    with pytest.raises(Refusal):
        RemoteClock("http://127.0.0.1:9/")(bytes(32))
    with pytest.raises(Refusal):
        RemoteClock("file:///etc/passwd")


def test_nothing_set_up_signs_nothing(settings: Any) -> None:
    settings.ZHICHENG_SEAL_TEST_CA = ""
    with pytest.raises(Refusal) as refused:
        sealing.seal()
    assert refused.value.rule == "seal.none"
    assert sealing.trusted_roots() == []


class Service:
    """Stands for a certified seal service: signs as the demo does, and draws its picture."""

    level = "GB/T 38540"
    asked: list[tuple[Any, str]] = []

    def __init__(self) -> None:
        from zhicheng.electronic.signing import authority

        folder = sealing.test_folder()
        authority.make(folder)
        self._own = seal_of(authority.load(folder))

    @property
    def identity(self) -> Identity:
        return self._own.identity

    def sign(self, pdf: bytes, *, box: Any, issuer: str) -> bytes:
        self.asked.append((box, issuer))
        return self._own.sign(pdf, box=box, issuer=issuer)


def test_a_seal_service_takes_the_place(settings: Any) -> None:
    settings.ZHICHENG_SEAL_SERVICE = f"{__name__}.Service"
    seal = sealing.seal()
    seal.sign(render(PLAIN), box=seal_box(), issuer="重庆市")
    assert Service.asked[-1] == (seal_box(), "重庆市")
    assert seal.level == "GB/T 38540"


@dataclass(frozen=True)
class Device:
    """A token in SoftHSM2 with a key and its certificate."""

    module: str
    token: str = "zhicheng"
    pin: str = "8642"


@pytest.fixture(scope="session")
def device(tmp_path_factory: pytest.TempPathFactory) -> Device:
    subprocess.run([str(SCRIPT)], check=True)
    root = SCRIPT.parents[1]
    folders = [root / name for name in FOUND]
    folders += list(Path("/usr/lib").glob("*/softhsm"))
    named = [Path(os.environ["ZHICHENG_SOFTHSM"])] if "ZHICHENG_SOFTHSM" in os.environ else []
    module = next(
        path for path in (*named, *(each / "libsofthsm2.so" for each in folders)) if path.is_file()
    )
    util = root / "var/softhsm/softhsm2-util"
    tool = str(util) if util.is_file() else shutil.which("softhsm2-util") or "softhsm2-util"
    folder = tmp_path_factory.mktemp("tokens")
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(config)
    found = Device(str(module))
    initialise = [tool, "--module", found.module, "--init-token", "--free", "--label", found.token]
    initialise += ["--pin", found.pin, "--so-pin", "13579"]
    subprocess.run(initialise, check=True, capture_output=True)
    return found


def session_of(device: Device) -> Any:
    """A session that may write; all of a process's sessions log in together."""
    import pkcs11

    token = pkcs11.lib(device.module).get_token(token_label=device.token)
    try:
        return token.open(rw=True, user_pin=device.pin)
    except pkcs11.UserAlreadyLoggedIn:
        return token.open(rw=True)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_a_key_that_never_leaves_its_device(
    by_http: Authority,
    device: Device,
    kind: str,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PKCS#11 for real: made in the token, certified outside, signs in the token."""
    import pkcs11
    from cryptography.hazmat.primitives.serialization import (
        load_der_public_key,
    )
    from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters
    from pkcs11.util.rsa import encode_rsa_public_key

    label = f"seal-{kind}"
    with session_of(device) as session:
        if kind == "rsa":
            public, _private = session.generate_keypair(
                pkcs11.KeyType.RSA, 2048, store=True, label=label
            )
            from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

            numbers = RSAPublicNumbers(
                int.from_bytes(public[pkcs11.Attribute.PUBLIC_EXPONENT], "big"),
                int.from_bytes(public[pkcs11.Attribute.MODULUS], "big"),
            )
            outside: Any = numbers.public_key()
            assert encode_rsa_public_key(public)
        else:
            parameters = session.create_domain_parameters(
                pkcs11.KeyType.EC,
                {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")},
                local=True,
            )
            public, _private = parameters.generate_keypair(store=True, label=label)
            outside = load_der_public_key(encode_ec_public_key(public))
        certificate = by_http.issue(outside, "密码设备签章（测试）")
        session.create_object(
            {
                pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                pkcs11.Attribute.LABEL: label,
                pkcs11.Attribute.SUBJECT: certificate.subject.public_bytes(),
                pkcs11.Attribute.ISSUER: certificate.issuer.public_bytes(),
                pkcs11.Attribute.VALUE: certificate.public_bytes(Encoding.DER),
                pkcs11.Attribute.TOKEN: True,
            }
        )
    (tmp_path / "roots.pem").write_bytes(by_http.root.public_bytes(Encoding.PEM))
    settings.ZHICHENG_SEAL_PKCS11 = device.module
    settings.ZHICHENG_SEAL_TOKEN = device.token
    settings.ZHICHENG_SEAL_KEY = label
    settings.ZHICHENG_SEAL_PIN = device.pin
    settings.ZHICHENG_SEAL_TIMESTAMPS = by_http.address
    settings.ZHICHENG_SEAL_ROOTS = str(tmp_path / "roots.pem")
    seal = sealing.seal()
    pdf = seal.sign(render(PLAIN), box=seal_box(), issuer=PLAIN.issuing_unit)
    verdict = verify(pdf, [root_of(by_http)])
    assert (verdict.reason, verdict.signer) == ("", "密码设备签章（测试）")
    assert json.dumps(verdict.data, ensure_ascii=False).count(PLAIN.number) == 1
    _away_and_back(device, seal, monkeypatch)


def _away_and_back(device: Device, seal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The device ends every session; while it's away the reason is told; back, it signs again."""
    import pkcs11

    def pull() -> None:
        pkcs11.lib(device.module).reinitialize()

    pull()
    assert seal.identity.sign(b"x"), "a session that was ended is opened anew"
    pull()
    with monkeypatch.context() as patched:
        patched.setattr(pkcs11, "lib", lambda _module: (_ for _ in ()).throw(pkcs11.DeviceError()))
        with pytest.raises(Refusal) as refused:
            seal.identity.sign(b"x")
    assert refused.value.rule == "seal.device_away"
    assert seal.identity.sign(b"x")


def test_a_device_with_another_pin_is_refused(device: Device) -> None:
    with pytest.raises(Refusal) as refused:
        keys.from_pkcs11(module=device.module, token=device.token, label="nothing", pin=device.pin)
    assert refused.value.rule == "seal.key_unusable"
    with pytest.raises(Refusal):
        keys.from_pkcs11(module=device.module, token="another", label="seal-rsa", pin="x")


def test_the_local_clock_and_the_remote_one_make_the_same_kind_of_token(
    by_http: Authority, test_ca: TestAuthority
) -> None:
    for clock in (LocalClock(test_ca.clock), RemoteClock(by_http.address)):
        info = cms.ContentInfo.load(clock(b"d" * 32))["content"]["encap_content_info"]
        assert info["content"].parsed["message_imprint"]["hashed_message"].native == b"d" * 32

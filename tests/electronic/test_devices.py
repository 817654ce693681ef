"""A key that never leaves its device (SoftHSM2)."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.electronic.remote_authority import Authority, root_of
from tests.electronic.sample import PLAIN
from zhicheng.documents.electronic_certificate import render, seal_box
from zhicheng.electronic import sealing
from zhicheng.electronic.signing import keys
from zhicheng.electronic.signing.verifying import verify
from zhicheng.values.refusal import Refusal

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "softhsm.sh"
FOUND = ("var/softhsm", "/usr/lib/softhsm", "/usr/local/lib/softhsm", "/opt/homebrew/lib/softhsm")


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

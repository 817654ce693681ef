"""Which seal signs electronic certificates, and which roots are trusted, by the settings.

| setting | |
|---|---|
| ``ZHICHENG_SEAL_SERVICE`` | dotted path of a class, a certified seal service (``SealService``) |
| ``ZHICHENG_SEAL_PKCS12`` | file with key, certificate, chain; ``ZHICHENG_SEAL_PASSWORD`` |
| ``ZHICHENG_SEAL_PEM`` | the same as PEM |
| ``ZHICHENG_SEAL_PKCS11`` | the device's module; ``…_TOKEN``, ``…_KEY``, ``ZHICHENG_SEAL_PIN`` |
| ``ZHICHENG_SEAL_CERTIFICATES`` | PEM with certificate and chain, where the device holds none |
| ``ZHICHENG_SEAL_TIMESTAMPS`` | address of the time-stamp authority |
| ``ZHICHENG_SEAL_ROOTS`` | PEM file with the trusted roots |
| ``ZHICHENG_SEAL_TEST_CA`` | ``1``: keys made for tests and the demo; nobody is bound by them |

Without any of them nothing is signed, and every page says why.
"""

import functools
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.utils.module_loading import import_string

from zhicheng.electronic.signing import authority, keys
from zhicheng.electronic.signing.pades import PadesSeal, SealService
from zhicheng.electronic.signing.proofs import Fetched, TestProof
from zhicheng.electronic.signing.timestamps import LocalClock, RemoteClock
from zhicheng.values.refusal import Refusal


def _named(name: str) -> str:
    return str(getattr(settings, name, "") or "")


def test_folder() -> Path:
    """Where the test authority's keys lie."""
    return Path(settings.HOME) / authority.FOLDER


def uses_test_authority() -> bool:
    """Whether the settings ask for the test authority."""
    return _named("ZHICHENG_SEAL_TEST_CA") == "1"


def seal() -> SealService:
    """The seal of this process, made once; raises Refusal where none is set up or usable."""
    return _seal(*(_named(name) for name in _SETTINGS), str(test_folder()))


_SETTINGS = (
    "ZHICHENG_SEAL_SERVICE",
    "ZHICHENG_SEAL_PKCS12",
    "ZHICHENG_SEAL_PASSWORD",
    "ZHICHENG_SEAL_PEM",
    "ZHICHENG_SEAL_PKCS11",
    "ZHICHENG_SEAL_TOKEN",
    "ZHICHENG_SEAL_KEY",
    "ZHICHENG_SEAL_PIN",
    "ZHICHENG_SEAL_CERTIFICATES",
    "ZHICHENG_SEAL_TIMESTAMPS",
    "ZHICHENG_SEAL_ROOTS",
    "ZHICHENG_SEAL_TEST_CA",
)


@functools.lru_cache(maxsize=4)
def _seal(
    service: str,
    by_pkcs12: str,
    password: str,
    by_pem: str,
    by_pkcs11: str,
    token: str,
    key: str,
    pin: str,
    certificates: str,
    timestamps: str,
    _roots: str,
    test: str,
    folder: str,
) -> SealService:
    if service:
        return _service(service)
    if by_pkcs12:
        identity = keys.from_pkcs12(Path(by_pkcs12), password)
    elif by_pem:
        identity = keys.from_pem(Path(by_pem), password)
    elif by_pkcs11:
        identity = keys.from_pkcs11(
            module=by_pkcs11,
            token=token,
            label=key,
            pin=pin,
            certificates=Path(certificates) if certificates else None,
        )
    elif test == "1":
        authority.make(Path(folder))
        held = authority.load(Path(folder))
        return PadesSeal(held.signer, LocalClock(held.clock), TestProof(Path(folder)))
    else:
        raise Refusal(
            "seal.none",
            "还没有设置电子证书的签名证书，不能签发电子证书。",
            clause="N17",
            expected="签名证书、时间戳服务和可信根证书",
            mend="请系统管理员按《电子证书》说明设置 ZHICHENG_SEAL_ 各项后重启服务。",
        )
    if not timestamps:
        raise Refusal(
            "seal.no_timestamps",
            "没有设置时间戳服务，不能签发电子证书。",
            clause="N17",
            expected="ZHICHENG_SEAL_TIMESTAMPS：RFC 3161 时间戳服务的地址",
        )
    clock, roots = RemoteClock(timestamps), trusted_roots()
    proof = Fetched(identity, clock, roots)

    def judge(pdf: bytes) -> str:
        # Slow to load, and needed by whoever signs with a key of its own alone.
        from zhicheng.electronic.signing.verifying import verify

        return verify(pdf, roots).reason

    return PadesSeal(identity, clock, proof, learn=proof.learn, judge=judge)


def _service(dotted: str) -> SealService:
    try:
        made: SealService = import_string(dotted)()
    except Refusal:
        raise
    except Exception as error:  # another maker's code, in ways that we don't know
        raise Refusal(
            "seal.service",
            "签章服务不能使用，电子证书不能签发。",
            clause="N17",
            found=type(error).__name__,
            expected="ZHICHENG_SEAL_SERVICE 指明的签章服务能够启动",
            mend="请系统管理员检查签章服务及其设置。",
        ) from error
    return made


def trusted_roots() -> list[bytes]:
    """The roots whose signatures count, as DER; raises Refusal when their file can't be used."""
    roots: list[bytes] = []
    if named := _named("ZHICHENG_SEAL_ROOTS"):
        roots += roots_of(Path(named))
    if uses_test_authority() and test_folder().is_dir():
        roots.append(authority.load(test_folder()).root)
    return roots


def roots_of(path: Path) -> list[bytes]:
    """The certificates of a PEM file; raises Refusal when it can't be used."""
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise Refusal(
            "seal.roots",
            "可信根证书文件不能使用。",
            found=type(error).__name__,
            expected="PEM 格式的证书文件",
            mend="请检查 ZHICHENG_SEAL_ROOTS。",
        ) from None
    return [each.public_bytes(Encoding.DER) for each in found]

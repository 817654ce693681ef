"""Where the time in a signature comes from: a time-stamp authority (RFC 3161), or a local clock."""

import hashlib
import http.client
import secrets
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from zhicheng.electronic.signing import der
from zhicheng.electronic.signing.cms import SHA256, Identity, StampMaker
from zhicheng.values.refusal import Refusal

TIMEOUT = 15  # seconds
LEEWAY = timedelta(minutes=10)  # how far a stamp may be from our own clock


class Clock(Protocol):
    """Gives the time-stamp token over a SHA-256 digest."""

    def __call__(self, digest: bytes) -> bytes:
        """The token as DER."""
        ...


class LocalClock:
    """The test authority's clock, in this very process."""

    def __init__(
        self, identity: Identity, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._maker, self._now = StampMaker(identity), now

    def __call__(self, digest: bytes) -> bytes:
        """A token of this moment."""
        return self._maker.token(digest, self._now())


class RemoteClock:
    """A time-stamp authority that is asked by HTTP."""

    def __init__(self, address: str) -> None:
        if not address.startswith(("http://", "https://")):
            raise Refusal(
                "seal.timestamp_address",
                "时间戳服务的地址不能使用。",
                found=address.partition(":")[0][:20],
                expected="以 http:// 或 https:// 开头的地址",
                mend="请检查 ZHICHENG_SEAL_TIMESTAMPS。",
            )
        self._address = address

    def __call__(self, digest: bytes) -> bytes:
        """A token; raises Refusal when the authority doesn't answer or answers another question.

        The token's own signature is checked as well: what was signed once is never changed.
        """
        from asn1crypto import tsp  # needed by a remote clock alone

        nonce = secrets.randbits(63)
        question = der.sequence(
            der.integer(1),
            der.sequence(SHA256, der.octets(digest)),
            der.integer(nonce),
            b"\x01\x01\xff",
        )
        request = urllib.request.Request(  # noqa: S310 - the officer's own setting, http(s) alone
            self._address,
            question,
            {
                "Content-Type": "application/timestamp-query",
                "Accept": "application/timestamp-reply",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                response = tsp.TimeStampResp.load(answer.read(1_000_000), strict=True)
            status = response["status"]["status"].native
            token = response["time_stamp_token"]
            if status not in {"granted", "granted_with_mods"}:
                raise _refused(f"状态 {status}")
            info = token["content"]["encap_content_info"]["content"].parsed
            imprint = info["message_imprint"]["hashed_message"].native
            if imprint != digest or info["nonce"].native != nonce:
                raise _refused("应答与请求不符")
            if abs(info["gen_time"].native - datetime.now(UTC)) > LEEWAY:
                raise _refused("时间戳的时间与本机时间相差过大")
            if not _is_signed(token["content"]):
                raise _refused("时间戳的签名不符")
        except _FAULTS as error:
            raise _refused(type(error).__name__) from None
        return bytes(token.dump())


# Whatever a broken connection or a broken answer may raise on the way.
_FAULTS = (OSError, http.client.HTTPException, ValueError, TypeError, KeyError, AttributeError)


def signer_of(token: bytes) -> bytes:
    """The certificate (DER) of whoever signed the token; raises ValueError when it's missing."""
    from asn1crypto import cms

    return bytes(_signer(cms.ContentInfo.load(token)["content"]).dump())


def _signer(content: Any) -> Any:
    wanted = content["signer_infos"][0]["sid"].chosen
    for each in content["certificates"]:
        certificate = each.chosen
        if (
            certificate.serial_number == wanted["serial_number"].native
            and certificate.issuer == wanted["issuer"]
        ):
            return certificate
    raise ValueError("the token lacks its signer's certificate")


def _is_signed(content: Any) -> bool:
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    (signer,) = content["signer_infos"]
    inner = content["encap_content_info"]["content"]
    digest = hashlib.new(signer["digest_algorithm"]["algorithm"].native, inner.contents).digest()
    intact, valid = validate_sig_integrity(
        signer, _signer(content), expected_content_type="tst_info", actual_digest=digest
    )
    return bool(intact and valid)


def _refused(found: str) -> Refusal:
    return Refusal(
        "seal.timestamp",
        "时间戳服务没有给出可用的时间戳，电子证书没有签发。",
        found=found,
        expected="RFC 3161 时间戳应答",
        mend="请检查时间戳服务地址和网络，稍后重新办理。",
    )

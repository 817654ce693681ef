"""What proves a signature later: the chain, and fresh word that none of it was revoked.

Fetched from the addresses that the certificates themselves name, once for many signatures.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from zhicheng.electronic.signing import authority
from zhicheng.electronic.signing.cms import Identity
from zhicheng.electronic.signing.revision import Proof
from zhicheng.electronic.signing.timestamps import Clock, signer_of
from zhicheng.values.refusal import Refusal

FRESH_SECONDS = 3600.0


class Fetched:
    """The proof of an identity and a clock, fetched anew every hour."""

    def __init__(
        self,
        identity: Identity,
        clock: Clock,
        roots: Sequence[bytes],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._identity, self._clock, self._roots, self._now = identity, clock, roots, now
        self._lock = threading.Lock()
        self._held: tuple[float, Proof] | None = None
        self._tokens: list[bytes] = []

    def __call__(self) -> Proof:
        """The proof; raises Refusal when a certificate was revoked, or nobody says it wasn't."""
        with self._lock:
            now = self._now()
            if self._held is None or now - self._held[0] > FRESH_SECONDS:
                self._tokens = [self._clock(bytes(32))]
                self._held = (now, asyncio.run(self._fetch()))
            return self._held[1]

    def learn(self, token: bytes) -> None:
        """Proves the signer of this time stamp too: an authority may have several."""
        with self._lock:
            self._tokens.append(token)
            self._held = (self._now(), asyncio.run(self._fetch()))

    async def _fetch(self) -> Proof:
        # Slow to load, and needed by whoever signs with a key of its own alone.
        from aiohttp import ClientError
        from asn1crypto import cms, x509
        from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors
        from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend

        tokens = [cms.ContentInfo.load(token)["content"] for token in self._tokens]
        stamping = [each.chosen for token in tokens for each in token["certificates"]]
        stampers = dict.fromkeys(map(signer_of, self._tokens))
        signing = [
            x509.Certificate.load(each)
            for each in (self._identity.certificate, *self._identity.chain)
        ]
        try:
            async with AIOHttpFetcherBackend() as fetchers:
                context = ValidationContext(
                    trust_roots=[x509.Certificate.load(root) for root in self._roots],
                    other_certs=[*signing, *stamping],
                    allow_fetching=True,
                    revocation_mode="require",
                    fetchers=fetchers,
                )
                paths = [
                    await CertificateValidator(
                        signing[0], validation_context=context
                    ).async_validate_usage(set()),
                ]
                for stamper in stampers:
                    paths.append(  # noqa: PERF401 - one at a time
                        await CertificateValidator(
                            x509.Certificate.load(stamper), validation_context=context
                        ).async_validate_usage(set(), {"time_stamping"})
                    )
                crls, answers = list(context.crls), list(context.ocsps)
        except (
            errors.PathError,
            errors.ValidationError,
            errors.CRLValidationError,
            errors.OCSPValidationError,
            ClientError,
            OSError,
            ValueError,
        ) as error:
            raise _unproved(error) from None
        certificates = dict.fromkeys(each.dump() for path in paths for each in path)
        return Proof(
            tuple(certificates),
            tuple(each.dump() for each in crls),
            tuple(each.dump() for each in answers),
        )


class TestProof:
    """The proof of the test authority: its own list of revoked certificates, kept fresh."""

    __test__ = False  # no test class, whatever pytest thinks of the name

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: tuple[float, Proof] | None = None

    def __call__(self) -> Proof:
        """The proof, read anew every hour."""
        now = time.monotonic()
        if self._held is None or now - self._held[0] > FRESH_SECONDS:
            found = authority.load(self._folder)
            chain = (found.root, found.signer.certificate, found.clock.certificate)
            self._held = (now, Proof(chain, (found.crl,)))
        return self._held[1]


def _unproved(error: Exception) -> Refusal:
    return Refusal(
        "seal.not_proved",
        "签名证书或时间戳证书的有效状态没有得到证明，电子证书没有签发。",
        clause="N17",
        found=type(error).__name__,
        expected="可信根签发、未吊销，且吊销信息可以获取",
        mend="请检查证书是否过期或吊销、网络是否能访问证书中写明的地址、"
        "ZHICHENG_SEAL_ROOTS 是否正确。",
    )

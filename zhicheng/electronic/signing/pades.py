"""PAdES B-LT: signature, time stamp and everything that proves both later, in one revision."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from zhicheng.electronic.signing.cms import Identity, Signatures
from zhicheng.electronic.signing.revision import Field, Proof, RoomError, add_signature
from zhicheng.electronic.signing.timestamps import Clock, signer_of
from zhicheng.values.refusal import Refusal

LEVEL = "PAdES-B-LT"
_ATTEMPTS = 5
_ZONE = ZoneInfo("Asia/Shanghai")
Box = tuple[float, float, float, float]


class SealService(Protocol):
    """Puts the issuing authority's seal on a PDF and signs it; named by ``ZHICHENG_SEAL_SERVICE``.

    A certified seal service (GB/T 38540, GM/T 0031) is put in by a class with these members, made
    without arguments. ``sign`` must leave the file's first bytes, the unsigned PDF, as they are
    (an incremental update).
    """

    level: str

    @property
    def identity(self) -> Identity:
        """The certificate that signs."""
        ...

    def sign(self, pdf: bytes, *, box: Box, issuer: str) -> bytes:
        """The signed file; ``box`` is the place for the seal in points from the lower left."""
        ...


class PadesSeal:
    """Signs with a key that this process reaches. Draws nothing.

    A file that was issued never changes, so one that proves nothing must not be issued: with
    ``learn`` each time stamp's signer is among the proofs, and ``judge`` (which gives the reason
    against a file) looks at the first file of each proof.
    """

    level = LEVEL

    def __init__(
        self,
        identity: Identity,
        clock: Clock,
        proof: Callable[[], Proof],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        learn: Callable[[bytes], None] | None = None,
        judge: Callable[[bytes], str] | None = None,
    ) -> None:
        self._identity, self._clock, self._proof, self._now = identity, clock, proof, now
        self._signatures = Signatures(identity)
        self._room = 0
        self._learn, self._judge = learn, judge
        self._judged: Proof | None = None

    @property
    def identity(self) -> Identity:
        """The certificate that signs."""
        return self._identity

    def sign(self, pdf: bytes, *, box: Box, issuer: str) -> bytes:
        """The signed file."""
        proof = self._proof()
        if not self._room:
            # A first token tells how much room its authority's tokens take.
            token = self._clock(bytes(32))
            self._room = len(self._signatures.detached(bytes(32), lambda _digest: token)) + 512
        place = Field(box, issuer, "签发电子职称证书")
        for _attempt in range(_ATTEMPTS):
            try:
                signed, token = self._signed(pdf, place, proof)
            except RoomError:  # the authority's tokens have grown: it has new certificates
                self._room *= 2
                continue
            if self._learn is not None and signer_of(token) not in proof.certificates:
                self._learn(token)  # another of the authority's certificates, not proved yet
                proof = self._proof()
                continue
            if self._judge is not None and self._judged is not proof:
                if reason := self._judge(signed):
                    raise _unproved(reason)
                self._judged = proof
            return signed
        raise _unproved("时间戳证书一再更换")

    def _signed(self, pdf: bytes, place: Field, proof: Proof) -> tuple[bytes, bytes]:
        """The signed file, and the time stamp in it."""
        tokens: list[bytes] = []

        def stamp(digest: bytes) -> bytes:
            tokens.append(self._clock(digest))
            return tokens[-1]

        signed = add_signature(
            pdf,
            place=place,
            proof=proof,
            moment=self._now().astimezone(_ZONE),
            room=self._room,
            sign=lambda digest: self._signatures.detached(digest, stamp),
        )
        return signed, tokens[-1]


def _unproved(found: str) -> Refusal:
    return Refusal(
        "seal.not_verified",
        "签好的文件没有通过验证，电子证书没有签发。",
        clause="N17",
        found=found,
        expected="签名、时间戳和吊销信息都能由可信根证书验证",
        mend="请检查签名密钥与证书是否相符、时间戳服务和 ZHICHENG_SEAL_ROOTS 是否正确。",
    )

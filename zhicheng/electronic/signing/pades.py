"""PAdES B-LT: signature, time stamp and everything that proves both later, in one revision."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from zhicheng.electronic.signing.cms import Identity, Signatures
from zhicheng.electronic.signing.revision import Field, Proof, RoomError, add_signature
from zhicheng.electronic.signing.timestamps import Clock

LEVEL = "PAdES-B-LT"
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
    """Signs with a key that this process reaches. Draws nothing."""

    level = LEVEL

    def __init__(
        self,
        identity: Identity,
        clock: Clock,
        proof: Callable[[], Proof],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._identity, self._clock, self._proof, self._now = identity, clock, proof, now
        self._signatures = Signatures(identity)
        self._room = 0

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
        try:
            return self._signed(pdf, place, proof)
        except RoomError:  # the authority's tokens have grown: it has new certificates
            self._room *= 2
            return self._signed(pdf, place, proof)

    def _signed(self, pdf: bytes, place: Field, proof: Proof) -> bytes:
        return add_signature(
            pdf,
            place=place,
            proof=proof,
            moment=self._now().astimezone(_ZONE),
            room=self._room,
            sign=lambda digest: self._signatures.detached(digest, self._clock),
        )

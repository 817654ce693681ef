"""What the officer must know of the seal: which certificate signs, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from zhicheng.electronic.sealing import seal
from zhicheng.values.refusal import Refusal

WARNED = timedelta(days=60)


@dataclass(frozen=True)
class SealState:
    """The seal as it is now; ``refusal`` says why none signs."""

    name: str = ""
    issuer: str = ""
    fingerprint: str = ""
    level: str = ""
    is_test: bool = False
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    refusal: Refusal | None = None

    @property
    def days_left(self) -> int | None:
        """Whole days until the certificate expires; below zero when it has."""
        return (self.valid_to - timezone.now()).days if self.valid_to else None

    @property
    def expires_soon(self) -> bool:
        """Whether it has to be renewed now."""
        return self.valid_to is not None and self.valid_to - timezone.now() < WARNED


def seal_state() -> SealState:
    """The state of the seal that this process would sign with."""
    try:
        by = seal()
    except Refusal as refusal:
        return SealState(refusal=refusal)
    identity = by.identity
    return SealState(
        name=identity.name,
        issuer=identity.issuer,
        fingerprint=identity.fingerprint,
        level=by.level,
        is_test=identity.is_test,
        valid_from=identity.parsed.not_valid_before_utc,
        valid_to=identity.parsed.not_valid_after_utc,
    )

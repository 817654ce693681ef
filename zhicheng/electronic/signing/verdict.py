"""What a signed file proves by itself; apart from the judge, whose libraries are slow to load."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LARGEST = 20 * 1024 * 1024


@dataclass(frozen=True)
class Verdict:
    """What the file itself proves.

    ``reason`` is empty for a good file, else one of not_a_pdf, unsigned, changed, damaged,
    untrusted, no_timestamp; and, by the installation's own records (``queries.on_record``), kept
    or not_ours. ``data`` are the embedded data of an intact file.
    """

    reason: str
    signer: str = ""
    signed_at: datetime | None = None
    level: str = ""
    fingerprint: str = ""
    sha256: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def is_intact(self) -> bool:
        """Not a byte was changed since it was signed."""
        return self.reason in {"", "untrusted", "no_timestamp", "kept", "not_ours"}

    @property
    def holds(self) -> bool:
        """Whether what the file says may be believed."""
        return self.reason in {"", "kept"}

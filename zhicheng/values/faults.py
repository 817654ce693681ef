"""What a proof found: every report of one is passed when it names no fault."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Faults:
    """The faults, each with its ``kind`` and a ``message``."""

    faults: list[dict[str, Any]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether everything is as it has to be."""
        return not self.faults

"""A statement that travels beside another one, in the same message to the server."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Writing(NamedTuple):
    """Something that is asked or written beside a count, in the same statement."""

    text: str
    values: Mapping[str, Any]

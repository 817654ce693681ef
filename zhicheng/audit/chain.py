"""How an event's digest is made: one canonical text, one keyed digest."""

import json
from datetime import UTC, datetime
from typing import Any, TypedDict

from zhicheng.protection import chain_mac

GENESIS = b"\x00" * 32


class EventFields(TypedDict):
    """What an event says, without its place in the chain."""

    sequence: int
    occurred_at: datetime
    tag: str
    actor_id: int | None
    actor_name: str
    organization_id: int | None
    subject_type: str
    subject_id: int | None
    data: dict[str, Any]
    row_type: str
    row_ids: list[int]
    row_digests: bytes


def link(event: EventFields, previous: bytes, key_id: str | None = None) -> tuple[str, bytes]:
    """(key id, digest) of the event that follows the one with digest ``previous``."""
    text = json.dumps(
        [
            event["sequence"],
            event["occurred_at"].astimezone(UTC).isoformat(timespec="microseconds"),
            event["tag"],
            event["actor_id"],
            event["actor_name"],
            event["organization_id"],
            event["subject_type"],
            event["subject_id"],
            event["data"],
            event["row_type"],
            event["row_ids"],
        ],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return chain_mac(previous + text.encode("utf-8") + bytes(event["row_digests"]), key_id)

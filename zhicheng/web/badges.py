"""States in their colours."""

from collections.abc import Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString

from zhicheng.web.saying import say

# Which colour a state has, whatever the object: waiting, moving, done, refused, asleep.
STATE_TONES: Mapping[str, str] = {
    "draft": "idle",
    "endorsing": "wait",
    "filed": "wait",
    "returned": "bad",
    "accepted": "good",
    "allotted": "wait",
    "handed_over": "wait",
    "received": "good",
    "awaiting_blank": "bad",
    "awaiting_photo": "wait",
    "withdrawn": "idle",
    "filled": "move",
    "sealed": "move",
    "embossed": "move",
    "issued": "good",
    "error": "bad",
    "warning": "wait",
    "tidied": "idle",
    "passed": "good",
    "failed": "bad",
    "lost": "bad",
    "written_off": "bad",
    "open": "wait",
    "closed": "good",
    "unseen": "bad",
    "seen": "good",
    "counting": "move",
    "finished": "wait",
    "confirmed": "good",
    "abandoned": "idle",
    "waiting": "wait",
    "running": "move",
    "done": "good",
    "late": "bad",
    "applied": "wait",
    "opinions": "move",
    "granted": "wait",
    "collected": "move",
    "making": "move",
    "closing": "wait",
    "refused": "bad",
    "preparing": "move",
    "ready": "wait",
    "printing": "wait",
    "cancelled": "idle",
    "good": "good",
    "spoiled": "bad",
    "unprinted": "idle",
    "active": "good",
    "retired": "idle",
    "revoked": "bad",
    "sent": "move",
    "arrived": "wait",
    "returning": "move",
    "delivered": "good",
    "dead": "bad",
    "in_use": "good",
    "succeeded": "idle",
    "discarded": "idle",
    "uploaded": "wait",
    "mapped": "move",
    "checked": "wait",
    "imported": "good",
    "taken_back": "bad",
    "certified": "good",
}


def badge(state: str, label: object) -> SafeString:
    """A state in its colour: ``{% badge register.state register.get_state_display %}``."""
    return format_html(
        '<span class="zc-badge zc-{}">{}</span>', STATE_TONES.get(str(state), "idle"), say(label)
    )

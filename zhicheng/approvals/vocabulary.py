"""The words of the list workbook for review mode and channel; pure, shared by CLI and tables."""

from collections.abc import Mapping

COMMITTEE, AUTHORIZED, JOINT, SELF_MANAGED = "committee", "authorized", "joint", "self_managed"
ONLINE, PAPER = "online", "paper"

MODES: Mapping[str, str] = {
    "委员会评审": COMMITTEE,
    "评审委员会评审": COMMITTEE,
    "评委会评审": COMMITTEE,
    "授权评审": AUTHORIZED,
    "联合评审": JOINT,
    "自主评审": SELF_MANAGED,
}
CHANNELS: Mapping[str, str] = {
    "线上": ONLINE,
    "线上申报": ONLINE,
    "线下": PAPER,
    "线下申报": PAPER,
}
MODE_LABELS: Mapping[str, str] = {
    COMMITTEE: "委员会评审",
    AUTHORIZED: "授权评审",
    JOINT: "联合评审",
    SELF_MANAGED: "自主评审",
}
CHANNEL_LABELS: Mapping[str, str] = {ONLINE: "线上", PAPER: "线下"}

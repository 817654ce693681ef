"""Signed messages to other systems (Standard Webhooks 1.0): address, signature, retries; pure."""

import hashlib
import hmac
import ipaddress
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from zhicheng.values.refusal import Refusal

# Seconds until the next attempt after the first, second ... failure; then it is given up.
BACK_OFF: Sequence[int] = (10, 60, 300, 1_800, 7_200, 18_000, 36_000, 86_400)
MOST_ATTEMPTS = len(BACK_OFF) + 1
TOLERANCE_SECONDS = 300
SECRET_BEGINNING = "whsec_"


def next_delay(attempts: int) -> int | None:
    """Seconds to wait after so many failed attempts; None when it is given up."""
    return BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else None


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The header ``webhook-signature``: HMAC-SHA256 over id, time and body."""
    key = b64decode(secret.removeprefix(SECRET_BEGINNING))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


IP = ipaddress.IPv4Address | ipaddress.IPv6Address
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")


@dataclass(frozen=True)
class Internal:
    """Hosts of our own network to which the operator lets messages go, by name or by network."""

    names: frozenset[str] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Internal":
        """Reads names and networks with commas; raises ValueError with what is neither."""
        names, networks = set(), []
        for part in filter(None, (item.strip().lower() for item in text.split(","))):
            try:
                networks.append(ipaddress.ip_network(part))
            except ValueError:
                # Digits and dots alone, or with a slash, were meant as a network.
                if not _HOST.fullmatch(part) or part.rpartition(".")[2].isdigit():
                    raise ValueError(part) from None
                names.add(part)
        return cls(frozenset(names), tuple(networks))

    def holds(self, host: str, address: IP) -> bool:
        """Whether messages to ``host`` may go to ``address``, which is not public.

        A name stands for the machines of a network, never for this one or its link: these must be
        named as a network.
        """
        if any(address in network for network in self.networks):
            return True
        elsewhere = not address.is_global and not (
            address.is_loopback
            or address.is_link_local
            or address.is_unspecified
            or address.is_multicast
        )
        return elsewhere and self.names_host(host)

    def names_host(self, host: str) -> bool:
        """Whether the operator named the host itself."""
        return host.lower().rstrip(".") in self.names


def check_address(url: str, *, private: bool = False) -> None:
    """Raises Refusal for an address to which nothing is ever sent; names are looked up later."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    fine = (
        parts.scheme in (("https", "http") if private else ("https",))
        and bool(parts.hostname)
        and parts.username is None
        and parts.password is None
        and not parts.fragment
        and port != 0
        and url.isascii()
        and not any(character.isspace() or ord(character) < 0x20 for character in url)
    )
    if not fine:
        raise Refusal(
            "webhook.address",
            "事件通知只发往 https 地址。",
            clause="N18",
            found=f"{parts.scheme or '—'}://{parts.hostname or '—'}",
            expected="https://主机名/路径，不含用户名、密码和 # 部分",
            mend="请填写对方系统公开的 https 地址。",
        )

"""One POST to a stranger's address: https, no redirects followed, and into our own network only
where the operator named the host (``ZHICHENG_WEBHOOK_INTERNAL``).

The name is looked up once and the connection goes to the very address that was judged, so a name
that answers differently a moment later (DNS rebinding) gains nothing.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from zhicheng.values.refusal import Refusal
from zhicheng.values.webhooks import IP, Internal

TIMEOUT = 10.0
# All in all, whatever the other side does: one that answers a byte every few seconds would hold
# the worker for days.
LONGEST = 30.0
ANSWER_BYTES = 2_000


@dataclass(frozen=True)
class Sent:
    """What became of it: the status, or why there is none."""

    status: int | None
    fault: str = ""

    @property
    def arrived(self) -> bool:
        """Whether the other side took it."""
        return self.status is not None and 200 <= self.status < 300 and not self.fault


class Refused(Exception):
    """An address to which nothing is sent; the text names no address of ours."""


class RefusedInside(Refused):
    """An address inside our own network that the operator didn't name."""


def private_allowed() -> bool:
    """Whether http and private addresses are allowed: for tests and trials alone."""
    return bool(getattr(settings, "ZHICHENG_WEBHOOK_PRIVATE", False))


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    understood: Callable[[bytes], bool] | None = None,
) -> Sent:
    """Sends the body; never raises. ``understood`` may read a refusal in a good answer."""
    try:
        return _post(url, body, headers, understood)
    except Refused as refused:
        return Sent(None, str(refused))
    except ssl.SSLError as error:
        return Sent(None, f"TLS：{error.reason or type(error).__name__}"[:120])
    except TimeoutError:
        return Sent(None, f"{TIMEOUT:.0f} 秒内没有答复")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Sent(None, f"连接失败：{type(error).__name__}")


def check_reachable(url: str) -> None:
    """Raises Refusal for an address inside our network that the operator didn't name.

    Only an address in figures and a host that the operator named are judged here, and again when
    something is sent. Any other name isn't even looked up: the answer would tell whoever asks, and
    leave no trace, which hosts there are inside.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    internal: Internal = settings.ZHICHENG_WEBHOOK_INTERNAL
    if not (internal.names_host(host) or _in_figures(host, port)):
        return
    try:
        judged(host, port)
    except RefusedInside:
        raise Refusal(
            "webhook.internal",
            "这个地址在内部网络中，本系统还没有获准向它发送。",
            clause="N18",
            found=parts.hostname or "",
            expected="公网地址，或系统管理员列入 ZHICHENG_WEBHOOK_INTERNAL 的内部主机",
            mend="请系统管理员把这个主机名或它的网段写进服务器的环境变量 ZHICHENG_WEBHOOK_INTERNAL"
            "（多个用逗号分开），重启后再接入。",
        ) from None
    except Refused:
        return


def _in_figures(host: str, port: int) -> bool:
    """Whether it is an address and no name, also one written oddly (``0``, ``0x7f.1``)."""
    try:
        return bool(socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST))
    except (OSError, UnicodeError):
        return False


def judged(host: str, port: int) -> list[str]:
    """Each address of the host; raises Refused when one is neither public nor allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused("主机名查不到") from None
    addresses = [str(where[0]) for _family, _type, _protocol, _name, where in found]
    if not private_allowed() and not all(_may_go(host, address) for address in addresses):
        raise RefusedInside(
            "主机名指向内部地址，不予发送；确需发送的，"
            "请系统管理员在 ZHICHENG_WEBHOOK_INTERNAL 中列出"
        )
    return addresses


def _may_go(host: str, address: str) -> bool:
    plain = _plain(address)
    return plain is not None and (_is_public(plain) or _named_inside(host, plain))


def _named_inside(host: str, address: IP) -> bool:
    internal: Internal = settings.ZHICHENG_WEBHOOK_INTERNAL
    return internal.holds(host, address)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, also when it is dressed up as IPv6."""
    plain = _plain(address)
    return plain is not None and _is_public(plain)


def _is_public(address: IP) -> bool:
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in _GIVEN_OUT:
        return False
    return not any(address in network for network in _NEVER_PUBLIC)


def _plain(address: str) -> IP | None:
    """The address without its IPv6 dress; None for what is none."""
    try:
        given = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(given, ipaddress.IPv6Address):
        inner = given.ipv4_mapped or given.sixtofour
        if given.teredo is not None:
            inner = given.teredo[1]
        if given in _NAT64:
            inner = ipaddress.IPv4Address(int(given) & 0xFFFFFFFF)
        if inner is not None:
            return inner
    return given


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# What IANA gives out for the open internet. ``is_global`` alone takes for public what no registry
# lists as private: ``::/96``, ``fec0::/10``, in some versions of Python ``64:ff9b:1::/48``.
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
_NEVER_PUBLIC = (
    ipaddress.IPv4Network("192.0.0.0/24"),  # for protocols; two of its addresses count as global
    ipaddress.IPv6Network("3fff::/20"),  # for documentation
)


def _post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    understood: Callable[[bytes], bool] | None,
) -> Sent:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    if not secure and not private_allowed():
        raise Refused("只发往 https 地址")
    host = parts.hostname or ""
    port = parts.port or (443 if secure else 80)
    address = judged(host, port)[0]
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    raw = socket.create_connection((address, port), TIMEOUT)
    try:
        with _cut_after(LONGEST, raw):
            if secure:
                raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
            connection.sock = raw
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body=body, headers=dict(headers))
            answer = connection.getresponse()
            said = answer.read(ANSWER_BYTES)
            sent = Sent(answer.status)
        if sent.arrived and understood is not None and not understood(said):
            return Sent(answer.status, "对方答复未接受")
        return sent
    finally:
        connection.close()
        raw.close()


@contextlib.contextmanager
def _cut_after(seconds: float, raw: socket.socket) -> Iterator[None]:
    """Ends the connection from outside; its twin, because TLS takes the socket itself over."""

    def cut() -> None:
        with contextlib.suppress(OSError):
            twin.shutdown(socket.SHUT_RDWR)

    twin = raw.dup()
    watch = threading.Timer(seconds, cut)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
        twin.close()

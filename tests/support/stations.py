"""What tests of the stations share: a scan, a certificate, an authorisation."""

from typing import Any

from zhicheng.certificates import stations
from zhicheng.certificates.models import Certificate
from zhicheng.files.store import Prepared, prepare
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def scan(who: Account, slug: str, text: object, **more: Any) -> stations.Answer:
    """One scan at a station."""
    return stations.scan(who, stations.STATIONS[slug], str(text), **more)


def one(register: Register, place: int = 0) -> Certificate:
    """A certificate of the register, by its place in it."""
    return register.certificates.order_by("position")[place]


def authorisation() -> Prepared:
    """An authorisation, judged and ready to be kept."""
    return prepare(PDF, "授权委托书.pdf")

"""What tests of the stations share: printing without a look at the pages, a scan, a picture."""

import base64
from typing import Any

from tests.support.city import City
from zhicheng.audit.recording import recorded
from zhicheng.certificates import stations
from zhicheng.certificates.models import Certificate
from zhicheng.files.store import Prepared, prepare
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.registers.models import Register

# One grey pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def print_all(city: City, register: Register, who: str = "health") -> None:
    """On record as printed, as ``print_sheets`` leaves it, without rendering the pages."""
    ids = list(register.certificates.order_by("pk").values_list("pk", flat=True))
    with recorded(city.who(who, "clerk"), Action.CERTIFICATE_PRINT) as record:
        record(subject=register, data={"count": len(ids)}, rows="certificates.certificate", ids=ids)


def scan(who: Account, slug: str, text: object, **more: Any) -> stations.Answer:
    """One scan at a station."""
    return stations.scan(who, stations.STATIONS[slug], str(text), **more)


def one(register: Register, place: int = 0) -> Certificate:
    """A certificate of the register, by its place in it."""
    return register.certificates.order_by("position")[place]


def authorisation() -> Prepared:
    """An authorisation, judged and ready to be kept."""
    return prepare(PDF, "授权委托书.pdf")

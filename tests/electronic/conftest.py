"""A city whose health commission issues electronic certificates by a numbering rule."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.utils import timezone

from tests.electronic.remote_authority import Authority, answering
from tests.support.city import City, announce, found_city
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.certificates.models import Certificate
from zhicheng.electronic import sealing
from zhicheng.electronic.making import make_electronic
from zhicheng.electronic.signing import authority
from zhicheng.electronic.signing.authority import TestAuthority
from zhicheng.registers.numbering.actions import set_rule

Online = Callable[..., ApprovalDocument]
LogIn = Callable[[str, str], Client]


def number_by_rule(city: City) -> None:
    set_rule(
        actor=city.who("office", "officer"),
        unit=city.health,
        valid_from=timezone.localdate(),
        pattern="DZ{年}{流水6}",
    )


@pytest.fixture(scope="session")
def test_ca(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    """The test authority, with keys of this run alone."""
    folder = tmp_path_factory.mktemp("seal") / authority.FOLDER
    authority.make(folder)
    return authority.load(folder)


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    """Made once: no other key takes as long to make."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def by_http(rsa_key: rsa.RSAPrivateKey) -> Iterator[Authority]:
    """An authority that is asked as in production; a test may change what it answers."""
    with answering(rsa_key) as remote:
        yield remote


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, settings: object) -> Iterator[Path]:
    """A data folder of the test's own, in which the test authority makes its keys."""
    folder = tmp_path_factory.mktemp("home")
    settings.HOME = folder  # type: ignore[attr-defined]
    yield folder
    sealing._seal.cache_clear()


@pytest.fixture
def city(db: None) -> City:
    city = found_city()
    number_by_rule(city)
    return city


@pytest.fixture
def online(city: City) -> Online:
    """An online approval document with so many people."""

    def made(people: int = 3, **given: object) -> ApprovalDocument:
        return announce(city, people, channel="online", **given)[0].document  # type: ignore[arg-type]

    return made


@pytest.fixture
def made(city: City, online: Online) -> list[Certificate]:
    """Three electronic certificates."""
    document = online(3, grades=("senior", "intermediate", "junior"))
    make_electronic(actor=city.who("health", "officer"), document_id=document.pk)
    return list(Certificate.objects.filter(document_number=document.number).order_by("position"))


@pytest.fixture
def log_in(city: City) -> LogIn:
    """A browser in which that organisation's account of that role is logged in."""

    def enter(organization: str, role: str) -> Client:
        client = Client()
        client.force_login(
            city.who(organization, role), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return enter

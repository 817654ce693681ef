"""Lists that are narrowed by counts which the database keeps: they show what there is (N8, N17)."""

import re

import pytest
from django.db import connection
from django.test import Client

from tests.support.city import City, accepted_register, carry, deliver, found_city
from tests.support.pages import text_of
from zhicheng.blanks.models import Spoilage
from zhicheng.blanks.queries import spoiled
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.registers.models import Register

pytestmark = pytest.mark.django_db
PLACES = ("unfilled", *(state.value for state in CertificateState))


def shown(client: Client, query: str = "") -> list[str]:
    """The registers of the list, in order."""
    page = client.get(f"/certificates/registers/?{query}").content.decode()
    return re.findall(r"\bT\d{6}\b(?=</a>)", page)


@pytest.fixture
def city() -> City:
    return found_city()


@pytest.fixture
def office(city: City) -> Client:
    client = Client()
    client.force_login(
        city.who("office", "officer"), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


@pytest.fixture
def registers(city: City) -> list[Register]:
    """One untouched, one filled in in part, one sealed, one issued."""
    made = [accepted_register(city, 3) for _ in range(4)]
    deliver(city, 30)
    carry(city, made[1], "received")
    positions = list(made[1].rows.order_by("position").values_list("pk", flat=True)[:1])
    path.fill_in(actor=city.who("health", "clerk"), register_id=made[1].pk, row_ids=positions)
    carry(city, made[2], "sealed")
    carry(city, made[3], "issued")
    return made


def test_n8_registers_are_found_by_where_their_certificates_are(
    office: Client, registers: list[Register]
) -> None:
    untouched, begun, sealed, issued = (register.number for register in registers)
    found = {place: set(shown(office, f"place={place}")) for place in PLACES}
    assert found["unfilled"] == {untouched, begun}
    assert found["filled"] == {begun}
    assert found["sealed"] == {sealed}
    assert found["issued"] == {issued}
    assert not found["embossed"] and not found["awaiting_photo"]
    assert shown(office, "sort=-n_unfilled")[:2] == [untouched, begun]
    assert shown(office, "sort=-n_issued")[0] == issued
    assert shown(office, "sort=n_unfilled")[-1] == untouched


def test_n6_a_register_counts_its_certificates_and_a_wrong_count_is_found(
    registers: list[Register],
) -> None:
    for register, made in zip(registers, (0, 1, 3, 3), strict=True):
        register.refresh_from_db()
        assert register.made_count == made == register.certificates.count()
    assert reconcile().passed
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registers_register SET made_count = 2 WHERE made_count = 1")
    (fault,) = reconcile().faults
    assert fault["kind"] == "register.certificates_miscounted", fault
    assert fault["register"] == registers[1].number


def test_n9_spoiled_blanks_are_found_by_where_they_lie(city: City, office: Client) -> None:
    register = accepted_register(city, 3)
    deliver(city, 30)
    carry(city, register, "filled")
    serials = sorted(Certificate.objects.values_list("blank_serial", flat=True))
    spoil(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        serials=serials[::2],
        reason="misprint",
    )
    every = spoiled.spoilages(city.who("office", "officer"))
    assert Spoilage.objects.count() == 2
    for place in ("spoiled", "returned_spoiled", "destroyed"):
        lying = spoiled.lying(every, place)
        assert {item.pk for item in lying} == {item.pk for item in every if item.place == place}
        page = text_of(office.get(f"/blanks/spoiled/?place={place}"))
        assert all((str(item.serial) in page) == (item.place == place) for item in every)

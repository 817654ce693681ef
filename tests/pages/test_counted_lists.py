"""Lists that are narrowed by counts which the database keeps: they show what there is (N8, N17)."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.support.city import City, accepted_register, carry, deliver
from tests.support.pages import text_of, window
from tests.support.reissues import Way, about, issued
from zhicheng.blanks.models import Destruction, Spoilage
from zhicheng.blanks.queries import spoiled
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate, RegisterApprover
from zhicheng.certificates.reconcile import reconcile
from zhicheng.certificates.spoilage import spoil
from zhicheng.organizations.models import Organization
from zhicheng.registers.models import Register
from zhicheng.statistics import processes
from zhicheng.statistics.areas import area_of
from zhicheng.values.serials import format_serial

pytestmark = pytest.mark.django_db
PLACES = ("unfilled", "awaiting_blank", "filled", "sealed", "embossed", "issued")


def shown(client: Client, query: str = "") -> list[str]:
    """The registers of the list, in order."""
    page = client.get(f"/certificates/registers/?{query}").content.decode()
    return re.findall(r"\bT\d{6}\b(?=</a>)", page)


@pytest.fixture
def office(city: City) -> Client:
    return window(city, "office", "officer")


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
    assert not found["embossed"] and not found["awaiting_blank"]
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
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE registers_register SET made_count = 2 WHERE made_count = 1")
        cursor.execute("SET LOCAL session_replication_role = origin")
    (fault,) = reconcile().faults
    assert fault["kind"] == "register.certificates_miscounted", fault
    assert fault["register"] == registers[1].number


def test_n6_a_register_knows_who_approved_its_certificates_and_a_lost_one_is_found(
    city: City, registers: list[Register]
) -> None:
    untouched, *made = registers
    for register in made:
        (named,) = RegisterApprover.objects.filter(register=register)
        approvers = register.certificates.values_list("approving_department", flat=True)
        assert {named.department_id} == set(approvers)
    assert not RegisterApprover.objects.filter(register=untouched).exists()
    assert reconcile().passed
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        RegisterApprover.objects.filter(register=made[1]).update(register=untouched)
        cursor.execute("SET LOCAL session_replication_role = origin")
    added, lost = reconcile().faults
    assert {added["kind"], lost["kind"]} == {"register.approvers_differ"}
    assert {added["register"], lost["register"]} == {untouched.number, made[1].number}


def test_n9_spoiled_blanks_are_found_by_where_they_lie(city: City, office: Client) -> None:
    register = accepted_register(city, 20)
    deliver(city, 60)
    carry(city, register, "filled")
    serials = sorted(Certificate.objects.values_list("blank_serial", flat=True))[:6:2]
    spoil(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        serials=serials,
        reason="misprint",
    )
    first, second, third = serials
    taken = {"serials": f"{first},{second}"}
    office.post(f"/blanks/exchange/{register.pk}/intermediate/take-back/", taken)
    office.post("/blanks/destructions/propose/", {"grade": "intermediate", "serials": str(first)})
    other = window(city, "office", "officer2")
    other.post(f"/blanks/destructions/{Destruction.objects.get().pk}/confirm/")
    every = spoiled.spoilages(city.who("office", "officer"))
    lies = {"destroyed": first, "returned_spoiled": second, "spoiled": third}
    assert {item.place: item.serial for item in every} == lies
    for place, serial in lies.items():
        assert [item.serial for item in spoiled.lying(every, place)] == [serial]
        page = office.get(f"/blanks/spoiled/?place={place}").content.decode()
        assert re.findall(r"/blanks/serials/(\d+)/", page) == [format_serial(serial)]


def test_n9_a_units_spoiled_blanks_are_its_own_and_none_of_a_unit_with_a_longer_name(
    city: City, office: Client
) -> None:
    deliver(city, 120)
    registers = [accepted_register(city, 2), accepted_register(city, 2, unit=city.enterprise)]
    for register in registers:
        carry(city, register, "filled")
        clerk = "health" if register.issuing_unit == city.health else "enterprise"
        spoil(
            actor=city.who(clerk, "clerk"),
            register_id=register.pk,
            serials=[register.certificates.order_by("blank_serial")[0].blank_serial or 0],
            reason="misprint",
        )
    own, other = (Spoilage.objects.get(register=register).serial for register in registers)
    Organization.objects.filter(pk=city.enterprise.pk).update(name=f"{city.health.name}第二分院")
    year = timezone.localdate().year
    units = {
        unit.code: unit for unit in processes.units(area_of(city.who("office", "officer")), year)
    }
    for unit, serial in ((city.health, own), (city.enterprise, other)):
        listed = office.get(units[unit.pk].lists["spoiled"]).content.decode()
        assert units[unit.pk].spoiled == 1
        assert re.findall(r"/blanks/serials/(\d+)/", listed) == [format_serial(serial)]


def test_n9_a_unit_that_spoiled_blanks_for_reissues_alone_is_told_by_these(
    city: City, office: Client
) -> None:
    """It issues for no register; the number of its line leads to its blanks, not to all."""
    (old,) = issued(city)
    register = accepted_register(city, 2)
    deliver(city, 40)
    carry(city, register, "filled")
    serial = register.certificates.order_by("blank_serial")[0].blank_serial or 0
    health = city.who("health", "clerk")
    spoil(actor=health, register_id=register.pk, serials=[serial], reason="misprint")
    way = Way(city, about(old, unit_id=city.enterprise.pk)).upto("filled")
    taken = way.certificate.blank_serial or 0
    spoil(actor=way.who("clerk"), reissue=way.reissue.pk, serials=[taken], reason="misprint")
    assert not Register.objects.filter(issuing_unit=city.enterprise).exists()
    year = timezone.localdate().year
    (unit,) = [
        unit
        for unit in processes.units(area_of(city.who("office", "officer")), year)
        if unit.code == city.enterprise.pk
    ]
    assert unit.spoiled == 1
    listed = office.get(unit.lists["spoiled"]).content.decode()
    assert re.findall(r"/blanks/serials/(\d+)/", listed) == [format_serial(taken)]
    assert f'value="{city.enterprise.pk}" selected' in listed
    assert f"<td>{city.enterprise.name}</td>" in listed
    # Its own people see what the office sees of it, others nothing.
    own = Client()
    own.force_login(way.who("clerk"), backend="django.contrib.auth.backends.ModelBackend")
    listed = own.get("/blanks/spoiled/").content.decode()
    assert re.findall(r"/blanks/serials/(\d+)/", listed) == [format_serial(taken)]
    own.force_login(health, backend="django.contrib.auth.backends.ModelBackend")
    listed = own.get("/blanks/spoiled/").content.decode()
    assert re.findall(r"/blanks/serials/(\d+)/", listed) == [format_serial(serial)]


@pytest.mark.parametrize("who", ["office", "health"])
def test_n9_a_unit_that_spoiled_nothing_shows_nothing(city: City, who: str) -> None:
    register = accepted_register(city, 2)
    deliver(city, 20)
    carry(city, register, "filled")
    serial = register.certificates.order_by("blank_serial")[0].blank_serial or 0
    spoil(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        serials=[serial],
        reason="misprint",
    )
    officer = window(city, who, "officer")
    assert format_serial(serial) in text_of(officer.get("/blanks/spoiled/"))
    for issuer in (city.enterprise.pk, 0, "x", "1;2"):
        shown = officer.get("/blanks/spoiled/", {"issuer": issuer})
        assert shown.status_code == 200
        assert format_serial(serial) not in text_of(shown)

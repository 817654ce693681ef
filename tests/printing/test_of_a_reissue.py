"""The certificate of a reissue is printed by the same way as a register's (N12)."""

import pytest
from django.db import connection

from tests.support.city import City, accepted_register, carry, deliver, found_city
from tests.support.printing import printed
from tests.support.working import work_off
from zhicheng.audit.recording import recorded
from zhicheng.blanks import ledger
from zhicheng.blanks.models import CustodyState, Reason
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.printjobs.ending import confirm
from zhicheng.certificates.printjobs.starting import start
from zhicheng.organizations.permissions import Action
from zhicheng.values.serials import SerialRange, parse_ranges

pytestmark = pytest.mark.django_db
REISSUE = 77


def filled_in(city: City) -> Certificate:
    """A certificate of a reissue on a blank of its own, as the folder of reissues leaves it."""
    register = accepted_register(city, 1)
    deliver(city, 4)
    carry(city, register, "filled")
    old = register.certificates.get()
    (serial,) = [item.first for item in [deliver(city, 1)]]
    office, clerk = city.who("office", "officer"), city.who("health", "clerk")
    store = ledger.custody(city.office.pk, CustodyState.STORE, old.grade)
    filling = ledger.custody(city.health.pk, CustodyState.FILLING, old.grade, reissue=REISSUE)
    with recorded(office, Action.ALLOTMENT_ALLOT) as record:
        ledger.lock([store, filling])
        ledger.move(
            [SerialRange(serial, serial)],
            source=store,
            target=filling,
            reason=Reason.REISSUE,
            actor=office,
        )
        record(data={"serial": serial})
    fields = {
        field.attname: getattr(old, field.attname)
        for field in Certificate._meta.concrete_fields
        if field.attname not in ("id", "register_id", "row_id", "approved_person_id")
    }
    fields |= {
        "number": f"{old.number}B",
        "origin": "reissue",
        "reissue": REISSUE,
        "blank_serial": serial,
        "filled_by_id": clerk.pk,
    }
    with connection.cursor() as cursor:
        # Its data come from an application that this test has no need of.
        cursor.execute("SET LOCAL session_replication_role = replica")
        made = Certificate.objects.create(**fields)
        cursor.execute("SET LOCAL session_replication_role = origin")
    return made


def test_n12_a_reissued_certificate_is_printed_and_confirmed() -> None:
    city = found_city()
    certificate = filled_in(city)
    clerk = city.who("health", "clerk")
    (job,) = start(
        actor=clerk, reissue=REISSUE, grade=certificate.grade, address="https://a.example/"
    )
    work_off()
    job.refresh_from_db()
    assert (job.state, job.register, job.reissue) == ("ready", None, REISSUE)
    (sheets,) = printed(clerk, job)
    assert sheets.pdf.startswith(b"%PDF")
    assert confirm(actor=clerk, job_id=job.pk).good == 1


def test_n12_its_misprint_has_no_spare_and_waits_for_the_exchange() -> None:
    city = found_city()
    certificate = filled_in(city)
    clerk = city.who("health", "clerk")
    (job,) = start(actor=clerk, reissue=REISSUE, grade=certificate.grade)
    work_off()
    printed(clerk, job)
    outcome = confirm(
        actor=clerk, job_id=job.pk, serials=parse_ranges(str(certificate.blank_serial))
    )
    assert len(outcome.due) == 1 and not outcome.followers
    certificate.refresh_from_db()
    assert certificate.state == "awaiting_blank"

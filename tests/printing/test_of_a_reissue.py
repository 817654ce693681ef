"""The certificate of a reissue is printed by the same way as a register's (N12)."""

import pytest

from tests.support.city import City, found_city
from tests.support.printing import printed
from tests.support.reissues import Way, about, issued
from tests.support.working import work_off
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.printjobs.ending import confirm
from zhicheng.certificates.printjobs.starting import start
from zhicheng.values.serials import parse_ranges

pytestmark = pytest.mark.django_db


def filled_in(city: City) -> Certificate:
    """A certificate of a reissue on the one blank that was handed out for it."""
    (old,) = issued(city)
    return Way(city, about(old)).upto("filled").certificate


def test_n12_a_reissued_certificate_is_printed_and_confirmed() -> None:
    city = found_city()
    certificate = filled_in(city)
    clerk = city.who("health", "clerk")
    (job,) = start(
        actor=clerk,
        reissue=certificate.reissue,
        grade=certificate.grade,
        address="https://a.example/",
    )
    work_off()
    job.refresh_from_db()
    assert (job.state, job.register, job.reissue) == ("ready", None, certificate.reissue)
    (sheets,) = printed(clerk, job)
    assert sheets.pdf.startswith(b"%PDF")
    assert confirm(actor=clerk, job_id=job.pk).good == 1


def test_n12_its_misprint_has_no_spare_and_waits_for_the_exchange() -> None:
    city = found_city()
    certificate = filled_in(city)
    clerk = city.who("health", "clerk")
    (job,) = start(actor=clerk, reissue=certificate.reissue, grade=certificate.grade)
    work_off()
    printed(clerk, job)
    outcome = confirm(
        actor=clerk, job_id=job.pk, serials=parse_ranges(str(certificate.blank_serial))
    )
    assert len(outcome.due) == 1 and not outcome.followers
    certificate.refresh_from_db()
    assert certificate.state == "awaiting_blank"

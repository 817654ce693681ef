"""Replacement and renewal clause by clause, by the real actions (N10-N14, N7, A2)."""

import pytest

from tests.support.city import City
from tests.support.reissues import Way, about, issued
from zhicheng.audit.verify import verify
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile

pytestmark = pytest.mark.django_db


def proven() -> None:
    """Both proofs of the whole database hold."""
    assert reconcile().faults == []
    assert verify().as_dict()["faults"] == []


@pytest.mark.parametrize("kind", ["replacement", "renewal"])
def test_n12_the_old_certificate_is_void_the_moment_the_new_one_is_issued(
    city: City, kind: str
) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, kind)).upto("embossed")
    before = Certificate.objects.get(pk=old.pk)
    assert before.in_force
    assert (before.lost_at is not None) == (kind == "replacement")
    proven()
    from zhicheng.certificates import actions as path

    path.issue(actor=way.who("clerk"), reissue=way.reissue.pk)
    after, new = Certificate.objects.get(pk=old.pk), way.certificate
    assert not after.in_force
    assert after.void_reason == ("replaced" if kind == "replacement" else "renewed")
    assert new.in_force and new.replaces == after and new.number != old.number
    assert new.specialty == ("内科" if kind == "replacement" else "心血管内科")
    assert way.now.state == "done"
    proven()

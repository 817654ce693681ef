"""Several people at once on one application: one wins, and the proofs hold (N10-N12)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connections

from tests.reissues.effects import proven
from tests.support.city import announce, found_city
from tests.support.reissues import Way, about, issued, typed, with_papers
from zhicheng.blanks.models import Holding
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.reissues import actions, actions_blank
from zhicheng.reissues.models import Reissue
from zhicheng.values.refusal import Refusal

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs: Callable[[], object]) -> list[Refusal]:
    """Runs the jobs in threads with connections of their own; gives the refusals."""

    def run(job: Callable[[], object]) -> object:
        try:
            return job()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [item for item in pool.map(run, jobs) if isinstance(item, Refusal)]


def test_one_submission_of_several_at_once_and_one_blank_for_two_officers() -> None:
    city = found_city()
    (old,) = issued(city)
    ways = [Way(city, about(old)) for _ in range(4)]
    for way in ways:
        with_papers(way.reissue, way.holder)
    refused = at_once(
        *[partial(actions.submit, actor=way.holder, reissue_id=way.reissue.pk) for way in ways]
    )
    assert [item.rule for item in refused] == ["reissue.second_application"] * 3
    running = Reissue.objects.get(state="applied")
    way = next(item for item in ways if item.reissue.pk == running.pk)
    way.step("accepted").step("granted")
    hand_out = partial(
        actions_blank.hand_out,
        actor=city.who("office", "clerk"),
        reissue_id=running.pk,
        collected_by="王领取",
    )
    refused = at_once(hand_out, hand_out, hand_out)
    assert {item.rule for item in refused} == {"reissue.has_its_blank"}
    assert len(refused) == 2
    assert Holding.objects.filter(custody__reissue=running.pk).count() == 1
    proven()


def test_one_of_two_typed_numbers_of_the_same_person() -> None:
    city = found_city()
    (person,) = announce(city, 1)
    person.name = "龙若谷"
    person.save()
    ways = [Way(city, typed(city, person, old_number=f"渝职2012-{n}")) for n in (871, 872)]
    for way in ways:
        with_papers(way.reissue, way.holder)
    refused = at_once(
        *[partial(actions.submit, actor=way.holder, reissue_id=way.reissue.pk) for way in ways]
    )
    assert [item.rule for item in refused] == ["reissue.second_application"]
    assert Reissue.objects.filter(state="applied").count() == 1


def test_issued_or_found_but_never_both() -> None:
    city = found_city()
    olds = issued(city, 4)
    ways = [Way(city, about(old)).upto("embossed") for old in olds]
    jobs: list[Callable[[], object]] = []
    for way in ways:
        jobs += [
            partial(path.issue, actor=way.who("clerk"), reissue=way.reissue.pk),
            partial(actions.report_found, actor=way.holder, reissue_id=way.reissue.pk),
        ]
    refused = at_once(*jobs)
    assert len(refused) == len(ways)
    for old, way in zip(olds, ways, strict=True):
        kept, made = Certificate.objects.get(pk=old.pk), way.certificate
        assert kept.in_force != made.in_force
        assert way.now.state == ("done" if made.in_force else "ended")
    proven()

"""The signed form and its opinions: in order, by the right one, returned or refused (N10)."""

import pytest

from tests.reissues.effects import proven, refused
from tests.support.city import City
from tests.support.reissues import TODAY, Way, about, issued, paper
from zhicheng.certificates.models import Certificate
from zhicheng.reissues import actions, actions_opinions, queries
from zhicheng.reissues.content import Correction
from zhicheng.values.refusal import NotPermitted

pytestmark = pytest.mark.django_db


def test_n10_the_signed_form_comes_in_duplicate(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit()
    refused(
        lambda: actions_opinions.accept(
            actor=way.who("clerk"), reissue_id=way.reissue.pk, signed_on=TODAY, copies=1
        ),
        "reissue.missing.copies",
        "N10",
    )


def test_n10_opinions_come_in_the_forms_order_and_by_the_right_organisation(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit().accept()
    pk = way.reissue.pk
    assert way.now.required == ["applicant", "work_unit", "department", "approving"]

    def opine(organization: str, level: str, role: str = "officer") -> object:
        return actions_opinions.opine(
            actor=city.who(organization, role), reissue_id=pk, level=level, decision="agree"
        )

    refused(lambda: opine("health", "department"), "reissue.opinions_out_of_order", "N10")
    refused(lambda: opine("health", "approving"), "reissue.opinions_out_of_order", "N10")
    refused(lambda: opine("industry", "work_unit"), "reissue.wrong_path", "N10")
    refused(lambda: opine("health", "district"), "reissue.level_skipped", "N10")
    refused(lambda: opine("health", "work_unit"), "reissue.wrong_path", "N10")
    opine("hospital", "work_unit", "clerk")
    refused(lambda: opine("hospital", "work_unit", "clerk"), "reissue.level_agreed", "N10")
    with pytest.raises(NotPermitted):
        opine("health", "department", "clerk")
    opine("health", "department")
    opine("health", "approving")
    assert way.now.state == "granted"
    steps = {step.level: step for step in queries.opinion_steps(way.now)}
    assert steps["district"].skipped == "市级主管部门直接办理，不经区县"
    assert all(step.agreed for step in steps.values() if not step.skipped)


def test_n10_a_district_s_opinion_is_recorded_from_the_stamped_paper_with_its_scan(
    city: City,
) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, unit_id=city.district.pk)).submit().accept()
    assert way.now.required == [
        "applicant",
        "work_unit",
        "district",
        "department",
        "approving",
    ]
    way.opinions("work_unit")
    refused(
        lambda: actions_opinions.opine(
            actor=city.who("district", "officer"),
            reissue_id=way.reissue.pk,
            level="district",
            decision="agree",
        ),
        "reissue.wrong_path",
        "N10",
    )
    way.opine(way.now.path[2])
    opinion = way.now.opinions.get(level="district")
    assert opinion.from_paper and opinion.scan is not None and len(opinion.scan.sha256) == 64


def test_n10_an_enterprise_handles_its_own_peoples_applications(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, unit_id=city.enterprise.pk)).submit().accept()
    assert way.now.required == ["applicant", "work_unit", "department", "approving"]
    assert way.now.path[3]["name"] == "长江重工"
    assert way.now.path[2]["skipped"]


def test_n10_returned_for_completion_and_signed_anew_where_the_content_changed(
    city: City,
) -> None:
    (old,) = issued(city)
    application = about(old, "renewal")
    way = Way(city, application).submit().accept().opinions("work_unit")
    way.opine(way.now.path[3], "return", "缺少专业变更的依据")
    assert (way.now.state, way.now.returned_reason) == ("returned", "缺少专业变更的依据")
    view = queries.progress(way.now)
    assert view.changeable and view.returned_reason == "缺少专业变更的依据"
    # Another paper alone: what was agreed stays agreed.
    actions.add_evidence(
        actor=way.holder, reissue_id=way.reissue.pk, kind="proof", field="specialty", file=paper()
    )
    actions.submit(actor=way.holder, reissue_id=way.reissue.pk)
    assert way.now.copies == 2
    way.accept()
    assert [step.agreed for step in queries.opinion_steps(way.now)][:2] == [True, True]
    way.opine(way.now.path[3], "return", "专业名称写错")
    # Another content: everybody has to sign anew, and its proof is asked for anew.
    actions.amend(
        actor=way.holder,
        reissue_id=way.reissue.pk,
        application=about(old, "renewal", corrections=(Correction("specialty", "神经内科"),)),
    )
    refused(
        lambda: actions.submit(actor=way.holder, reissue_id=way.reissue.pk),
        "reissue.missing.proof.specialty",
        "N14",
    )
    actions.add_evidence(
        actor=way.holder, reissue_id=way.reissue.pk, kind="proof", field="specialty", file=paper()
    )
    actions.submit(actor=way.holder, reissue_id=way.reissue.pk)
    assert way.now.copies == 0
    way.accept()
    assert [step.agreed for step in queries.opinion_steps(way.now)] == [True] + [False] * 4
    assert len(queries.opinion_steps(way.now)[1].past) == 1


def test_n10_refused_with_a_reason_the_old_certificate_counts_as_before(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit().accept().opinions("work_unit")
    way.opine(way.now.path[3], "refuse", "登报内容与证书不符")
    assert (way.now.state, way.now.outcome_reason) == ("refused", "登报内容与证书不符")
    assert Certificate.objects.get(pk=old.pk).lost_at is None
    refused(way.accept, "lifecycle.wrong_state", "N18")
    proven()

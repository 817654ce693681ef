"""What has to be handed in, and when it stays (N9, N10, N13, N14)."""

import pytest

from tests.reissues.effects import proven, refused
from tests.support.city import City
from tests.support.reissues import PDF, TODAY, Way, about, begun, issued, paper, picture
from zhicheng.certificates.models import Certificate
from zhicheng.files.store import prepare
from zhicheng.reissues import actions, actions_old, queries
from zhicheng.reissues.content import Correction

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("without", "changed", "item"),
    [
        ("newspaper", {}, "newspaper"),
        ("review_form", {}, "review_form"),
        ("", {"newspaper_name": ""}, "newspaper_name"),
        ("", {"newspaper_date": None}, "newspaper_date"),
    ],
)
def test_n13_a_replacement_needs_review_form_and_newspaper_with_name_and_date(
    city: City, without: str, changed: dict[str, object], item: str
) -> None:
    (old,) = issued(city)
    reissue, holder = begun(about(old, **changed))
    for kind in {"review_form", "newspaper"} - {without}:
        actions.add_evidence(actor=holder, reissue_id=reissue.pk, kind=kind, file=paper())
    refused(
        lambda: actions.submit(actor=holder, reissue_id=reissue.pk),
        f"reissue.missing.{item}",
        "N13",
    )
    assert [line.key for line in queries.progress(reissue).missing] == [item]


def test_n14_every_corrected_field_needs_its_own_evidence(city: City) -> None:
    (old,) = issued(city)
    corrections = (Correction("name", "张更正"), Correction("specialty", "心血管内科"))
    reissue, holder = begun(about(old, "renewal", corrections=corrections))
    for kind, field in (("review_form", ""), ("proof", "name")):
        actions.add_evidence(
            actor=holder, reissue_id=reissue.pk, kind=kind, field=field, file=paper()
        )
    told = refused(
        lambda: actions.submit(actor=holder, reissue_id=reissue.pk),
        "reissue.missing.proof.specialty",
        "N14",
    )
    assert "专业名称" in told.message


def test_n14_what_is_no_correction_is_refused(city: City) -> None:
    (old,) = issued(city)
    for correction, rule in (
        (Correction("specialty", old.specialty), "reissue.corrects_nothing"),
        (Correction("level", "senior_full"), "reissue.field"),
        (Correction("sex", "不详"), "reissue.field"),
        (Correction("approval_date", "2026.13"), "reissue.field"),
        (Correction("approval_date", "2099-01-02"), "reissue.field"),
        (Correction("qualification", "长" * 61), "reissue.field"),
        (Correction("specialty", "长" * 101), "reissue.field"),
        (Correction("qualification", "主任医师"), "reissue.level_changes"),
    ):
        refused(
            lambda correction=correction: begun(about(old, "renewal", corrections=(correction,))),
            rule,
            "N14",
        )
    refused(
        lambda: begun(about(old, corrections=(Correction("name", "张更正"),))),
        "reissue.replacement_corrects_nothing",
        "N14",
    )


def test_n14_the_old_certificate_is_handed_in_and_its_fate_is_recorded(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, "renewal")).submit().accept().opinions()
    clerk, pk = way.who("clerk"), way.reissue.pk
    refused(
        lambda: actions_old.hand_in(
            actor=clerk, reissue_id=pk, number="别的编号", received_on=TODAY
        ),
        "reissue.another_certificate",
        "N14",
    )
    way.hand_in()
    assert way.now.handed_in.serial == old.blank_serial
    refused(
        lambda: actions_old.dispose(actor=clerk, reissue_id=pk, fate="destroyed", on=TODAY),
        "reissue.fate",
        "N14",
    )
    for step in ("numbered", "collected", "filled", "sealed", "embossed", "issued"):
        way.step(step)
    refused(
        lambda: actions_old.dispose(actor=clerk, reissue_id=pk, fate="destroyed", on=TODAY),
        "reissue.witness_missing",
        "N9",
    )
    actions_old.dispose(actor=clerk, reissue_id=pk, fate="destroyed", on=TODAY, witness="李监督")
    assert way.now.handed_in.fate == "destroyed"
    proven()


def test_n14_a_withdrawn_renewal_gives_the_old_certificate_back(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old, "renewal")).upto("granted")
    actions.withdraw(actor=way.holder, reissue_id=way.reissue.pk, reason="不换了")
    actions_old.dispose(
        actor=way.who("clerk"), reissue_id=way.reissue.pk, fate="given_back", on=TODAY
    )
    assert Certificate.objects.get(pk=old.pk).in_force
    proven()


def test_an_applicants_file_is_judged_by_its_content(city: City) -> None:
    (old,) = issued(city)
    reissue, holder = begun(about(old))
    page = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
    told = refused(
        lambda: actions.add_evidence(
            actor=holder,
            reissue_id=reissue.pk,
            kind="newspaper",
            file=prepare(page, "报纸.pdf"),
        ),
        "evidence.unusable",
        "",
    )
    assert "HTML" in told.found
    evidence = actions.add_evidence(
        actor=holder,
        reissue_id=reissue.pk,
        kind="newspaper",
        file=prepare(picture(), "报纸 500103198502141012.jpg"),
    )
    assert evidence.file.content_type == "image/jpeg" and len(evidence.file.sha256) == 64
    assert "500103198502141012" not in evidence.file.name
    assert PDF not in bytes(evidence.file.content)


def test_papers_stay_once_the_application_was_submitted(city: City) -> None:
    (old,) = issued(city)
    way = Way(city, about(old)).submit()
    evidence = way.now.evidence.first()
    assert evidence is not None
    for call in (
        lambda: actions.remove_evidence(
            actor=way.holder, reissue_id=way.reissue.pk, evidence_id=evidence.pk
        ),
        lambda: actions.amend(actor=way.holder, reissue_id=way.reissue.pk, application=about(old)),
        lambda: actions.add_evidence(
            actor=way.holder, reissue_id=way.reissue.pk, kind="other", file=paper()
        ),
    ):
        refused(call, "reissue.not_changeable", "N10")
    # The unit may still add the paper that the holder brought.
    actions.add_evidence(
        actor=way.who("clerk"), reissue_id=way.reissue.pk, kind="other", file=paper()
    )

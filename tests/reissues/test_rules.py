"""The pure rules: receipt numbers, the path of the opinions, what is missing (N10-N14)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhicheng.reissues import rules
from zhicheng.reissues.lifecycle import REISSUE
from zhicheng.reissues.rules import Papers, Unit, opinion_path, required_levels
from zhicheng.values.refusal import Refusal

DISTRICT = Unit(1, "万州区职改办", "district_office")
HEALTH = Unit(2, "市卫生健康委", "municipal_department")
ENTERPRISE = Unit(3, "长江重工", "large_enterprise")
HOSPITAL = Unit(4, "山城第一人民医院", "reporting_unit")
INDUSTRY = Unit(5, "市经济信息委", "municipal_department")


@given(st.sampled_from(["replacement", "renewal"]), st.integers(2018, 2099), st.integers(1, 10**8))
def test_n10_a_receipt_number_is_read_as_people_type_it(kind: str, year: int, order: int) -> None:
    number = rules.receipt_number(kind, year, order)
    for typed in (number, number.lower(), number.replace("-", " "), f" {number} "):
        assert rules.tidy_receipt(typed) == number


@given(st.integers(1, 999_999), st.data())
def test_n10_every_wrong_character_of_a_receipt_number_is_caught(
    order: int, data: st.DataObject
) -> None:
    number = rules.receipt_number("replacement", 2026, order)
    place = data.draw(st.sampled_from([i for i, char in enumerate(number) if char != "-"]))
    other = data.draw(
        st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ").filter(lambda c: c != number[place])
    )
    with pytest.raises(Refusal) as refused:
        rules.tidy_receipt(number[:place] + other + number[place + 1 :])
    assert (refused.value.rule, refused.value.clause) == ("reissue.receipt_malformed", "N10")


def test_n10_nearly_every_pair_of_swapped_characters_is_caught() -> None:
    """ISO 7064 MOD 37-36 lets 3 of 1000 through; those lead to no application of this person."""
    swapped = caught = 0
    for order in range(1, 400):
        number = rules.receipt_number("replacement", 2026, order).replace("-", "")
        for place in range(len(number) - 1):
            first, second = number[place], number[place + 1]
            if first == second:
                continue
            swapped += 1
            try:
                rules.tidy_receipt(number[:place] + second + first + number[place + 2 :])
            except Refusal:
                caught += 1
    assert caught / swapped > 0.99


@pytest.mark.parametrize(
    ("handler", "work_unit", "above", "levels"),
    [
        (DISTRICT, Unit(None, "万州区中学"), None,
         ["applicant", "work_unit", "district", "department", "approving"]),
        (DISTRICT, DISTRICT, None, ["applicant", "district", "department", "approving"]),
        (HEALTH, HOSPITAL, None, ["applicant", "work_unit", "department", "approving"]),
        (HEALTH, HEALTH, None, ["applicant", "department", "approving"]),
        (ENTERPRISE, ENTERPRISE, None, ["applicant", "work_unit", "approving"]),
        (ENTERPRISE, ENTERPRISE, INDUSTRY,
         ["applicant", "work_unit", "department", "approving"]),
        (ENTERPRISE, Unit(None, "长江重工机械厂"), None,
         ["applicant", "work_unit", "department", "approving"]),
    ],
)  # fmt: skip
def test_n10_which_of_the_five_opinions_apply_follows_from_the_holders_path(
    handler: Unit, work_unit: Unit, above: Unit | None, levels: list[str]
) -> None:
    path = opinion_path(handler, work_unit, HEALTH, above=above)
    assert [step.level for step in path] == list(rules.LEVELS)
    assert required_levels(path) == levels
    for step in path:
        assert bool(step.skipped) == (step.level not in levels)  # skipped ones say why


def test_n10_the_box_of_the_department_is_the_right_organisations() -> None:
    def department(handler: Unit, work_unit: Unit, above: Unit | None = None) -> str:
        path = opinion_path(handler, work_unit, HEALTH, above=above)
        return next(step.name for step in path if step.level == "department")

    assert department(DISTRICT, HOSPITAL) == DISTRICT.name
    assert department(HEALTH, HOSPITAL) == HEALTH.name
    assert department(ENTERPRISE, ENTERPRISE, INDUSTRY) == INDUSTRY.name
    assert department(ENTERPRISE, Unit(None, "分厂"), INDUSTRY) == ENTERPRISE.name


COMPLETE = {
    "replacement": Papers(
        "replacement",
        review_forms=1,
        newspapers=1,
        newspaper_name="重庆日报",
        newspaper_date=date(2026, 4, 20),
        signed_on=date(2026, 4, 20),
        copies=2,
    ),
    "renewal": Papers(
        "renewal",
        review_forms=1,
        corrections=(rules.CorrectionFact("name", 1), rules.CorrectionFact("sex", 2)),
        handed_in=True,
        signed_on=date(2026, 4, 20),
        copies=2,
    ),
}


@pytest.mark.parametrize(
    ("kind", "changed", "item", "clause"),
    [
        ("replacement", {"review_forms": 0}, "review_form", "N13"),
        ("replacement", {"newspapers": 0}, "newspaper", "N13"),
        ("replacement", {"newspaper_name": ""}, "newspaper_name", "N13"),
        ("replacement", {"newspaper_date": None}, "newspaper_date", "N13"),
        ("replacement", {"signed_on": None}, "signed", "N10"),
        ("replacement", {"copies": 1}, "copies", "N10"),
        ("replacement", {"matched": False}, "match", "N6"),
        ("replacement", {"approving_known": False}, "approving", "N10"),
        ("renewal", {"review_forms": 0}, "review_form", "N14"),
        ("renewal", {"corrections": ()}, "corrections", "N14"),
        ("renewal", {"handed_in": False}, "handed_in", "N14"),
        (
            "renewal",
            {"corrections": (rules.CorrectionFact("name", 1), rules.CorrectionFact("sex", 0))},
            "proof.sex",
            "N14",
        ),
    ],
)
def test_n11_each_missing_paper_is_named_by_its_clause(
    kind: str, changed: dict[str, object], item: str, clause: str
) -> None:
    whole = COMPLETE[kind]
    assert rules.missing(whole, "blank") == []
    papers = Papers(**{**vars(whole), **changed})  # type: ignore[arg-type]
    assert [(line.key, line.clause) for line in rules.missing(papers, "blank")] == [(item, clause)]
    with pytest.raises(Refusal) as refused:
        rules.require_complete(papers, "blank")
    assert (refused.value.rule, refused.value.clause) == (f"reissue.missing.{item}", clause)


def test_a_damaged_certificate_is_renewed_without_a_correction() -> None:
    papers = Papers(**{**vars(COMPLETE["renewal"]), "corrections": (), "damaged": True})
    assert rules.missing(papers, "blank") == []


def test_the_lifecycle_leads_from_every_state_to_an_end() -> None:
    ends = {"done", "refused", "ended"}
    for state in REISSUE.states:
        reached, waiting = set(), [state]
        while waiting:
            here = waiting.pop()
            reached.add(here)
            waiting += [t.target for t in REISSUE.allowed(here) if t.target not in reached]
        assert reached & ends
        assert (REISSUE.allowed(state) == []) == (state in ends)


def test_the_diagram_in_the_docs_is_the_tables() -> None:
    from pathlib import Path

    text = (Path(__file__).parents[2] / "docs" / "reissues.md").read_text("utf-8")
    assert REISSUE.mermaid() in text

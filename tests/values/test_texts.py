"""Free text and document numbers: one form each, nothing lost, nothing silent."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zhicheng.values.document_number import (
    is_well_formed,
    suggestion,
    tidy_document_number,
)
from zhicheng.values.text import (
    BRACKETS,
    SPACES,
    WIDTH,
    cell_text,
    hide_id_numbers,
    tidy_code,
    tidy_text,
)


@pytest.mark.parametrize(
    ("text", "tidied", "codes"),
    [
        ("山城第一人民医院", "山城第一人民医院", ()),
        (" 山城 第一\n人民医院\u3000", "山城第一人民医院", (SPACES,)),
        ("导演(编导)", "导演（编导）", (BRACKETS,)),
        ("第３人民医院", "第3人民医院", (WIDTH,)),
        ("IBM  China Ltd", "IBM China Ltd", (SPACES,)),
        ("A (B)", "A (B)", ()),
        ("", "", ()),
    ],
)
def test_free_text(text: str, tidied: str, codes: tuple[str, ...]) -> None:
    assert tidy_text(text) == (tidied, codes)


@pytest.mark.parametrize(
    "text",
    [
        "渝职改办[2018]150号",
        "渝职改办(2018)150号",
        "渝职改办（2018）150号",
        "渝职改办【2018】150号",
        "渝职改办﹝2018﹞150号",
        "渝职改办〔2018〕第150号",
        "渝职改办〔2018〕0150号",
        "渝职改办［2018］150号",
    ],
)
def test_document_numbers_get_their_brackets(text: str) -> None:
    assert tidy_document_number(text) == ("渝职改办〔2018〕150号", (BRACKETS,))


def test_document_numbers_that_are_right_stay() -> None:
    assert tidy_document_number("渝职改办〔2018〕150号") == ("渝职改办〔2018〕150号", ())
    assert tidy_document_number("渝职改办〔2018〕 150 号")[1] == (SPACES,)
    assert tidy_document_number("渝职改办〔２０１８〕150号")[1] == (WIDTH,)


def test_a_missing_end_is_offered_not_added() -> None:
    tidied, _codes = tidy_document_number("渝职改办〔2018〕150")
    assert not is_well_formed(tidied)
    assert suggestion(tidied) == "渝职改办〔2018〕150号"


@pytest.mark.parametrize("text", ["渝职改办2018150号", "150号", "〔2018〕150号", "", "见文件"])
def test_other_texts_are_no_document_numbers(text: str) -> None:
    assert not is_well_formed(tidy_document_number(text)[0])


def test_codes_keep_their_zeros_and_case() -> None:
    assert tidy_code("００１ａ") == ("001a", (WIDTH,))
    assert tidy_code(" 2026-001 ") == ("2026-001", (SPACES,))


def test_cells_as_people_see_them() -> None:
    assert cell_text(20260001.0) == "20260001"
    assert cell_text(2018.1) == "2018.1"
    assert cell_text(None) == ""


def test_id_numbers_in_any_text_are_masked() -> None:
    assert hide_id_numbers("张三11010519491231002X。") == "张三110***********002X。"
    for grouped in ("110105 19491231 002X", "110105-19491231-002x", "1101 0519 4912 3100 2X"):
        assert hide_id_numbers(f"甲{grouped}，")[:-2] == "甲110***********002"
    for harmless in ("2026-03-18 2026-03-19 12", "023-63000000 13800000000"):
        assert hide_id_numbers(harmless) == harmless
    assert hide_id_numbers("110105491231002") == "110********1002"
    assert (
        hide_id_numbers("电话023-63000000，传真13800000000") == "电话023-63000000，传真13800000000"
    )


@example("㐀) 0")
@example("㐀﹚ 0")
@given(st.text(max_size=80))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    for tidy in (tidy_text, tidy_code, tidy_document_number):
        once, _codes = tidy(text)
        assert tidy(once) == (once, ())


@given(st.text(max_size=80))
def test_no_change_is_silent_and_no_code_is_false(text: str) -> None:
    for tidy in (tidy_text, tidy_code, tidy_document_number):
        new, codes = tidy(text)
        assert (new != text) == bool(codes)

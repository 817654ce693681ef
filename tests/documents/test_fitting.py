"""Lines are broken by the fonts' widths, and nothing is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhicheng.documents.fitting import POINT, fit, stack_height, wrap
from zhicheng.documents.fonts import default_fonts

FONTS = default_fonts()
TEXTS = st.text(
    st.sampled_from("张伟买提·〔〕（），。 0123456789abcWXYZ-_/@𠮷㛃䶮𬭸\n　"), max_size=80
)


@given(TEXTS, st.floats(1.5, 40))
@settings(max_examples=300, deadline=None)
def test_lines_fit_and_give_the_text_again(text: str, width: float) -> None:
    lines = wrap(text, width, FONTS)
    assert "".join(lines) == text.replace("\n", "")
    assert all(FONTS.width(line) <= width + 1e-9 for line in lines)


@given(TEXTS, st.floats(20, 120), st.floats(5, 30))
@settings(max_examples=300, deadline=None)
def test_fitted_text_lies_inside_its_box(text: str, width: float, height: float) -> None:
    for shrink in (True, False):
        fitted = fit(
            text, width=width, height=height, size=14, min_size=4, fonts=FONTS, shrink=shrink
        )
        if fitted is not None:
            assert "".join(fitted.lines) == text.replace("\n", "")
            assert 4 <= fitted.size <= 14
            assert fitted.height <= max(height, stack_height(1, fitted.size)) + 1e-6
            assert all(
                FONTS.width(line) * fitted.size * POINT <= width + 1e-6 for line in fitted.lines
            )


def test_numbers_and_words_are_not_broken() -> None:
    assert wrap("渝职改办〔2018〕150号文件附件", 8, FONTS)[0] == "渝职改办"
    assert wrap("证书20185000000001号", 8, FONTS)[1].startswith("20185000000001")


def test_number_wider_than_the_line_is_broken_all_the_same() -> None:
    lines = wrap("9" * 60, 8, FONTS)
    assert len(lines) > 1
    assert "".join(lines) == "9" * 60


def test_no_sign_stands_on_the_wrong_side_of_a_break() -> None:
    for width in range(3, 12):
        lines = wrap("重庆市（主城区），水利〔电力〕局、阿卜杜·买买提。", width, FONTS)
        assert not any(line[0] in "），。、〕·" for line in lines)
        assert not any(line[-1] in "（〔" for line in lines)


def test_lines_are_evenly_filled() -> None:
    lines = wrap("重庆市水利电力建筑勘测设计研究院有限公司", 18, FONTS)
    assert [len(line) for line in lines] == [10, 10]


@pytest.mark.parametrize(("shrink", "lines"), [(True, 1), (False, 2)])
def test_shrinking_keeps_one_line_where_wrapping_breaks(shrink: bool, lines: int) -> None:
    fitted = fit(
        "阿卜杜热合曼·买买提依明",
        width=11 * 12 * POINT,
        height=20,
        size=14,
        min_size=6,
        fonts=FONTS,
        shrink=shrink,
    )
    assert fitted is not None
    assert len(fitted.lines) == lines


@pytest.mark.parametrize(("signs", "size", "lines"), [(14, 10, 1), (15, 14, 2)])
def test_below_seven_tenths_two_lines_read_better(signs: int, size: float, lines: int) -> None:
    fitted = fit(
        "长" * signs,
        width=10 * 14 * POINT,
        height=20,
        size=14,
        min_size=6,
        fonts=FONTS,
        shrink=True,
    )
    assert fitted is not None
    assert (fitted.size, len(fitted.lines)) == (size, lines)


def test_what_never_fits_is_not_cut() -> None:
    assert fit("长" * 500, width=30, height=10, size=12, min_size=6, fonts=FONTS) is None

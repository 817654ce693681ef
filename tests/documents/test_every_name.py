"""Every legal name prints from a real glyph, shown by the fonts in the PDF (issue 5, line 2)."""

import random
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from tests.documents.glyphs import drawn_in
from tests.documents.reading import opened, page_texts, runs
from tests.documents.test_certificate_sheet import PLAIN, render
from zhicheng.documents import handover_slip, register_form, samples
from zhicheng.documents.fonts import default_fonts, require_printable
from zhicheng.documents.layout import GRADES, load_layout
from zhicheng.values import gb18030
from zhicheng.values.refusal import Refusal

LEVEL_3 = [*gb18030.level_3(), *gb18030.SIGNS]
RARE = "𠮷㛃䶮𬭸"
PER_PAGE = 100


def test_the_blocks_are_the_standards() -> None:
    """87,887 Han characters by the standard's own count; its amendment of 2025 has 9,793."""
    level_3 = set(gb18030.level_3())
    assert len(level_3) == 87_897
    assert len(level_3 - set(gb18030.OTHER_LEVEL_3)) == 87_887
    amendment = set(gb18030.amendment_2025())
    assert len(amendment) == 9_793
    assert not amendment & level_3
    assert len(set(gb18030.RADICALS)) == 228
    for code in level_3:
        assert chr(code).encode("gb18030"), "every one has a code in GB 18030"


def _draws(codes: list[int]) -> None:
    """Prints the characters as names on certificates and holds the PDF's fonts against them."""
    together = _shown(codes)
    left = [code for code in codes if chr(code) not in together]
    # A font may draw two characters by one glyph (一 and its radical), which stands for the first
    # in the document: the second is looked at alone.
    assert len(left) < 20 + len(codes) // 1000
    for code in left:
        shown = _shown([code])
        assert chr(code) in shown or unicodedata.normalize("NFKC", chr(code)) in shown


def _shown(codes: list[int]) -> set[str]:
    """The texts of the glyphs that are drawn; each has to be a real one in the PDF's own font."""
    texts = [
        "".join(map(chr, codes[start : start + PER_PAGE]))
        for start in range(0, len(codes), PER_PAGE)
    ]
    batch = [
        replace(PLAIN, blank_serial=12001 + index, number=f"N{index}", name=text, verification="")
        for index, text in enumerate(texts)
    ]
    shown = set()
    for font in drawn_in(render(*batch)):
        assert font.font[6] == "+", "a subset that lies in the file"
        for number, text in font.glyphs.items():
            where = f"{text!r} in {font.font}"
            assert number != 0, f"box for {where}"
            if text.strip() and text != "\u3000":
                assert font.outlines[number], f"nothing drawn for {where}"
                assert font.outlines[number] != font.notdef, f"drawn as a box: {where}"
            shown.add(text)
    return shown


def _sample() -> list[int]:
    """Both ends of every block, whatever stands alone, and a few from every 256."""
    chosen = {*gb18030.UNIFIED_IN_COMPATIBILITY, *gb18030.OTHER_LEVEL_3, *gb18030.SIGNS}
    chosen |= {ord(char) for char in RARE}
    draw = random.Random(18030)  # noqa: S311
    for _, first, last in gb18030.LEVEL_3:
        chosen |= {*range(first, first + 3), *range(last - 2, last + 1)}
        for start in range(first, last + 1, 256):
            chosen |= {draw.randint(start, min(start + 255, last)) for _ in range(2)}
    return sorted(chosen)


def test_characters_of_every_block_are_drawn() -> None:
    _draws(_sample())
    _draws(list(gb18030.RADICALS))


@pytest.mark.long
def test_every_character_of_gb_18030_is_drawn() -> None:
    _draws(LEVEL_3)


def test_amendment_of_2025_prints_as_far_as_fonts_reach_and_else_is_named() -> None:
    covered = [code for code in gb18030.amendment_2025() if default_fonts().covered[code]]
    if covered:  # BabelStone Han, which an installation may lack
        _draws(covered[:: max(1, len(covered) // 60)])
    lacking = next(code for code in gb18030.amendment_2025() if not default_fonts().covered[code])
    with pytest.raises(Refusal) as refused:
        render(replace(PLAIN, name=f"张{chr(lacking)}"))
    assert refused.value.rule == "documents.missing_character"
    assert f"{chr(lacking)}（U+{lacking:04X}，扩展 " in refused.value.found
    assert "空白证书 0012001 的“姓名”" in refused.value.message


@pytest.mark.parametrize(
    ("char", "word"),
    [
        ("\ue863", "自造字"),  # where old software kept 䶮
        ("\ufe00", "字形选择符"),
        ("\U000e0100", "字形选择符"),
        ("\u0301", "带记号的单个字母"),
        ("\u200d", "看不见"),
        ("\U000323b0", "安装含有该字的字体"),
    ],
)
@pytest.mark.parametrize("paper", ["certificate", "register", "slip"])
def test_no_paper_prints_what_no_font_has(char: str, word: str, paper: str) -> None:
    name = f"葛{char}某"
    row = replace(samples.sample_rows(1)[0], name=name)
    slip = replace(samples.sample_slip(), receiving_unit=name)
    papers: dict[str, Callable[[], bytes]] = {
        "certificate": lambda: render(replace(PLAIN, name=name)),
        "register": lambda: register_form.render(
            samples.sample_form([row]), [""], created=samples.DAY
        ),
        "slip": lambda: handover_slip.render(slip, created=samples.DAY),
    }
    with pytest.raises(Refusal) as refused:
        papers[paper]()
    assert f"U+{ord(char):04X}" in refused.value.found
    assert word in refused.value.mend


def test_composed_letters_print_where_marks_do_not() -> None:
    with pytest.raises(Refusal):
        require_printable([("姓名", "Jose\u0301")])
    composed = unicodedata.normalize("NFC", "Jose\u0301 Nguyễn Đặng Æsir Łukasz Žižek İpek")
    require_printable([("姓名", composed)])
    pdf = render(replace(PLAIN, name=composed))
    assert composed.replace(" ", "") in page_texts(pdf)[0].replace(" ", "")
    drawn = "".join(text for font in drawn_in(pdf) for text in font.glyphs.values())
    assert not any(unicodedata.combining(char) for char in drawn), "no mark beside its letter"


def test_compatibility_ideographs_keep_their_own_glyph() -> None:
    """U+FA6C is no U+243EE for its bearer, and must not be drawn as the latter."""
    pdf = render(replace(PLAIN, name="\ufa70\U0002f800\ufa2d"))
    assert "\ufa70\U0002f800\ufa2d" in page_texts(pdf)[0]


@pytest.mark.parametrize("grade", GRADES)
def test_name_of_fifty_characters_and_its_dots_stand_whole_on_every_layout(grade: str) -> None:
    name = samples.LONG_NAME
    assert len(name) >= 50 and set(name) >= {"·"} and "•" not in name
    field = next(field for field in load_layout(grade).fields if field.name == "name")
    pdf = render(replace(PLAIN, name=name, approval_date=date(2018, 10, 26)), grade=grade)
    with opened(pdf) as document:
        inside = [
            run
            for run in runs(document.pages[0])
            if field.y <= run["baseline"] <= field.y + field.height
            and run["x"] >= field.x - 0.1
            and run["x"] <= field.x + field.width
        ]
    assert "".join(run["text"] for run in inside) == name
    assert all(run["right"] <= field.x + field.width + 0.1 for run in inside)


def test_middle_dot_is_the_official_one_drawn_by_the_han_font() -> None:
    """U+00B7 as wide as computed: a third to one em, by the same font as the Han characters."""
    fonts = drawn_in(render(replace(PLAIN, name="古丽·买买提")))
    (font,) = [font for font in fonts if "·" in font.glyphs.values()]
    assert "丽" in font.glyphs.values()
    with opened(render(replace(PLAIN, name="古丽·买买提"))) as document:
        chars = document.pages[0].chars
    dot = next(char for char in chars if char["text"] == "·")
    after = chars[chars.index(dot) + 1]
    assert after["x0"] - dot["x0"] == pytest.approx(
        default_fonts().width("·") * dot["size"], abs=0.05
    )

"""Names: every legal one passes, whatever real sheets do to the dot and the spaces."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhicheng.values.names import problem, tidy_name
from zhicheng.values.text import NAME_DOT, SPACES, WIDTH


@pytest.mark.parametrize("dot", list("•‧∙⋅・･．﹒."))
def test_every_dot_of_real_sheets_becomes_the_one_dot(dot: str) -> None:
    assert tidy_name(f"吐尔逊{dot}买买提") == ("吐尔逊·买买提", (NAME_DOT,))


@pytest.mark.parametrize(
    ("text", "name", "codes"),
    [
        ("张三", "张三", ()),
        ("张 三", "张三", (SPACES,)),
        ("张\u3000三", "张三", (SPACES,)),
        (" 张三\u200b\n", "张三", (SPACES,)),
        ("吐尔逊 · 买买提", "吐尔逊·买买提", (SPACES,)),
        ("吐尔逊·买买提", "吐尔逊·买买提", ()),
        ("John F. Kennedy", "John F. Kennedy", ()),
        ("Ｊｏｈｎ", "John", (WIDTH,)),
    ],
)
def test_tidying(text: str, name: str, codes: tuple[str, ...]) -> None:
    assert tidy_name(text) == (name, codes)


@pytest.mark.parametrize(
    "name",
    [
        "𠮷庆华",
        "李㛃",
        "张䶮",
        "王𬭸",
        "陈\U00031350",  # extension H, younger than Python's own tables
        "李〇",
        "欧阳修远",
        "迪力夏提·阿不都热合曼·吐尔逊尼亚孜",
        "\uf900一",  # a compatibility ideograph
        "阿" * 50,
        "Anna-Maria O'Neill",
        "José García",
    ],
)
def test_legal_names_pass_untouched(name: str) -> None:
    assert tidy_name(name) == (name, ())
    assert problem(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "张",
        "张三1",
        "张?",
        "张\ue863三",
        "张\ufffd",
        "·张三",
        "张··三",
        "张三（小）",
        "⽟兰",
        "张A三",
    ],
)
def test_what_nobody_is_called(name: str) -> None:
    assert problem(name)


@given(st.text(alphabet=st.characters(min_codepoint=0xF900, max_codepoint=0xFA0D), min_size=2))
def test_compatibility_ideographs_are_never_normalised(name: str) -> None:
    assert unicodedata.normalize("NFC", name) != name  # what normalising would do to it
    assert tidy_name(name) == (name, ())


@given(st.text(max_size=60))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    once, _codes = tidy_name(text)
    assert tidy_name(once) == (once, ())

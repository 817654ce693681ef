"""A layout goes out as TOML and comes in again the same; nothing malformed comes in at all."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhicheng.documents.layout import (
    FIELDS,
    GRADES,
    Field,
    Layout,
    Mark,
    content_of,
    export_layout,
    layout_of,
    load_layout,
    parse_layout,
)
from zhicheng.values.refusal import Refusal

# Anything that can be printed: quotes, backslashes and rare characters too.
SIGNS = st.characters(categories=["L", "M", "N", "P", "S"]).filter(str.isprintable)
TEXT = st.text(SIGNS | st.sampled_from(" \"\\'#"), max_size=60)


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    width, height = draw(st.floats(100, 450)), draw(st.floats(100, 450))

    def span(room: float, least: float) -> tuple[float, float]:
        start = draw(st.floats(0, room - least - 1))
        return start, draw(st.floats(least, room - start))

    def field(name: str) -> Field:
        (x, w), (y, h) = span(width, 1), span(height, 1)
        least = draw(st.floats(4, 20))
        return Field(
            name=name,
            label=draw(TEXT),
            x=x,
            y=y,
            width=w,
            height=h,
            size=draw(st.floats(least, 72)),
            min_size=least,
            align=draw(st.sampled_from(["left", "center", "right"])),
            valign=draw(st.sampled_from(["top", "middle", "bottom"])),
            fit=draw(st.sampled_from(["shrink", "wrap"])),
        )

    side = draw(st.floats(22, 60))
    photo = None
    if draw(st.booleans()):
        (x, w), (y, h) = span(width, 10), span(height, 10)
        photo = (x, y, w, h)
    return Layout(
        draw(st.sampled_from(GRADES)),
        draw(TEXT),
        width,
        height,
        tuple(field(name) for name in draw(st.permutations(FIELDS))),
        (draw(st.floats(0, width - side)), draw(st.floats(0, height - side)), side),
        tuple(
            Mark(draw(TEXT), *(draw(st.floats(0, 450)) for _ in range(4)))
            for _ in range(draw(st.integers(0, 3)))
        ),
        photo,
    )


@settings(max_examples=60, deadline=None)
@given(layouts())
def test_parsing_what_was_exported_gives_the_same_layout(layout: Layout) -> None:
    assert parse_layout(export_layout(layout), layout.grade) == layout
    assert layout_of(content_of(layout), layout.grade) == layout


@pytest.mark.parametrize("grade", GRADES)
def test_the_products_own_layouts_survive_the_way_out_and_in(grade: str) -> None:
    layout = load_layout(grade)
    photo = replace(layout, photo=(10.0, 10.5, 25.0, 35.0))
    for one in (layout, photo):
        assert parse_layout(export_layout(one), grade, "x.toml") == one


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "x", "y", "size", "text", "label", "align", "width", "q"]),
            inner,
        )
    ),
    max_leaves=8,
)
KEYS = ("grade", "title", "width", "height", "field", "qr", "photo", "mark", "defaults")


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JSON), st.booleans())
def test_whatever_is_sent_is_a_layout_or_a_refusal(sent: dict[str, object], whole: bool) -> None:
    content = {**content_of(load_layout("senior")), **sent} if whole else sent
    try:
        layout = layout_of(content, "senior")
    except Refusal:
        return
    assert parse_layout(export_layout(layout), "senior") == layout


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "\ud800", "字" * 61, 7])
def test_a_text_that_no_line_can_hold_is_refused(text: object) -> None:
    content = content_of(load_layout("senior"))
    for broken in ({**content, "title": text}, {**content, "mark": [{"text": text}]}):
        with pytest.raises(Refusal) as refused:
            layout_of(broken, "senior")
        assert refused.value.rule == "documents.layout"


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = " + "[" * 50_000, "a = 1\na = 2", "="])
def test_a_file_that_no_parser_bears_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_layout(text, "senior", "x.toml")
    assert refused.value.rule == "documents.layout"
    assert "x.toml" in refused.value.message


def test_invariant_10_a_layout_holds_no_id_number() -> None:
    number = "110105199003072318"
    content = content_of(load_layout("senior"))
    for broken in (
        {**content, "title": number},
        {**content, "mark": [{"text": f"样本 {number}"}]},
        {**content, "grade": number},
    ):
        with pytest.raises(Refusal) as refused:
            layout_of(broken, "senior")
        assert number not in str(refused.value)

"""附件1 on paper, to the letter (A1), with a code that binds each page to the data (N4)."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents.reading import POINT, opened, page_texts, runs, scanned
from zhicheng.documents import register_form, samples
from zhicheng.documents.register_form import (
    COLUMNS,
    ROWS_PER_PAGE,
    RegisterForm,
    RegisterRow,
    paginate,
)
from zhicheng.values.refusal import Refusal

HEADINGS = "序号证书编号工作单位主管部门姓名性别身份证号码专业名称资格名称批准时间批准文号"  # A1
TITLE = "年度职称证书领取、办理登记表"
NOTES = (
    "填表说明：1.领取各级职称证书均须填写此表。2.填报单位无自主管理权限的，"
    "须经主管部门签章后报送。3.此表须同时报送纸质件、excle格式电子件。"
)
LEFT = 10.0  # mm, the table's left edge


def plain_row(position: int) -> RegisterRow:
    row = samples.sample_rows(1)[0]
    return replace(row, position=str(position), certificate_number=f"2018500{position:06d}")


def render(form: RegisterForm) -> bytes:
    codes = samples.sample_codes(len(paginate(form.rows)))
    return register_form.render(form, codes, created=samples.DAY)


def cells(page: Any) -> dict[str, list[dict[str, Any]]]:
    """The lines of text in each column of the table's body."""
    top = 48.0
    bottom = max(table.bbox[3] for table in page.find_tables()) * POINT
    edges = {}
    x = LEFT
    for key, _, width in COLUMNS:
        edges[key] = (x, x + width)
        x += width
    found: dict[str, list[dict[str, Any]]] = {key: [] for key in edges}
    for run in runs(page):
        if top < run["baseline"] < bottom:
            for key, (left, right) in edges.items():
                # By the middle: a bracket that opens a line hangs half its width to the left.
                if left <= (run["x"] + run["right"]) / 2 < right:
                    found[key].append(run)
    return found


def test_a1_words_of_the_form_are_the_notices() -> None:
    form = samples.sample_form([plain_row(n) for n in range(1, 4)])
    (text,) = page_texts(render(form))
    assert text.startswith("附件1")
    assert f"(区县、部门、单位）2018{TITLE}" in text
    line = "填报单位（签章）", "区县、主管部门（签章）", "填报人：", "联系电话："
    places = [text.index(item) for item in line]
    assert places == sorted(places)
    assert HEADINGS in text
    assert NOTES in text
    assert text.index(HEADINGS) < text.index(NOTES)
    assert "第 1 页　共 1 页" in text
    assert "以上共 3 人，以下空白" in text


def test_a1_head_is_filled_in() -> None:
    form = samples.sample_form([plain_row(1)])
    (text,) = page_texts(render(form))
    for value in (form.unit, form.reporting_unit, form.filled_in_by, form.telephone, form.remark):
        assert value in text
    assert text.count(form.endorsing_unit) >= 2


def test_a1_page_is_a4_across() -> None:
    with opened(render(samples.sample_form([plain_row(1)]))) as document:
        page = document.pages[0]
    assert float(page.width) * POINT == pytest.approx(297, abs=0.1)
    assert float(page.height) * POINT == pytest.approx(210, abs=0.1)


def test_a1_empty_form_has_ten_numbered_rows_and_no_code() -> None:
    assert paginate([]) == [range(0)]
    pdf = register_form.render(RegisterForm(), [""], created=samples.DAY)
    (text,) = page_texts(pdf)
    assert f"(区县、部门、单位）{TITLE}" in text
    assert HEADINGS + "12345678910" in text.replace(" ", "")
    assert NOTES in text
    assert "以下空白" not in text
    with opened(pdf) as document:
        assert document.pages[0].images == []


def test_a1_long_register_repeats_its_head_and_keeps_every_row() -> None:
    rows = [plain_row(n) for n in range(1, 641)]
    pages = paginate(rows)
    assert len(pages) == 43
    assert all(len(page) == ROWS_PER_PAGE for page in pages[:-1])
    texts = page_texts(render(samples.sample_form(rows)))
    assert len(texts) == len(pages)
    for number, (text, page) in enumerate(zip(texts, pages, strict=True), start=1):
        assert TITLE in text
        assert HEADINGS in text
        assert "填报单位（签章）" in text
        assert f"第 {number} 页　共 43 页" in text
        assert (NOTES in text) == (number == 43)
        assert ("以下空白" in text) == (number == 43)
        for index, row in enumerate(rows):
            assert (row.certificate_number in text) == (index in page)


def test_n4_every_page_carries_its_own_code() -> None:
    rows = samples.sample_rows(40)
    form = samples.sample_form(rows)
    pages = paginate(rows)
    codes = [f"ZC1/DJ2018-00042/{n}/{len(pages)}/" + f"{n:032x}" for n in range(len(pages))]
    pdf = register_form.render(form, codes, created=samples.DAY)
    assert [scanned(pdf, page) for page in range(len(pages))] == [[code] for code in codes]


def test_n4_codes_must_match_the_pages() -> None:
    form = samples.sample_form([plain_row(n) for n in range(1, 21)])
    with pytest.raises(ValueError, match="2 pages need as many QR texts, got 1"):
        register_form.render(form, ["x"], created=samples.DAY)


def test_every_value_stands_whole_in_its_column() -> None:
    long_row = RegisterRow(
        position="1",
        certificate_number="A" * 60,
        work_unit=samples.LONG_UNIT * 4,
        department=samples.LONG_UNIT,
        name=samples.LONG_NAME * 2,
        sex="男",
        id_number="500101198001010005（原证件）",
        specialty="临床医学（心血管内科、呼吸内科、消化内科）" * 3,
        qualification="W" * 60,
        approval_date="2018年10月26日（补）",
        document_number="渝职改办〔2018〕150号、渝职改办〔2018〕151号、" * 2,
    )
    rows = [long_row, plain_row(2)]
    pdf = render(samples.sample_form(rows))
    with opened(pdf) as document:
        found = cells(document.pages[0])
    x = LEFT
    for key, _, width in COLUMNS:
        text = "".join(run["text"] for run in found[key])
        assert text.startswith(getattr(long_row, key))
        for run in found[key]:
            assert run["right"] <= x + width + 0.05
        x += width


TEXT = st.text(st.sampled_from("张伟·（〔，。W9i-_ #*$\\𠮷㛃"), max_size=90)


@given(st.lists(st.builds(RegisterRow, *[TEXT] * len(fields(RegisterRow))), max_size=25))
@settings(max_examples=25, deadline=None)
def test_pages_hold_the_rows_that_were_promised(rows: list[RegisterRow]) -> None:
    rows = [replace(row, position=str(n)) for n, row in enumerate(rows, start=1)]
    pages = paginate(rows)
    assert [index for page in pages for index in page] == list(range(len(rows)))
    assert all(len(page) <= ROWS_PER_PAGE for page in pages)
    pdf = register_form.render(
        samples.sample_form(rows), samples.sample_codes(len(pages)), created=samples.DAY
    )
    with opened(pdf) as document:
        assert len(document.pages) == len(pages)
        for page, expected in zip(document.pages, pages, strict=True):
            if len(expected):
                last = max(table.bbox[3] for table in page.find_tables())
                assert last * POINT < 181, "the table ends above the codes"


def test_row_higher_than_a_page_is_refused() -> None:
    row = replace(plain_row(7), name="阿" * 600)
    with pytest.raises(Refusal) as refused:
        paginate([plain_row(1), row])
    assert refused.value.rule == "documents.row_too_high"
    assert "序号 7" in refused.value.message
    assert "阿阿" not in str(refused.value)


def test_head_that_does_not_fit_is_refused() -> None:
    form = replace(samples.sample_form([plain_row(1)]), filled_in_by="周" * 500)
    with pytest.raises(Refusal) as refused:
        render(form)
    assert refused.value.rule == "documents.too_long"
    assert "填报人" in refused.value.message


def test_character_that_no_font_has_is_refused_by_row_and_column() -> None:
    rows = [plain_row(1), replace(plain_row(2), name="张\ue123")]
    with pytest.raises(Refusal) as refused:
        paginate(rows)
    assert refused.value.rule == "documents.missing_character"
    assert "序号 2 的“姓名”" in refused.value.message
    assert "U+E123" in refused.value.found


def test_same_register_gives_the_same_bytes() -> None:
    form = samples.sample_form(samples.sample_rows(40))
    assert render(form) == render(replace(form, rows=list(form.rows)))


def test_injected_markup_prints_literally() -> None:
    text = "#panic()*_$\\"
    row = replace(plain_row(1), work_unit=text)
    assert text in page_texts(render(samples.sample_form([row])))[0]

"""交接单: what was handed over, countable and unalterable, for both sides (N3, N5)."""

from dataclasses import replace

import pytest

from tests.documents.reading import opened, page_texts, scanned
from zhicheng.documents import handover_slip, samples
from zhicheng.documents.handover_slip import SlipLine
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange

SLIP = samples.sample_slip()


def test_n5_slip_counts_blanks_and_spares_in_digits_and_words() -> None:
    text = page_texts(handover_slip.render(SLIP, created=samples.DAY))[0]
    assert "高级400012001-001204020012041-001204242肆拾贰" in text
    assert "0305101-0305177、 0305190-0305216、 0305301" in text
    assert "111壹佰壹拾壹" in text
    assert "合计1458153壹佰伍拾叁" in text.replace(" ", "")
    assert "同时超发 5% 作为错制备用证书" in text
    assert "145 人" in text


def test_each_side_has_its_copy_and_a_place_to_sign() -> None:
    pdf = handover_slip.render(SLIP, created=samples.DAY)
    first, second = page_texts(pdf)
    assert "第一联　市职称改革办公室存查" in first
    assert "第二联　领取单位存查" in second
    for text in (first, second):
        for words in (
            "移交单位（签章）",
            "领取单位（签章）",
            "经办人：陈静",
            "领取人：周敏",
            "二〇一八年十一月二十日",
            "JJ2018-00017",
            "DJ2018-00042",
            "重庆市水利局",
        ):
            assert words in text
        assert "第 1 页　共 1 页" in text
    assert [scanned(pdf, page) for page in (0, 1)] == [[SLIP.code]] * 2


def test_many_ranges_run_over_pages_and_none_is_broken() -> None:
    ranges = [SerialRange(n * 10 + 1, n * 10 + 7) for n in range(1, 400)]
    slip = replace(SLIP, lines=(SlipLine("初级", ranges, []),), people=399 * 7)
    pdf = handover_slip.render(slip, created=samples.DAY)
    with opened(pdf) as document:
        pages = [page.extract_text() for page in document.pages]
    half = len(pages) // 2
    assert half > 1
    for number, text in enumerate(pages[:half], start=1):
        assert f"第 {number} 页" in text
        assert f"共 {half} 页" in text
    assert "第 1 页" in pages[half]
    whole = "\n".join(pages[:half])
    assert all(str(item) in whole for item in ranges)
    assert "贰仟柒佰玖拾叁" in whole.replace("\n", "")


def test_character_that_no_font_has_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        handover_slip.render(replace(SLIP, collected_by="周\ue000"), created=samples.DAY)
    assert "领取人" in refused.value.message


def test_slip_without_blanks_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one line"):
        handover_slip.render(replace(SLIP, lines=()), created=samples.DAY)

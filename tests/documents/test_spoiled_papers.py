"""换取申请单 and 销毁记录: countable, unalterable, with room for both signatures (N9, N18)."""

from dataclasses import replace

import pytest

from tests.documents.reading import page_texts, scanned
from zhicheng.documents import destruction_record, exchange_request, handover_slip, samples
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange


def test_n9_the_request_lists_every_spoiled_blank_once_for_each_side() -> None:
    pdf = exchange_request.render(samples.sample_request(), created=samples.DAY)
    first, second = (text.replace(" ", "") for text in page_texts(pdf))
    assert "第一联　市职称改革办公室存查" in first
    assert "第二联　申请单位存查" in second
    for text in (first, second):
        for words in (
            "废旧职称证书换取申请单",
            "0012003",
            "0012005",
            "姓名打印偏位",
            "3本（大写：叁本）",
            "申请单位（签章）",
            "经办人：周敏",
        ):
            assert words in text, words
    assert scanned(pdf) == ["ZC1/HQ2018-00005"]


def test_n9_the_request_tells_what_was_given_once_it_was() -> None:
    request = replace(
        samples.sample_request(), given=[SerialRange(12100, 12102)], exchanged_by="陈静"
    )
    text = page_texts(exchange_request.render(request, created=samples.DAY))[0].replace(" ", "")
    assert "换取的空白证书编号：0012100-0012102" in text
    assert "经办人：陈静" in text


def test_a_long_request_runs_over_pages() -> None:
    pages = page_texts(exchange_request.render(samples.sample_request(90), created=samples.DAY))
    assert len(pages) >= 6
    assert "0012092" in "".join(pages[: len(pages) // 2])


def test_n9_n18_the_record_names_serials_counts_reasons_and_two_people() -> None:
    record = samples.sample_destruction()
    text = page_texts(destruction_record.render(record, created=samples.DAY))[0].replace(" ", "")
    for words in (
        "废旧职称证书销毁记录",
        "XH2018-00002",
        "0305118-0305121",
        "8本（大写：捌本）",
        "打印错误5伍",
        "印刷到货时损坏1壹",
        "姓名：陈静",
        "姓名：罗建平",
        "已共同销毁",
        "销毁方式",
    ):
        assert words in text, words
    waiting = replace(record, confirmed_by="", confirmed_at="")
    text = page_texts(destruction_record.render(waiting, created=samples.DAY))[0]
    assert "拟予销毁" in text


def test_a_record_whose_reasons_do_not_add_up_is_a_defect() -> None:
    record = replace(samples.sample_destruction(), reasons=[("打印错误", 5)])
    with pytest.raises(ValueError, match="one reason"):
        destruction_record.render(record, created=samples.DAY)
    with pytest.raises(ValueError, match="at least one"):
        exchange_request.render(replace(samples.sample_request(), items=()), created=samples.DAY)


def test_a_character_that_no_font_has_is_refused() -> None:
    with pytest.raises(Refusal):
        destruction_record.render(
            replace(samples.sample_destruction(), proposed_by="陈\ue000"), created=samples.DAY
        )


def test_n18_the_slip_names_what_was_missing_and_damaged_on_the_spot() -> None:
    slip = samples.sample_slip_with_differences()
    text = page_texts(handover_slip.render(slip, created=samples.DAY))[0].replace(" ", "")
    for words in (
        "除下列差异外相符",
        "0012007-0012008",
        "0012031",
        "实收完好150本（大写：壹佰伍拾本）",
        "结转的备用证书4本（0011980-0011982、0011990）抵用",
    ):
        assert words in text, words

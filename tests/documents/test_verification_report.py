"""The holder's report on paper: its words, its code, any name; what isn't known is left out."""

from dataclasses import replace
from datetime import date

import pytest

from tests.documents.reading import opened, page_texts, picture
from zhicheng.documents import qr, samples, verification_report
from zhicheng.values.refusal import Refusal

DAY = date(2026, 11, 26)


def text_of(pdf: bytes) -> str:
    (text,) = page_texts(pdf)
    return text.replace(" ", "").replace("\xa0", "")


def test_the_report_says_what_the_answer_says_and_how_to_check_it() -> None:
    sample = samples.sample_report()
    pdf = verification_report.render(sample, created=DAY)
    text = text_of(pdf)
    for words in (
        sample.office, "职称证书核验报告", sample.name, sample.id_number_masked,
        sample.qualification, sample.specialty, sample.number, "2018年10月26日",
        sample.document_number, sample.approving_department, sample.issuing_unit, sample.source,
        "证书状态有效", "7M4K2XQH9RTBWZ6D", "2018年11月20日至2019年2月18日（已续期1次）",
        sample.address, "以在线查验结果为准",
    ):  # fmt: skip
        assert words.replace(" ", "") in text, words
    assert qr.read(picture(pdf)) == [sample.link]
    with opened(pdf) as document:
        (page,) = document.pages
        assert max(char["x1"] for char in page.chars) < 190.5 / 25.4 * 72


def test_the_same_data_give_the_same_bytes() -> None:
    sample = samples.sample_report()
    first, second = (verification_report.render(sample, created=DAY) for _ in range(2))
    assert first == second


def test_rare_and_long_names_stay_in_their_boxes() -> None:
    sample = samples.sample_report()
    for name in ("𠮷㛃䶮𬭸", samples.LONG_NAME):
        changed = replace(sample, name=name, issuing_unit=samples.UNITS[1] * 4)
        pdf = verification_report.render(changed, created=DAY)
        assert name in text_of(pdf)
        with opened(pdf) as document:
            assert len(document.pages) == 1
            boxes = [char for char in document.pages[0].chars if char["text"] in name]
            assert max(char["x1"] for char in boxes) < 190.5 / 25.4 * 72


def test_what_an_old_ledger_does_not_tell_leaves_no_empty_box() -> None:
    bare = replace(
        samples.sample_report(), sex="", grade="", approving_department="", issuing_unit="",
        issued_on=None, renewals=0, office="",
    )  # fmt: skip
    text = text_of(verification_report.render(bare, created=DAY))
    for label in ("性别", "级别", "资格核准部门", "发放单位", "发证时间", "已续期"):
        assert label not in text
    assert "高级工程师" in text


def test_a_character_that_no_font_has_is_named() -> None:
    with pytest.raises(Refusal):
        verification_report.render(
            replace(samples.sample_report(), name="张\U0002fffd"), created=DAY
        )

"""Data in, the same bytes out; data are text and never markup."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from tests.documents.reading import glyph_numbers, opened, page_texts
from zhicheng.documents import certificate_sheet, handover_slip, samples
from zhicheng.documents.engine import DocumentError, Engine, default_engine
from zhicheng.documents.fonts import default_fonts
from zhicheng.documents.layout import load_layout

HOSTILE = (
    '#panic("boom")',
    "#panic() *_$\\ <x> @y `z` //w /*v*/",
    "#sys.inputs",
    '"}],"pages":[{"',
    "\\u{41}",
    "$x^2$",
    "= 标题",
    "- 列表",
    "https://example.cn/?a=1&b=2",
    '#read("/etc/passwd")',
    "--- ... ~",
    "'“”\"",
)


def slip(**changes: object) -> handover_slip.HandoverSlip:
    plain = samples.sample_slip()
    return handover_slip.HandoverSlip(**{**vars(plain), **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_looks_like_markup_prints_literally(text: str) -> None:
    pdf = handover_slip.render(slip(receiving_unit=text), created=samples.DAY)
    assert text.replace(" ", "") in page_texts(pdf)[0].replace(" ", "")


def test_same_data_give_the_same_bytes_in_any_engine_and_order() -> None:
    layout = load_layout("senior")
    certificates = samples.sample_certificates(20)
    first = certificate_sheet.render(certificates, layout, created=samples.DAY)
    handover_slip.render(samples.sample_slip(), created=samples.DAY)
    again = certificate_sheet.render(certificates[::-1], layout, created=samples.DAY)
    other = certificate_sheet.render(
        certificates, layout, created=samples.DAY, engine=Engine(default_fonts())
    )
    assert first == again == other
    later = certificate_sheet.render(certificates, layout, created=date(2018, 11, 21))
    assert later != first


def test_the_only_date_is_the_one_given() -> None:
    moment = datetime(2018, 11, 20, 8, 30, tzinfo=UTC)
    pdf = handover_slip.render(samples.sample_slip(), created=moment)
    with opened(pdf) as document:
        dates = [value for key, value in document.metadata.items() if "Date" in key]
    assert dates
    assert all(value.startswith("D:20181120083000") for value in dates)
    assert set(re.findall(rb"<xmp:\w+Date>([^<]+)", pdf)) == {b"2018-11-20T08:30:00+00:00"}


def test_documents_are_pdf_a() -> None:
    pdf = handover_slip.render(samples.sample_slip(), created=samples.DAY)
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>U</pdfaid:conformance>" in pdf


def test_rare_characters_are_embedded_and_none_is_a_box() -> None:
    rare = "𠮷㛃䶮𬭸鿫\u9fef𠐰𠐷"  # the last two are in no font but HanaMinB
    pdf = handover_slip.render(slip(receiving_unit=rare), created=samples.DAY)
    assert rare in page_texts(pdf)[0]
    glyphs = glyph_numbers(pdf)
    assert all(re.match(r"[A-Z]{6}\+", name) for name in glyphs), "every font is a subset within"
    assert {"HanaMinB"} <= {name.split("+")[1] for name in glyphs}
    assert all(0 not in numbers for numbers in glyphs.values())


def test_missing_glyph_is_caught_even_where_nobody_checked() -> None:
    data = {**_slip_data(), "receiving": "\U000323b0 500101198001010005"}
    with pytest.raises(DocumentError) as failed:
        default_engine().render("handover_slip", data, title="试", created=samples.DAY)
    assert "500101198001010005" not in str(failed.value)
    assert failed.value.__cause__ is None


def test_threads_share_an_engine() -> None:
    def render(number: int) -> bytes:
        return handover_slip.render(slip(number=f"JJ{number}"), created=samples.DAY)

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(render, range(12)))
    assert [f"JJ{number}" in page_texts(pdf)[0] for number, pdf in enumerate(made)] == [True] * 12


def test_worker_threads_have_the_stack_that_a_big_batch_needs() -> None:
    assert int(os.environ["RUST_MIN_STACK"]) >= 256 * 1024 * 1024


@pytest.mark.long
def test_batches_of_thousands_follow_one_another() -> None:
    """Each page waits on a stack; this ended the process when stacks were of the usual size."""
    program = (
        "from zhicheng.documents import certificate_sheet, layout, samples\n"
        "for start in (1, 10001, 20001):\n"
        "    certificate_sheet.render(samples.sample_certificates(10000, first_serial=start),\n"
        "        layout.load_layout('senior'), created=samples.DAY)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=300)


def _slip_data() -> dict[str, object]:
    return {
        "number": "1",
        "day": "",
        "giving": "",
        "register": "",
        "register_unit": "",
        "people": 1,
        "rate": "",
        "handed_over_by": "",
        "collected_by": "",
        "code": None,
        "copies": ["一"],
        "lines": [],
        "blanks": 0,
        "spares": 0,
        "total": 0,
        "words": "零",
    }

"""The overprint: each value at its place on its blank, whole, and nothing else (N8)."""

from dataclasses import replace
from datetime import date

import pytest

from tests.documents.reading import POINT, glyph_numbers, opened, page_texts, runs, scanned
from zhicheng.documents import certificate_sheet, samples
from zhicheng.documents.calibration import Calibration
from zhicheng.documents.certificate_sheet import CertificateData, in_serial_order
from zhicheng.documents.fonts import default_fonts
from zhicheng.documents.layout import GRADES, Layout, load_layout
from zhicheng.values.refusal import Refusal

PLAIN = CertificateData(
    blank_serial=12001,
    number="2018500000001",
    name="欧阳娜娜",
    sex="女",
    id_number="500101198001010005",
    work_unit="重庆市綦江区人民医院",
    specialty="水利水电工程",
    qualification="高级工程师",
    level="副高级",
    approval_date=date(2018, 10, 26),
    document_number="渝职改办〔2018〕150号",
    approving_department="重庆市职称改革办公室",
    issuing_unit="重庆市水利局",
    verification="https://zhicheng.example.cn/v/2018500000001?k=b64f0a1c9d3e5f7a",
)
VALUES = {
    "name": "欧阳娜娜",
    "sex": "女",
    "id_number": "500101198001010005",
    "work_unit": "重庆市綦江区人民医院",
    "number": "2018500000001",
    "specialty": "水利水电工程",
    "qualification": "高级工程师",
    "level": "副高级",
    "approval_date": "二〇一八年十月二十六日",
    "document_number": "渝职改办〔2018〕150号",
    "approving_department": "重庆市职称改革办公室",
    "issuing_unit": "重庆市水利局",
    "blank_serial": "0012001",
}
BASELINE = 0.88  # of the size below the top of a line: common.typ


def render(*certificates: CertificateData, grade: str = "senior", **options: object) -> bytes:
    return certificate_sheet.render(
        certificates,
        load_layout(grade),
        created=samples.DAY,
        **options,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("grade", GRADES)
@pytest.mark.parametrize(
    "calibration",
    [Calibration(), Calibration(1.5, -2.3), Calibration(-2.25, 1.75, 1.0125, 0.9875)],
)
def test_every_value_stands_within_a_tenth_of_a_millimetre(
    grade: str, calibration: Calibration
) -> None:
    layout = load_layout(grade)
    with opened(render(PLAIN, grade=grade, calibration=calibration)) as document:
        (page,) = document.pages
        assert float(page.width) * POINT == pytest.approx(layout.width, abs=0.01)
        assert float(page.height) * POINT == pytest.approx(layout.height, abs=0.01)
        printed = {run["text"]: run for run in runs(page)}
        assert set(printed) == set(VALUES.values()), "the data, and nothing else"
        for field in layout.fields:
            run = printed[VALUES[field.name]]
            room = field.width - default_fonts().width(run["text"]) * field.size * POINT
            left = field.x + {"left": 0, "center": room / 2, "right": room}[field.align]
            line = field.size * POINT
            assert field.valign == "middle"
            baseline = field.y + (field.height - line) / 2 + BASELINE * line
            x, y = calibration.place(left, baseline)
            assert run["x"] == pytest.approx(x, abs=0.1)
            assert run["baseline"] == pytest.approx(y, abs=0.1)
            assert run["size"] == pytest.approx(field.size * calibration.scale_y, rel=1e-3)


@pytest.mark.parametrize("grade", GRADES)
def test_code_is_read_back_and_stands_at_its_place(grade: str) -> None:
    layout = load_layout(grade)
    pdf = render(PLAIN, grade=grade)
    assert scanned(pdf) == [PLAIN.verification]
    with opened(pdf) as document:
        (image,) = document.pages[0].images
    x, y, side = layout.qr
    assert [image[key] * POINT for key in ("x0", "top", "x1", "bottom")] == pytest.approx(
        [x, y, x + side, y + side], abs=0.1
    )


def test_nothing_is_drawn_on_the_blank() -> None:
    with opened(render(PLAIN)) as document:
        page = document.pages[0]
        assert not (page.rects or page.lines or page.curves)


def test_n8_pages_follow_the_serials_of_the_blanks() -> None:
    serials = [12044, 12001, 12100, 12002]
    batch = [
        replace(PLAIN, blank_serial=serial, number=f"N{serial}", verification=f"ZC/{serial}")
        for serial in serials
    ]
    pdf = render(*batch)
    expected = sorted(serials)
    assert [item.blank_serial for item in in_serial_order(batch)] == expected
    for page, (text, serial) in enumerate(zip(page_texts(pdf), expected, strict=True)):
        assert f"N{serial}" in text
        assert f"{serial:07d}" in text
        assert scanned(pdf, page) == [f"ZC/{serial}"]


def test_a_blank_is_never_printed_twice() -> None:
    with pytest.raises(ValueError, match="0012001 comes twice"):
        render(PLAIN, replace(PLAIN, number="other"))
    with pytest.raises(ValueError, match="1 to 20000 certificates, got 0"):
        render()


def _boxes(layout: Layout, texts: dict[str, str], pdf: bytes) -> None:
    with opened(pdf) as document:
        printed = runs(document.pages[0])
    for name, text in texts.items():
        field = next(field for field in layout.fields if field.name == name)
        inside = [
            run
            for run in printed
            if field.x - 0.1 <= run["x"] <= field.x + field.width
            and field.y <= run["baseline"] <= field.y + field.height
        ]
        assert "".join(run["text"] for run in inside) == text
        assert all(run["right"] <= field.x + field.width + 0.1 for run in inside)
        assert all(run["size"] >= field.min_size - 0.01 for run in inside)


@pytest.mark.parametrize("grade", GRADES)
def test_long_names_and_units_stand_whole_in_their_boxes(grade: str) -> None:
    texts = {
        "name": "阿卜杜热合曼·买买提依明·" * 7 + "吾斯曼江·买买提依",
        "work_unit": samples.LONG_UNIT * 2,
        "approving_department": samples.LONG_UNIT,
        "issuing_unit": "重庆市綦江区" + "水" * 70,
        "specialty": "临床医学（心血管内科、呼吸内科、消化内科）" * 2,
        "number": "9" * 60,
    }
    assert len(texts["name"]) == 100
    pdf = render(replace(PLAIN, **texts), grade=grade)
    _boxes(load_layout(grade), texts, pdf)


def test_what_does_not_fit_is_refused_and_not_cut() -> None:
    with pytest.raises(Refusal) as refused:
        render(PLAIN, replace(PLAIN, blank_serial=12002, id_number="5" * 400))
    refusal = refused.value
    assert refusal.rule == "documents.too_long"
    assert "0012002" in refusal.message
    assert "身份证号码" in refusal.message
    assert "5555" not in str(refusal)


def test_name_that_no_font_can_print_is_refused_before_printing() -> None:
    with pytest.raises(Refusal) as refused:
        render(PLAIN, replace(PLAIN, blank_serial=12002, name="张\U000323b0"))
    refusal = refused.value
    assert refusal.rule == "documents.missing_character"
    assert "空白证书 0012002 的“姓名”" in refusal.message
    assert refusal.found == "\U000323b0（U+323B0）"


def test_rare_names_are_printed_with_their_own_glyphs() -> None:
    names = ["𠮷㛃", "䶮𬭸", "𠐰𠐷"]
    batch = [replace(PLAIN, blank_serial=n + 1, name=name) for n, name in enumerate(names)]
    pdf = render(*batch)
    for name, text in zip(names, page_texts(pdf), strict=True):
        assert name in text
    assert all(0 not in numbers for numbers in glyph_numbers(pdf).values())


def test_preview_says_that_it_is_none() -> None:
    pdf = render(PLAIN, preview=True)
    (text,) = page_texts(pdf)
    assert "样张" in text
    assert "非真实证书版面" in text
    assert all(value in text for value in VALUES.values())
    assert scanned(pdf) == [PLAIN.verification]


def test_certificate_without_a_code_has_none() -> None:
    with opened(render(replace(PLAIN, verification=""))) as document:
        assert document.pages[0].images == []


def test_injected_markup_prints_literally() -> None:
    text = "#panic()*_$\\"
    assert text in page_texts(render(replace(PLAIN, name=text)))[0]

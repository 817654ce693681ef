"""The page: PDF/A-3 with its data, real glyphs, a code that proves itself, the same bytes again."""

import hashlib
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.documents.reading import glyph_numbers, opened, page_texts, scanned
from tests.electronic.sample import NUMBER, PLAIN, signed
from zhicheng.documents import electronic_certificate as page
from zhicheng.documents import samples
from zhicheng.documents.electronic_certificate import ElectronicCertificate, embedded, render
from zhicheng.documents.engine import TEMPLATES
from zhicheng.electronic.signing.authority import TestAuthority
from zhicheng.values.refusal import Refusal

# What version 1 is; whoever changes it breaks the promise that old certificates are made again.
FIRST_TEMPLATE = "44e8a6f472de1f18c2fa62afd9a04dfd69c9da4e1e8a84436b5d0cbea9417001"
FIRST_DATA = "2b634ab428582af37c8e2fdf1a3bec5475d4eba89b217fc025b74bdb8dbb817e"


def photo() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (295, 413), (120, 150, 190)).save(kept, "JPEG", quality=85)
    return kept.getvalue()


def test_every_field_stands_on_the_face() -> None:
    (text,) = page_texts(render(PLAIN))
    for value in (
        PLAIN.name,
        PLAIN.sex,
        NUMBER,
        PLAIN.work_unit,
        PLAIN.specialty,
        PLAIN.qualification,
        PLAIN.level,
        "二〇二六年三月十八日",  # 批准时间: the committee's day
        PLAIN.document_number,
        "二〇二六年四月一日",  # 发证时间: the document's day
        PLAIN.number,
        PLAIN.approving_department,
        PLAIN.issuing_unit,
        "二〇二六年十一月二十六日",
        "电子签章（演示）",
        "依照法律、法规和国家有关规定",
    ):
        assert value in text, value
    assert "电子签章（演示）" not in page_texts(render(replace(PLAIN, demo=False)))[0]


def test_it_is_one_a4_page_of_pdf_a_3_with_embedded_fonts() -> None:
    pdf = render(PLAIN)
    with opened(pdf) as document:
        (sheet,) = document.pages
        assert (round(float(sheet.width)), round(float(sheet.height))) == (595, 842)
    assert re.search(rb"<pdfaid:part>3</pdfaid:part>", pdf)
    assert re.search(rb"<pdfaid:conformance>U</pdfaid:conformance>", pdf)
    assert b"/GTS_PDFA1" in pdf and b"/Encrypt" not in pdf and b"/JavaScript" not in pdf
    fonts = re.findall(rb"/FontDescriptor/FontName/([A-Z]{6}\+[^/]+)([^>]*)>>", pdf)
    assert fonts, "fonts are embedded as subsets"
    assert all(b"/FontFile" in rest for _name, rest in fonts)
    assert all(0 not in numbers for numbers in glyph_numbers(pdf).values()), "no box in place"


def test_the_signature_leaves_it_pdf_a(test_ca: TestAuthority) -> None:
    """What ISO 19005 asks of a signed file: a visible field with its appearance, printed."""
    reader = PdfFileReader(io.BytesIO(signed(test_ca)))
    (field,) = reader.root["/AcroForm"]["/Fields"]
    widget = field.get_object()
    assert widget["/F"] & 0b100 and not widget["/F"] & 0b11
    assert "/N" in widget["/AP"]
    assert "/NeedAppearances" not in reader.root["/AcroForm"]
    assert reader.root["/AF"] and reader.root["/Metadata"]
    left, bottom, right, top = (float(each) for each in widget["/Rect"])
    assert (left, bottom, right, top) == pytest.approx(page.seal_box(), abs=0.01)


def embedded_file(pdf: bytes) -> tuple[dict[str, object], object]:
    (entry,) = PdfFileReader(io.BytesIO(pdf)).root["/AF"]
    file = entry.get_object()
    stream = file["/EF"]["/F"]
    assert file["/F"] == page.EMBEDDED_NAME and stream["/Subtype"] == "/application/json"
    return json.loads(stream.data), file["/AFRelationship"]


def test_the_embedded_data_are_the_certificates() -> None:
    data, relationship = embedded_file(render(PLAIN))
    assert relationship == "/Data"
    assert data == embedded(PLAIN)
    assert data["证照编号"] == PLAIN.number and data["持证主体"] == PLAIN.name
    assert data["证照颁发机构代码"] == PLAIN.issuing_code and data["模板版本"] == 1
    assert (data["批准时间"], data["证照颁发日期"]) == ("2026-03-18", "2026-04-01")


def test_the_id_number_stands_on_the_face_alone() -> None:
    pdf = render(PLAIN)
    data, _relationship = embedded_file(pdf)
    assert data["持证主体代码"] == PLAIN.id_number_masked
    assert NUMBER not in json.dumps(data, ensure_ascii=False)
    assert NUMBER.encode() not in pdf, "not in the file's own strings either"
    assert NUMBER in page_texts(pdf)[0]


def test_the_code_is_read_back_from_the_page() -> None:
    assert scanned(render(PLAIN), resolution=150) == [PLAIN.verification]


def test_a_photo_has_its_place() -> None:
    with opened(render(replace(PLAIN, photo=photo()))) as document:
        pictures = document.pages[0].images
    assert len(pictures) == 2
    shown = max(pictures, key=lambda each: each["srcsize"][0])
    assert shown["width"] * 25.4 / 72 == pytest.approx(25, abs=0.6)
    assert shown["height"] * 25.4 / 72 == pytest.approx(35.4, abs=0.6)


@pytest.mark.parametrize("with_photo", [False, True])
def test_long_and_rare_texts_stay_whole(with_photo: bool) -> None:
    data = replace(
        PLAIN,
        name=samples.LONG_NAME,
        work_unit=samples.LONG_UNIT,
        specialty="水利水电工程（含农田水利、水土保持、河道治理及移民安置）",
        photo=photo() if with_photo else b"",
    )
    pdf = render(data)
    (text,) = page_texts(pdf)
    for value in (data.name, data.work_unit, data.specialty):
        assert value in text
    rare = render(replace(PLAIN, name="𠮷㛃䶮𬭸"))
    assert "𠮷㛃䶮𬭸" in page_texts(rare)[0]
    assert all(0 not in numbers for numbers in glyph_numbers(rare).values())


def test_a_character_that_no_font_has_stops_it_with_name_and_character() -> None:
    for name in ("张\ue000", "李\u202e"):
        data = replace(PLAIN, name=name, number="")
        with pytest.raises(Refusal) as refused:
            page.check(data)
        assert refused.value.rule == "documents.missing_character"
        assert name in refused.value.message
        assert f"U+{ord(name[1]):04X}" in refused.value.found
    with pytest.raises(Refusal) as too_long:
        page.check(replace(PLAIN, work_unit=samples.LONG_UNIT * 6))
    assert too_long.value.rule == "documents.too_long"


@settings(max_examples=25)
@given(
    st.builds(
        lambda name, unit, photo_bytes, demo: replace(
            PLAIN, name=name, work_unit=unit, photo=photo_bytes, demo=demo
        ),
        st.text(min_size=1, max_size=50),
        st.text(max_size=80),
        st.binary(max_size=50),
        st.booleans(),
    )
)
def test_what_was_stored_is_restored(certificate: ElectronicCertificate) -> None:
    stored = certificate.stored()
    assert ElectronicCertificate.restored(stored) == certificate
    assert ElectronicCertificate.restored(stored).stored() == stored


def test_the_same_data_make_the_same_bytes_in_another_process_too(tmp_path: Path) -> None:
    data = replace(PLAIN, photo=photo(), name="阿卜杜热合曼·买买提依明")
    (tmp_path / "stored").write_bytes(data.stored())
    here = render(data)
    assert render(data) == here
    script = (
        "import hashlib, sys\n"
        "from zhicheng.documents.electronic_certificate import ElectronicCertificate, render\n"
        "data = ElectronicCertificate.restored(open(sys.argv[1], 'rb').read())\n"
        "print(hashlib.sha256(render(data, version=1)).hexdigest())\n"
    )
    there = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "stored")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == hashlib.sha256(here).hexdigest()


def test_a_template_version_never_changes() -> None:
    """A new appearance is version 2: this one made certificates that are made again."""
    template = (TEMPLATES / "electronic_certificate_1.typ").read_bytes()
    assert b"#import" not in template, "nothing may change beneath it"
    assert hashlib.sha256(template).hexdigest() == FIRST_TEMPLATE
    from zhicheng.documents.fonts import default_fonts

    told = page._first(replace(PLAIN, photo=b"jpeg", name=samples.LONG_NAME), default_fonts())
    without_code = {**told, "code": None}  # the code's pattern is the QR library's matter
    text = json.dumps(without_code, ensure_ascii=False, sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest() == FIRST_DATA
    with pytest.raises(ValueError):
        render(PLAIN, version=99)

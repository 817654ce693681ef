"""A batch on a layout of the office's own, for a calibrated printer, read back from its PDF (N8).

Every line of every page stands within a tenth of a millimetre of the layout, moved and scaled by
exactly the calibration; every code is scanned from the page and proves its certificate.
"""

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from PIL import Image

from tests.documents.reading import POINT, opened, picture, runs, scanned
from tests.layouts.test_printers import FOUND, printer
from tests.support.city import City
from tests.support.credentials import EXTREMES, KEY, PLAIN, text_of
from zhicheng.credentials import rules as credentials
from zhicheng.documents import certificate_sheet
from zhicheng.documents.calibration import Calibration
from zhicheng.documents.certificate_sheet import CertificateData
from zhicheng.documents.fitting import POINT as MM
from zhicheng.documents.fitting import fit, stack_height
from zhicheng.documents.fonts import default_fonts
from zhicheng.documents.layout import Field, Layout, content_of, load_layout
from zhicheng.documents.samples import sample_certificates
from zhicheng.documents.wording import chinese_date
from zhicheng.layouts import actions, printers
from zhicheng.layouts.queries import layout_for, printers_of
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import format_serial

BASELINE = 0.88  # of the size below the top of a line: common.typ
LEADING = 1.25  # em from base line to base line
PEOPLE = 24


def own_layout(grade: str) -> Layout:
    """Every alignment, odd places, another size of blank."""
    layout = load_layout(grade)
    aligns = [("left", "middle"), ("center", "top"), ("right", "bottom")]
    fields = tuple(
        replace(
            field,
            x=round(field.x - 3 + number * 0.37, 2),
            y=round(field.y + number * 0.13, 2),
            align=aligns[number % 3][0],
            valign=aligns[number % 3][1],
        )
        for number, field in enumerate(layout.fields)
    )
    return replace(
        layout, width=262.5, height=187.0, fields=fields, qr=(220.4, layout.qr[1] - 2.9, 26.0)
    )


def batch(grade: str) -> list[CertificateData]:
    claims = [PLAIN, *EXTREMES.values()]
    return [
        replace(item, verification=text_of(claims[number % len(claims)]))
        for number, item in enumerate(sample_certificates(PEOPLE, grade, first_serial=70001))
    ]


def text_for(certificate: CertificateData, name: str) -> str:
    if name == "approval_date":
        return chinese_date(certificate.approval_date)
    if name == "blank_serial":
        return format_serial(certificate.blank_serial)
    return str(getattr(certificate, name))


def expected(certificate: CertificateData, field: Field) -> list[tuple[str, float, float, float]]:
    """(line, left, base line, size) as the layout wants them, in mm."""
    fonts = default_fonts()
    fitted = fit(
        text_for(certificate, field.name),
        width=field.width,
        height=field.height,
        size=field.size,
        min_size=field.min_size,
        fonts=fonts,
        shrink=field.fit == "shrink",
    )
    assert fitted
    room = field.height - stack_height(len(fitted.lines), fitted.size)
    top = field.y + {"top": 0.0, "middle": room / 2, "bottom": room}[field.valign]
    lines = []
    for number, line in enumerate(fitted.lines):
        # A closing bracket's white half hangs beyond the line's end, as Chinese typesetting has it.
        hangs = 0.5 if line.endswith(("）", "〕", "》")) else 0.0
        left = field.width - (fonts.width(line) - hangs) * fitted.size * MM
        x = field.x + {"left": 0.0, "center": left / 2, "right": left}[field.align]
        em = fitted.size * MM
        lines.append((line, x, top + (BASELINE + LEADING * number) * em, fitted.size))
    return lines


def check_page(page: Any, certificate: CertificateData, layout: Layout, by: Calibration) -> float:
    """The largest deviation on the page in mm, over all lines."""
    printed = runs(page)
    worst = 0.0
    count = 0
    for field in layout.fields:
        for line, x, baseline, size in expected(certificate, field):
            meant = by.place(x, baseline)
            near = [
                run
                for run in printed
                if run["text"] == line and abs(run["baseline"] - meant[1]) < 1
            ]
            assert near, (field.name, line)
            run = min(near, key=lambda item: abs(item["x"] - meant[0]))
            worst = max(worst, abs(run["x"] - meant[0]), abs(run["baseline"] - meant[1]))
            assert run["size"] == pytest.approx(size * by.scale_y, rel=1e-3)
            count += 1
    assert count == len(printed), "the data, and nothing else"
    (image,) = page.images
    x, y, side = layout.qr
    corners = [*by.place(x, y), *by.place(x + side, y + side)]
    found = [image[key] * POINT for key in ("x0", "top", "x1", "bottom")]
    assert found == pytest.approx(corners, abs=0.1)
    return worst


@pytest.mark.parametrize("grade", ["senior", "junior"])
def test_n8_a_batch_stands_where_the_layout_and_the_calibration_put_it(
    city: City, grade: str
) -> None:
    clerk = city.who("office", "clerk")
    version = actions.start_draft(actor=clerk, grade=grade, year=2026)
    actions.save_draft(
        actor=clerk, version_id=version.pk, revision=1, content=content_of(own_layout(grade))
    )
    actions.put_in_use(actor=city.who("office", "officer"), version_id=version.pk, revision=2)
    printers.calibrate_printer(
        actor=city.who("health", "clerk"),
        printer_id=printer(city).pk,
        found=FOUND,
        width=260,
        height=185,
    )
    (machine,) = printers_of(city.health)
    assert not machine.calibration.neutral
    chosen = layout_for(grade, 2026)
    assert chosen.version_id == version.pk
    certificates = batch(grade)
    day = date(2026, 1, 5)
    for by in (Calibration(), machine.calibration, Calibration(1.85, -1.35, 1.0087, 0.9912)):
        pdf = certificate_sheet.render(certificates, chosen.layout, created=day, calibration=by)
        with opened(pdf) as document:
            assert len(document.pages) == PEOPLE
            worst = 0.0
            for page, certificate in zip(document.pages, certificates, strict=True):
                worst = max(worst, check_page(page, certificate, chosen.layout, by))
        assert worst < 0.1
    for number, certificate in enumerate(certificates[:8]):
        assert scanned(pdf, number, 200) == [certificate.verification]
        verdict = credentials.verify(certificate.verification, [KEY])
        assert verdict.valid


def test_what_the_calibration_pushes_off_the_page_is_refused(city: City) -> None:
    layout = load_layout("senior")
    edge = replace(layout, qr=(layout.width - 25, 147.0, 24.0))
    with pytest.raises(Refusal) as refused:
        certificate_sheet.render(
            batch("senior")[:1], edge, created=date(2026, 1, 5), calibration=Calibration(dx=1.5)
        )
    assert refused.value.rule == "documents.off_the_page"
    assert "二维码" in refused.value.message


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photo_stands_whole_in_its_box(kind: str) -> None:
    made = io.BytesIO()
    Image.new("RGB", (295, 413), (200, 30, 30)).save(made, kind)
    layout = replace(load_layout("senior"), photo=(55.0, 42.0, 25.0, 35.0))
    (person,) = batch("senior")[:1]
    by = Calibration(1.0, -2.0, 1.01, 0.99)
    pdf = certificate_sheet.render(
        [replace(person, photo=made.getvalue()), replace(person, blank_serial=99999)],
        layout,
        created=date(2026, 1, 5),
        calibration=by,
    )
    with opened(pdf) as document:
        with_photo, without = document.pages
        assert len(without.images) == 1
        (shown,) = [image for image in with_photo.images if image["srcsize"] == (295, 413)]
        box = [shown[key] * POINT for key in ("x0", "top", "x1", "bottom")]
    # 413 high in 35 mm: the width is what the picture's shape leaves of 25.
    across = 35 * 295 / 413
    left = 55 + (25 - min(25, across)) / 2
    meant = [*by.place(left, 42), *by.place(left + min(25, across), 77)]
    assert box == pytest.approx(meant, abs=0.1)
    assert picture(pdf).getpixel((int(67 / 25.4 * 200), int(58 / 25.4 * 200))) < 120

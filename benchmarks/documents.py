"""``python -m benchmarks.documents [PAGES]``: certificates and registers per second on one core.

The peer, reportlab, draws the same ten fields and the same QR code on as many pages in the same
run, so the ratio holds on any machine. Neither reads what the other made.
"""

import io
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
from PIL import Image
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from zhicheng.documents import certificate_sheet, qr, register_form, samples
from zhicheng.documents.certificate_sheet import CertificateData, _texts
from zhicheng.documents.fonts import folders_to_search
from zhicheng.documents.layout import Layout, load_layout

ROUNDS = 3


def one_core() -> None:
    """Keeps the whole process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def best(work: Callable[[int], bytes]) -> tuple[float, int]:
    """Seconds of the fastest of three rounds (each with other data) and the size of the PDF."""
    seconds, size = [], 0
    for number in range(ROUNDS):
        started = time.perf_counter()
        size = len(work(number))
        seconds.append(time.perf_counter() - started)
    return min(seconds), size


def batch(pages: int, number: int, skipped: int = 0) -> list[CertificateData]:
    """Certificates of which no two are alike, nor two rounds, so that nothing is remembered."""
    first = 12001 + number * pages + skipped
    return [
        replace(item, name=_name(item.blank_serial), number=f"2018500{item.blank_serial:06d}")
        for item in samples.sample_certificates(pages, first_serial=first)
    ]


def _name(number: int) -> str:
    signs = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂"
    high, low = divmod(number, len(signs))
    return "王李张刘陈杨赵黄周吴"[high % 10] + signs[high % len(signs)] + signs[low]


def with_reportlab(certificates: list[CertificateData], layout: Layout) -> bytes:
    """The same data at the same places, without fitting, checks or PDF/A."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(layout.width * mm, layout.height * mm))
    x, y, side = layout.qr
    for certificate in certificates:
        texts = _texts(certificate)
        for field in layout.fields:
            canvas.setFont("Han", field.size)
            canvas.drawString(
                field.x * mm, (layout.height - field.y - field.height) * mm, texts[field.name]
            )
        code = qr.encode(certificate.verification)
        bits = np.unpackbits(np.frombuffer(code.bits, np.uint8))[: code.modules**2]
        pixels = np.where(bits == 1, 0, 255).astype(np.uint8).reshape(code.modules, code.modules)
        canvas.drawImage(
            ImageReader(Image.fromarray(pixels)),
            x * mm,
            (layout.height - y - side) * mm,
            side * mm,
            side * mm,
        )
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def main(pages: int) -> None:
    """Prints the figures."""
    one_core()
    layout = load_layout("senior")
    font = next(
        file
        for folder in (*folders_to_search(), "/usr/share/fonts/truetype/hanazono")
        for file in [os.path.join(folder, "HanaMinA.ttf")]  # reportlab reads TrueType alone
        if os.path.exists(file)
    )
    pdfmetrics.registerFont(TTFont("Han", font))
    certificate_sheet.render(batch(1, 0), layout, created=samples.DAY)
    batches = [batch(pages, number) for number in range(ROUNDS)]

    single, _ = best(
        lambda number: b"".join(
            certificate_sheet.render([item], layout, created=samples.DAY)
            for item in batches[number][:50]
        )
    )
    ours, our_size = best(
        lambda number: certificate_sheet.render(
            batches[number], layout, created=samples.DAY + timedelta(number)
        )
    )
    peer, peer_size = best(lambda number: with_reportlab(batches[number], layout))
    codes, _ = best(
        lambda number: b"".join(qr.encode(item.verification).bits for item in batches[number])
    )
    form = samples.sample_form(samples.sample_rows(pages))
    texts = samples.sample_codes(len(register_form.paginate(form.rows)))
    register, register_size = best(
        lambda number: register_form.render(form, texts, created=samples.DAY + timedelta(number))
    )
    print(f"one core, {pages} certificates with QR code, best of {ROUNDS}")
    print(f"  zhicheng   {pages / ours:8.0f} pages/s  {our_size / 1e6:6.2f} MB")
    print(f"  reportlab  {pages / peer:8.0f} pages/s  {peer_size / 1e6:6.2f} MB")
    print(f"  ratio      {peer / ours:8.2f}")
    print(f"  QR codes alone          {pages / codes:8.0f} codes/s")
    print(f"  single certificates     {50 / single:8.0f} PDFs/s")
    print(
        f"  register of {pages} rows, {len(texts)} pages  {register:.2f} s, "
        f"{pages / register:.0f} rows/s, {register_size / 1e6:.2f} MB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)

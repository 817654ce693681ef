"""``python -m benchmarks.documents [ROWS]``: single certificates and registers on one core.

Batches of certificates against their peers: ``benchmarks.certificates``.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from zhicheng.documents import certificate_sheet, register_form, samples
from zhicheng.documents.certificate_sheet import CertificateData
from zhicheng.documents.layout import load_layout

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


def main(pages: int) -> None:
    """Prints the figures."""
    one_core()
    layout = load_layout("senior")
    certificate_sheet.render(batch(1, 0), layout, created=samples.DAY)
    batches = [batch(50, number) for number in range(ROUNDS)]
    single, _ = best(
        lambda number: b"".join(
            certificate_sheet.render([item], layout, created=samples.DAY)
            for item in batches[number]
        )
    )
    form = samples.sample_form(samples.sample_rows(pages))
    texts = samples.sample_codes(len(register_form.paginate(form.rows)))
    register, register_size = best(
        lambda number: register_form.render(form, texts, created=samples.DAY + timedelta(number))
    )
    print(f"one core, best of {ROUNDS}")
    print(f"  single certificates     {50 / single:8.0f} PDFs/s")
    print(
        f"  register of {pages} rows, {len(texts)} pages  {register:.2f} s, "
        f"{pages / register:.0f} rows/s, {register_size / 1e6:.2f} MB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)

"""A batch that streams into one file: every page, in order, within bounded memory."""

import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from tests.documents.reading import opened, page_texts, scanned
from zhicheng.documents import certificate_sheet, samples
from zhicheng.documents.layout import load_layout
from zhicheng.values.refusal import Refusal

LAYOUT = load_layout("senior")


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate_sheet, "PART", 4)


@pytest.mark.usefixtures("small_parts")
def test_n8_streamed_batch_has_the_pages_of_one_rendered_whole(tmp_path: Path) -> None:
    batch = samples.sample_certificates(11)
    told: list[int] = []
    file = tmp_path / "batch.pdf"
    pages = certificate_sheet.render_to(
        file, iter(batch), LAYOUT, created=samples.DAY, progress=told.append
    )
    assert pages == 11
    assert told == [4, 8, 11]
    streamed = file.read_bytes()
    whole = certificate_sheet.render(batch, LAYOUT, created=samples.DAY)
    assert page_texts(streamed) == page_texts(whole)
    assert scanned(streamed, 9) == [batch[9].verification]
    with opened(streamed) as document:
        assert document.metadata["Title"] == "高级职称证书 0012001-0012011"
    assert streamed.count(b"/Type/Catalog") == 1
    assert b"<pdfaid:part>2</pdfaid:part>" in streamed
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.usefixtures("small_parts")
def test_streamed_pages_look_the_same(tmp_path: Path) -> None:
    batch = samples.sample_certificates(6)
    file = tmp_path / "batch.pdf"
    certificate_sheet.render_to(file, batch, LAYOUT, created=samples.DAY)
    whole = certificate_sheet.render(batch, LAYOUT, created=samples.DAY)
    ours, theirs = pypdfium2.PdfDocument(file), pypdfium2.PdfDocument(whole)
    for left, right in zip(ours, theirs, strict=True):
        assert left.render().to_pil().tobytes() == right.render().to_pil().tobytes()


@pytest.mark.usefixtures("small_parts")
def test_same_certificates_give_the_same_file(tmp_path: Path) -> None:
    digests = set()
    for name in ("a.pdf", "b.pdf"):
        certificate_sheet.render_to(
            tmp_path / name, samples.sample_certificates(9), LAYOUT, created=samples.DAY
        )
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


@pytest.mark.usefixtures("small_parts")
def test_every_offset_and_reference_of_the_joined_file_is_right(tmp_path: Path) -> None:
    file = tmp_path / "batch.pdf"
    certificate_sheet.render_to(file, samples.sample_certificates(9), LAYOUT, created=samples.DAY)
    content = file.read_bytes()
    start = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
    lines = content[start:].split(b"\n")
    size = int(lines[1].split()[1])
    for number in range(1, size):
        offset = int(lines[2 + number][:10])
        assert content[offset:].startswith(b"%d 0 obj\n" % number)
    heads = re.sub(rb"stream\n.*?\nendstream", b"", content, flags=re.DOTALL)
    assert all(0 < int(n) < size for n in re.findall(rb"(\d+) 0 R", heads))


@pytest.mark.usefixtures("small_parts")
def test_failing_batch_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "batch.pdf"
    file.write_bytes(b"before")
    batch = samples.sample_certificates(6)
    batch[5] = replace(batch[5], name="葛\ue863")
    with pytest.raises(Refusal) as refused:
        certificate_sheet.render_to(file, batch, LAYOUT, created=samples.DAY)
    assert "0012006" in refused.value.message
    with pytest.raises(ValueError, match="don't rise"):
        certificate_sheet.render_to(file, batch[:3][::-1], LAYOUT, created=samples.DAY)
    with pytest.raises(ValueError, match="at least one"):
        certificate_sheet.render_to(file, [], LAYOUT, created=samples.DAY)
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.long
def test_ten_thousand_certificates_stay_under_700_mb() -> None:
    command = [sys.executable, "-m", "benchmarks.certificates", "--memory", "10000"]
    subprocess.run(command, check=True, timeout=300)

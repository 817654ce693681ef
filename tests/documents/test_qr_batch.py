"""Codes made many at once are read by a reader that knows nothing of how they were made."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from zhicheng.documents import qr, qr_batch


def picture(modules: int, bits: bytes) -> Image.Image:
    square = np.unpackbits(np.frombuffer(bits, np.uint8))[: modules**2].reshape(modules, modules)
    framed = np.pad(1 - square, qr.QUIET_ZONE, constant_values=1).astype(np.uint8) * 255
    return Image.fromarray(np.kron(framed, np.ones((3, 3), np.uint8)))


@pytest.mark.parametrize("level", ["L", "M"])
def test_every_version_is_read_back(level: str) -> None:
    texts = ["https://zs.example.cn/v/#"[: 1 + n // 8] + "0123456789" * n for n in range(1, 110)]
    texts = [text for text in texts if _fits(text, level)]
    codes = qr_batch.encode(texts, level)
    versions = {(modules - 17) // 4 for modules, _ in codes}
    assert versions == set(range(1 if level == "L" else 2, 15)) | versions
    assert max(versions) == 14
    for text, code in zip(texts, codes, strict=True):
        assert qr.read(picture(*code)) == [text]


@pytest.mark.parametrize("level", ["L", "M"])
@pytest.mark.parametrize("version", range(1, qr_batch.LARGEST + 1))
def test_every_module_is_the_librarys_in_every_version_and_mask(version: int, level: str) -> None:
    """Bit for bit, with the version full: patterns, correction, blocks, places, masks, format."""
    plan = qr_batch._plan(version, level)
    most = plan.capacity - (3 if version > 9 else 2)
    letters = np.random.default_rng(version).integers(97, 123, most)
    for length in (most, most - 3):  # with the last byte, and with padding behind it
        text = bytes(letters[:length].astype(np.uint8)).decode()
        found, content = qr_batch._content(text, level)
        assert found == version
        data = np.frombuffer(content, np.uint8)[None, :]
        for mask in range(8):
            (ours,) = replace(plan, masks=plan.masks[mask : mask + 1]).draw(data)
            theirs = zxingcpp.create_barcode(
                text,
                zxingcpp.BarcodeFormat.QRCode,
                ec_level=level,
                version=version,
                data_mask=mask,
            ).to_image(scale=1, add_quiet_zones=False)
            assert ours == np.packbits(np.asarray(theirs) == 0).tobytes(), mask


def _runs(lines: list[list[int]]) -> Iterator[int]:
    for line in lines:
        yield from (len(list(run)) for _, run in groupby(line))


def penalty(square: np.ndarray) -> int:
    """The standard's four penalties, word for word and slowly."""
    side = len(square)
    lines = [*square.tolist(), *square.T.tolist()]
    total = sum(3 + run - 5 for run in _runs(lines) if run >= 5)
    for row in range(side - 1):
        for column in range(side - 1):
            total += 3 * (len(set(square[row : row + 2, column : column + 2].flat)) == 1)
    finder, light = [1, 0, 1, 1, 1, 0, 1], [0] * 4
    for line in lines:
        for at in range(side - 10):
            total += 40 * (line[at : at + 11] == finder + light)
            total += 40 * (line[at : at + 11] == light + finder)
    return total + 10 * (abs(int(square.sum()) * 100 - 50 * side * side) // (5 * side * side))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 6).map(lambda version: 17 + 4 * version), st.integers(0, 2**32), st.floats(0, 1)
)
def test_masks_are_weighed_as_the_standard_weighs_them(side: int, seed: int, dark: float) -> None:
    square = (np.random.default_rng(seed).random((side, side)) < dark).astype(np.uint8)
    number = int("".join(map(str, square.flat)), 2)
    assert qr_batch._weigher(side).penalty(number) == penalty(square)


def _fits(text: str, level: str) -> bool:
    try:
        qr_batch.encode([text], level)
    except qr_batch.DoesNotFit:
        return False
    return True


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60),
    st.text("0123456789", max_size=500),
    st.sampled_from("LM"),
)
def test_any_text_is_read_back_and_no_larger_than_the_librarys(
    head: str, digits: str, level: str
) -> None:
    text = head + digits
    ((modules, bits),) = qr_batch.encode([text], level)
    assert qr.read(picture(modules, bits)) == [text]
    assert (modules - 17) // 4 >= 1
    # The library changes modes more often, which spares a few bits at most.
    assert modules <= qr.encode(text, level=level).modules + 8


def test_a_batch_gives_what_each_gives_alone() -> None:
    texts = [f"ZC/{number}/" + "7" * (number * 9) for number in range(1, 60)]
    together = qr.encode_for_certificates(texts)
    assert [qr.encode_for_certificate(text) for text in texts] == together


def test_wounded_code_is_still_read() -> None:
    """Level M bears some fifteen in a hundred: correction codewords are right, not just there."""
    text = "https://zs.example.gov.cn/v/#" + "31415926535897932384626433832795" * 10
    ((modules, bits),) = qr_batch.encode([text], "M")
    wounded = np.asarray(picture(modules, bits)).copy()
    middle = wounded.shape[0] // 2
    wounded[middle - 18 : middle + 18, middle - 18 : middle + 18] = 255
    assert qr.read(Image.fromarray(wounded)) == [text]


@pytest.mark.parametrize("text", ["", "张伟", "x" * 700])
def test_what_it_can_not_make_goes_to_the_library(text: str) -> None:
    with pytest.raises(qr_batch.DoesNotFit):
        qr_batch.encode([text], "M")
    if text:
        code = qr.encode_for_certificate(text)
        assert qr.read(picture(code.modules, code.bits)) == [text]

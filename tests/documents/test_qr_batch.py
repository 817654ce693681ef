"""Codes made many at once are read by a reader that knows nothing of how they were made."""

import numpy as np
import pytest
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

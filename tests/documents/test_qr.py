"""QR codes hold their text."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhicheng.documents import qr
from zhicheng.values.refusal import Refusal


def drawn(code: qr.QrCode) -> np.ndarray:
    bits = np.unpackbits(np.frombuffer(code.bits, np.uint8))[: code.modules**2]
    pixels = np.where(bits == 1, 0, 255).astype(np.uint8).reshape(code.modules, code.modules)
    return np.pad(np.kron(pixels, np.ones((4, 4), np.uint8)), 16, constant_values=255)


ASCII = st.characters(min_codepoint=32, max_codepoint=126)
HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


@given(st.text(ASCII, min_size=1, max_size=150) | st.text(HAN | ASCII, min_size=1, max_size=60))
@settings(max_examples=100, deadline=None)
def test_code_gives_its_text_again(text: str) -> None:
    assert qr.read(drawn(qr.encode(text))) == [text]


def test_code_survives_a_blot() -> None:
    code = drawn(qr.encode("https://zhicheng.example.cn/v/2018500000001?k=b64f0a1c9d3e", level="M"))
    middle = code.shape[0] // 2
    code[middle - 10 : middle + 10, middle - 10 : middle + 10] = 255
    assert qr.read(code) == ["https://zhicheng.example.cn/v/2018500000001?k=b64f0a1c9d3e"]


@pytest.mark.parametrize("text", ["", "长" * 2000])
def test_text_that_no_code_holds_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        qr.encode(text)
    assert refused.value.rule == "documents.qr_text"

"""QR codes (ISO/IEC 18004) as pictures for Typst, and a reader for what was printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import zxingcpp

from zhicheng.documents import qr_batch
from zhicheng.values.refusal import Refusal

QUIET_ZONE = 4  # modules that stay white on every side of a code
CERTIFICATE_MODULES = 65  # version 12: as many as a certificate's box prints well


@dataclass(frozen=True)
class QrCode:
    """A code without its quiet zone: ``modules`` per side, ``bits`` row by row, 1 is dark."""

    modules: int
    bits: bytes

    def pixels(self) -> bytes:
        """A byte for each module: 0 where it is dark, else 255."""
        bits = np.unpackbits(np.frombuffer(self.bits, np.uint8))[: self.modules**2]
        return (bits - 1).tobytes()

    def svg_path(self) -> str:
        """The dark modules as the ``d`` of an SVG path, one unit each, runs of a row together."""
        dark = np.zeros((self.modules, self.modules + 2), np.int8)
        bits = np.unpackbits(np.frombuffer(self.bits, np.uint8))[: self.modules**2]
        dark[:, 1:-1] = bits.reshape(self.modules, self.modules)
        edges = np.diff(dark, axis=1)
        return "".join(
            f"M{start} {row}h{end - start}v1h{start - end}z"
            for row in range(self.modules)
            for start, end in zip(
                np.flatnonzero(edges[row] == 1), np.flatnonzero(edges[row] == -1), strict=True
            )
        )

    def for_typst(self) -> dict[str, Any]:
        """What ``qr-picture`` in ``common.typ`` takes."""
        return {"n": self.modules, "b": list(self.bits)}


def encode(text: str, *, level: str = "M") -> QrCode:
    """The QR code of ``text`` in the smallest version; ``level`` is the error correction (L-H).

    Raises Refusal when the text is empty or longer than a QR code can hold.
    """
    try:
        if not text:
            raise ValueError("empty")
        # Phones take bytes that aren't ASCII for UTF-8; the library's own choice is Latin-1.
        encoding = {} if text.isascii() else {"eci": "UTF-8"}
        barcode = zxingcpp.create_barcode(
            text, zxingcpp.BarcodeFormat.QRCode, ec_level=level, **encoding
        )
        picture = np.asarray(barcode.to_image(scale=1, add_quiet_zones=False))
    except ValueError as error:
        raise Refusal(
            "documents.qr_text",
            "二维码内容为空或过长，无法生成。",
            found=f"{len(text.encode())} 字节",
            expected="1 至 2300 字节",
        ) from error
    return QrCode(picture.shape[0], np.packbits(picture == 0).tobytes())


def encode_for_certificates(texts: Sequence[str]) -> list[QrCode]:
    """The codes of credentials: level M up to version 12, and level L where that takes less.

    Only names and specialties beyond anything real need L; a code that stays coarse is read
    better from a worn certificate than a finer one with more correction.
    """
    codes = _encode_all(texts, "M")
    fine = [index for index, code in enumerate(codes) if code.modules > CERTIFICATE_MODULES]
    for index, code in zip(fine, _encode_all([texts[index] for index in fine], "L"), strict=True):
        codes[index] = code
    return codes


def encode_for_certificate(text: str) -> QrCode:
    """The code of one credential, the same as in a batch."""
    return encode_for_certificates([text])[0]


def _encode_all(texts: Sequence[str], level: str) -> list[QrCode]:
    try:
        return [QrCode(*made) for made in qr_batch.encode(texts, level)]
    except qr_batch.DoesNotFit:
        return [_encode_one(text, level) for text in texts]


def _encode_one(text: str, level: str) -> QrCode:
    try:
        return QrCode(*qr_batch.encode([text], level)[0])
    except qr_batch.DoesNotFit:
        return encode(text, level=level)


def read(picture: Any) -> list[str]:
    """The texts of all QR codes on a picture (PIL image or array of pixels), top to bottom."""
    codes = zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        text_mode=zxingcpp.TextMode.Plain,
    )
    ordered = sorted(codes, key=lambda code: (code.position.top_left.y, code.text))
    return [code.text for code in ordered]

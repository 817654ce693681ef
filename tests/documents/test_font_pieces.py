"""The rare part of the font chain, cut into pieces that a browser fetches one by one."""

import io
import re
from pathlib import Path

from fontTools.ttLib import TTFont

from zhicheng.documents.font_pieces import FontPieces
from zhicheng.documents.fonts import default_fonts
from zhicheng.values import gb18030

COMMON = range(0x4E00, 0x9FA6)  # every system's fonts have these


def test_pieces_are_for_every_rare_character_of_the_standard(tmp_path: Path) -> None:
    pieces = FontPieces(default_fonts(), tmp_path)
    held = {code for piece in pieces.pieces.values() for code in piece.codes}
    wanted = {code for code in gb18030.level_3() if code not in COMMON and code > 0x33FF}
    assert not {code for code in wanted if code not in held and not 0xF900 <= code < 0xFA0C}
    covered = {code for code in gb18030.amendment_2025() if default_fonts().covered[code]}
    assert covered <= held
    names = [code for piece in pieces.pieces.values() for code in piece.codes]
    assert len(names) == len(set(names)), "a character is in one piece"


def test_style_sheet_names_each_piece_with_its_range(tmp_path: Path) -> None:
    pieces = FontPieces(default_fonts(), tmp_path)
    named = re.findall(r"url\(([0-9a-f]+)/([0-9a-f]+[bc]?)\.woff\)", pieces.style)
    assert [name for _version, name in named] == list(pieces.pieces)
    assert {version for version, _name in named} == {pieces.version}
    last: dict[int, str] = {}
    for face in pieces.style.split("\n"):
        name = re.search(r"/([0-9a-f]+[bc]?)\.woff", face)
        assert name
        for first, end in re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", face):
            for code in range(int(first, 16), int(end or first, 16) + 1):
                last[code] = name[1]
    for name, piece in pieces.pieces.items():
        assert all(last[code] == name for code in piece.codes), "the later face goes before"


def test_piece_has_its_glyphs_and_its_licence_and_is_kept(tmp_path: Path) -> None:
    pieces = FontPieces(default_fonts(), tmp_path)
    (piece,) = [piece for piece in pieces.pieces.values() if ord("𠮷") in piece.codes]
    content = pieces.woff(piece.name)
    assert content and len(content) < 70_000
    font = TTFont(io.BytesIO(content))
    assert set(font.getBestCmap()) == set(piece.codes)
    assert font["name"].getDebugName(0)
    (file,) = tmp_path.rglob("*.woff")
    assert FontPieces(default_fonts(), tmp_path).woff(piece.name) == content
    file.write_bytes(b"kept")
    assert pieces.woff(piece.name) == b"kept"
    assert pieces.woff("4e00") is None
    assert pieces.woff("../../etc") is None


def test_folder_that_can_not_be_written_is_no_harm(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    pieces = FontPieces(default_fonts(), in_the_way)
    assert pieces.woff(next(iter(pieces.pieces)))

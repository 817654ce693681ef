"""The font chain prints every legal name, and says no to what it can't print."""

import json
from pathlib import Path

import pytest

from zhicheng.documents.fonts import (
    FontChain,
    default_fonts,
    find_fonts,
    folders_to_search,
    missing_characters,
    require_printable,
)
from zhicheng.values.refusal import Refusal

# GB 18030-2022 up to level 3: the ideographs of Unicode's blocks as far as the standard goes.
GB_18030 = (
    (0x4E00, 0x9FEF),
    (0x3400, 0x4DB5),
    (0x20000, 0x2A6D6),
    (0x2A700, 0x2B734),
    (0x2B740, 0x2B81D),
    (0x2B820, 0x2CEA1),
    (0x2CEB0, 0x2EBE0),
)


@pytest.mark.parametrize(("first", "last"), GB_18030)
def test_every_ideograph_of_gb_18030_is_covered(first: int, last: int) -> None:
    assert missing_characters("".join(map(chr, range(first, last + 1)))) == []


def test_common_signs_are_covered() -> None:
    assert (
        missing_characters(
            "·〔〕（）《》、，。：；！？“”—…×〇ＡabcXYZ0123456789-_/.@#%&*+=\u3000\n"
        )
        == []
    )


@pytest.mark.parametrize(
    "char",
    [
        "\ue000",  # private use: an old font's own character
        "\uf8ff",
        "\U000f0000",
        "\U0010fffd",
        "\u202e",  # would turn a name round on paper
        "\u200b",
        "\ufeff",
        "\x00",
        "\t",
        "\U000323b0",  # Extension H: in no font of the chain
        "\U0001fae9",
    ],
)
def test_unprintable_character_is_missing(char: str) -> None:
    assert missing_characters(f"张{char}伟{char}") == [char]


def test_refusal_names_place_character_and_code_point_but_not_the_text() -> None:
    with pytest.raises(Refusal) as refused:
        require_printable([("第 3 行 姓名", "张伟"), ("第 4 行 姓名", "欧阳\U000323b0\ue001")])
    refusal = refused.value
    assert refusal.rule == "documents.missing_character"
    assert "第 4 行 姓名" in refusal.message
    assert "\U000323b0（U+323B0）" in refusal.found
    assert "（U+E001）" in refusal.found
    assert "欧阳" not in str(refusal)
    assert refusal.mend


def test_width_follows_the_fonts() -> None:
    fonts = default_fonts()
    assert fonts.width("张伟𠮷㛃䶮𬭸") == 6
    assert 0.4 < fonts.width("0") < 0.7
    assert fonts.width("010") == pytest.approx(2 * fonts.width("0") + fonts.width("1"))


def test_no_fonts_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        find_fonts([tmp_path], use_system=False)
    assert refused.value.rule == "fonts.missing"
    assert "scripts/fonts.sh" in refused.value.mend


def _own_folder() -> list[Path]:
    return [folder for folder in folders_to_search() if any(folder.glob("*.tt[cf]"))]


def _same(left: FontChain, right: FontChain) -> bool:
    return (left.serif, left.covered, left.advances) == (
        right.serif,
        right.covered,
        right.advances,
    )


def test_index_is_kept_and_read_back(tmp_path: Path) -> None:
    index = tmp_path / "cache" / "index.json"
    first = find_fonts(index_file=index)
    written = index.stat().st_mtime_ns
    assert _same(find_fonts(index_file=index), first)
    assert index.stat().st_mtime_ns == written
    stored = json.loads(index.read_text("utf-8"))
    for entry in stored["fonts"].values():
        entry["ranges"] = [[0x41, 0x5A]]
    index.write_text(json.dumps(stored), "utf-8")
    assert find_fonts(index_file=index).missing("A张") == ["张"], "the index is what is read"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"version": 0, "fonts": {}}', '{"version": 1}']
)
def test_spoiled_index_is_made_anew(tmp_path: Path, content: str) -> None:
    index = tmp_path / "index.json"
    index.write_text(content, "utf-8")
    assert find_fonts(index_file=index).missing("张") == []
    assert json.loads(index.read_text("utf-8"))["fonts"]


def test_index_that_can_not_be_written_is_no_harm(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    assert find_fonts(index_file=in_the_way / "index.json").missing("张") == []


def test_folders_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named, home = tmp_path / "named", tmp_path / "home"
    named.mkdir()
    (home / "fonts").mkdir(parents=True)
    monkeypatch.setenv("ZHICHENG_FONTS", f"{named}:{tmp_path / 'absent'}")
    monkeypatch.setenv("ZHICHENG_HOME", str(home))
    assert folders_to_search()[:2] == [named.resolve(), (home / "fonts").resolve()]


def test_chain_without_its_rare_font_says_what_is_missing(tmp_path: Path) -> None:
    """Links to fonts elsewhere count as fonts; a shorter chain covers less, and says so."""
    for source in (font for folder in _own_folder() for font in folder.glob("NotoSerif*")):
        if not (tmp_path / source.name).exists():
            (tmp_path / source.name).symlink_to(source.resolve())
    fonts = find_fonts([tmp_path], use_system=False)
    assert len(fonts.serif) == 1
    assert fonts.missing("张𫍯\U00020bb8\U0002b8b8\U0002cb78") != []
    assert fonts.missing("张伟") == []

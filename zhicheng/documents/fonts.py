"""The fonts that everything is printed with, and what they can't print.

Any Han character of GB 18030-2022 is a legal name, so one font never suffices: a chain is asked
character by character. Typst gives no warning for a character that no font of the chain has, so
the check is made here, before anything is printed (a box on a certificate is a wrong name).
"""

import json
import os
import threading
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import typst

from zhicheng.values.gb18030 import block_of
from zhicheng.values.refusal import Refusal

# Each slot is filled by the first of its families that is installed. Serif covers the common
# characters, HanaMinB the extensions B to F, Sans what Debian's Serif lacks (U+9FEB-9FEF): these
# three are every Han character of GB 18030-2022 at level 3. HanaMinA has the compatibility
# ideographs outside it and the Latin and Cyrillic letters of foreigners' names; BabelStone Han,
# which may be absent, five thousand of the 9,793 characters of the standard's amendment of 2025.
SERIF_CHAIN: tuple[tuple[str, ...], ...] = (
    ("Noto Serif SC", "Noto Serif CJK SC"),
    ("HanaMinB",),
    ("Noto Sans SC", "Noto Sans CJK SC"),
    ("HanaMinA",),
    ("BabelStone Han",),
)
_NEEDED = SERIF_CHAIN[:4]  # where one of these is absent, the system's own fonts are asked too
_NEVER_PRINTED = frozenset({"Cc", "Cf", "Co", "Cs", "Mn", "Mc", "Me"})
_PACKAGE = Path(__file__).resolve().parent.parent
_INDEX_VERSION = 1
_UNASSIGNED_ADVANCE = 1.0
_CODE_POINTS = 0x110000


@dataclass(frozen=True)
class Face:
    """A font of the chain: its family, its file, which font in the file, what it covers."""

    family: str
    path: Path
    number: int
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class FontChain:
    """The families of the chain in their order, and what they cover.

    ``covered`` has one byte per code point (1: some font of the chain has it); ``advances`` the
    width in em of every character that isn't one em wide. ``folders`` and ``system`` say where
    the fonts were found. ``not_by`` names for a family the characters that it must leave to a
    later one: it lacks them, but has letter and mark, and would set the mark beside its letter.
    """

    serif: tuple[str, ...]
    sans: tuple[str, ...]
    folders: tuple[Path, ...]
    system: bool
    covered: bytes
    advances: Mapping[str, float]
    not_by: Mapping[str, str] = field(default_factory=dict)
    faces: tuple[Face, ...] = ()

    def missing(self, text: str) -> list[str]:
        """The characters of ``text`` that can't be printed, each once, in order of appearance."""
        return [char for char in dict.fromkeys(text) if not self._prints(char)]

    def width(self, text: str) -> float:
        """The width of ``text`` on one line, in em."""
        advances = self.advances
        return sum([advances.get(char, _UNASSIGNED_ADVANCE) for char in text])

    def for_typst(self, text: str) -> dict[str, list[Any]]:
        """The families as ``common.typ`` takes them, to set ``text`` with."""
        held = set(text)
        kept = {
            family: "".join(char for char in chars if char in held)
            for family, chars in self.not_by.items()
        }

        def face(family: str) -> Any:
            chars = kept.get(family)
            return {"name": family, "covers": f"[^{chars}]"} if chars else family

        return {
            "serif": [face(family) for family in self.serif],
            "sans": [face(family) for family in self.sans],
        }

    def _prints(self, char: str) -> bool:
        if char == "\n":
            return True
        # Private-use characters have no agreed glyph, even where a font draws one; format
        # characters (bidirectional overrides, zero widths) would make paper and data differ;
        # marks and variation selectors change the character before them in some fonts only.
        if unicodedata.category(char) in _NEVER_PRINTED:
            return False
        return bool(self.covered[ord(char)])


def folders_to_search() -> list[Path]:
    """Where fonts are looked for before the system's own folders, those that exist.

    ``ZHICHENG_FONTS`` (folders parted as in ``PATH``), then ``fonts`` in the data folder
    (``ZHICHENG_HOME``, or ``var``), then ``var/fonts`` beside the package.
    """
    named = [Path(item) for item in os.environ.get("ZHICHENG_FONTS", "").split(os.pathsep) if item]
    candidates = [*named, data_folder() / "fonts", _PACKAGE.parent / "var" / "fonts"]
    return list(dict.fromkeys(path.resolve() for path in candidates if path.is_dir()))


def data_folder() -> Path:
    """The installation's data folder: ``ZHICHENG_HOME``, or ``var`` in the working folder."""
    return Path(os.environ.get("ZHICHENG_HOME") or "var")


def find_fonts(
    folders: Sequence[Path] | None = None,
    *,
    use_system: bool = True,
    index_file: Path | None = None,
) -> FontChain:
    """The font chain from ``folders``, completed from the system's fonts where it has gaps.

    The index of covered characters is read from ``index_file`` where its entry fits the font
    file, and written back otherwise. Raises Refusal when no font of the chain is found at all.
    """
    searched = tuple(folders_to_search() if folders is None else folders)
    installed = _installed(searched, system=False)
    system = use_system and any(not set(slot) & set(installed) for slot in _NEEDED)
    if system:
        # setdefault: a font in our own folders wins over the system's font of the same family.
        for family, face in _installed((), system=True).items():
            installed.setdefault(family, face)
    serif = tuple(
        next(family for family in slot if family in installed)
        for slot in SERIF_CHAIN
        if set(slot) & set(installed)
    )
    if not serif:
        raise Refusal(
            "fonts.missing",
            "没有找到打印所需的中文字体。",
            found="、".join(str(path) for path in searched),
            expected="、".join(" / ".join(slot) for slot in SERIF_CHAIN),
            mend="请运行 scripts/fonts.sh 安装字体，或用 ZHICHENG_FONTS 指明字体所在文件夹。",
        )
    index = _read_index(index_file)
    entries = {}
    not_by, faces = {}, []
    for family in serif:
        path, number = installed[family]
        key = _index_key(path, number)
        entries[key] = index.get(key) or _examine(path, number)
        not_by[family] = _composed_outside(entries[key])
        ranges = tuple((first, last) for first, last in entries[key]["ranges"])
        faces.append(Face(family, path, number, ranges))
    if index_file is not None and set(entries) - set(index):
        _write_index(index_file, {**index, **entries})
    covered = bytearray(_CODE_POINTS)
    advances: dict[str, float] = {}
    for entry in entries.values():
        own_advances: dict[str, float] = entry["advances"]
        for first, last in entry["ranges"]:
            for code in range(first, last + 1):
                if not covered[code]:
                    covered[code] = 1
                    char = chr(code)
                    if char in own_advances:
                        advances[char] = own_advances[char]
    sans = tuple(family for family in SERIF_CHAIN[2] if family in serif)
    return FontChain(
        serif=serif,
        sans=sans + tuple(family for family in serif if family not in sans),
        folders=searched,
        system=system,
        covered=bytes(covered),
        advances=advances,
        not_by=not_by,
        faces=tuple(faces),
    )


@cache
def _composed() -> tuple[int, ...]:
    """Letters with marks, and compatibility ideographs: whatever has a canonical decomposition."""
    blocks = (range(0xC0, 0x2000), range(0xF900, 0xFB00), range(0x2F800, 0x2FA20))
    return tuple(
        code
        for block in blocks
        for code in block
        if (parts := unicodedata.decomposition(chr(code))) and parts[0] != "<"
    )


def _composed_outside(entry: Mapping[str, Any]) -> str:
    has = {
        code
        for first, last in entry["ranges"]
        if first < 0x2000 or first >= 0xF900 or last >= 0xF900
        for code in range(first, last + 1)
    }
    return "".join(chr(code) for code in _composed() if code not in has)


_default_lock = threading.Lock()


@cache
def _default() -> FontChain:
    return find_fonts(index_file=data_folder() / "cache" / "font-index.json")


def default_fonts() -> FontChain:
    """The installation's font chain, found once per process. Raises Refusal as find_fonts."""
    with _default_lock:
        return _default()


def missing_characters(text: str, fonts: FontChain | None = None) -> list[str]:
    """The characters of ``text`` that no font of the chain has, each once, in order."""
    return (fonts or default_fonts()).missing(text)


def require_printable(places: Iterable[tuple[str, str]], fonts: FontChain | None = None) -> None:
    """Raises Refusal at the first text that can't be printed in full.

    ``places`` are pairs of where (``"第 3 行 姓名"``) and the text that shall stand there. The
    refusal names the place, each missing character and its code point, never the whole text,
    which could be an ID number.
    """
    chain = fonts or default_fonts()
    pairs = list(places)
    if not chain.missing("".join(text for _, text in pairs)):
        return
    for where, text in pairs:
        missing = chain.missing(text)
        if missing:
            raise Refusal(
                "documents.missing_character",
                f"{where}中有字体不能打印的字符，为避免打成空框，已停止打印。",
                found="、".join(_named(char) for char in missing),
                expected="GB 18030-2022 收录、且已安装字体含有字形的字符",
                mend=" ".join(dict.fromkeys(_mend(char) for char in missing)),
            )


def _named(char: str) -> str:
    hidden = unicodedata.category(char) in {*_NEVER_PRINTED, "Zl", "Zp", "Zs"}
    shown = "" if hidden else char
    block = f"，{block_of(char)}" if block_of(char) else ""
    return f"{shown}（U+{ord(char):04X}{block}）"


def _mend(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Co":
        return "自造字（专用区字符）换一台电脑就是别的字：请按有效证件改用标准编码的字。"
    if 0xFE00 <= ord(char) <= 0xFE0F or 0xE0100 <= ord(char) <= 0xE01EF:
        return "字形选择符只改变写法、不改变文字：请删去。"
    if category in ("Mn", "Mc", "Me"):
        return "请把字母和组合记号改为带记号的单个字母（如 é）。"
    if category in _NEVER_PRINTED:
        return "请删去看不见的控制字符。"
    return "请核对该字是否录入有误；确属生僻字的，请安装含有该字的字体后再打印。"


def _installed(folders: Sequence[Path], *, system: bool) -> dict[str, tuple[Path, int]]:
    """Family name to (file, number in the file) of the face nearest to regular weight."""
    if not folders and not system:
        return {}
    found = typst.Fonts(
        include_system_fonts=system,
        include_embedded_fonts=False,
        font_paths=[str(path) for path in folders],
    ).fonts()
    wanted = {family for slot in SERIF_CHAIN for family in slot}
    best: dict[str, tuple[int, Path, int]] = {}
    for face in found:
        if face.family in wanted and face.path and face.style == "normal":
            distance = abs(face.weight - 400)
            if face.family not in best or distance < best[face.family][0]:
                best[face.family] = (distance, Path(face.path), face.index)
    return {family: (path, number) for family, (_, path, number) in best.items()}


def _index_key(path: Path, number: int) -> str:
    stat = path.stat()
    return f"{path}#{number}:{stat.st_size}:{stat.st_mtime_ns}"


def _examine(path: Path, number: int) -> dict[str, Any]:
    """What one font covers, read from the font itself: ranges of code points and advances."""
    from fontTools.ttLib import TTFont  # slow to import, needed once per font file

    with TTFont(path, fontNumber=number, lazy=True) as font:
        glyphs = font.getBestCmap() or {}
        metrics = font["hmtx"].metrics
        em = font["head"].unitsPerEm
        ranges: list[list[int]] = []
        advances = {}
        for code in sorted(glyphs):
            if glyphs[code] == ".notdef":
                continue
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
            advance = metrics[glyphs[code]][0] / em
            # A little too wide does no harm when lines are broken, and spares 11,000 Hangul.
            if not 0.9 <= advance <= 1:
                advances[chr(code)] = round(advance, 4)
    return {"ranges": ranges, "advances": advances}


def _read_index(file: Path | None) -> dict[str, dict[str, Any]]:
    if file is None:
        return {}
    try:
        stored = json.loads(file.read_text("utf-8"))
        return dict(stored["fonts"]) if stored["version"] == _INDEX_VERSION else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # it is only a saving of half a second: read the fonts again


def _write_index(file: Path, index: Mapping[str, dict[str, Any]]) -> None:
    kept = {key: entry for key, entry in index.items() if Path(key.rsplit("#", 1)[0]).exists()}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Another process may read at any moment: write aside, then put in place at once.
        aside = file.with_name(f"{file.name}.{os.getpid()}")
        aside.write_text(
            json.dumps({"version": _INDEX_VERSION, "fonts": kept}, ensure_ascii=False), "utf-8"
        )
        aside.replace(file)
    except OSError:
        return  # a read-only installation simply reads the fonts at every start

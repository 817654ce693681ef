"""Our fields of an old record, and how old ledgers head them; pure."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhicheng.registers.columns import COLUMNS as REGISTER_COLUMNS
from zhicheng.spreadsheets.headers import header_key


@dataclass(frozen=True)
class Field:
    """One of our fields: ``aliases`` are headings of real ledgers, the most certain first."""

    key: str
    title: str
    aliases: tuple[str, ...] = ()
    required: bool = False


_KNOWN = {column.key: column for column in REGISTER_COLUMNS}


def _as_in_registers(key: str, *more: str, required: bool = True) -> Field:
    column = _KNOWN[key]
    return Field(key, column.title, (*column.aliases, *more), required)


FIELDS: Sequence[Field] = (
    _as_in_registers(
        "certificate_number", "证书号", "证号", "证书号码", "资格证书编号", "职称证号"
    ),
    _as_in_registers("name", "持证人", "持证人姓名"),
    _as_in_registers("sex", required=False),
    _as_in_registers("id_number", "身份证件号码", "身份证号码或证件号"),
    _as_in_registers("work_unit", "申报单位", required=False),
    _as_in_registers("specialty", "从事专业", "资格专业", "专业类别"),
    _as_in_registers(
        "qualification", "资格", "评审资格", "取得资格", "职务名称", "任职资格名称及级别"
    ),
    Field("level", "级别", ("资格级别", "职称级别", "等级", "资格等级")),
    Field(
        "approval_date",
        "批准时间",
        (
            *_KNOWN["approval_date"].aliases,
            "评审时间",
            "评委会评审通过时间",
            "取得资格时间",
            "取得时间",
            "授予时间",
            "通过日期",
        ),
        required=True,
    ),
    _as_in_registers("document_number", "文件号", "公布文号", "发文号"),
    Field("issued_on", "发证时间", ("发证日期", "发文时间", "发文日期", "签发日期", "颁证时间")),
    Field("committee", "评委会", ("评审委员会", "评审组织", "评委会名称", "评审机构")),
    Field(
        "department", "核准部门", ("资格核准部门", "批准部门", "核准单位", "批准机关", "审批部门")
    ),
    Field("issuer", "发证单位", ("发证机关", "颁证单位", "发放单位")),
    Field("review_mode", "评审方式", ("评审类型", "取得方式")),
)
KEYS = tuple(field.key for field in FIELDS)
TITLES: Mapping[str, str] = {field.key: field.title for field in FIELDS}
REQUIRED = tuple(field.key for field in FIELDS if field.required)

_NAMES: Mapping[str, tuple[int, str]] = {
    header_key(name): (rank, field.key)
    for field in reversed(FIELDS)
    for rank, name in reversed(list(enumerate((field.title, *field.aliases))))
}
# Words by which a heading that no list has is still recognised: the longest that it holds.
_HINTS: Mapping[str, str] = {
    "身份证": "id_number",
    "证件号": "id_number",
    "姓名": "name",
    "性别": "sex",
    "证书编号": "certificate_number",
    "证书号": "certificate_number",
    "文号": "document_number",
    "批准时间": "approval_date",
    "通过时间": "approval_date",
    "发证时间": "issued_on",
    "发证日期": "issued_on",
    "评委会": "committee",
    "评审方式": "review_mode",
    "工作单位": "work_unit",
    "所在单位": "work_unit",
    "专业": "specialty",
    "资格名称": "qualification",
    "职称": "qualification",
    "级别": "level",
}
_ID_LIKE = re.compile(r"\d{17}[\dXx]|\d{15}")


def guess(headings: Sequence[str], samples: Sequence[Sequence[str]] = ()) -> dict[int, str]:
    """Which column is which field, by its heading, else by what stands in it; never two for one."""
    keys = [header_key(heading) for heading in headings]
    offers: list[tuple[int, int, str]] = []
    for place, key in enumerate(keys):
        named = _NAMES.get(key)
        if named is not None:
            offers.append((named[0], place, named[1]))
            continue
        hints = [(len(word), field) for word, field in _HINTS.items() if key and word in key]
        if hints:
            offers.append((50 - max(hints)[0], place, max(hints)[1]))
        elif _holds_id_numbers(samples, place):
            offers.append((90, place, "id_number"))
    found: dict[int, str] = {}
    for _rank, place, field in sorted(offers):
        if place not in found and field not in found.values():
            found[place] = field
    return found


def _holds_id_numbers(samples: Sequence[Sequence[str]], place: int) -> bool:
    cells = [row[place].strip() for row in samples if place < len(row) and row[place].strip()]
    return len(cells) >= 2 and all(_ID_LIKE.fullmatch(cell) for cell in cells)


def header_row(lines: Sequence[tuple[int, Sequence[str]]]) -> int:
    """The Excel row that is most likely the header; the first of the filled ones at worst."""
    best, at = 0, lines[0][0] if lines else 0
    for number, cells in lines:
        score = 3 * sum(header_key(cell) in _NAMES for cell in cells) + len(guess(cells))
        if score > best:
            best, at = score, number
    return at


def fingerprint(headings: Sequence[str]) -> str:
    """The same for the same headings in the same order, however they are spaced."""
    keys = [header_key(heading) for heading in headings]
    while keys and not keys[-1]:
        keys.pop()
    return hashlib.sha256(json.dumps(keys, ensure_ascii=False).encode()).hexdigest()


def missing(chosen: Mapping[int, str]) -> list[str]:
    """Titles of required fields that no column was taken for."""
    return [TITLES[key] for key in REQUIRED if key not in chosen.values()]


def taken_twice(chosen: Mapping[int, str]) -> list[str]:
    """Titles of fields that more than one column was taken for."""
    values = list(chosen.values())
    return [TITLES[key] for key in KEYS if values.count(key) > 1]

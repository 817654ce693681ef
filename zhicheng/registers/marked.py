"""Fix in Excel instead: the file that the unit sent, with its faulty cells coloured and commented.

What was corrected on the page since stands in it as it is now, so that the file sent again takes
nothing back.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.audit.recording import recorded
from zhicheng.organizations.guard import Actor, require
from zhicheng.organizations.permissions import Action
from zhicheng.registers import queries
from zhicheng.registers.columns import COLUMNS, ID_NUMBER, KEY_OF_TITLE, KEYS
from zhicheng.registers.labels import finding_label
from zhicheng.registers.models import Register, RegisterFinding, RowHistory, Severity
from zhicheng.registers.reading import RegisterSheet, read_register
from zhicheng.registers.storing import StoredRow, shown_texts, stored_rows
from zhicheng.registers.unmasking import show_id_numbers
from zhicheng.registers.versions import FIELD_OF_KEY, states_at
from zhicheng.spreadsheets.limits import MARK_LIMITS
from zhicheng.spreadsheets.sandbox import run_limited
from zhicheng.values.refusal import Refusal

_GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.TIDIED: 2}
_LISTED = 5000  # findings in the sheet in front; the cells themselves are all marked
_OPENED = ("file.damaged", "file.too_complex", "file.too_slow")


def marked_file(*, actor: Actor, register: Register) -> bytes:
    """The .xlsx to be corrected; whoever takes it sees whole ID numbers, which is on record."""
    require(actor, Action.LIST_EXPORT, register)
    source = queries.source_of(register)
    if source is None:
        raise Refusal(
            "register.no_file",
            "这份登记表没有原文件，无法标注。",
            clause="N4",
            mend="请用“导出 Excel”下载登记表。",
        )
    with recorded(actor, Action.LIST_EXPORT) as record:
        show_id_numbers(actor=actor, register=register, purpose="file")
        job = _job(register, read_register(source))
        record(
            subject=register,
            data={
                "file": register.source_name,
                "marked": len(job["marks"]),
                "count": register.row_count,
            },
        )
    told = json.dumps(job, ensure_ascii=False).encode()
    task = "zhicheng.spreadsheets.marking"
    try:
        content = run_limited(f"{task}:mark", [source, told], MARK_LIMITS)
    except Refusal as refusal:
        if refusal.rule not in _OPENED:
            raise
        # It could be read, but not changed in place: its values at their places.
        content = run_limited(f"{task}:write_anew", [source, told], MARK_LIMITS)
    assert isinstance(content, bytes)
    return content


def marked_name(register: Register) -> str:
    """What the marked file is called: as the unit's own, and what it is."""
    stem = register.source_name.rpartition(".")[0] or register.source_name
    return _("%(name)s（标注）.xlsx") % {"name": stem}


def _job(register: Register, sheet: RegisterSheet) -> dict[str, Any]:
    columns = [_index(letters) for letters in sheet.letters]
    known = {row.excel_row for row in sheet.rows}
    rows = stored_rows(register)
    places = _places(register, known)
    base = _base(register)
    findings = _findings(register)
    cells: list[tuple[int, int, str]] = []
    marks: list[tuple[int, int, str, str]] = []
    added = []
    for row in rows:
        place = places.get(row.pk)
        if place is None:
            added.append([text for text, at in zip(_texts(row), columns, strict=True) if at >= 0])
            continue
        for at, text, before in _corrected(row, base.get(row.pk)):
            if columns[at] >= 0:
                cells.append((place, columns[at], text))
                marks.append((place, columns[at], "corrected", f"已在网页上更正，原为：{before}"))
        for column, found in findings.get(row.pk, {}).items():
            at = columns[column] if columns[column] >= 0 else columns[KEYS.index("name")]
            marks.append((place, at, found[0].severity, "\n".join(_said(item) for item in found)))
    gone = known - set(places.values())
    return {
        "sheet": sheet.sheet,
        "columns": [at for at in columns if at >= 0],
        "cells": cells,
        "marks": marks,
        "removed": [(place, "此行已在网页上删除。") for place in sorted(gone)],
        "added": added,
        "legend": _legend(register, findings, places, sheet.letters),
    }


def _index(letters: str) -> int:
    """The column from 0 of Excel letters; -1 for none."""
    number = 0
    for character in letters:
        number = number * 26 + ord(character) - 64
    return number - 1


def _places(register: Register, known: set[int]) -> dict[int, int]:
    """The Excel row of every row that stands in the file."""
    places: dict[int, int] = {}
    taken: set[int] = set()
    for key, place in register.rows.order_by("position").values_list("pk", "excel_row"):
        if place in known and place not in taken:
            places[key] = place
            taken.add(place)
    return places


def _base(register: Register) -> Mapping[int, RowHistory]:
    """The rows as the present file had them."""
    last = register.uploads.order_by("-version").values_list("version", flat=True).first()
    return {state.row_id: state for state in states_at(register, last)} if last else {}


def _texts(row: StoredRow) -> list[str]:
    texts = list(shown_texts(row.tidy))
    texts.insert(ID_NUMBER, row.tidy.values[ID_NUMBER])
    return texts


def _corrected(row: StoredRow, base: RowHistory | None) -> list[tuple[int, str, str]]:
    """(column, text now, masked text in the file) of the cells that the page changed."""
    if base is None:
        return []
    found = []
    for column, text in enumerate(_texts(row)):
        before = str(getattr(base, FIELD_OF_KEY[KEYS[column]]))
        if column == ID_NUMBER:
            held = bytes(base.id_number_index) if base.id_number_index is not None else b""
            if row.tidy.key != held:
                found.append((column, text, before))
        elif text != before:
            found.append((column, text, before))
    return found


def _findings(register: Register) -> dict[int, dict[int, list[RegisterFinding]]]:
    """The findings by row and column, the gravest first."""
    by_row: dict[int, dict[int, list[RegisterFinding]]] = defaultdict(dict)
    for finding in register.findings.filter(row__isnull=False).order_by("id"):
        assert finding.row_id is not None
        column = KEYS.index(KEY_OF_TITLE.get(finding.column, "name"))
        by_row[finding.row_id].setdefault(column, []).append(finding)
    for cells in by_row.values():
        for found in cells.values():
            found.sort(key=lambda finding: _GRAVITY[Severity(finding.severity)])
    return by_row


def _said(finding: RegisterFinding) -> str:
    """A finding as its cell's comment: severity, message, expected value, clause."""
    clause = f"（依据：通知 {finding.clause}）" if finding.clause else ""
    if finding.severity == Severity.TIDIED:
        return f"[{finding.get_severity_display()}] {finding.message}原为：{finding.value}"
    expected = f"\n应为：{finding.suggestion}" if finding.suggestion else ""
    return f"[{finding.get_severity_display()}] {finding.message}{clause}{expected}"


def _legend(
    register: Register,
    findings: Mapping[int, Mapping[int, Sequence[RegisterFinding]]],
    places: Mapping[int, int],
    letters: Sequence[str],
) -> list[tuple[str, list[str]]]:
    now = timezone.localtime()
    lines: list[tuple[str, list[str]]] = [
        (
            "title",
            [f"{register.number} 检查说明（{now:%Y-%m-%d %H:%M}，第 {register.version} 版）"],
        ),
        (
            "",
            [
                "本表由系统加入，说明颜色和检查结果。请在登记表所在工作表中更正，保存后重新上传；本表不必删除。"
            ],
        ),
        ("", [""]),
        ("error", ["红色", "错误：须更正后才能提交"]),
        ("warning", ["黄色", "提示：请核对，确实无误的可以不改"]),
        ("tidied", ["蓝色", "已规范：系统已统一写法，不必更改"]),
        ("corrected", ["绿色", "已在网页上更正或加入，单元格中是现在的内容"]),
        ("removed", ["灰色", "该行已在网页上删除"]),
        ("", [""]),
        ("title", ["单元格", "程度", "姓名", "列", "说明", "现为", "应为", "条款"]),
    ]
    names = dict(register.rows.values_list("pk", "name"))
    listed = [
        (places[row], column, finding, names[row])
        for row, cells in findings.items()
        if row in places
        for column, found in cells.items()
        for finding in found
        if finding.severity != Severity.TIDIED
    ]
    listed.sort(key=lambda item: (item[0], item[1]))
    for place, column, finding, name in listed[:_LISTED]:
        lines.append(
            (
                finding.severity,
                [
                    f"{letters[column]}{place}",
                    str(finding.get_severity_display()),
                    name,
                    COLUMNS[column].title,
                    finding.message or finding_label(finding.code),
                    finding.value,
                    finding.suggestion,
                    finding.clause,
                ],
            )
        )
    missing = register.findings.filter(row__isnull=True)[:_LISTED]
    lines += [
        (
            item.severity,
            ["", str(item.get_severity_display()), "", "", item.message, "", "", item.clause],
        )
        for item in missing
    ]
    return lines

"""Judges a row of an old ledger; pure (N6, N7).

Old ledgers say things in old ways: ID numbers of fifteen digits are right there, a wrong check
digit is kept as it is said and told, a qualification that nobody knows today is a warning. A row
is refused only where it can't be kept as a certificate of somebody.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from zhicheng.historic.columns import KEYS, TITLES
from zhicheng.reference.catalog import GRADE_OF, LEVEL_WORDS
from zhicheng.spreadsheets.tables import Value
from zhicheng.values import id_number
from zhicheng.values.dates import ReadDate, read_date
from zhicheng.values.document_number import is_well_formed, tidy_document_number
from zhicheng.values.finding import ERROR, WARNING
from zhicheng.values.names import problem as name_problem
from zhicheng.values.names import tidy_name
from zhicheng.values.text import cell_text, hide_id_numbers, strip_spaces, tidy_code, tidy_text

WIDTHS: Mapping[str, int] = {
    "certificate_number": 60,
    "name": 100,
    "sex": 20,
    "work_unit": 200,
    "specialty": 100,
    "qualification": 60,
    "document_number": 80,
    "committee": 200,
    "department": 200,
    "issuer": 200,
}
EARLIEST = date(1978, 1, 1)
# 98.12.5 and 1998年12月 of ledgers kept by hand; two digits are the last century's.
_SHORT_YEAR = re.compile(
    r"(?<!\d)([7-9]\d)\s*([年.\-/])\s*(\d{1,2})(?:\s*[月.\-/]\s*(\d{1,2})\s*日?)?月?$"
)
SELF_MANAGED = re.compile("自主")
Finding = tuple[str, str, str, str]  # column title, code, severity, message


@dataclass(slots=True)
class Judged:
    """A row in its one form, and what was found; ``texts`` by the keys of ``columns``."""

    row: int
    texts: dict[str, str]
    id_number: str = ""
    id_kind: str = "resident"
    level: str = ""
    grade: str = ""
    approval_date: date | None = None
    month_only: bool = False
    issued_on: date | None = None
    self_managed: bool = False
    findings: list[Finding] = field(default_factory=list)

    @property
    def worst(self) -> str:
        """error, warning or nothing."""
        severities = {found[2] for found in self.findings}
        return ERROR if ERROR in severities else WARNING if WARNING in severities else ""

    def tell(self, key: str, code: str, severity: str, message: str) -> None:
        """Notes a finding; no ID number stands in it."""
        self.findings.append((TITLES[key], code, severity, hide_id_numbers(message)))


class Judge:
    """Judges rows; ``titles`` are known qualification names with their levels."""

    def __init__(
        self,
        titles: Mapping[str, Sequence[str]],
        today: date,
        *,
        date_1904: bool = False,
        self_managed: bool = False,
    ) -> None:
        self.titles, self.today = titles, today
        self.date_1904, self.self_managed = date_1904, self_managed
        self._dates: dict[tuple[type, Value], ReadDate] = {}

    def row(self, number: int, cells: Sequence[Value]) -> Judged:
        """One row of values in the order of ``columns.KEYS``."""
        said = dict(zip(KEYS, cells, strict=True))
        judged = Judged(number, {})
        for key in WIDTHS:
            judged.texts[key] = self._text(judged, key, said[key])
        self._names(judged)
        self._id_number(judged, said["id_number"])
        self._dates_of(judged, said)
        self._level(judged, cell_text(said["level"]))
        judged.self_managed = self.self_managed or bool(
            SELF_MANAGED.search(cell_text(said["review_mode"]))
        )
        self._misplaced(judged)
        return judged

    def _misplaced(self, judged: Judged) -> None:
        """No ID number stays in clear where a column was taken for the wrong field (inv. 10).

        Certificate numbers may be as long as ID numbers; of a refused row nobody needs them.
        """
        for key, text in judged.texts.items():
            if len(text) < 15:
                continue
            hidden = hide_id_numbers(text)
            if hidden == text:
                continue
            if key != "certificate_number" or self._is_id_number(text, judged.id_number):
                judged.tell(
                    key,
                    "id_number.misplaced",
                    ERROR,
                    "像是身份证号码，不能采用；请检查栏目是否对应正确。",
                )
        if judged.worst == ERROR:
            judged.texts = {key: hide_id_numbers(text) for key, text in judged.texts.items()}

    def _is_id_number(self, text: str, own: str) -> bool:
        return id_number.is_adults(text, self.today) or (
            id_number.is_old_resident(text)
            and id_number.person_form(text) == id_number.person_form(own)
        )

    def _text(self, judged: Judged, key: str, cell: Value) -> str:
        text = cell_text(cell).strip()
        if key == "certificate_number":
            text = tidy_code(text)[0]
        elif key == "name":
            text = tidy_name(text)[0]
        elif key == "document_number":
            text = tidy_document_number(text)[0]
        elif key == "sex":
            text = strip_spaces(text)[0]
        else:
            text = tidy_text(text)[0]
        if len(text) > WIDTHS[key]:
            judged.tell(key, "text.too_long", ERROR, f"超过 {WIDTHS[key]} 个字符，无法保存。")
        return text[: WIDTHS[key]]

    def _names(self, judged: Judged) -> None:
        texts = judged.texts
        for key in ("certificate_number", "name", "specialty", "qualification", "document_number"):
            if not texts[key]:
                # A certificate of somebody it is with number and name; the rest may be lost.
                severity = ERROR if key in ("certificate_number", "name") else WARNING
                judged.tell(key, "required", severity, f"{TITLES[key]}为空。")
        if texts["name"] and name_problem(texts["name"]):
            judged.tell("name", "name.malformed", WARNING, f"姓名{name_problem(texts['name'])}。")
        if texts["sex"] and texts["sex"] not in ("男", "女"):
            judged.tell("sex", "sex.malformed", WARNING, "性别不是“男”或“女”，没有采用。")
            texts["sex"] = ""
        if texts["document_number"] and not is_well_formed(texts["document_number"]):
            judged.tell(
                "document_number",
                "document_number.malformed",
                WARNING,
                "文号格式不规范，照原样保存。",
            )
        if texts["qualification"] and texts["qualification"] not in self.titles:
            judged.tell(
                "qualification",
                "qualification.unknown",
                WARNING,
                f"资格名称“{texts['qualification']}”不在现行和改革前的名称表中，照原样保存。",
            )

    def _id_number(self, judged: Judged, cell: Value) -> None:
        number = id_number.tidy(cell)[0] if cell is not None else ""
        judged.id_number = number
        if not number:
            judged.tell("id_number", "required", ERROR, "身份证号码为空，无法确定持证人。")
        elif id_number.precision_lost(cell):
            judged.tell(
                "id_number",
                id_number.PRECISION_LOST,
                ERROR,
                "身份证号码被 Excel 当作数字，后几位已丢失，不能采用。",
            )
        elif id_number.is_old_resident(number):
            pass  # fifteen digits were the rule until 1999
        elif id_number.kind_of(number) in (id_number.PERMIT, id_number.PASSPORT) and (
            len(number) != id_number.LENGTH
        ):
            judged.id_kind = id_number.kind_of(number) or judged.id_kind
        elif len(number) == id_number.LENGTH and id_number.is_clean(number):
            judged.id_kind = id_number.kind_of(number) or judged.id_kind
            for code in id_number.problems(number, self.today):
                what = {
                    id_number.CHECKSUM: "校验位不正确",
                    id_number.BIRTH_DATE: "出生日期不是真实日期",
                }[code]
                judged.tell("id_number", code, WARNING, f"身份证号码{what}，照台账所载保存。")
        else:
            judged.tell(
                "id_number",
                id_number.MALFORMED,
                ERROR,
                f"身份证号码既不是 18 位也不是 15 位（{len(number)} 位），不能采用。",
            )
        sex = judged.texts["sex"]
        told = any(found[0] == TITLES["id_number"] for found in judged.findings)
        if (
            sex
            and not told
            and len(number) in (15, 18)
            and number[-2 if len(number) == 18 else -1].isdigit()
        ):
            odd = int(number[-2 if len(number) == 18 else -1]) % 2 == 1
            if odd != (sex == "男"):
                judged.tell("sex", "sex.mismatch_id_number", WARNING, "性别与身份证号码不一致。")

    def _dates_of(self, judged: Judged, said: Mapping[str, Value]) -> None:
        read = self._read(said["approval_date"])
        if read.value is not None:
            judged.approval_date = read.value
        elif read.month is not None:
            judged.approval_date, judged.month_only = date(*read.month, 1), True
            judged.tell(
                "approval_date",
                "date.month_only",
                WARNING,
                "只有年月没有日，按年月保存，不补日期。",
            )
        elif read.ambiguous:
            judged.tell(
                "approval_date",
                "date.malformed",
                ERROR,
                f"“{read.text}”可能是 1 月也可能是 10 月，不能采用。",
            )
        elif not read.text:
            judged.tell("approval_date", "required", ERROR, "批准时间为空。")
        else:
            judged.tell("approval_date", "date.malformed", ERROR, f"“{read.text}”不是日期。")
        day = judged.approval_date
        if day is not None and not EARLIEST <= day <= self.today:
            judged.tell("approval_date", "date.malformed", ERROR, f"{day} 早于 1978 年或晚于今天。")
        issued = self._read(said["issued_on"])
        judged.issued_on = issued.value
        if issued.value is None and issued.text:
            judged.tell(
                "issued_on",
                "date.malformed",
                WARNING,
                f"发证时间“{issued.text}”不是一天，没有采用。",
            )
        elif issued.value is not None and day is not None and issued.value < day:
            judged.tell("issued_on", "date.order", WARNING, "发证时间早于批准时间。")

    def _read(self, cell: Value) -> ReadDate:
        kind = (type(cell), cell)
        known = self._dates.get(kind)
        if known is None:
            known = _old_date(cell) or read_date(cell, date_1904=self.date_1904)
            if len(self._dates) < 50_000:
                self._dates[kind] = known
        return known

    def _level(self, judged: Judged, said: str) -> None:
        stated = LEVEL_WORDS.get(strip_spaces(said)[0], frozenset())
        known = frozenset(self.titles.get(judged.texts["qualification"], ()))
        fitting = stated & known if stated and known else stated or known
        if said and not stated:
            judged.tell("level", "level.unknown", WARNING, f"级别“{said[:20]}”无法识别，没有采用。")
        if len(fitting) == 1:
            (judged.level,) = fitting
            judged.grade = GRADE_OF[judged.level]
        elif stated and known and not fitting:
            judged.tell("level", "level.differs", WARNING, "级别与资格名称不符，没有采用。")


def _old_date(cell: Value) -> ReadDate | None:
    """98.12.5: a year of two digits, as ledgers of the last century wrote it; no others."""
    match = _SHORT_YEAR.match(cell.strip()) if isinstance(cell, str) else None
    if match is None:
        return None
    year, month = 1900 + int(match[1]), int(match[3])
    try:
        if match[4] is None:
            date(year, month, 1)
            return ReadDate(None, match[0], (), (year, month))
        return ReadDate(date(year, month, int(match[4])), match[0])
    except ValueError:
        return ReadDate(None, match[0])

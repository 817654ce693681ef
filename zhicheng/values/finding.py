"""What a check found in one cell: the same on the page, in the command line and in the API."""

from dataclasses import dataclass
from typing import Any

ERROR = "error"
WARNING = "warning"
TIDIED = "tidied"

# What the file's layout did: said once per cell or row, like everything that was tidied.
MERGED = "tidied.merged"
HIDDEN = "tidied.hidden_row"

TIDIED_SAID = {
    "tidied.width": "全角字符已改为半角",
    "tidied.spaces": "多余的空格或不可见字符已删除",
    "tidied.name_dot": "姓名中的间隔号已统一为“·”",
    "tidied.brackets": "括号或文号格式已规范",
    "tidied.date": "日期已改为统一写法",
    "tidied.case": "身份证号码末位已改为大写 X",
    MERGED: "取自纵向合并的单元格",
    HIDDEN: "该行在表格中是隐藏的，已一并读取，请核实是否应当报送",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, warning or tidying.

    ``row`` is the Excel row (None: the whole file), ``column`` the column's title, ``index`` the
    place of the row among the rows given to the check. ``value`` is what was found and
    ``suggestion`` what is offered; ID numbers are masked in all texts (invariant 10).
    ``person`` refers to the approved person that the suggestion comes from.
    """

    row: int | None
    column: str
    code: str
    severity: str
    value: str
    suggestion: str
    message: str
    clause: str = ""
    index: int | None = None
    person: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API tell it: the design's keys and no others."""
        clause = f"（{self.clause}）" if self.clause else ""
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "severity": self.severity,
            "value": self.value,
            "suggestion": self.suggestion or None,
            "message": f"{self.message}{clause}",
        }


def tidied(index: int, row: int, column: str, code: str, before: str, after: str) -> Finding:
    """The finding that says what was tidied; both texts already masked where they must be."""
    return Finding(
        row=row,
        column=column,
        code=code,
        severity=TIDIED,
        value=before,
        suggestion=after,
        message=f"{TIDIED_SAID[code]}。",
        index=index,
    )

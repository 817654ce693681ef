"""What every file of the corpus is made of: invented people on a document of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from zhicheng.demo.faults import FaultyCity
from zhicheng.demo.people import Person
from zhicheng.demo.workbooks import REGISTER_COLUMNS, Line, Listed

UNIT = "山城第一人民医院"
DEPARTMENT = "市卫生健康委"
SELF_MANAGED = "长江重工"
HEADER: list[object] = list(REGISTER_COLUMNS)
TITLE = f"（{UNIT}）  2026 年度职称证书领取、办理登记表"
FACTS = (
    f"填报单位（签章）：{UNIT}     区县、主管部门（签章）：     "
    "填报人：杜若谷     联系电话：023-63000000"
)
NOTE = (
    "填表说明：1.领取各级职称证书均须填写此表。2.填报单位无自主管理权限的，须经主管部门签章后报送。"
    "3.此表须同时报送纸质件、excle格式电子件。"
)
(
    NUMBER, CERTIFICATE, WORK_UNIT, SUPERVISOR, NAME, SEX, ID, SPECIALTY, QUALIFICATION, DATE,
    DOCUMENT,
) = range(11)  # fmt: skip
Row = list[object]
Expected = list[object]  # [Excel row or None, column, code]


@dataclass
class Paper:
    """One register: its people stand on documents that no other file of the corpus names."""

    number: int
    city: FaultyCity = field(init=False)
    rows: list[Row] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.city = FaultyCity(
            unit=UNIT,
            department=DEPARTMENT,
            university=SELF_MANAGED,
            certificates=f"2026K{self.number:03d}",
            seed=7000 + self.number,
        )

    @property
    def listed(self) -> list[Listed]:
        """Whom the approval documents of this register list."""
        return self.city.listed

    def document(self, which: int = 0) -> str:
        """The number of one of the register's own documents."""
        return f"渝卫职改〔2026〕{self.number * 10 + which + 1}号"

    def line(self, which: int = 0, person: Person | None = None, **listed: object) -> Line:
        """A faultless line for somebody newly listed."""
        item = self.city.list_person(
            number=self.number * 10 + which + 1,
            person=person,
            **listed,  # type: ignore[arg-type]
        )
        return self.city.line(item)

    def again(self, line: Line) -> Line:
        """Another line for the same listed person, with another certificate number."""
        return self.city.line(line.listed)

    def put(self, line: Line, *found: tuple[str, str], first: int = 4) -> Row:
        """The line on the register, of which exactly these (column, code) must come."""
        row = line.cells(len(self.rows) + 1)
        self.expected += [[first + len(self.rows), column, code] for column, code in found]
        self.rows.append(row)
        return row

    def clean(self, count: int = 3) -> list[Row]:
        """Faultless rows."""
        return [self.put(self.line()) for _ in range(count)]

    def found(self, row: int | None, column: str, code: str) -> None:
        """Something more that must be found."""
        self.expected.append([row, column, code])

    def sheet(self) -> list[Row]:
        """附件1 with its rows: title, facts, header above, the note below."""
        return framed(self.rows)


def framed(rows: Sequence[Row], header: Sequence[object] = HEADER) -> list[Row]:
    """Title lines and note around the rows; the first row stands in line 4."""
    return [[TITLE], [FACTS], list(header), *rows, [], [NOTE]]

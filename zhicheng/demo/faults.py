"""A list and a register with every fault that the checks know, and what they must find.

The demo city shows it, the tests hold the checks to it: each row carries one fault alone, so
exactly the expected findings may come of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from zhicheng.demo.people import Person, people
from zhicheng.demo.workbooks import Line, Listed, approval_list, register
from zhicheng.values.id_number import check_digit

# (Excel row or None for the whole register, column, code)
Expected = tuple[int | None, str, str]
FIRST_ROW = 4  # title, facts, header stand above


@dataclass(frozen=True)
class FaultySheets:
    """Both files and exactly what must be found."""

    approvals: bytes
    register: bytes
    expected: list[Expected]
    clean_rows: int


@dataclass
class FaultyCity:
    """Whose register it is and who approved; the demo puts its own names in."""

    unit: str = "山城第一人民医院"
    department: str = "重庆市卫生健康委员会"
    university: str = "巴渝理工大学"
    year: int = 2026
    prefix: str = "渝卫职改"
    certificates: str = "2026F"
    seed: int = 150
    lines: list[Line] = field(default_factory=list)
    listed: list[Listed] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._people: Iterator[Person] = people(self.seed)
        self._count = 0

    def list_person(
        self,
        *,
        number: int = 1,
        mode: str = "委员会评审",
        channel: str = "线下",
        department: str = "",
        person: Person | None = None,
        qualification: str = "主治医师",
        series: str = "卫生技术人员",
        level: str = "中级",
    ) -> Listed:
        """Another person on an approval document."""
        item = Listed(
            person=person or self.plain_person(),
            document_number=f"{self.prefix}〔{self.year}〕{number}号",
            department=department or self.department,
            mode=mode,
            channel=channel,
            approval_date=date(self.year, 3, 18),
            issued_on=date(self.year, 4, 2),
            work_unit=self.unit,
            series=series,
            level=level,
            qualification=qualification,
            specialty="内科学",
        )
        self.listed.append(item)
        return item

    def plain_person(self) -> Person:
        """Somebody with a Han name without dot, so that a fault can be put into it."""
        return next(person for person in self._people if "·" not in person.name)

    def put(self, line: Line, *findings: tuple[str, str]) -> int:
        """The line on the register, of which exactly these (column, code) must come."""
        row = FIRST_ROW + len(self.lines)
        self.lines.append(line)
        self.expected += [(row, column, code) for column, code in findings]
        return row

    def clean(self, **listed: object) -> Line:
        """A line without any fault for a newly listed person."""
        return self.line(self.list_person(**listed))  # type: ignore[arg-type]

    def line(self, listed: Listed) -> Line:
        """A line without any fault for a listed person."""
        self._count += 1
        line = Line(listed, f"{self.certificates}{self._count:05d}", self.department)
        return line.but(批准时间=listed.approval_date.isoformat())


def faulty_sheets(city: FaultyCity | None = None) -> FaultySheets:
    """Every fault of the checks once, between clean rows."""
    city = city or FaultyCity()
    clean_rows = 3
    for _ in range(clean_rows):
        city.put(city.clean())
    _cells(city)
    _numbers(city)
    _approvals(city)
    _tidied(city)
    city.list_person()  # nobody puts this person on the register
    city.expected.append((None, "姓名", "approval.person_missing"))
    return FaultySheets(
        approvals=approval_list(city.listed),
        register=register(
            city.lines, unit=city.unit, year=city.year, filler="经办人", telephone="023-63000000"
        ),
        expected=city.expected,
        clean_rows=clean_rows,
    )


def _with_number(line: Line, number: str | float) -> Line:
    return line.but(身份证号码=number)


def _cells(city: FaultyCity) -> None:
    """Faults that a cell has by itself."""
    for column in ("证书编号", "工作单位", "姓名", "性别", "专业名称", "资格名称", "批准文号"):
        city.put(city.clean().but(**{column: ""}), (column, "required"))
    city.put(city.clean().but(批准时间=""), ("批准时间", "required"))
    city.put(city.clean().but(身份证号码=""), ("身份证号码", "required"))
    line = city.clean()
    city.put(
        _with_number(line, line.listed.person.id_number[:17]),
        ("身份证号码", "id_number.malformed"),
    )
    line = city.clean()
    number = line.listed.person.id_number
    wrong = "X" if number[17] != "X" else "1"
    city.put(_with_number(line, number[:17] + wrong), ("身份证号码", "id_number.checksum"))
    line = city.clean()
    first17 = line.listed.person.id_number[:10] + "1332" + line.listed.person.id_number[14:17]
    city.put(
        _with_number(line, first17 + check_digit(first17)),
        ("身份证号码", "id_number.birth_date"),
    )
    line = city.clean()
    destroyed = float(line.listed.person.id_number[:15] + "000")
    city.put(_with_number(line, destroyed), ("身份证号码", "id_number.precision_lost"))
    city.put(city.clean().but(性别="先生"), ("性别", "sex.malformed"))
    line = city.clean()
    other = "女" if line.listed.person.sex == "男" else "男"
    city.put(line.but(性别=other), ("性别", "sex.mismatch_id_number"))
    line = city.clean()
    city.put(line.but(姓名=line.listed.person.name + "1"), ("姓名", "name.malformed"))
    city.put(city.clean().but(批准时间=f"{city.year}年3月"), ("批准时间", "date.malformed"))
    city.put(
        city.clean().but(批准文号=f"{city.prefix}{city.year}第1号"),
        ("批准文号", "document_number.malformed"),
    )


def _numbers(city: FaultyCity) -> None:
    """Faults between two rows."""
    first = city.clean()
    city.put(first)
    city.put(
        city.clean().but(证书编号=first.certificate_number),
        ("证书编号", "certificate_number.duplicate"),
    )
    line = city.clean()
    city.put(line)
    city.put(city.line(line.listed), ("身份证号码", "person.duplicate"))


def _approvals(city: FaultyCity) -> None:
    """Faults against the approval documents."""
    line = city.line(_unlisted(city))
    city.put(
        line.but(批准文号=f"{city.prefix}〔{city.year}〕9999号"), ("批准文号", "approval.unknown")
    )
    city.put(city.line(_unlisted(city)), ("身份证号码", "approval.person_not_listed"))
    city.put(city.clean().but(姓名="无此人"), ("姓名", "approval.name_differs"))
    city.put(
        city.clean().but(资格名称="副主任医师"),
        ("资格名称", "approval.qualification_differs"),
    )
    city.put(city.clean().but(专业名称="外科学"), ("专业名称", "approval.specialty_differs"))
    city.put(city.clean().but(批准时间=f"{city.year}-03-19"), ("批准时间", "approval.date_differs"))
    self_issued = city.clean(number=2, mode="自主评审", department=city.university)
    city.put(self_issued, ("批准文号", "approval.self_issued"))
    online = city.clean(number=3, channel="线上")
    city.put(online, ("批准文号", "approval.online"))
    city.put(city.clean().but(工作单位="山城第二人民医院"), ("工作单位", "work_unit.differs"))
    own_name = city.clean(qualification="首席医疗师", series="", level="副高级")
    city.put(own_name, ("资格名称", "qualification.unknown"))


def _unlisted(city: FaultyCity) -> Listed:
    """Like a listed person, but no document has them."""
    listed = city.list_person()
    city.listed.remove(listed)
    return listed


def _tidied(city: FaultyCity) -> None:
    """What is put right without asking, and said."""
    line = city.clean()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in line.certificate_number)
    city.put(line.but(证书编号=wide), ("证书编号", "tidied.width"))
    line = city.clean()
    name = line.listed.person.name
    city.put(line.but(姓名=f"{name[0]}\u3000{name[1:]}"), ("姓名", "tidied.spaces"))
    dotted = Person("吐尔逊·买买提", *_born(city))
    city.put(city.clean(person=dotted).but(姓名="吐尔逊•买买提"), ("姓名", "tidied.name_dot"))
    city.put(
        city.clean().but(批准文号=f"{city.prefix}[{city.year}]第01号"),
        ("批准文号", "tidied.brackets"),
    )
    city.put(city.clean().but(批准时间=f"{city.year}年3月18日"), ("批准时间", "tidied.date"))
    person = city.plain_person()
    while not person.id_number.endswith("X"):
        person = city.plain_person()
    line = city.clean(person=person)
    city.put(_with_number(line, person.id_number.lower()), ("身份证号码", "tidied.case"))


def _born(city: FaultyCity) -> tuple[str, str]:
    person = city.plain_person()
    return person.sex, person.id_number

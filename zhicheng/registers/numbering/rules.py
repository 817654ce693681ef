"""A numbering rule: makes numbers, reads them, says in Chinese which part of one is wrong; pure.

Leading zeros stay: a number is text, never a quantity.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from stdnum import luhn
from stdnum.iso7064 import mod_11_2, mod_37_36

from zhicheng.registers.numbering.elements import (
    CHECK_CHARACTERS,
    ID_NUMBER_LANGUAGE,
    LONGEST_SEQUENCE,
    Alternative,
    BadPattern,
    Element,
    Part,
    ambiguous,
    any_digits,
    counted,
    expression,
    fixed,
    one_of,
    read_pattern,
    shared,
    year,
)
from zhicheng.values.text import tidy_code

LONGEST = 40
GRADES: Mapping[str, str] = {"senior": "高级", "intermediate": "中级", "junior": "初级"}
OF_APPROVAL, OF_REGISTER = "approval", "register"
OF_ISSUING_UNIT, OF_REPORTING_UNIT = "issuing", "reporting"
NO_CHECK = "none"
CHECKS: Mapping[str, str] = {
    NO_CHECK: "不用校验码",
    "mod_11_2": "ISO 7064 MOD 11-2（0–9、X，与身份证号码相同）",
    "mod_37_36": "ISO 7064 MOD 37-36（0–9、A–Z）",
    "luhn": "Luhn（0–9，与银行卡相同）",
}
_CALCULATED = {
    "mod_11_2": mod_11_2.calc_check_digit,
    "mod_37_36": mod_37_36.calc_check_digit,
    "luhn": luhn.calc_check_digit,
}
_REGION = re.compile(r"[0-9]{6}")
_CODE = re.compile(r"[0-9A-Za-z]{1,10}")
_FORMULA_STARTS = ("=", "+", "-", "@", "'")


class Exhausted(ValueError):
    """The running number no longer fits its width."""


class Place(NamedTuple):
    """For what a number is made: the grade of the certificate, the year, the region's code."""

    grade: str
    year: int
    region: str = ""


class Parsed(NamedTuple):
    """What a number says; a part that the rule doesn't have is empty (``year`` as written)."""

    year: str
    region: str
    grade: str
    sequence: int
    check: str


@dataclass(frozen=True)
class Rule:
    """A unit's rule as configured; ``problems`` says whether it may be used.

    ``region`` is the issuing unit's own code, ``grade_codes`` by grade; the counter runs on its
    own for each year, grade and region where ``per_…`` says so.
    """

    pattern: str
    year_source: str = OF_APPROVAL
    region_source: str = OF_ISSUING_UNIT
    region: str = ""
    unit_code: str = ""
    grade_codes: Mapping[str, str] = field(default_factory=dict)
    leading_zeros: bool = True
    start: int = 1
    per_year: bool = True
    per_grade: bool = False
    per_region: bool = False
    check: str = NO_CHECK

    @cached_property
    def elements(self) -> Sequence[Element]:
        """The pattern's elements; raises BadPattern."""
        return read_pattern(self.pattern)

    @cached_property
    def language(self) -> Sequence[Sequence[Alternative]]:
        """What each element can be."""
        return [self._alternatives(element) for element in self.elements]

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """Every number of this rule, without its check character's value."""
        return re.compile("".join(f"({expression(element)})" for element in self.language))

    def _alternatives(self, element: Element) -> list[Alternative]:
        match element.part:
            case Part.TEXT:
                return fixed(element.text)
            case Part.YEAR:
                return year(element.width)
            case Part.REGION:
                own = self.region_source == OF_ISSUING_UNIT
                return fixed(self.region) if own else any_digits(6)
            case Part.UNIT:
                return fixed(self.unit_code)
            case Part.GRADE:
                return one_of([self.grade_codes[grade] for grade in GRADES])
            case Part.SEQUENCE:
                return counted(element.width, leading_zeros=self.leading_zeros)
            case Part.CHECK:
                return [(frozenset(CHECK_CHARACTERS[self.check]),)]

    def _one(self, part: Part) -> Element | None:
        return next((element for element in self.elements if element.part is part), None)

    @property
    def highest(self) -> int:
        """The last running number that fits."""
        element = self._one(Part.SEQUENCE)
        return int(10 ** (element.width if element else 0)) - 1

    def scope(self, place: Place) -> str:
        """Which counter the place belongs to."""
        return "|".join(
            (
                str(place.year) if self.per_year else "",
                place.grade if self.per_grade else "",
                place.region if self.per_region else "",
            )
        )

    def format(self, sequence: int, place: Place) -> str:
        """The number; raises Exhausted when the running number has become too long."""
        if not 0 <= sequence <= self.highest:
            raise Exhausted(sequence)
        made = ""
        for element in self.elements:
            match element.part:
                case Part.TEXT:
                    made += element.text
                case Part.YEAR:
                    made += f"{place.year:04d}"[-element.width :]
                case Part.REGION:
                    own = self.region_source == OF_ISSUING_UNIT
                    made += self.region if own else place.region
                case Part.UNIT:
                    made += self.unit_code
                case Part.GRADE:
                    made += self.grade_codes[place.grade]
                case Part.SEQUENCE:
                    made += f"{sequence:0{element.width if self.leading_zeros else 1}d}"
                case Part.CHECK:
                    made += check_character(self.check, made)
        return made

    def parse(self, number: str) -> Parsed | None:
        """What the number says; None unless it is one of this rule, check character included."""
        found = self.expression.fullmatch(number)
        if found is None or self._wrong_check(number, found):
            return None
        said = {
            element.part: text
            for element, text in zip(self.elements, found.groups(), strict=True)
            if element.part is not Part.TEXT
        }
        grades = {code: grade for grade, code in self.grade_codes.items()}
        return Parsed(
            year=said.get(Part.YEAR, ""),
            region=said.get(Part.REGION, ""),
            grade=grades.get(said.get(Part.GRADE, ""), ""),
            sequence=int(said[Part.SEQUENCE]),
            check=said.get(Part.CHECK, ""),
        )

    def _wrong_check(self, number: str, found: re.Match[str]) -> str:
        """The check character that ought to stand there; empty when it does, or none is used."""
        for place, element in enumerate(self.elements, start=1):
            if element.part is Part.CHECK:
                due = check_character(self.check, number[: found.start(place)])
                return "" if due == found[place] else due
        return ""

    # What is wrong with a number.

    def fault(self, number: str, place: Place | None = None) -> str:
        """Which part of the number is wrong and what it should be; empty where it is right.

        ``place`` is what the row is about, where that is certain (year 0, grade or region empty:
        not certain).
        """
        found = self.expression.fullmatch(number)
        if found is None:
            return self._misfit(number)
        due = self._wrong_check(number, found)
        if due:
            at = next(i for i, e in enumerate(self.elements, start=1) if e.part is Part.CHECK)
            return (
                f"{_positions(found.start(at), found.end(at))}校验码“{found[at]}”与前面各位不符"
                f"（按前面各位应为“{due}”），请核对编号是否抄错"
            )
        return self._misplaced(found, place) if place is not None else ""

    def _misfit(self, number: str) -> str:
        fitting = 0
        end = 0
        for count in range(len(self.language), 0, -1):
            begun = "".join(f"(?:{expression(element)})" for element in self.language[:count])
            start = re.match(begun, number)
            if start is not None:
                fitting, end = count, start.end()
                break
        if fitting == len(self.language):
            return f"末尾多出“{number[end:]}”，编号应为{self.length}"
        if end == len(number):
            missing = self.describe(self.elements[fitting])
            return f"编号不完整，后面还应有{missing}，编号应为{self.length}"
        element = self.elements[fitting]
        width = len(self.language[fitting][0])
        said = number[end : end + width]
        return f"{_positions(end, end + len(said))}“{said}”应为{self.describe(element)}"

    def _misplaced(self, found: re.Match[str], place: Place) -> str:
        for at, element in enumerate(self.elements, start=1):
            said, where = found[at], _positions(found.start(at), found.end(at))
            if element.part is Part.GRADE and place.grade:
                due = self.grade_codes[place.grade]
                if said != due:
                    other = next(GRADES[g] for g, code in self.grade_codes.items() if code == said)
                    return (
                        f"{where}等级代码“{said}”是{other}，本行资格为{GRADES[place.grade]}，"
                        f"应为“{due}”"
                    )
            if element.part is Part.YEAR and place.year:
                due = f"{place.year:04d}"[-element.width :]
                if said != due:
                    source = "批准时间" if self.year_source == OF_APPROVAL else "登记表"
                    return f"{where}年份“{said}”与{source}的年度不一致，应为“{due}”"
            due = place.region if self.region_source == OF_REPORTING_UNIT else ""
            if element.part is Part.REGION and due and said != due:
                return f"{where}区县代码“{said}”不是填报单位的，应为“{due}”"
        return ""

    # How the rule is told.

    @property
    def length(self) -> str:
        """How long its numbers are: 14位, or 10至14位."""
        shortest = sum(min(len(one) for one in element) for element in self.language)
        longest = sum(max(len(one) for one in element) for element in self.language)
        return f"{longest}位" if shortest == longest else f"{shortest}至{longest}位"

    def describe(self, element: Element) -> str:
        """An element in words."""
        match element.part:
            case Part.TEXT:
                return f"“{element.text}”"
            case Part.YEAR:
                source = "批准时间" if self.year_source == OF_APPROVAL else "登记表"
                return f"{element.width}位年份（{source}的年度）"
            case Part.REGION:
                if self.region_source == OF_ISSUING_UNIT:
                    return f"区县代码“{self.region}”"
                return "填报单位的6位区县代码"
            case Part.UNIT:
                return f"单位代码“{self.unit_code}”"
            case Part.GRADE:
                codes = "、".join(f"{name}“{self.grade_codes[g]}”" for g, name in GRADES.items())
                return f"等级代码（{codes}）"
            case Part.SEQUENCE:
                if self.leading_zeros:
                    return f"{element.width}位流水号（不足位补零）"
                return f"1至{element.width}位流水号"
            case Part.CHECK:
                return "1位校验码"

    def told(self) -> str:
        """The whole rule in one line."""
        return " + ".join(self.describe(element) for element in self.elements)

    def problems(self) -> list[str]:
        """Why the rule can't be used; empty for a good one."""
        try:
            elements = self.elements
        except BadPattern as error:
            return [f"{error}。"]
        found = [*self._bad_parts(elements), *self._bad_counter(elements)]
        return found or self._bad_language()

    def _bad_parts(self, elements: Sequence[Element]) -> list[str]:
        found = []
        parts = [element.part for element in elements]
        if parts.count(Part.SEQUENCE) != 1:
            found.append("编号须有且只有一个流水号，例如 {流水5}。")
        found += [
            f"“{{{name}}}”只能用一次。"
            for part, name in (
                (Part.YEAR, "年"),
                (Part.REGION, "区县"),
                (Part.UNIT, "单位"),
                (Part.GRADE, "等级"),
                (Part.CHECK, "校验"),
            )
            if parts.count(part) > 1
        ]
        found += [self._bad_text(e.text) for e in elements if e.part is Part.TEXT]
        if self.pattern.startswith(_FORMULA_STARTS):
            found.append("编号不能以 = + - @ ' 开头，表格软件会把它当作公式。")
        of_issuer = Part.REGION in parts and self.region_source == OF_ISSUING_UNIT
        if of_issuer and not _REGION.fullmatch(self.region):
            found.append("发放单位没有六位区县代码，不能用 {区县}；请改用填报单位的区县或 {单位}。")
        if Part.UNIT in parts and not _CODE.fullmatch(self.unit_code):
            found.append("用了 {单位}，请填写单位代码：1至10位字母或数字。")
        if Part.GRADE in parts and not all(
            _CODE.fullmatch(self.grade_codes.get(grade, "")) for grade in GRADES
        ):
            found.append("用了 {等级}，请填写高级、中级、初级的代码：字母或数字。")
        return [text for text in found if text]

    def _bad_text(self, text: str) -> str:
        tidy = tidy_code(text)[0]
        if tidy != text or not text.isprintable():
            return f"固定文字“{text}”请用半角、不留空格：“{tidy}”。"
        return ""

    def _bad_counter(self, elements: Sequence[Element]) -> list[str]:
        found = []
        parts = [element.part for element in elements]
        for element in elements:
            if element.part is Part.SEQUENCE and not 1 <= element.width <= LONGEST_SEQUENCE:
                found.append(f"流水号须为1至{LONGEST_SEQUENCE}位。")
            elif element.part is Part.SEQUENCE and not 1 <= self.start <= self.highest:
                found.append(f"起始号须在1至{self.highest}之间。")
        for wanted, part, name in (
            (self.per_year, Part.YEAR, "年度"),
            (self.per_grade, Part.GRADE, "等级"),
            (self.per_region, Part.REGION, "区县"),
        ):
            if wanted and part not in parts:
                found.append(f"流水号按{name}分别计数，但编号中没有{name}，会重号。")
        if self.per_region and self.region_source == OF_ISSUING_UNIT:
            found.append("区县取发放单位的，只有一个，流水号不必按区县分别计数。")
        if Part.CHECK in parts and self.check == NO_CHECK:
            found.append("用了 {校验}，请选择校验算法。")
        if Part.CHECK not in parts and self.check != NO_CHECK:
            found.append("选了校验算法，编号样式中须有 {校验}。")
        if Part.CHECK in parts:
            after = parts[parts.index(Part.CHECK) + 1 :]
            if any(part is not Part.TEXT for part in after):
                found.append("校验码须在各部分之后。")
        return found

    def _bad_language(self) -> list[str]:
        found = []
        if sum(max(len(one) for one in element) for element in self.language) > LONGEST:
            found.append(f"编号不能超过{LONGEST}位。")
        twice = ambiguous(self.language)
        if twice:
            found.append(
                f"编号有歧义：“{twice}”可以有两种读法。流水号请补零，等级代码请互不相同且等长，"
                "或在长度不定的部分后面加分隔符，例如“-”。"
            )
        if shared(self.language, ID_NUMBER_LANGUAGE):
            found.append("编号与身份证号码同形，会被误认为身份证号码；请加字母、分隔符或改变位数。")
        return found


def shared_number(one: Rule, other: Rule) -> str:
    """A number that has the form of both rules; empty where they can never clash."""
    return shared(one.language, other.language)


def check_character(algorithm: str, before: str) -> str:
    """The check character after ``before``: over its digits, MOD 37-36 over letters as well.

    Other characters (Han, separators) are passed over; the pattern holds them anyway.
    """
    if algorithm == "mod_37_36":
        counted_in = "".join(c for c in before.upper() if c.isascii() and c.isalnum())
    else:
        counted_in = "".join(c for c in before if c.isascii() and c.isdigit())
    return str(_CALCULATED[algorithm](counted_in))


def _positions(start: int, end: int) -> str:
    return f"第{start + 1}位" if end - start <= 1 else f"第{start + 1}–{end}位"

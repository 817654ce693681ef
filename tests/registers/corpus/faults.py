"""Every fault of the finding list, each at its root and alone in its row."""

from datetime import date

from tests.registers.corpus import writers
from tests.registers.corpus.case import case
from tests.registers.corpus.paper import SELF_MANAGED, Paper
from zhicheng.demo.people import Person
from zhicheng.demo.workbooks import Line
from zhicheng.values.id_number import check_digit, problems

ID, NAME, DAY, DOCUMENT = "身份证号码", "姓名", "批准时间", "批准文号"
TODAY = date(2026, 11, 24)


def number(line: Line) -> str:
    """The listed person's ID number."""
    return line.listed.person.id_number


def unlisted(paper: Paper, which: int = 0) -> Line:
    """Somebody whom no document lists."""
    line = paper.line(which)
    paper.city.listed.remove(line.listed)
    return line


def swapped(text: str) -> str:
    """Two neighbouring digits of the serial part exchanged, so that the check digit fails."""
    for place in range(13, 16):
        new = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        if new != text and problems(new, TODAY) == ["id_number.checksum"]:
            return new
    return text[:17] + ("1" if text[17] != "1" else "2")


def destroyed(line: Line) -> int:
    """What Excel keeps of the number: fifteen digits."""
    return int(number(line)[:15] + "000")


@case("fault-required.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean(2)
    for column in (
        "证书编号", "工作单位", NAME, "性别", ID, "专业名称", "资格名称", DAY, DOCUMENT,
    ):  # fmt: skip
        paper.put(paper.line().but(**{column: None}), (column, "required"))
    return writers.by_openpyxl(paper.sheet())


@case("fault-required-by-spaces.xls")
def _(paper: Paper) -> bytes:
    paper.clean(1)
    for column in (NAME, ID, "资格名称"):
        paper.put(
            paper.line().but(**{column: " \u3000"}),
            (column, "required"),
            (column, "tidied.spaces"),
        )
    return writers.by_xlwt(paper.sheet())


def _id_numbers(paper: Paper) -> None:
    paper.clean(2)
    line = paper.line()
    paper.put(line.but(身份证号码=number(line)[:17]), (ID, "id_number.malformed"))
    line = paper.line()
    paper.put(line.but(身份证号码=number(line) + "1"), (ID, "id_number.malformed"))
    line = paper.line()
    old = number(line)[:6] + number(line)[8:17]
    paper.put(line.but(身份证号码=old), (ID, "id_number.malformed"))
    line = paper.line()
    paper.put(line.but(身份证号码=number(line)[:16] + "O" + number(line)[17]),
              (ID, "id_number.malformed"))  # fmt: skip
    line = paper.line()
    wrong = "X" if number(line)[17] != "X" else "1"
    paper.put(line.but(身份证号码=number(line)[:17] + wrong), (ID, "id_number.checksum"))
    for _index in range(3):
        line = paper.line()
        paper.put(line.but(身份证号码=swapped(number(line))), (ID, "id_number.checksum"))
    for born in ("19901332", "19900230", "20990101", "18991231"):
        line = paper.line()
        first17 = number(line)[:6] + born + number(line)[14:17]
        whole = first17 + check_digit(first17)
        paper.put(line.but(身份证号码=whole), (ID, "id_number.birth_date"))


@case("fault-id-numbers.xlsx")
def _(paper: Paper) -> bytes:
    _id_numbers(paper)
    return writers.by_openpyxl(paper.sheet())


@case("fault-id-numbers.csv")
def _(paper: Paper) -> bytes:
    _id_numbers(paper)
    return writers.as_text(paper.sheet(), encoding="gbk")


@case("fault-precision-lost.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean(1)
    for _index in range(12):
        line = paper.line()
        paper.put(line.but(身份证号码=destroyed(line)), (ID, "id_number.precision_lost"))
    return writers.by_openpyxl(paper.sheet())


@case("fault-precision-lost-check-digit-fits.xlsx")
def _(paper: Paper) -> bytes:
    """Destroyed numbers that pass the check digit: only the cell's type gives them away."""
    wanted = 3
    while wanted:
        person = paper.city.plain_person()
        if not problems(person.id_number[:15] + "000", TODAY):
            line = paper.line(person=person)
            paper.put(line.but(身份证号码=destroyed(line)), (ID, "id_number.precision_lost"))
            wanted -= 1
    return writers.by_xlsxwriter(paper.sheet())


@case("fault-precision-lost.xls")
def _(paper: Paper) -> bytes:
    for _index in range(3):
        line = paper.line()
        paper.put(line.but(身份证号码=float(destroyed(line))), (ID, "id_number.precision_lost"))
    return writers.by_xlwt(paper.sheet())


@case("fault-precision-lost.ods", office=True)
def _(paper: Paper) -> bytes:
    for _index in range(3):
        line = paper.line()
        paper.put(line.but(身份证号码=destroyed(line)), (ID, "id_number.precision_lost"))
    return writers.by_libreoffice(writers.by_openpyxl(paper.sheet()), "ods", "ods")


@case("fault-scientific.csv")
def _(paper: Paper) -> bytes:
    for form in ("{:.5E}", "{:.14E}", "{:.5e}"):
        line = paper.line()
        shown = form.format(int(number(line)[:17] + "0"))
        paper.put(line.but(身份证号码=shown), (ID, "id_number.precision_lost"))
    return writers.as_text(paper.sheet())


@case("fault-scientific-web-table.xls")
def _(paper: Paper) -> bytes:
    for _index in range(2):
        line = paper.line()
        shown = f"{int(number(line)[:17] + '0'):.5E}"
        paper.put(line.but(身份证号码=shown), (ID, "id_number.precision_lost"))
    return writers.as_html(paper.sheet())


@case("fault-precision-lost-excel-2003.xml")
def _(paper: Paper) -> bytes:
    for _index in range(2):
        line = paper.line()
        paper.put(line.but(身份证号码=destroyed(line)), (ID, "id_number.precision_lost"))
    return writers.as_xml_2003(paper.sheet())


@case("fault-sex.xlsx")
def _(paper: Paper) -> bytes:
    for word in ("先生", "男性", "M", "1", "男女"):
        paper.put(paper.line().but(性别=word), ("性别", "sex.malformed"))
    for _index in range(2):
        line = paper.line()
        other = "女" if line.listed.person.sex == "男" else "男"
        paper.put(line.but(性别=other), ("性别", "sex.mismatch_id_number"))
    return writers.by_openpyxl(paper.sheet())


@case("fault-names.xlsx")
def _(paper: Paper) -> bytes:
    for name in ("王", "王伟1", "王\ue000", "王?", "王⻢", "王伟（男）", "王/伟"):
        paper.put(paper.line().but(姓名=name), (NAME, "name.malformed"))
    return writers.by_openpyxl(paper.sheet())


@case("fault-name-of-an-old-font.csv")
def _(paper: Paper) -> bytes:
    """A character that only one machine's font had: GB 18030's user-defined area."""
    paper.clean(1)
    paper.put(paper.line().but(姓名="王\ue011"), (NAME, "name.malformed"))
    return writers.as_text(paper.sheet(), encoding="gb18030")


@case("fault-dates.xlsx")
def _(paper: Paper) -> bytes:
    for day in (
        "2026年3月", "2026.3", "202603", 202603, 2026.3, 2026.1, "2026.10", "26-3-18", "3/18/2026",
        "2026-02-30", "三月十八日", "2099-01-01", 3, "2026年", "2026-13-01",
    ):  # fmt: skip
        paper.put(paper.line().but(批准时间=day), (DAY, "date.malformed"))
    return writers.by_openpyxl(paper.sheet())


@case("fault-dates.xls")
def _(paper: Paper) -> bytes:
    for day in ("2026年3月", 2026.3, 2026.1, "2026-02-30"):
        paper.put(paper.line().but(批准时间=day), (DAY, "date.malformed"))
    return writers.by_xlwt(paper.sheet())


@case("fault-document-numbers.xlsx")
def _(paper: Paper) -> bytes:
    for which, text in enumerate(
        ("渝卫职改2026第1号", "渝卫职改〔2026〕1", "〔2026〕1号", "渝卫职改〔26〕1号", "见附件")
    ):
        paper.put(paper.line(which).but(批准文号=text), (DOCUMENT, "document_number.malformed"))
    return writers.by_openpyxl(paper.sheet())


@case("fault-certificate-numbers.xlsx")
def _(paper: Paper) -> bytes:
    first = paper.line()
    paper.put(first)
    for _index in range(2):
        paper.put(
            paper.line().but(证书编号=first.certificate_number),
            ("证书编号", "certificate_number.duplicate"),
        )
    line = paper.line()
    paper.put(line.but(证书编号=number(line)), ("证书编号", "certificate_number.malformed"))
    return writers.by_openpyxl(paper.sheet())


@case("fault-person-twice.xlsx")
def _(paper: Paper) -> bytes:
    line = paper.line()
    paper.put(line)
    paper.put(paper.again(line), (ID, "person.duplicate"))
    paper.clean(2)
    other = paper.line()
    # Another's ID number: the duplicate is the root, nobody is called missing or not listed.
    paper.put(other.but(身份证号码=number(line)), (ID, "person.duplicate"))
    stranger = unlisted(paper)
    paper.put(stranger, (ID, "approval.person_not_listed"))
    paper.put(paper.again(stranger), (ID, "person.duplicate"))
    return writers.by_openpyxl(paper.sheet())


@case("fault-qualifications.xlsx")
def _(paper: Paper) -> bytes:
    own = paper.line(0, qualification="首席医疗师", series="", level="副高级")
    paper.put(own, ("资格名称", "qualification.unknown"))
    line = unlisted(paper)
    paper.put(line.but(批准文号="渝卫职改〔2026〕99999号"), (DOCUMENT, "approval.unknown"))
    paper.put(paper.line().but(资格名称="首席专家"), ("资格名称", "approval.qualification_differs"))
    return writers.by_openpyxl(paper.sheet())


@case("fault-approval-unknown.csv")
def _(paper: Paper) -> bytes:
    paper.clean(2)
    for _index in range(2):
        line = unlisted(paper)
        paper.put(line.but(批准文号="渝卫职改〔2026〕99998号"), (DOCUMENT, "approval.unknown"))
    return writers.as_text(paper.sheet())


@case("fault-not-listed.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean(2)
    for _index in range(2):
        paper.put(unlisted(paper), (ID, "approval.person_not_listed"))
    # Listed, but in the other document: the number of the document is the fault.
    elsewhere = paper.line(1)
    paper.put(elsewhere.but(批准文号=paper.document(0)), (DOCUMENT, "approval.person_not_listed"))
    # Another, valid number under a listed name.
    line = paper.line(person=_named(paper, "尉迟景行"))
    other = paper.city.plain_person()
    while other.sex != line.listed.person.sex:
        other = paper.city.plain_person()
    paper.put(line.but(身份证号码=other.id_number), (ID, "approval.person_not_listed"))
    return writers.by_openpyxl(paper.sheet())


def _differing(paper: Paper) -> None:
    paper.clean(2)
    paper.put(paper.line().but(姓名="无此人"), (NAME, "approval.name_differs"))
    paper.put(
        paper.line(person=_named(paper, "王喆")).but(姓名="王哲"), (NAME, "approval.name_differs")
    )
    paper.put(
        paper.line().but(资格名称="副主任医师"), ("资格名称", "approval.qualification_differs")
    )
    paper.put(paper.line().but(专业名称="外科学"), ("专业名称", "approval.specialty_differs"))
    paper.put(paper.line().but(批准时间="2026-03-19"), (DAY, "approval.date_differs"))
    paper.put(paper.line().but(批准时间="2026-04-02"), (DAY, "approval.date_differs"))
    paper.put(paper.line().but(工作单位="山城第二人民医院"), ("工作单位", "work_unit.differs"))


@case("fault-differing.xlsx")
def _(paper: Paper) -> bytes:
    _differing(paper)
    return writers.by_openpyxl(paper.sheet())


@case("fault-differing.et", office=True)
def _(paper: Paper) -> bytes:
    _differing(paper)
    return writers.by_libreoffice(writers.by_openpyxl(paper.sheet()), "xls", "xls")


@case("fault-date-as-date-differs.xls")
def _(paper: Paper) -> bytes:
    paper.put(paper.line().but(批准时间=date(2026, 3, 18)))
    paper.put(paper.line().but(批准时间=date(2026, 3, 19)), (DAY, "approval.date_differs"))
    return writers.by_xlwt(paper.sheet())


@case("fault-self-issued.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean(1)
    for _index in range(2):
        line = paper.line(1, mode="自主评审", department=SELF_MANAGED)
        paper.put(line, (DOCUMENT, "approval.self_issued"))
    return writers.by_openpyxl(paper.sheet())


@case("fault-online.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean(1)
    for _index in range(2):
        paper.put(paper.line(1, channel="线上"), (DOCUMENT, "approval.online"))
    return writers.by_openpyxl(paper.sheet())


@case("fault-people-missing.xlsx")
def _(paper: Paper) -> bytes:
    paper.clean(2)
    for _index in range(3):
        paper.line()
        paper.found(None, NAME, "approval.person_missing")
    return writers.by_openpyxl(paper.sheet())


@case("fault-mixed.xlsm")
def _(paper: Paper) -> bytes:
    """Two faults in a row are two findings, each in its cell."""
    line = paper.line()
    other = "女" if line.listed.person.sex == "男" else "男"
    paper.put(
        line.but(性别=other, 批准时间="2026年3月", 专业名称="外科学"),
        ("性别", "sex.mismatch_id_number"),
        (DAY, "date.malformed"),
        ("专业名称", "approval.specialty_differs"),
    )
    line = paper.line(person=_named(paper, "尉迟若谷"))
    paper.put(
        line.but(身份证号码=destroyed(line), 资格名称="副主任医师", 证书编号=None),
        (ID, "id_number.precision_lost"),
        ("资格名称", "approval.qualification_differs"),
        ("证书编号", "required"),
    )
    paper.clean(1)
    return writers.by_xlsxwriter(paper.sheet(), macros=True)


@case("fault-mixed-merged-hidden.xlsx")
def _(paper: Paper) -> bytes:
    """Merged cells, a hidden row and faults in one file: each is told at its own cell."""
    paper.clean(2)
    paper.put(paper.line().but(姓名="无此人"), (NAME, "approval.name_differs"))
    paper.put(paper.line().but(批准时间="2026年3月18日"), (DAY, "tidied.date"))
    for line in (5, 6, 7):
        paper.found(line, "工作单位", "tidied.merged")
    paper.found(6, NAME, "tidied.hidden_row")
    for row in paper.rows[1:]:
        row[2] = None

    def dress(sheet: writers.Worksheet) -> None:
        sheet.merge_cells("C4:C7")
        sheet.row_dimensions[6].hidden = True

    return writers.by_openpyxl(paper.sheet(), dress)


def _named(paper: Paper, name: str) -> Person:
    person = paper.city.plain_person()
    return Person(name, person.sex, person.id_number)

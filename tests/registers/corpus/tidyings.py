"""What is put right without asking and said: width, spaces, dots, brackets, dates, case."""

from tests.registers.corpus import writers
from tests.registers.corpus.case import case
from tests.registers.corpus.paper import Paper
from zhicheng.demo.people import Person

NAME, NUMBER, ID = "姓名", "证书编号", "身份证号码"
DAYS = (
    "2026年3月18日", "2026年03月18日", "二〇二六年三月十八日", "二○二六年三月十八日", "2026/3/18",
    "2026.03.18", "2026-3-18", "20260318", "２０２６年３月１８日", "2026．3．18",
    "2026 年 3 月 18 日", "2026/3/18 0:00:00", "2026-03-18 09:30", "2026、3、18", "2026 3 18",
    "2026年3月18日（星期三）",
)  # fmt: skip


def wide(text: str) -> str:
    """Full-width digits and letters."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@case("tidied-width.xlsx")
def _(paper: Paper) -> bytes:
    line = paper.line()
    paper.put(line.but(证书编号=wide(line.certificate_number)), (NUMBER, "tidied.width"))
    line = paper.line()
    number = line.listed.person.id_number
    paper.put(line.but(身份证号码=wide(number)), (ID, "tidied.width"))
    line = paper.line()
    paper.put(
        line.but(批准文号=line.listed.document_number.replace("2026", wide("2026"))),
        ("批准文号", "tidied.width"),
    )
    return writers.by_openpyxl(paper.sheet())


@case("tidied-spaces.xls")
def _(paper: Paper) -> bytes:
    for space in (" ", "\u3000", "\u00a0", "   "):
        line = paper.line(person=_named(paper, "王伟"))
        paper.put(line.but(姓名=f"王{space}伟"), (NAME, "tidied.spaces"))
    line = paper.line()
    number = line.listed.person.id_number
    spaced = f"{number[:6]} {number[6:14]} {number[14:]}"
    paper.put(line.but(身份证号码=spaced), (ID, "tidied.spaces"))
    paper.put(paper.line().but(专业名称=" 内科学\n"), ("专业名称", "tidied.spaces"))
    line = paper.line()
    paper.put(line.but(性别=f"{line.listed.person.sex}\u3000"), ("性别", "tidied.spaces"))
    return writers.by_xlwt(paper.sheet())


@case("tidied-invisible.xlsx")
def _(paper: Paper) -> bytes:
    for sign in ("\u200b", "\ufeff", "\u202d", "\u200e"):
        line = paper.line()
        number = line.listed.person.id_number
        paper.put(line.but(身份证号码=f"{sign}{number}"), (ID, "tidied.spaces"))
        line = paper.line()
        name = line.listed.person.name
        paper.put(line.but(姓名=f"{name[0]}{sign}{name[1:]}"), (NAME, "tidied.spaces"))
    return writers.by_openpyxl(paper.sheet())


@case("tidied-name-dots.xlsx")
def _(paper: Paper) -> bytes:
    for dot in "•‧∙⋅・･．.﹒●":
        line = paper.line(person=_named(paper, "吐尔逊·买买提"))
        paper.put(line.but(姓名=f"吐尔逊{dot}买买提"), (NAME, "tidied.name_dot"))
    return writers.by_openpyxl(paper.sheet())


@case("tidied-brackets.xlsx")
def _(paper: Paper) -> bytes:
    for opening, closing in ("[]", "()", "（）", "【】", "﹝﹞", "［］", "{}", "《》"):
        line = paper.line()
        number = line.listed.document_number
        paper.put(
            line.but(批准文号=number.replace("〔", opening).replace("〕", closing)),
            ("批准文号", "tidied.brackets"),
        )
    line = paper.line()
    number = line.listed.document_number.replace("〕", "〕第0")
    paper.put(line.but(批准文号=number), ("批准文号", "tidied.brackets"))
    return writers.by_xlsxwriter(paper.sheet())


@case("tidied-dates.xlsx")
def _(paper: Paper) -> bytes:
    for day in (*DAYS, 20260318, 46099):
        paper.put(paper.line().but(批准时间=day), ("批准时间", "tidied.date"))
    return writers.by_openpyxl(paper.sheet())


@case("tidied-dates.csv")
def _(paper: Paper) -> bytes:
    for day in DAYS:
        paper.put(paper.line().but(批准时间=day), ("批准时间", "tidied.date"))
    return writers.as_text(paper.sheet(), encoding="gb18030")


@case("tidied-case.xlsx")
def _(paper: Paper) -> bytes:
    for sign in "xХх×":
        person = paper.city.plain_person()
        while not person.id_number.endswith("X"):
            person = paper.city.plain_person()
        line = paper.line(person=person)
        paper.put(line.but(身份证号码=person.id_number[:17] + sign), (ID, "tidied.case"))
    return writers.by_openpyxl(paper.sheet())


@case("tidied-text-marks.csv")
def _(paper: Paper) -> bytes:
    """The ways by which people make Excel keep digits: ="…" says nothing, ' and tabs are tidied."""
    line = paper.line()
    paper.put(line.but(身份证号码=f'="{line.listed.person.id_number}"'))
    for mark in ("'", "\t", "’"):
        line = paper.line()
        number = line.listed.person.id_number
        paper.put(line.but(身份证号码=f"{mark}{number}"), (ID, "tidied.spaces"))
    return writers.as_text(paper.sheet())


@case("tidied-several.ods", office=True)
def _(paper: Paper) -> bytes:
    line = paper.line(person=_named(paper, "王伟"))
    paper.put(
        line.but(姓名="王 伟", 批准时间="2026年3月18日", 证书编号=wide(line.certificate_number)),
        (NUMBER, "tidied.width"),
        (NAME, "tidied.spaces"),
        ("批准时间", "tidied.date"),
    )
    paper.clean(2)
    return writers.by_libreoffice(writers.by_openpyxl(paper.sheet()), "ods", "ods")


def _named(paper: Paper, name: str) -> Person:
    person = paper.city.plain_person()
    return Person(name, person.sex, person.id_number)

"""Six approval documents of every review mode and channel, with 1,500 invented people."""

from dataclasses import dataclass
from datetime import date
from itertools import islice

from zhicheng.demo.people import people
from zhicheng.demo.workbooks import Listed

HEALTH = "重庆市卫生健康委员会"
INDUSTRY = "重庆市经济和信息化委员会"
EDUCATION = "重庆市教育委员会"
FARMING = "重庆市农业农村委员会"
UNIVERSITY = "巴渝理工大学"


@dataclass(frozen=True)
class Share:
    """So many people of a document with this title, working in these units in turn."""

    count: int
    series: str
    level: str
    qualification: str
    specialties: tuple[str, ...]
    units: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """An approval document of a year, with month and day, and whom it lists."""

    number: str
    department: str
    mode: str
    channel: str
    approval_date: tuple[int, int]
    issued_on: tuple[int, int]
    shares: tuple[Share, ...]


_DOCTORS = ("内科", "外科", "妇产科", "儿科", "麻醉", "医学影像")
_ENGINEERS = ("机械设计与制造", "电气工程", "自动化", "材料工程", "船舶工程")

DOCUMENTS = (
    Document(
        "渝职改办〔{year}〕31号",
        HEALTH,
        "委员会评审",
        "线下",
        (3, 18),
        (4, 2),
        (
            Share(
                160,
                "卫生技术人员",
                "副高级",
                "副主任医师",
                _DOCTORS,
                ("山城第一人民医院", "两江妇女儿童医院", "万州区中心医院"),
            ),
            Share(
                240,
                "卫生技术人员",
                "中级",
                "主治医师",
                _DOCTORS,
                ("山城第一人民医院", "两江妇女儿童医院", "万州区中心医院"),
            ),
        ),
    ),
    Document(
        "渝经信职改〔{year}〕8号",
        INDUSTRY,
        "委员会评审",
        "线下",
        (3, 26),
        (4, 15),
        (
            Share(
                120,
                "工程技术人员",
                "副高级",
                "高级工程师",
                _ENGINEERS,
                ("嘉陵机械研究所", "缙云智能装备有限公司", "长江重工（集团）股份有限公司"),
            ),
            Share(
                200,
                "工程技术人员",
                "中级",
                "工程师",
                _ENGINEERS,
                ("嘉陵机械研究所", "缙云智能装备有限公司", "长江重工（集团）股份有限公司"),
            ),
            Share(
                80,
                "工程技术人员",
                "助理级",
                "助理工程师",
                _ENGINEERS,
                ("嘉陵机械研究所", "缙云智能装备有限公司"),
            ),
        ),
    ),
    Document(
        "渝经信职改〔{year}〕12号",
        INDUSTRY,
        "授权评审",
        "线下",
        (4, 10),
        (4, 28),
        (
            Share(
                200,
                "工程技术人员",
                "中级",
                "工程师",
                _ENGINEERS,
                ("长江重工（集团）股份有限公司",),
            ),
        ),
    ),
    Document(
        "渝教职改〔{year}〕5号",
        EDUCATION,
        "联合评审",
        "线下",
        (4, 16),
        (5, 6),
        (
            Share(
                80,
                "中等职业学校教师",
                "副高级",
                "高级讲师",
                ("职业教育", "信息技术", "德育"),
                ("歌乐山职业技术学校",),
            ),
            Share(
                120,
                "中等职业学校教师",
                "中级",
                "讲师",
                ("职业教育", "信息技术", "德育"),
                ("歌乐山职业技术学校",),
            ),
        ),
    ),
    Document(
        "渝农职改〔{year}〕3号",
        FARMING,
        "委员会评审",
        "线上",
        (4, 20),
        (5, 11),
        (
            Share(
                200,
                "农业技术人员",
                "中级",
                "农艺师",
                ("作物栽培", "植物保护", "农业资源与环境"),
                ("南山农业技术推广站",),
            ),
        ),
    ),
    Document(
        "巴理工职〔{year}〕2号",
        UNIVERSITY,
        "自主评审",
        "线下",
        (4, 8),
        (4, 20),
        (
            Share(
                40,
                "高等学校教师",
                "副高级",
                "副教授",
                ("计算机科学与技术", "材料科学"),
                (UNIVERSITY,),
            ),
            Share(
                60,
                "高等学校教师",
                "中级",
                "讲师",
                ("计算机科学与技术", "材料科学"),
                (UNIVERSITY,),
            ),
        ),
    ),
)


def listed(year: int) -> list[Listed]:
    """Everybody, document after document; always the same people."""
    source = people(seed=2018)
    found = []
    for document in DOCUMENTS:
        for share in document.shares:
            for order, person in enumerate(islice(source, share.count)):
                found.append(
                    Listed(
                        person=person,
                        document_number=document.number.format(year=year),
                        department=document.department,
                        mode=document.mode,
                        channel=document.channel,
                        approval_date=date(year, *document.approval_date),
                        issued_on=date(year, *document.issued_on),
                        work_unit=share.units[order % len(share.units)],
                        series=share.series,
                        level=share.level,
                        qualification=share.qualification,
                        specialty=share.specialties[order % len(share.specialties)],
                    )
                )
    return found

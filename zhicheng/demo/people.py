"""Invented people: valid ID numbers that belong to nobody, names of every kind that law allows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from zhicheng.values.id_number import check_digit

_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅"
    "钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚向冉牟幸敖"
)
_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "公孙")
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志文斌红梅鑫雪琴浩宇婷晓波颖慧峰晨辉宁欣怡嘉豪子涵"
    "诗雨泽思源博文睿渝山川江航家兴庆春秋月云龙凤林森海洋天佑国栋世勋淑贞永福景行若谷知行"
)
# Every kind of legal name that has broken a system before (GB 18030-2022, 民委发〔2016〕33号).
SPECIAL_NAMES = (
    "阿卜杜热西提·买买提吐尔逊",
    "古丽米热·艾合买提江",
    "扎西顿珠·索朗多吉",
    "尼玛次仁·白玛央金",
    "吉克·阿依木",
    "沙马·尔古",
    "王𬭸",
    "李㛃",
    "张䶮",
    "𠮷庆华",
    "陈𬀩",
    "刘喆",
    "周堃",
    "欧阳修远",
    "迪力夏提·阿不都热合曼·吐尔逊尼亚孜",
)
_AREAS = [
    "500101",
    "500102",
    "500103",
    "500104",
    "500105",
    "500106",
    "500107",
    "500108",
    "500109",
    "500112",
    "500113",
    "500114",
    "500233",
    "500240",
    "510202",
    "510211",
    "511002",
    "512201",
    "512301",
    "513525",
    "420106",
    "520103",
]


@dataclass(frozen=True)
class Person:
    """Somebody who was never born."""

    name: str
    sex: str
    id_number: str


def people(seed: int) -> Iterator[Person]:
    """Endlessly many, always the same for a seed, no ID number twice."""
    random = Random(seed)
    seen: set[str] = set()
    special = list(SPECIAL_NAMES)
    number = 0
    while True:
        number += 1
        born = date(1962, 1, 1) + timedelta(days=random.randrange(365 * 38))
        male = random.random() < 0.5
        order = random.randrange(1, 499) * 2 + (1 if male else 0)
        first17 = f"{random.choice(_AREAS)}{born:%Y%m%d}{order:03d}"
        if first17 in seen:
            continue
        seen.add(first17)
        if number % 11 == 5 and special:
            name = special.pop(0)
        else:
            surname = random.choice(_COMPOUND if random.random() < 0.02 else _SURNAMES)
            length = 1 if random.random() < 0.3 else 2
            name = surname + "".join(random.choice(_GIVEN) for _ in range(length))
        yield Person(name, "男" if male else "女", first17 + check_digit(first17))

"""The city's organisations and accounts, and what the set-based statements look up."""

from datetime import date
from itertools import cycle
from typing import Any

from zhicheng.demo.people import _GIVEN, _SURNAMES

UNITS = 480
PASSWORD = "correct-horse-9"
# Surnames as frequent as they are: the first of the list often, the rest seldom.
SURNAMES = _SURNAMES[:10] * 7 + _SURNAMES[10:30] * 3 + _SURNAMES[30:] + "单曾解仇朴查盖区"
DEPARTMENTS = (
    *("卫生健康委", "经济信息委", "教育委员会", "住房城乡建委", "交通运输委", "农业农村委"),
    *("文化旅游委", "生态环境局", "水利局", "林业局", "财政局", "统计局", "档案局", "体育局"),
    *("科学技术局", "规划自然资源局", "市场监管局", "人力社保局", "广播电视局", "地质矿产局"),
)
UNIT_KINDS = (
    *("人民医院", "中学", "小学", "农业服务中心", "设计院", "图书馆", "水文站", "研究所"),
    *("档案馆", "文化馆", "职业学院", "中医院", "地质队", "运输公司", "电视台", "林场"),
)
SPECIALTIES = (
    *("内科", "外科", "护理", "建筑工程", "机械工程", "电气工程", "数学教育", "语文教育", "会计"),
    *("农学", "水利工程", "环境工程", "档案管理", "图书资料", "计算机应用", "化学工程", "测绘工程"),
    *("市政工程", "道路与桥梁", "中医内科", "药学", "检验", "经济管理", "人力资源管理"),
)
LEVELS = ("senior_full", "senior_deputy", "intermediate", "assistant", "technician")
GRADES = dict(zip(LEVELS, ("senior", "senior", "intermediate", "junior", "junior"), strict=True))


def found() -> None:
    """Reference data, the organisations, an account of each role in each of them."""
    from django.contrib.auth.hashers import make_password

    from zhicheng.credentials.actions import _make
    from zhicheng.organizations.guard import CONSOLE
    from zhicheng.organizations.models import Account, Kind, Organization
    from zhicheng.organizations.permissions import ROLE_LABELS, Role
    from zhicheng.reference.loading import load_reference
    from zhicheng.reference.models import Region

    load_reference()
    regions = list(Region.objects.exclude(code="").filter(valid_to=None).order_by("code")[:38])
    old = date(2010, 1, 1)

    def make(name: str, kind: Kind, **fields: Any) -> Organization:
        return Organization(name=name, kind=kind, valid_from=old, **fields)

    office = make("市职改办", Kind.MUNICIPAL_OFFICE, has_authority=True)
    departments = [
        make(
            f"市{name}",
            Kind.MUNICIPAL_DEPARTMENT,
            has_authority=True,
            is_approving_department=True,
        )
        for name in DEPARTMENTS
    ]
    districts = [
        make(f"{region.name}职改办", Kind.DISTRICT_OFFICE, has_authority=True, region=region)
        for region in regions
    ]
    enterprises = [
        make(f"{name}集团", Kind.LARGE_ENTERPRISE, has_authority=True)
        for name in ("长江重工", "山城电力", "渝州建工", "嘉陵机械", "川江航运", "巴渝水务")
    ]
    above = [office, *departments, *districts, *enterprises]
    Organization.objects.bulk_create(above)
    supervisors = cycle([*departments, *districts])
    places = cycle(regions)
    units = []
    for number in range(UNITS):
        supervisor, region = next(supervisors), next(places)
        units.append(
            make(
                f"{region.name}第{number + 1}{UNIT_KINDS[number % len(UNIT_KINDS)]}",
                Kind.REPORTING_UNIT,
                supervisor=supervisor,
                region=region,
            )
        )
    Organization.objects.bulk_create(units)
    password = make_password(PASSWORD)
    roles = (Role.CLERK, Role.OFFICER, Role.EMBOSSER, Role.AUDITOR, Role.ADMINISTRATOR)
    Account.objects.bulk_create(
        Account(
            username=f"{organization.pk}.{role.value}",
            password=password,
            display_name=f"{organization.name[:20]}{ROLE_LABELS[role]}",
            organization=organization,
            role=role,
        )
        for organization in (*above, *units)
        for role in (roles if organization is office else roles[:3])
    )
    _make(CONSOLE)


def titles() -> list[tuple[int, str, int, str, str, str]]:
    """(number of the series, series, number of the level, name, level, grade), no gap."""
    from zhicheng.reference.models import Qualification, Series

    found: list[tuple[int, str, int, str, str, str]] = []
    names = {
        (series, level): name
        for series, level, name in Qualification.objects.filter(before_reform=False)
        .order_by("-pk")
        .values_list("series__name", "level", "name")
    }
    for number, series in enumerate(Series.objects.order_by("pk").values_list("name", flat=True)):
        for step in range(len(LEVELS)):
            # A series without this level gives the one above it instead.
            level = next(
                (item for item in (*LEVELS[step::-1], *LEVELS[step:]) if (series, item) in names),
                None,
            )
            if level is None:
                continue
            found.append((number, series, step, names[series, level], level, GRADES[level]))
    numbers = sorted({item[0] for item in found})
    close = {number: place for place, number in enumerate(numbers)}
    return [(close[item[0]], *item[1:]) for item in found]


def given_names() -> list[str]:
    """The characters of given names."""
    return sorted(set(_GIVEN))

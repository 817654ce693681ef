"""The made-up city's organisations and accounts."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from zhicheng.demo.clock import Days
from zhicheng.organizations.actions import create_account, create_organization
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.models import Account, Kind, Organization
from zhicheng.organizations.permissions import ROLE_LABELS, Role
from zhicheng.reference.models import Region

DEPARTMENTS = {
    # name: short name; the first four approve titles as well
    "重庆市卫生健康委员会": "市卫生健康委",
    "重庆市经济和信息化委员会": "市经济信息委",
    "重庆市教育委员会": "市教委",
    "重庆市农业农村委员会": "市农业农村委",
    "重庆市住房和城乡建设委员会": "市住房城乡建委",
    "重庆市交通运输委员会": "市交通运输委",
    "重庆市水利局": "市水利局",
    "重庆市生态环境局": "市生态环境局",
    "重庆市文化和旅游发展委员会": "市文化旅游委",
    "重庆市财政局": "市财政局",
    "重庆市统计局": "市统计局",
    "重庆市林业局": "市林业局",
}
APPROVING = ("市卫生健康委", "市经济信息委", "市教委", "市农业农村委")
ENTERPRISES = {
    "长江重工（集团）股份有限公司": "长江重工",
    "渝州电力建设集团有限公司": "渝州电建",
    "山城轨道交通集团有限公司": "山城轨道",
    "巴渝理工大学": "巴渝理工大学",
}
UNITS = {
    # reporting unit without authority: short name of the supervising department
    "山城第一人民医院": "市卫生健康委",
    "两江妇女儿童医院": "市卫生健康委",
    "嘉陵机械研究所": "市经济信息委",
    "缙云智能装备有限公司": "市经济信息委",
    "歌乐山职业技术学校": "市教委",
    "南山农业技术推广站": "市农业农村委",
    "江城水利勘测设计院": "市水利局",
    "金佛山林业科学研究所": "市林业局",
}


@dataclass
class City:
    """What the demo's story needs to find again."""

    office: Organization
    days: Days
    departments: dict[str, Organization] = field(default_factory=dict)
    districts: dict[str, Organization] = field(default_factory=dict)
    enterprises: dict[str, Organization] = field(default_factory=dict)
    units: dict[str, Organization] = field(default_factory=dict)
    employers: dict[str, Organization] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)


def build(accounts_file: Path, days: Days) -> City:
    """Founds the city and writes its logins to ``accounts_file``."""
    office = create_organization(
        actor=CONSOLE,
        name="重庆市职称改革办公室（演示）",
        short_name="市职改办",
        kind=Kind.MUNICIPAL_OFFICE,
        has_authority=True,
    )
    city = City(office, days)
    for name, short in DEPARTMENTS.items():
        city.departments[short] = create_organization(
            actor=CONSOLE,
            name=name,
            short_name=short,
            kind=Kind.MUNICIPAL_DEPARTMENT,
            has_authority=True,
            is_approving_department=short in APPROVING,
        )
    for region in Region.objects.all():
        city.districts[region.name] = create_organization(
            actor=CONSOLE,
            name=f"{region.name}职称改革办公室",
            short_name=f"{region.name}职改办",
            kind=Kind.DISTRICT_OFFICE,
            has_authority=True,
            is_approving_department=region.name in ("万州区", "渝中区"),
            region=region,
            valid_from=region.valid_from or date(2018, 1, 1),
            valid_to=region.valid_to,
        )
    for name, short in ENTERPRISES.items():
        city.enterprises[short] = create_organization(
            actor=CONSOLE,
            name=name,
            short_name=short,
            kind=Kind.LARGE_ENTERPRISE,
            has_authority=True,
            # A self-managed unit announces its results itself (N16).
            is_approving_department=short == "巴渝理工大学",
        )
    for name, short in UNITS.items():
        city.units[name] = create_organization(
            actor=CONSOLE,
            name=name,
            short_name=name,
            kind=Kind.REPORTING_UNIT,
            has_authority=False,
            supervisor=city.departments[short],
        )
    city.employers["云谷科技"] = create_organization(
        actor=CONSOLE,
        name="重庆云谷科技有限公司",
        short_name="云谷科技",
        kind=Kind.EMPLOYER,
        has_authority=False,
    )
    _open_accounts(city, accounts_file)
    return city


def _open_accounts(city: City, accounts_file: Path) -> None:
    """A login for every role and kind of organisation; one random password for all."""
    health, industry = city.departments["市卫生健康委"], city.departments["市经济信息委"]
    wanted: list[tuple[str, str, Organization, Role]] = [
        ("office.clerk", "蒋文静", city.office, Role.CLERK),
        ("office.officer", "郑国平", city.office, Role.OFFICER),
        ("office.officer2", "邓淑贞", city.office, Role.OFFICER),
        ("office.embosser", "罗建华", city.office, Role.EMBOSSER),
        ("auditor", "谭明辉", city.office, Role.AUDITOR),
        ("admin", "系统管理员", city.office, Role.ADMINISTRATOR),
        ("admin2", "第二管理员", city.office, Role.ADMINISTRATOR),
        ("health.clerk", "何晓颖", health, Role.CLERK),
        ("health.officer", "冯志强", health, Role.OFFICER),
        ("health.embosser", "彭永福", health, Role.EMBOSSER),
        ("industry.clerk", "袁雪琴", industry, Role.CLERK),
        ("industry.officer", "程世勋", industry, Role.OFFICER),
        ("industry.embosser", "余家兴", industry, Role.EMBOSSER),
        ("hospital.clerk", "杜若谷", city.units["山城第一人民医院"], Role.CLERK),
        ("children.clerk", "苏思源", city.units["两江妇女儿童医院"], Role.CLERK),
        ("institute.clerk", "魏浩宇", city.units["嘉陵机械研究所"], Role.CLERK),
        ("equipment.clerk", "秦雨涵", city.units["缙云智能装备有限公司"], Role.CLERK),
        ("school.clerk", "夏欣怡", city.units["歌乐山职业技术学校"], Role.CLERK),
        ("education.officer", "石国栋", city.departments["市教委"], Role.OFFICER),
        ("education.clerk", "贾月兰", city.departments["市教委"], Role.CLERK),
        ("wanzhou.clerk", "冉嘉豪", city.districts["万州区"], Role.CLERK),
        ("wanzhou.officer", "牟景行", city.districts["万州区"], Role.OFFICER),
        ("wanzhou.embosser", "向天佑", city.districts["万州区"], Role.EMBOSSER),
        ("heavy.clerk", "敖文斌", city.enterprises["长江重工"], Role.CLERK),
        ("heavy.officer", "龚志文", city.enterprises["长江重工"], Role.OFFICER),
        ("employer.clerk", "曾雅楠", city.employers["云谷科技"], Role.CLERK),
        ("employer.officer", "汪俊峰", city.employers["云谷科技"], Role.OFFICER),
        ("university.clerk", "白知行", city.enterprises["巴渝理工大学"], Role.CLERK),
    ]
    password = "Zc-" + secrets.token_urlsafe(9)
    logins = []
    for username, display_name, organization, role in wanted:
        city.accounts[username] = create_account(
            actor=CONSOLE,
            username=username,
            password=password,
            display_name=display_name,
            organization=organization,
            role=role,
            must_change_password=False,
        )
        logins.append(
            {
                "username": username,
                "password": password,
                "role": role.value,
                "role_label": ROLE_LABELS[role],
                "organization": organization.name,
            }
        )
    accounts_file.write_text(json.dumps(logins, ensure_ascii=False, indent=2), encoding="utf-8")
    accounts_file.chmod(0o600)
